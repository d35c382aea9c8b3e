"""Athena: types, and how values are written."""

import datetime
import decimal

import pyarrow as pa
import pytest
from conftest import Client
from lake import Lake


@pytest.fixture
def lake(stand_in: Client) -> Lake:
    """An empty lake."""
    return Lake(stand_in)


VALUES = [
    ("'a\"b'", 'a"b', "varchar"),
    ("1", "1", "integer"),
    ("cast(1 AS bigint)", "1", "bigint"),
    ("count(*)", "1", "bigint"),
    ("5 / 2", "2", "integer"),
    ("1e0", "1.0", "double"),
    ("1.5e10", "1.5E10", "double"),
    ("cast('nan' AS double)", "NaN", "double"),
    ("cast(0.1 AS real)", "0.1", "float"),
    ("true", "true", "boolean"),
    ("date '2024-01-02'", "2024-01-02", "date"),
    ("timestamp '2024-01-02 03:04:05.678'", "2024-01-02 03:04:05.678", "timestamp"),
    ("from_iso8601_timestamp('2024-01-02T03:04:05Z')", "2024-01-02 03:04:05.000 UTC", "timestamp with time zone"),
    ("cast(1.50 AS decimal(10,2))", "1.50", "decimal"),
    ("array[1, null]", "[1, null]", "array"),
    ("cast(row(1, 'x') AS row(a integer, b varchar))", "{a=1, b=x}", "row"),
    ("map(array['k'], array[1])", "{k=1}", "map"),
    ("x'6162'", "61 62", "varbinary"),
    ("cast(null AS varchar)", None, "varchar"),
    ("to_iso8601(timestamp '2024-01-02 03:04:05')", "2024-01-02T03:04:05.000", "varchar"),
    ("json_extract_scalar('{\"a\": {\"b\": 7}}', '$.a.b')", "7", "varchar"),
    ("date_diff('day', date '2024-01-01', date '2024-02-01')", "31", "bigint"),
    ("regexp_like('abc', 'b.')", "true", "boolean"),
    ("element_at(split('a,b', ','), 2)", "b", "varchar"),
]


@pytest.mark.parametrize(("expression", "text", "kind"), VALUES)
def test_values_and_types_are_written_as_athena_does(lake: Lake, expression: str, text: str | None, kind: str) -> None:
    """In results and in their metadata."""
    query = lake.start(f"SELECT {expression} AS v")
    assert lake.ended(query)["Status"]["State"] == "SUCCEEDED"
    result = lake.athena.get_query_results(QueryExecutionId=query)["ResultSet"]
    assert result["Rows"][1]["Data"][0].get("VarCharValue") == text
    assert result["ResultSetMetadata"]["ColumnInfo"][0]["Type"] == kind


def test_decimals_tell_precision_and_scale(lake: Lake) -> None:
    """In the metadata."""
    query = lake.start("SELECT cast(1 AS decimal(12,3)) AS v")
    lake.ended(query)
    found = lake.athena.get_query_results(QueryExecutionId=query)["ResultSet"]["ResultSetMetadata"]["ColumnInfo"][0]
    assert (found["Precision"], found["Scale"], found["Name"]) == (12, 3, "v")


def test_stored_types_become_the_declared_ones(lake: Lake) -> None:
    """Of all kinds, with null where a file lacks a column."""
    struct = "struct<a:int,b:array<string>>"
    columns = {"s": "string", "i": "bigint", "t": "timestamp", "z": "timestamp", "d": "decimal(10,2)"}
    lake.table("kinds", {**columns, "r": struct, "m": "map<string,int>", "gone": "int"})
    moment = datetime.datetime(2024, 1, 2, 3, 4, 5, 678_901)
    rows = {
        "S": pa.array(["x"], pa.large_string()),
        "i": pa.array([7], pa.int32()),
        "t": pa.array([moment], pa.timestamp("ns")),
        "z": pa.array([moment.replace(tzinfo=datetime.UTC)], pa.timestamp("us", "Europe/Berlin")),
        "d": pa.array([decimal.Decimal("1.5")], pa.decimal128(10, 2)),
        "r": pa.array([{"a": 1, "b": ["y"]}], pa.struct([("a", pa.int32()), ("b", pa.list_(pa.string()))])),
        "m": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int32())),
    }
    lake.put("kinds/deep/er/a.parquet", rows)
    lake.put("kinds/_hidden.parquet", rows)
    lake.s3.put_object(Bucket="lake", Key="kinds/empty", Body=b"")
    text = "2024-01-02 03:04:05.678"
    assert lake.rows("SELECT * FROM kinds")[1:] == [["x", "7", text, text, "1.50", "{a=1, b=[y]}", "{k=1}", None]]
    assert lake.rows("SELECT r.a, m['k'] FROM kinds WHERE t < z + interval '1' second")[1] == ["1", "1"]
