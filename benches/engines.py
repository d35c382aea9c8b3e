#!/usr/bin/env python3
"""DuckDB and pyarrow read a lake as plain Parquet and must find in it what `trailhouse query` finds.

Usage: engines.py [LAKE]. Without a lake one is made: of the committed logs, of an object that is damaged and, where
TRAILHOUSE_REALDATA is set, of a real account's logs. For each table and column the type, the values that are not null
and their sum are compared: of texts the sum of their bytes, of times and days the least and the greatest. Exit code 1
when they differ, 2 when there was nothing to compare.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "peers"))
import environment

# What a reader has to be told of a partition's columns, which no file holds.
DUCKDB_TYPES = {"string": "VARCHAR", "date": "DATE"}
# Exit code of a wrong use, and of a comparison that compared nothing.
USAGE = 2
# `ingest` ends with 1 where some input was rejected.
INGESTED = (0, 1)
DAMAGED = b'{"Records":[{"eventName":"Whole","eventTime":"2026-03-02T00:00:00Z"},"no object",{"eventName":"Cut'


def trailhouse(*words):
    """Runs our own binary for its stdout."""
    done = subprocess.run([environment.binary("trailhouse"), *words], stdout=subprocess.PIPE)
    if done.returncode not in INGESTED:
        sys.exit(f"error: `trailhouse {words[0]}` ended with {done.returncode}")
    return done.stdout.decode()


def stop(why):
    print(f"error: {why}", file=sys.stderr)
    sys.exit(USAGE)


def tables(lake):
    """The tables of a lake that have files: by name, the partition's columns and their types."""
    said = trailhouse("tables", lake, "--format", "json")
    described = [json.loads(line) for line in said.splitlines()]
    return {
        table["name"]: {column["name"]: column["type"] for column in table["partition_columns"]}
        for table in described
        if table["files"]
    }


def make_lake():
    """A lake that has rows in every table."""
    folder = environment.cache() / "engines"
    shutil.rmtree(folder, ignore_errors=True)
    damaged = folder / "damaged/AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/02"
    damaged.mkdir(parents=True)
    (damaged / "111122223333_CloudTrail_us-east-1_20260302T0000Z_0123456789abcdef.json").write_bytes(DAMAGED)
    sources = [environment.REPOSITORY / "testdata/cloudtrail", folder / "damaged"]
    if os.environ.get("TRAILHOUSE_REALDATA"):
        sources.append(pathlib.Path(os.environ["TRAILHOUSE_REALDATA"], "suzaku-sans504"))
    trailhouse("ingest", *sources, folder / "lake", "--json")
    return folder / "lake"


class Trailhouse:
    """Our own answers, over the command line."""

    # A column's kind by what its Arrow type is called; times must be milliseconds in UTC.
    KINDS = {
        "Utf8": "text", "Utf8View": "text", "LargeUtf8": "text", "Binary": "bytes", "BinaryView": "bytes",
        "Boolean": "flag", "Int64": "number", "Date32": "day",
        'Timestamp(Millisecond, Some("UTC"))': "time", 'Timestamp(ms, "UTC")': "time",
    }  # fmt: skip
    FACTS = {
        "text": "sum(octet_length({c}))",
        "bytes": "sum(octet_length(encode({c}, 'hex')) / 2)",
        "flag": "sum(CASE WHEN {c} THEN 1 ELSE 0 END)",
        "number": "sum({c})",
        "time": "CAST(CAST(min({c}) AS BIGINT) AS VARCHAR) || ' ' || CAST(CAST(max({c}) AS BIGINT) AS VARCHAR)",
        "day": "CAST(min({c}) AS VARCHAR) || ' ' || CAST(max({c}) AS VARCHAR)",
    }

    def __init__(self, lake, table):
        self.lake, self.table = lake, table

    def ask(self, expressions):
        """One row, for the expressions `expressions` by name."""
        chosen = ", ".join(f'{expression} AS "{name}"' for name, expression in expressions.items())
        said = trailhouse("query", self.lake, f"SELECT {chosen} FROM {self.table} LIMIT 1", "--format", "json")
        rows = json.loads(said)
        return rows[0] if isinstance(rows, list) else rows

    def facts(self, columns):
        types = self.ask({name: f'arrow_typeof("{name}")' for name in columns})
        # A dictionary is only how a column of texts lies in memory.
        kinds = {name: self.KINDS.get(plain_type(types[name]), types[name]) for name in columns}
        counts = self.ask({name: f'count("{name}")' for name in columns})
        wanted = {name: self.FACTS.get(kinds[name], "NULL").format(c=f'"{name}"') for name in columns}
        sums = self.ask(wanted)
        return {name: (kinds[name], counts[name], sums.get(name)) for name in columns}

    def rows(self):
        return self.ask({"rows": "count(*)"})["rows"]


def plain_type(arrow_type):
    """The values' type of a dictionary type, else the type itself."""
    if not arrow_type.startswith("Dictionary("):
        return arrow_type
    return arrow_type.removeprefix("Dictionary(").removesuffix(")").split(",", maxsplit=1)[1].strip()


