"""Converts a folder of objects with DuckDB. Usage: duckdb_job.py FORMAT SOURCE OUT THREADS"""

import sys

import duckdb

import stopwatch
from columns import FLAG, FLOW, FLOW_NOTHING, JSON, LARGE, NUMBER, RECORD, TEXT, TIME, render

LEAVES = {
    TEXT: "VARCHAR", TIME: "TIMESTAMP", FLAG: "BOOLEAN", JSON: "JSON", NUMBER: "INTEGER", LARGE: "BIGINT",
}  # fmt: skip
# One object is one JSON value for DuckDB, so this bounds the size of an object.
OBJECT_BYTES_MAX = 1 << 30
# Of a second.
MICROSECONDS = 1_000_000


def cloudtrail(source):
    record = render(RECORD, LEAVES, "STRUCT", lambda name, kind: f'"{name}" {kind}')
    return f"""
        SELECT unnest(record), strftime(record.eventTime, '%Y-%m-%d') AS event_date
        FROM (
            SELECT unnest(Records) AS record
            FROM read_json(
                '{source}/**/*.json.gz', columns = {{Records: '{record}[]'}}, format = 'unstructured',
                maximum_object_size = {OBJECT_BYTES_MAX}
            )
        )
    """


def vpc_flow(source):
    columns = ", ".join(f"'{name}': '{LEAVES[kind]}'" for name, kind in FLOW.items())
    return f"""
        SELECT *, strftime(make_timestamp("start" * {MICROSECONDS}), '%Y-%m-%d') AS event_date
        FROM read_csv(
            '{source}/**/*.log.gz', columns = {{{columns}}}, delim = ' ', header = true, nullstr = '{FLOW_NOTHING}'
        )
    """


QUESTIONS = {"cloudtrail": cloudtrail, "vpc-flow": vpc_flow}


def statement(question, out):
    return f"COPY ({question}) TO '{out}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (event_date), OVERWRITE true)"


def main(log_format, source, out, threads):
    connection = duckdb.connect()
    connection.execute(f"SET threads = {int(threads)}; SET preserve_insertion_order = false")
    stopwatch.say(lambda: connection.execute(statement(QUESTIONS[log_format](source), out)))


main(*sys.argv[1:])
