"""Says what an engine wrote, the same for each. Usage: check_rows.py FOLDER ID_COLUMN

Prints the rows, and the number and length of the event ids, as JSON: engines that agree on these read the same records.
"""

import json
import sys

import duckdb


def main(folder, column):
    files = f"read_parquet('{folder}/**/*.parquet', hive_partitioning = false)"
    names = ("rows", "ids", "distinct_ids", "id_bytes")
    question = f'SELECT count(*), count("{column}"), count(DISTINCT "{column}"), sum(strlen("{column}")) FROM {files}'
    (answer,) = duckdb.sql(question).fetchall()
    print(json.dumps(dict(zip(names, map(int, answer)))))


main(*sys.argv[1:])
