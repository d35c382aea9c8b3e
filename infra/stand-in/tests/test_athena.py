"""Athena: what queries see, what they cost, and what they must not do."""

import csv
import io
import os
import time
import uuid

import botocore.exceptions
import pyarrow as pa
import pytest
from conftest import Client
from lake import Lake


@pytest.fixture
def lake(stand_in: Client) -> Lake:
    """An empty lake."""
    return Lake(stand_in)


@pytest.fixture
def days(lake: Lake) -> dict[str, int]:
    """A table "events" by day, three of whose four days are registered; the size of each day."""
    lake.table("events", {"name": "string", "count": "bigint"}, {"day": "date", "hour": "int"})
    sizes = {}
    for day in range(1, 5):
        date = f"2024-01-0{day}"
        sizes[date] = lake.put(f"events/{date}/{day}/a.parquet", {"name": ["x" * 50 * day], "count": [day]})
        if day < 4:
            lake.register("events", date, str(day))
    return sizes


def test_only_registered_partitions_are_seen(lake: Lake, days: dict[str, int]) -> None:
    """The fourth day is in S3 only."""
    assert lake.rows("SELECT count FROM events ORDER BY 1") == [["count"], ["1"], ["2"], ["3"]]
    lake.register("events", "2024-01-04", "4")
    assert lake.rows("SELECT sum(count) AS s FROM events") == [["s"], ["10"]]


def test_partition_columns_have_their_types(lake: Lake, days: dict[str, int]) -> None:
    """Dates are dates, and numbers numbers."""
    assert lake.rows("SELECT day, hour, hour + 1 FROM events WHERE day = date '2024-01-02'") == [
        ["day", "hour", "_col2"],
        ["2024-01-02", "2", "3"],
    ]
    assert lake.rows("SELECT max(day) + interval '1' day AS d FROM events")[1] == ["2024-01-04 00:00:00.000"]


PRUNED = [
    ("day = date '2024-01-02'", "2"),
    ("hour IN (1, 3)", "13"),
    ("day BETWEEN date '2024-01-02' AND date '2024-01-09'", "23"),
    ("day > date '2024-01-01' AND (name LIKE 'x%') AND hour < 3", "2"),
    ("events.hour = 1 OR events.hour = 2", "12"),
    ("count = 1", "123"),
    ("hour = 1 OR count = 3", "123"),
    ("name = 'x'", "123"),
    ("hour = 9", ""),
]


@pytest.mark.parametrize(("condition", "read"), PRUNED)
def test_a_query_scans_the_partitions_that_it_needs(
    lake: Lake, days: dict[str, int], condition: str, read: str
) -> None:
    """And Athena tells how many bytes that were."""
    expected = sum(days[f"2024-01-0{day}"] for day in read)
    assert lake.scanned(f"SELECT * FROM events WHERE {condition}") == expected


def test_pruning_looks_into_joins_and_with(lake: Lake, days: dict[str, int]) -> None:
    """Each place where the table is named counts for itself; what is read twice counts once."""
    text = "WITH e AS (SELECT * FROM events WHERE hour = 1) SELECT * FROM e JOIN events o ON true WHERE o.hour = 2"
    assert lake.scanned(text) == days["2024-01-01"] + days["2024-01-02"]


def test_pruning_leaves_outer_joins_right(lake: Lake, days: dict[str, int]) -> None:
    """A condition that is met by the nulls of an outer join must not take partitions away."""
    lake.table("seen", {"n": "int"}, {"hour": "int"})
    sizes = {hour: lake.put(f"seen/{hour}/a.parquet", {"n": pa.array([1], pa.int32())}) for hour in ("1", "2")}
    for hour in sizes:
        lake.register("seen", hour)
    join = "FROM events e LEFT JOIN seen s ON e.hour = s.hour WHERE"
    assert lake.rows(f"SELECT e.hour {join} s.hour IS NULL") == [["hour"], ["3"]]
    assert lake.rows(f"SELECT e.hour {join} s.hour = 2") == [["hour"], ["2"]]
    every = sum(days[f"2024-01-0{day}"] for day in (1, 2, 3))
    assert lake.scanned(f"SELECT * {join} s.hour = 2") == every + sizes["2"]


def test_parameters_are_values(lake: Lake, days: dict[str, int]) -> None:
    """In their order, and whatever is in them; they prune, too."""
    text = "SELECT ? AS first, count FROM events WHERE day >= ? AND hour < ? LIMIT 5"
    assert lake.rows(text, "'a''; DROP ? --'", "date '2024-01-02'", "3") == [["first", "count"], ["a'; DROP ? --", "2"]]
    assert lake.scanned("SELECT * FROM events WHERE hour = ?", "1 + 1") == days["2024-01-02"]
    assert lake.rows("SELECT '?' AS mark, ? AS two -- ?", "2") == [["mark", "two"], ["?", "2"]]


