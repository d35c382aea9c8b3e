"""Athena: real SQL over the Parquet in moto's S3, through the tables and partitions registered in moto's Glue.

`statement` reads SQL, `catalog` finds tables and `pruning` the partitions that a query needs, `parquet` reads files,
`engine` runs the query in DuckDB, `values` writes results as Athena does, `queries` keeps the state of each query and
`operations` answers the API.
"""

from stand_in.answers import Wsgi
from stand_in.athena import operations
from stand_in.world import World


def install(world: World) -> dict[str, Wsgi]:
    """Puts our operations in the place of moto's, which run no query."""
    operations.install(world)
    return {}