class DuckDb:
    """What DuckDB reads in a table's folder."""

    KINDS = {
        "VARCHAR": "text", "JSON": "text", "BLOB": "bytes", "BOOLEAN": "flag", "BIGINT": "number", "DATE": "day",
        "TIMESTAMP WITH TIME ZONE": "time",
    }  # fmt: skip
    FACTS = {
        "text": "sum(strlen({c}))",
        "bytes": "sum(octet_length({c}))",
        "flag": "sum({c}::INT)",
        "number": "sum({c})",
        "time": "concat(epoch_ms(min({c})), ' ', epoch_ms(max({c})))",
        "day": "concat(min({c}), ' ', max({c}))",
    }

    def __init__(self, lake, table, partitions):
        import duckdb

        self.connection = duckdb.connect()
        types = ", ".join(f"'{name}': {DUCKDB_TYPES[kind]}" for name, kind in partitions.items())
        files = f"{lake}/{table}/**/*.parquet"
        self.files = f"read_parquet('{files}', hive_partitioning = true, hive_types = {{{types}}})"

    def ask(self, sql):
        return self.connection.execute(sql).fetchall()

    def facts(self, columns):
        types = {name: kind for name, kind, *_ in self.ask(f"DESCRIBE SELECT * FROM {self.files}")}
        kinds = {name: self.KINDS.get(types[name], types[name]) for name in columns}
        sums = [self.FACTS.get(kinds[name], "NULL").format(c=f'"{name}"') for name in columns]
        counts = [f'count("{name}")' for name in columns]
        (found,) = self.ask(f"SELECT {', '.join(counts + sums)} FROM {self.files}")
        return {name: (kinds[name], found[at], found[at + len(columns)]) for at, name in enumerate(columns)}

    def rows(self):
        return self.ask(f"SELECT count(*) FROM {self.files}")[0][0]


class PyArrow:
    """What pyarrow reads in a table's folder."""

    def __init__(self, lake, table, partitions):
        import pyarrow
        import pyarrow.dataset

        types = {"string": pyarrow.string(), "date": pyarrow.date32()}
        schema = pyarrow.schema([(name, types[kind]) for name, kind in partitions.items()])
        partitioning = pyarrow.dataset.partitioning(schema, flavor="hive")
        self.dataset = pyarrow.dataset.dataset(lake / table, format="parquet", partitioning=partitioning)
        self.kinds = {
            pyarrow.string(): "text", pyarrow.binary(): "bytes", pyarrow.bool_(): "flag", pyarrow.int64(): "number",
            pyarrow.date32(): "day", pyarrow.timestamp("ms", tz="UTC"): "time",
        }  # fmt: skip

    def columns(self):
        return self.dataset.schema.names

    def facts(self, columns):
        return {name: self.fact(name) for name in columns}

    def fact(self, name):
        """One column at a time, so that memory holds no more."""
        import pyarrow
        import pyarrow.compute as compute

        column = self.dataset.to_table(columns=[name])[name]
        kind = self.kinds.get(column.type, str(column.type))
        if kind in ("text", "bytes"):
            found = compute.sum(compute.binary_length(column.cast(pyarrow.binary()))).as_py()
        elif kind in ("flag", "number"):
            found = compute.sum(column).as_py()
        else:
            plain = column.cast(pyarrow.int64()) if kind == "time" else column.cast(pyarrow.string())
            ends = compute.min_max(plain).as_py()
            found = None if ends["min"] is None else f"{ends['min']} {ends['max']}"
        return kind, len(column) - column.null_count, found

    def rows(self):
        return self.dataset.count_rows()


def normal(fact):
    """Nothing, zero and an empty text are one answer where there are no values; decimals are whole."""
    kind, count, found = fact
    if not count:
        return kind, 0, None
    return kind, int(count), found.strip() if isinstance(found, str) else int(found)


def differences(lake, table, partitions):
    """Every column on which the engines disagree, and how many were compared."""
    engines = {
        "trailhouse": Trailhouse(lake, table),
        "duckdb": DuckDb(lake, table, partitions),
        "pyarrow": PyArrow(lake, table, partitions),
    }
    columns = engines["pyarrow"].columns()
    rows = {name: engine.rows() for name, engine in engines.items()}
    facts = {name: engine.facts(columns) for name, engine in engines.items()}
    found = [] if len(set(rows.values())) == 1 else [f"{table}: rows: {rows}"]
    for column in columns:
        answers = {name: normal(facts[name][column]) for name in engines}
        if len(set(answers.values())) != 1:
            found.append(f"{table}.{column}: {answers}")
    print(f"{table}: {rows['trailhouse']} rows, {len(columns)} columns compared, {len(found)} differences")
    return found


def main():
    if len(sys.argv) > 2 or sys.argv[1:2] in (["-h"], ["--help"]):
        stop(__doc__)
    if len(sys.argv) > 1 and not pathlib.Path(sys.argv[1]).is_dir():
        stop(f"`{sys.argv[1]}` is no folder")
    # The other engines live in an environment of their own.
    python = environment.python()
    if not os.path.samefile(sys.prefix, python.parent.parent):
        os.execv(python, [str(python), __file__, *sys.argv[1:]])
    lake = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else make_lake()
    held = tables(lake)
    if not held:
        stop(f"`{lake}` has no table with a file, so that nothing was compared")
    found = [difference for table, partitions in held.items() for difference in differences(lake, table, partitions)]
    print(*found, sep="\n", end="\n" if found else "", file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