@pytest.mark.parametrize("parameter", ["2024) OR (1=1", "(SELECT 1)", "read_text('/etc/passwd')", "count", " "])
def test_parameters_are_constants_only(lake: Lake, days: dict[str, int], parameter: str) -> None:
    """Nothing that could read or change a query."""
    assert lake.reason("SELECT * FROM events WHERE hour = ?", parameter)


def test_the_number_of_parameters_must_fit(lake: Lake) -> None:
    """Neither too few nor too many."""
    assert "expected 1 but found 2" in lake.reason("SELECT ?", "1", "2")
    assert "expected 1 but found 0" in lake.reason("SELECT ?")


def test_a_file_that_does_not_fit_is_told(lake: Lake) -> None:
    """By its address."""
    lake.table("bad", {"n": "bigint"})
    lake.put("bad/a.parquet", {"n": ["1"]})
    assert "s3://lake/bad/a.parquet is incompatible with type bigint" in lake.reason("SELECT * FROM bad")
    lake.s3.put_object(Bucket="lake", Key="bad/a.parquet", Body=b"no parquet")
    assert "Not valid Parquet file: s3://lake/bad/a.parquet" in lake.reason("SELECT * FROM bad")


FAILURES = [
    ("SELECT nothing FROM events", "COLUMN_NOT_FOUND: line 1:1: Column 'nothing' cannot be resolved"),
    ("SELECT * FROM nothing", "TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.d.nothing' does not exist"),
    ("SELECT * FROM other.events", "Table 'awsdatacatalog.other.events' does not exist"),
    ("SELECT nothing(1)", "FUNCTION_NOT_FOUND"),
    ("SELECT * FROM range(3)", "FUNCTION_NOT_FOUND: line 1:1: Table function"),
    ("SELECT cast('x' AS integer)", "INVALID_CAST_ARGUMENT"),
    ("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://x/'", "not in the stand-in"),
    ("ALTER TABLE events ADD PARTITION (day = '2024-01-01')", "not in the stand-in"),
    ("MSCK REPAIR TABLE events", "not in the stand-in"),
    ("INSERT INTO events SELECT * FROM events", "not in the stand-in"),
]


@pytest.mark.parametrize(("text", "reason"), FAILURES)
def test_failures_have_their_reasons(lake: Lake, days: dict[str, int], text: str, reason: str) -> None:
    """In Athena's words, or in our own where the stand-in lacks something."""
    assert reason in lake.reason(text)


def test_what_the_stand_in_lacks_fails_with_a_reason(lake: Lake) -> None:
    """A view, and a table whose partitions are projected."""
    lake.table("view", {"n": "int"}, TableType="VIRTUAL_VIEW", ViewOriginalText="SELECT 1")
    assert "views are not in the stand-in" in lake.reason("SELECT * FROM view")
    lake.table("projected", {"n": "int"}, {"day": "date"}, Parameters={"projection.enabled": "true"})
    assert "partition projection is not in the stand-in" in lake.reason("SELECT * FROM projected")


