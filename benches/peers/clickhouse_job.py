"""Converts a folder of objects with ClickHouse (chdb), with zstd at its own level unless another is given.

Usage: clickhouse_job.py FORMAT SOURCE OUT THREADS [LEVEL]
"""

import sys

import chdb

import stopwatch
from columns import FLAG, FLOW, FLOW_NOTHING, JSON, LARGE, NUMBER, RECORD, TEXT, TIME, render

LEAVES = {TEXT: "Nullable(String)", TIME: "DateTime", FLAG: "Nullable(Bool)", JSON: "Nullable(String)"}
# How the text of a field becomes a column. Numbers are null where they are none, so where there is nothing.
CASTS = {
    TEXT: f"nullIf({{field}}, '{FLOW_NOTHING}')",
    NUMBER: "toInt32OrNull({field})",
    LARGE: "toInt64OrNull({field})",
}
SETTINGS = {
    "output_format_parquet_compression_method": "'zstd'",
    # Trailhouse writes them for the columns that are looked up by a value; here it is all columns or none.
    "output_format_parquet_write_bloom_filter": 1,
    "date_time_input_format": "'best_effort'",
    "input_format_json_read_objects_as_strings": 1,
    "input_format_skip_unknown_fields": 1,
    "max_partitions_per_insert_block": 10_000,
}


def cloudtrail(source):
    record = render(RECORD, LEAVES, "Tuple", lambda name, kind: f"{name} {kind}")
    return f"""
        SELECT toDate(record.eventTime) AS event_date, record.*
        FROM (
            SELECT arrayJoin(Records) AS record
            FROM file('{source}/**/*.json.gz', 'JSONEachRow', 'Records Array({record})')
        )
    """


def vpc_flow(source):
    """Splits lines: `CSV` and `CustomSeparated`, which can be told that blanks separate fields, are no faster."""
    columns = ", ".join(
        f"{CASTS[kind].format(field=f'fields[{place}]')} AS `{name}`"
        for place, (name, kind) in enumerate(FLOW.items(), start=1)
    )
    return f"""
        SELECT toDate(toDateTime(assumeNotNull(start))) AS event_date, {columns}
        FROM (
            SELECT splitByChar(' ', line) AS fields
            FROM file('{source}/**/*.log.gz', 'LineAsString', 'line String')
            WHERE NOT startsWith(line, 'version')
        )
    """


QUESTIONS = {"cloudtrail": cloudtrail, "vpc-flow": vpc_flow}


def statement(question, out, threads, level):
    wanted = {**SETTINGS, "max_threads": threads}
    if level:
        wanted["output_format_compression_level"] = level
    settings = ", ".join(f"{name} = {value}" for name, value in wanted.items())
    return f"""
        INSERT INTO FUNCTION file('{out}/{{_partition_id}}.parquet', 'Parquet') PARTITION BY event_date
        {question}
        SETTINGS {settings}
    """


def main(log_format, source, out, threads, level=None):
    question = QUESTIONS[log_format](source)
    stopwatch.say(lambda: chdb.query(statement(question, out, int(threads), level and int(level))))


main(*sys.argv[1:])
