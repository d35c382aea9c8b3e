"""The tables that a query names, as Glue has them registered, and the files of their partitions in S3."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.glue.exceptions import GlueClientError
from moto.glue.models import GlueBackend
from moto.s3.models import FakeKey, S3Backend
from sqlglot import exp

from stand_in.athena.statement import QueryFailure

CATALOG = "awsdatacatalog"


@dataclasses.dataclass(frozen=True)
class Column:
    """A column as Glue declares it."""

    name: str
    type: str


@dataclasses.dataclass(frozen=True)
class Partition:
    """Where the files of a partition are; a table without partition columns is one without values."""

    values: tuple[str, ...]
    location: str


@dataclasses.dataclass(frozen=True)
class Table:
    """A table of Parquet files."""

    database: str
    name: str
    columns: tuple[Column, ...]
    keys: tuple[Column, ...]
    partitions: tuple[Partition, ...]


@dataclasses.dataclass(frozen=True)
class StoredFile:
    """A file in S3."""

    address: str
    size: int
    key: FakeKey


def named_tables(query: exp.Query, database: str | None) -> Iterator[tuple[exp.Table, tuple[str, str]]]:
    """Each place where a query names a table of the catalog, with the table's database and name."""
    for table in list(query.find_all(exp.Table)):
        if not isinstance(table.this, exp.Identifier):
            raise QueryFailure(f"FUNCTION_NOT_FOUND: line 1:1: Table function '{table.this.name}' not registered")
        if table.db or not _is_of_query(table):
            yield table, _full_name(table, database)


def _is_of_query(table: exp.Table) -> bool:
    """Whether the name is one that WITH gives, as seen from there."""
    inside = {id(one) for one in _ancestors(table) if isinstance(one, exp.CTE)}
    for ancestor in _ancestors(table):
        if not isinstance(ancestor, exp.Query):
            continue
        for cte in ancestor.ctes:
            if id(cte) in inside and not cte.parent.args.get("recursive"):
                break  # It sees only those before it.
            if cte.alias.lower() == table.name.lower():
                return True
    return False


def _ancestors(node: exp.Expression) -> Iterator[exp.Expression]:
    while node.parent is not None:
        node = node.parent
        yield node


def _full_name(table: exp.Table, database: str | None) -> tuple[str, str]:
    if table.catalog and table.catalog.lower() != CATALOG:
        raise QueryFailure(f"CATALOG_NOT_FOUND: line 1:1: Catalog '{table.catalog}' not found")
    found = (table.db or database or "").lower()
    if not found:
        raise QueryFailure("MISSING_SCHEMA_NAME: line 1:1: Schema must be specified when session schema is not set")
    return found, table.name.lower()


def find_table(glue: GlueBackend, database: str, name: str) -> Table:
    """A table with its registered partitions. Raises QueryFailure."""
    try:
        found = glue.get_table(database, name)
    except (GlueClientError, JsonRESTError) as error:
        raise QueryFailure(f"TABLE_NOT_FOUND: line 1:1: Table '{CATALOG}.{database}.{name}' does not exist") from error
    described = found.as_dict()
    _check_kind(described)
    storage = described["StorageDescriptor"]
    keys = _columns(described.get("PartitionKeys"))
    partitions = [Partition((), storage.get("Location", ""))]
    if keys:
        registered = [one.as_dict() for one in list(found.partitions.values())]
        partitions = [
            Partition(tuple(one["Values"]), one.get("StorageDescriptor", {}).get("Location", "")) for one in registered
        ]
    return Table(database, name, _columns(storage.get("Columns")), keys, tuple(partitions))


def _check_kind(described: dict[str, Any]) -> None:
    storage = described.get("StorageDescriptor") or {}
    words = f"{storage.get('InputFormat', '')} {storage.get('SerdeInfo', {}).get('SerializationLibrary', '')}"
    parameters = described.get("Parameters") or {}
    if described.get("TableType") == "VIRTUAL_VIEW":
        raise QueryFailure("NOT_SUPPORTED: views are not in the stand-in")
    if str(parameters.get("projection.enabled", "")).lower() == "true":
        raise QueryFailure("NOT_SUPPORTED: partition projection is not in the stand-in")
    if "parquet" not in words.lower():
        raise QueryFailure("HIVE_UNSUPPORTED_FORMAT: the stand-in reads tables of Parquet only")


def _columns(found: list[dict[str, Any]] | None) -> tuple[Column, ...]:
    return tuple(Column(one["Name"].lower(), one.get("Type", "string")) for one in found or [])


def files_of(s3: S3Backend, partition: Partition) -> list[StoredFile]:
    """The files below a partition's location; like Hive it passes over names that begin with a dot or underscore."""
    bucket, _, prefix = partition.location.removeprefix("s3://").partition("/")
    prefix = prefix.rstrip("/") + "/" if prefix.strip("/") else ""
    if bucket not in s3.buckets:
        raise QueryFailure(f"HIVE_METASTORE_ERROR: The specified bucket does not exist: {bucket}")
    found = []
    for name, key in list(s3.buckets[bucket].keys.items()):
        hidden = name.rpartition("/")[2].startswith((".", "_"))
        if name.startswith(prefix) and not hidden and isinstance(key, FakeKey) and key.size > 0:
            found.append(StoredFile(f"s3://{bucket}/{name}", key.size, key))
    return found