ATTACKS = [
    "SELECT * FROM read_parquet('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    'SELECT * FROM "/etc/passwd"',
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM information_schema.tables",
    'SELECT * FROM "table 0"',
    "SELECT * FROM query('SELECT 1')",
    "SELECT getenv('HOME')",
    "COPY (SELECT 1) TO '/tmp/x'",
    "ATTACH '/tmp/x.db'",
    "INSTALL httpfs",
    "SELECT 1; SELECT 2",
    "PRAGMA version",
    "SET enable_external_access = true",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_but_the_catalog_can_be_read(lake: Lake, text: str) -> None:
    """Neither files nor settings, nor other statements."""
    try:
        assert lake.reason(text)
    except botocore.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == "InvalidRequestException"


def test_bad_syntax_is_refused_at_once(lake: Lake) -> None:
    """With its place."""
    with pytest.raises(lake.athena.exceptions.InvalidRequestException) as caught:
        lake.start("SELECT FROM WHERE")
    assert caught.value.response["AthenaErrorCode"] == "MALFORMED_QUERY"
    assert caught.value.response["Error"]["Message"].startswith("line 1:")


def test_names_that_with_gives_hide_tables(lake: Lake, days: dict[str, int]) -> None:
    """But only where they are known."""
    assert lake.rows("WITH events AS (SELECT 7 AS n) SELECT n FROM events")[1] == ["7"]
    assert lake.rows("WITH events AS (SELECT count(*) AS n FROM events) SELECT n FROM events")[1] == ["3"]
    assert lake.rows('SELECT d.events.count FROM "awsdatacatalog"."d"."events" WHERE events.hour = 3')[1] == ["3"]


def test_results_are_in_s3_as_csv(lake: Lake) -> None:
    """All values in quotes, nothing for null."""
    query = lake.start("SELECT 'a\"b' AS text, cast(null AS integer) AS nothing, '' AS empty, 1 AS one")
    found = lake.ended(query)
    assert found["ResultConfiguration"]["OutputLocation"] == f"s3://results/out/{query}.csv"
    body = lake.s3.get_object(Bucket="results", Key=f"out/{query}.csv")["Body"].read().decode()
    assert body == '"text","nothing","empty","one"\n"a""b",,"","1"\n'
    assert next(csv.DictReader(io.StringIO(body)))["text"] == 'a"b'


def test_results_come_in_pages(lake: Lake) -> None:
    """The header is a row of the first."""
    query = lake.start("SELECT x FROM unnest(sequence(1, 5)) AS t(x) ORDER BY x")
    lake.ended(query)
    found, token = [], None
    while token or not found:
        more = {"NextToken": token} if token else {}
        page = lake.athena.get_query_results(QueryExecutionId=query, MaxResults=4, **more)
        found.append([row["Data"][0]["VarCharValue"] for row in page["ResultSet"]["Rows"]])
        token = page.get("NextToken")
    assert found == [["x", "1", "2", "3"], ["4", "5"]]
    for bad in ({"NextToken": "x"}, {"MaxResults": 1_001}):
        with pytest.raises(lake.athena.exceptions.InvalidRequestException):
            lake.athena.get_query_results(QueryExecutionId=query, **bad)


ENDLESS = "SELECT count(*) FROM unnest(sequence(1, 100000)) a(x), unnest(sequence(1, 100000)) b(y) WHERE x + y < 0"


def test_a_query_can_be_stopped(lake: Lake) -> None:
    """While it runs, and while it waits for others."""
    queries = [lake.start(ENDLESS) for _ in range(3)]
    time.sleep(0.3)
    found = lake.athena.batch_get_query_execution(QueryExecutionIds=queries)["QueryExecutions"]
    assert [one["Status"]["State"] for one in found] == ["RUNNING", "RUNNING", "QUEUED"]
    with pytest.raises(lake.athena.exceptions.InvalidRequestException) as caught:
        lake.athena.get_query_results(QueryExecutionId=queries[0])
    assert caught.value.response["Error"]["Message"] == "Query has not yet finished. Current state: RUNNING"
    for one in reversed(queries):
        lake.athena.stop_query_execution(QueryExecutionId=one)
        assert lake.ended(one)["Status"]["State"] == "CANCELLED"
    assert lake.value("1") == "1"


def test_a_reset_stops_queries(stand_in: Client, lake: Lake) -> None:
    """So that the next test has room."""
    for _ in range(5):
        lake.start(ENDLESS)
    time.sleep(0.1)
    before = time.monotonic()
    stand_in.post("/_stand-in/reset")
    assert time.monotonic() - before < 1
    assert Lake(stand_in).value("1") == "1"


def test_a_workgroup_limits_what_is_scanned(lake: Lake) -> None:
    """A query that is too large is cancelled, one that is not is not. AWS's least limit is 10,000,000."""
    lake.table("large", {"text": "string"}, {"part": "int"})
    for part in ("1", "2"):
        assert 5_000_000 < lake.put(f"large/{part}/a.parquet", {"text": [os.urandom(3_000_000).hex()]}) < 10_000_000
        lake.register("large", part)
    configuration = {
        "BytesScannedCutoffPerQuery": 10_000_000,
        "EnforceWorkGroupConfiguration": True,
        "ResultConfiguration": {"OutputLocation": "s3://results/group/"},
    }
    lake.athena.create_work_group(Name="small", Configuration=configuration)
    found = lake.ended(lake.start("SELECT count(text) FROM large", WorkGroup="small"))
    assert found["Status"]["State"] == "CANCELLED"
    assert found["Status"]["StateChangeReason"] == "Bytes scanned limit was exceeded"
    assert found["Statistics"]["DataScannedInBytes"] == 10_000_000
    found = lake.ended(lake.start("SELECT count(text) FROM large WHERE part = 1", WorkGroup="small"))
    assert found["Status"]["State"] == "SUCCEEDED"
    assert found["ResultConfiguration"]["OutputLocation"].startswith("s3://results/group/")


def test_a_request_token_makes_a_start_idempotent(lake: Lake) -> None:
    """The same query again, or an error."""
    token = uuid.uuid4().hex
    first = lake.start("SELECT 1", ClientRequestToken=token)
    assert lake.start("SELECT 1", ClientRequestToken=token) == first
    with pytest.raises(lake.athena.exceptions.InvalidRequestException):
        lake.start("SELECT 2", ClientRequestToken=token)


def test_bad_requests_are_refused(lake: Lake) -> None:
    """No workgroup, no place for results, no such query."""
    for more in ({"WorkGroup": "none"}, {"ResultConfiguration": {}}):
        with pytest.raises(lake.athena.exceptions.InvalidRequestException):
            lake.start("SELECT 1", **more)
    with pytest.raises(lake.athena.exceptions.InvalidRequestException):
        lake.athena.get_query_execution(QueryExecutionId="none")
    query = lake.start("SELECT 1", ResultConfiguration={"OutputLocation": "s3://no-such-bucket/"})
    assert lake.ended(query)["Status"]["State"] == "FAILED"
