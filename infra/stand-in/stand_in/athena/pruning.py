"""Which partitions a query needs, judged by the conditions of WHERE that are on partition columns alone."""

from collections.abc import Iterator

import duckdb
import pyarrow as pa
from sqlglot import exp

from stand_in.athena.catalog import Partition, Table
from stand_in.athena.types import arrow_type, partition_value

# What is not the same for each row, or not a matter of one row alone.
_UNFIT = (exp.Query, exp.AggFunc, exp.Window, exp.Anonymous, exp.Rand, exp.Uuid, exp.Placeholder, exp.Star)


def needed(connection: duckdb.DuckDBPyConnection, table: Table, places: list[exp.Table]) -> list[Partition]:
    """The partitions that any of the places where a query names the table can need."""
    if not table.keys or not table.partitions:
        return list(table.partitions)
    values = _values(table)
    found: set[int] = set()
    for place in places:
        found |= _needed_here(connection, table, values, place)
    return [partition for number, partition in enumerate(table.partitions) if number in found]


def _values(table: Table) -> pa.Table:
    columns = {}
    for position, key in enumerate(table.keys):
        kind = arrow_type(key.type)
        texts = [partition.values[position] for partition in table.partitions]
        columns[key.name] = pa.array([partition_value(text, kind, key.name) for text in texts], kind)
    columns["number of partition"] = pa.array(range(len(table.partitions)), pa.int32())
    return pa.table(columns)


def _needed_here(connection: duckdb.DuckDBPyConnection, table: Table, values: pa.Table, place: exp.Table) -> set[int]:
    conditions = [one for one in _conditions(table, place) if _is_sound(connection, values, place, one)]
    query = 'SELECT "number of partition" FROM partitions'
    if conditions:
        query += f" WHERE {' AND '.join(f'({one})' for one in conditions)}"
    connection.register("partitions", values)
    try:
        return {row[0] for row in connection.execute(query).fetchall()}
    except duckdb.Error:
        # The query itself will fail on this, and tell why.
        return set(range(len(table.partitions)))
    finally:
        connection.unregister("partitions")


def _is_sound(connection: duckdb.DuckDBPyConnection, values: pa.Table, place: exp.Table, condition: str) -> bool:
    """Whether rows that do not meet a condition can be left out before the joins.

    An outer join puts nulls where it finds no row; a condition that nulls meet, such as IS NULL, then asks
    for just those rows, and leaving out partitions would make more of them.
    """
    if not any(join.side for join in _select(place).args.get("joins") or []):
        return True
    nothing = pa.table({name: pa.nulls(1, values.schema.field(name).type) for name in values.column_names})
    connection.register("nothing", nothing)
    try:
        return connection.execute(f"SELECT count(*) FROM nothing WHERE {condition}").fetchall() == [(0,)]
    except duckdb.Error:
        return False
    finally:
        connection.unregister("nothing")


def _select(place: exp.Table) -> exp.Expression:
    source = place.parent
    return source.parent if isinstance(source, exp.From | exp.Join) and source.parent is not None else place


def _conditions(table: Table, place: exp.Table) -> Iterator[str]:
    """Conditions in DuckDB's SQL, each on partition columns of this place alone."""
    select = _select(place)
    where = select.args.get("where")
    if not isinstance(select, exp.Select) or where is None or place.args.get("pivots"):
        return
    keys = {key.name for key in table.keys}
    alone = not select.args.get("joins") and not select.args.get("laterals")
    for condition in _conjuncts(where.this):
        columns = list(condition.find_all(exp.Column))
        if not columns or condition.find(*_UNFIT):
            continue
        if all(_is_key(column, keys, place.alias_or_name.lower(), alone) for column in columns):
            yield _bare(condition).sql(dialect="duckdb")


def _conjuncts(condition: exp.Expression) -> Iterator[exp.Expression]:
    if isinstance(condition, exp.Paren):
        yield from _conjuncts(condition.this)
    elif isinstance(condition, exp.And):
        yield from _conjuncts(condition.left)
        yield from _conjuncts(condition.right)
    else:
        yield condition


def _is_key(column: exp.Column, keys: set[str], alias: str, alone: bool) -> bool:
    if column.name.lower() not in keys:
        return False
    # Without its table's name a column may be of any other table.
    return column.table.lower() == alias if column.table else alone


def _bare(condition: exp.Expression) -> exp.Expression:
    copy = condition.copy()
    for column in copy.find_all(exp.Column):
        column.replace(exp.column(column.name, quoted=True))
    return copy
