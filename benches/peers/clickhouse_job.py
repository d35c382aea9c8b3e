"""Converts a folder of CloudTrail objects with ClickHouse (chdb), with zstd at its own level unless another is given.

Usage: clickhouse_job.py SOURCE OUT THREADS [LEVEL]
"""

import resource
import sys
import time

import chdb

from columns import FLAG, JSON, RECORD, TEXT, TIME, render

LEAVES = {TEXT: "Nullable(String)", TIME: "DateTime", FLAG: "Nullable(Bool)", JSON: "Nullable(String)"}
SETTINGS = {
    "output_format_parquet_compression_method": "'zstd'",
    # Trailhouse writes them for the columns that are looked up by a value; here it is all columns or none.
    "output_format_parquet_write_bloom_filter": 1,
    "date_time_input_format": "'best_effort'",
    "input_format_json_read_objects_as_strings": 1,
    "input_format_skip_unknown_fields": 1,
    "max_partitions_per_insert_block": 10_000,
}


def statement(source, out, threads, level):
    record = render(RECORD, LEAVES, "Tuple", lambda name, kind: f"{name} {kind}")
    wanted = {**SETTINGS, "max_threads": threads}
    if level:
        wanted["output_format_compression_level"] = level
    settings = ", ".join(f"{name} = {value}" for name, value in wanted.items())
    return f"""
        INSERT INTO FUNCTION file('{out}/{{_partition_id}}.parquet', 'Parquet') PARTITION BY event_date
        SELECT toDate(record.eventTime) AS event_date, record.*
        FROM (
            SELECT arrayJoin(Records) AS record
            FROM file('{source}/**/*.json.gz', 'JSONEachRow', 'Records Array({record})')
        )
        SETTINGS {settings}
    """


def main(source, out, threads, level=None):
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    chdb.query(statement(source, out, int(threads), level and int(level)))
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f'{{"wall": {wall}, "cpu": {cpu}}}')


main(*sys.argv[1:])
