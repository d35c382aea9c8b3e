"""Glue: databases, tables, their versions, and partitions."""

from typing import Any

import pytest
from conftest import Client
from functions import fails

KEYS = [{"Name": "day", "Type": "string"}, {"Name": "n", "Type": "int"}]
STORAGE = {"Columns": [{"Name": "a", "Type": "string"}], "Location": "s3://lake/t/"}
TABLE = {"DatabaseName": "d", "TableName": "t"}


def described(**more: Any) -> dict[str, Any]:
    """A TableInput."""
    return {"Name": "t", "PartitionKeys": KEYS, "StorageDescriptor": STORAGE, **more}


def partition(number: int, **more: Any) -> dict[str, Any]:
    """A PartitionInput."""
    return {"Values": [f"2024-01-0{number}", str(number)], "StorageDescriptor": STORAGE, **more}


@pytest.fixture
def glue(stand_in: Client) -> Any:
    """A client, and the table "t" in the database "d"."""
    client = stand_in.client("glue")
    client.create_database(DatabaseInput={"Name": "d"})
    client.create_table(DatabaseName="d", TableInput=described())
    return client


def numbers(glue: Any, **more: Any) -> list[str]:
    """The second values of the partitions that are found."""
    return [one["Values"][1] for one in glue.get_partitions(**TABLE, **more)["Partitions"]]


def test_databases(glue: Any) -> None:
    fails("AlreadyExistsException", glue.create_database, DatabaseInput={"Name": "d"})
    glue.update_database(Name="d", DatabaseInput={"Name": "d", "Description": "new"})
    assert glue.get_database(Name="d")["Database"]["Description"] == "new"
    assert [one["Name"] for one in glue.get_databases()["DatabaseList"]] == ["d"]
    glue.delete_database(Name="d")
    fails("EntityNotFoundException", glue.get_database, Name="d")


def test_tables(glue: Any) -> None:
    fails("AlreadyExistsException", glue.create_table, DatabaseName="d", TableInput=described())
    fails("EntityNotFoundException", glue.create_table, DatabaseName="none", TableInput=described())
    glue.create_table(DatabaseName="d", TableInput={"Name": "other"})
    assert [one["Name"] for one in glue.get_tables(DatabaseName="d", Expression="o.*")["TableList"]] == ["other"]
    first = glue.get_tables(DatabaseName="d", MaxResults=1)
    second = glue.get_tables(DatabaseName="d", MaxResults=1, NextToken=first["NextToken"])
    assert {one["TableList"][0]["Name"] for one in (first, second)} == {"t", "other"}
    glue.delete_table(DatabaseName="d", Name="t")
    fails("EntityNotFoundException", glue.get_table, DatabaseName="d", Name="t")
    [error] = glue.batch_delete_table(DatabaseName="d", TablesToDelete=["other", "none"])["Errors"]
    assert (error["TableName"], error["ErrorDetail"]["ErrorCode"]) == ("none", "EntityNotFoundException")


def test_versions_of_a_table(glue: Any) -> None:
    glue.update_table(DatabaseName="d", TableInput=described(Description="new"))
    versions = glue.get_table_versions(**TABLE)["TableVersions"]
    found = {one["VersionId"]: one["Table"].get("Description") for one in versions}
    latest = glue.get_table(DatabaseName="d", Name="t")["Table"]["VersionId"]
    assert len(found) == 2 and found[latest] == "new"
    [old] = found.keys() - {latest}
    assert "Description" not in glue.get_table_version(**TABLE, VersionId=old)["TableVersion"]["Table"]
    fails("EntityNotFoundException", glue.get_table_version, **TABLE, VersionId="99")


def test_an_update_that_comes_too_late(glue: Any) -> None:
    version = glue.get_table(DatabaseName="d", Name="t")["Table"]["VersionId"]
    order = {"DatabaseName": "d", "VersionId": version}
    glue.update_table(**order, TableInput=described(Description="first"))
    fails("ConcurrentModificationException", glue.update_table, **order, TableInput=described(Description="second"))
    assert glue.get_table(DatabaseName="d", Name="t")["Table"]["Description"] == "first"


def test_a_batch_tells_what_is_there(glue: Any) -> None:
    assert "Errors" not in glue.batch_create_partition(**TABLE, PartitionInputList=[partition(1)])
    [error] = glue.batch_create_partition(**TABLE, PartitionInputList=[partition(1), partition(2)])["Errors"]
    assert error["PartitionValues"] == ["2024-01-01", "1"]
    assert error["ErrorDetail"]["ErrorCode"] == "AlreadyExistsException"
    assert numbers(glue) == ["1", "2"]
    fails(
        "EntityNotFoundException", glue.batch_create_partition, DatabaseName="d", TableName="x", PartitionInputList=[]
    )


def test_one_partition(glue: Any) -> None:
    glue.create_partition(**TABLE, PartitionInput=partition(1))
    fails("AlreadyExistsException", glue.create_partition, **TABLE, PartitionInput=partition(1))
    values = ["2024-01-01", "1"]
    glue.update_partition(**TABLE, PartitionValueList=values, PartitionInput=partition(1, Parameters={"a": "b"}))
    found = glue.get_partition(**TABLE, PartitionValues=values)["Partition"]
    assert (found["Values"], found["Parameters"]) == (values, {"a": "b"})
    batch = glue.batch_get_partition(**TABLE, PartitionsToGet=[{"Values": values}, {"Values": ["x", "1"]}])
    assert [one["Values"] for one in batch["Partitions"]] == [values]
    glue.delete_partition(**TABLE, PartitionValues=values)
    fails("EntityNotFoundException", glue.get_partition, **TABLE, PartitionValues=values)
    fails("EntityNotFoundException", glue.delete_partition, **TABLE, PartitionValues=values)


def test_values_fit_the_keys(glue: Any) -> None:
    fails("InvalidInputException", glue.create_partition, **TABLE, PartitionInput=partition(1, Values=["x"]))
    assert numbers(glue) == []


EXPRESSIONS = [
    ("day = '2024-01-02'", "2"),
    ("n > 3 AND n < 6", "45"),
    ("n IN (1, 2)", "12"),
    ("day BETWEEN '2024-01-02' AND '2024-01-04'", "234"),
    ("day >= '2024-01-05' OR n = 1", "15678"),
    ("day LIKE '2024-01-0%' AND (n = 3 OR n = 4)", "34"),
]


@pytest.mark.parametrize(("expression", "found"), EXPRESSIONS)
def test_expressions(glue: Any, expression: str, found: str) -> None:
    glue.batch_create_partition(**TABLE, PartitionInputList=[partition(number) for number in range(1, 9)])
    assert numbers(glue, Expression=expression) == list(found)


def test_bad_expressions_are_refused(glue: Any) -> None:
    glue.create_partition(**TABLE, PartitionInput=partition(1))
    for expression in ("bogus = 1", "((", "n ="):
        fails("InvalidInputException", glue.get_partitions, **TABLE, Expression=expression)


def test_partitions_come_in_pages(glue: Any) -> None:
    glue.batch_create_partition(**TABLE, PartitionInputList=[partition(number) for number in range(1, 8)])
    found, token = [], None
    while token or not found:
        more = {"NextToken": token} if token else {}
        page = glue.get_partitions(**TABLE, Expression="n > 1", MaxResults=3, **more)
        found.append([one["Values"][1] for one in page["Partitions"]])
        token = page.get("NextToken")
    assert found == [["2", "3", "4"], ["5", "6", "7"]]
    fails("InvalidInputException", glue.get_partitions, **TABLE, NextToken="x")
