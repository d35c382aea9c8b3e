"""Converts a folder of CloudTrail objects with DuckDB. Usage: duckdb_job.py SOURCE OUT THREADS"""

import resource
import sys
import time

import duckdb

from columns import FLAG, JSON, RECORD, TEXT, TIME, render

LEAVES = {TEXT: "VARCHAR", TIME: "TIMESTAMP", FLAG: "BOOLEAN", JSON: "JSON"}
# One object is one JSON value for DuckDB, so this bounds the size of an object.
OBJECT_BYTES_MAX = 1 << 30


def statement(source, out):
    record = render(RECORD, LEAVES, "STRUCT", lambda name, kind: f'"{name}" {kind}')
    return f"""
        COPY (
            SELECT unnest(record), strftime(record.eventTime, '%Y-%m-%d') AS event_date
            FROM (
                SELECT unnest(Records) AS record
                FROM read_json(
                    '{source}/**/*.json.gz', columns = {{Records: '{record}[]'}}, format = 'unstructured',
                    maximum_object_size = {OBJECT_BYTES_MAX}
                )
            )
        ) TO '{out}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (event_date), OVERWRITE true)
    """


def main(source, out, threads):
    connection = duckdb.connect()
    connection.execute(f"SET threads = {int(threads)}; SET preserve_insertion_order = false")
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    connection.execute(statement(source, out))
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f'{{"wall": {wall}, "cpu": {cpu}}}')


main(*sys.argv[1:])
