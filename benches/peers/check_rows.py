"""Says what an engine wrote, the same for each. Usage: check_rows.py FORMAT ENGINE FOLDER

Prints as JSON: of CloudTrail the rows, and the number and length of the event ids; of VPC flow logs the rows, and for
each column that the lines have the values that are not null and their sum, of texts the sum of their lengths. Engines
that agree on these read the same records.
"""

import json
import sys

import duckdb

from columns import FLOW, TEXT

ID_COLUMNS = {"trailhouse": "event_id", "clickhouse": "record.eventID", "duckdb": "eventID"}
# Of a second.
MILLISECONDS = 1_000


def seconds(time):
    """A time as the seconds that a line holds; null, and so missed, where it lies between two of them."""
    return f"CASE WHEN epoch_ms({time}) % {MILLISECONDS} = 0 THEN epoch_ms({time}) // {MILLISECONDS} END"


# How Trailhouse calls and writes what it calls or writes otherwise than the peers.
FLOW_COLUMNS = {"account_id": "aws_account_id", "start": seconds("start_time"), "end": seconds("end_time")}


def cloudtrail(engine, files):
    column = f'"{ID_COLUMNS[engine]}"'
    names = ("rows", "ids", "distinct_ids", "id_bytes")
    question = f"SELECT count(*), count({column}), count(DISTINCT {column}), sum(strlen({column})) FROM {files}"
    (answer,) = duckdb.sql(question).fetchall()
    return dict(zip(names, map(int, answer)))


def vpc_flow(engine, files):
    own = FLOW_COLUMNS if engine == "trailhouse" else {}
    columns = [own.get(name, f'"{name}"') for name in FLOW]
    counts = ", ".join(f"count({column})" for column in columns)
    sums = ", ".join(
        f"coalesce(sum({f'strlen({column})' if kind == TEXT else column}), 0)"
        for column, kind in zip(columns, FLOW.values())
    )
    (answer,) = duckdb.sql(f"SELECT count(*), {counts}, {sums} FROM {files}").fetchall()
    rows, *found = map(int, answer)
    return {"rows": rows, "values": dict(zip(FLOW, found)), "sums": dict(zip(FLOW, found[len(FLOW) :]))}


FACTS = {"cloudtrail": cloudtrail, "vpc-flow": vpc_flow}


def main(log_format, engine, folder):
    files = f"read_parquet('{folder}/**/*.parquet', hive_partitioning = false)"
    try:
        print(json.dumps(FACTS[log_format](engine, files)))
    except duckdb.Error as error:
        sys.exit(f"error: {error}")


main(*sys.argv[1:])
