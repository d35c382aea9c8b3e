"""Reads the Parquet files of a table into Arrow, with the columns and types that Glue declares."""

import io

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stand_in.athena.catalog import Column, Partition, StoredFile, Table
from stand_in.athena.statement import QueryFailure
from stand_in.athena.types import arrow_type, fits, partition_value


def schema_of(table: Table) -> pa.Schema:
    """Columns, then partition columns, as in SELECT *."""
    return pa.schema([pa.field(one.name, arrow_type(one.type)) for one in (*table.columns, *table.keys)])


def read_table(table: Table, chosen: list[tuple[Partition, StoredFile]]) -> pa.Table:
    """The rows of the chosen files."""
    schema = schema_of(table)
    parts = [_read_file(table, schema, partition, file) for partition, file in chosen]
    return pa.concat_tables([schema.empty_table(), *parts])


def _read_file(table: Table, schema: pa.Schema, partition: Partition, file: StoredFile) -> pa.Table:
    try:
        found = pq.read_table(io.BytesIO(file.key.value), partitioning=None)
    except (pa.ArrowInvalid, OSError) as error:
        raise QueryFailure(f"HIVE_BAD_DATA: Not valid Parquet file: {file.address}") from error
    # Athena finds columns by name, in any case; those that a file lacks are null there.
    names = {name.lower(): position for position, name in enumerate(found.column_names)}
    arrays = []
    for column in table.columns:
        declared = schema.field(column.name).type
        if column.name in names:
            arrays.append(_convert(found.column(names[column.name]), declared, column, file))
        else:
            arrays.append(pa.nulls(found.num_rows, declared))
    for column, text in zip(table.keys, partition.values, strict=True):
        kind = schema.field(column.name).type
        arrays.append(pa.repeat(pa.scalar(partition_value(text, kind, column.name), kind), found.num_rows))
    return pa.Table.from_arrays(arrays, schema=schema)


def _convert(found: pa.ChunkedArray, declared: pa.DataType, column: Column, file: StoredFile) -> pa.ChunkedArray:
    if not fits(found.type, declared):
        raise QueryFailure(
            f"HIVE_BAD_DATA: Field {column.name}'s type {found.type} in parquet file {file.address} "
            f"is incompatible with type {column.type} defined in table schema"
        )
    try:
        if pa.types.is_timestamp(declared):
            # Athena cuts off what is finer than a millisecond, and shows moments in UTC.
            found = pc.floor_temporal(found.cast(pa.timestamp("us", found.type.tz), safe=False), unit="millisecond")
        return found.cast(declared)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise QueryFailure(f"HIVE_BAD_DATA: Field {column.name} in parquet file {file.address}: {error}") from error
