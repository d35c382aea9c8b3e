"""Quotas of Glue's batches."""

from typing import Any

import botocore.exceptions
import pytest
from conftest import Client

STORAGE = {"Columns": [{"Name": "a", "Type": "string"}], "Location": "s3://lake/t/"}


@pytest.fixture
def glue(stand_in: Client) -> Any:
    """A table "t" in the database "d", by day."""
    client = stand_in.client("glue")
    client.create_database(DatabaseInput={"Name": "d"})
    keys = [{"Name": "day", "Type": "string"}]
    client.create_table(DatabaseName="d", TableInput={"Name": "t", "StorageDescriptor": STORAGE, "PartitionKeys": keys})
    return client


def partitions(count: int) -> list[dict[str, Any]]:
    """Partitions to create."""
    return [{"Values": [str(day)], "StorageDescriptor": STORAGE} for day in range(count)]


def refused(call: Any, **values: Any) -> str:
    """The message of a call that a quota stops."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(DatabaseName="d", TableName="t", **values)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    return caught.value.response["Error"]["Message"]


def registered(glue: Any) -> int:
    """How many partitions the table has."""
    return len(glue.get_partitions(DatabaseName="d", TableName="t")["Partitions"])


def test_create(glue: Any) -> None:
    """100 are taken, 101 are not, not even in part."""
    message = refused(glue.batch_create_partition, PartitionInputList=partitions(101))
    assert message.endswith("Member must have length less than or equal to 100")
    assert registered(glue) == 0
    glue.batch_create_partition(DatabaseName="d", TableName="t", PartitionInputList=partitions(100))
    assert registered(glue) == 100


def test_get(glue: Any) -> None:
    """1,000."""
    wanted = [{"Values": [str(day)]} for day in range(1_001)]
    assert "'partitionsToGet'" in refused(glue.batch_get_partition, PartitionsToGet=wanted)
    found = glue.batch_get_partition(DatabaseName="d", TableName="t", PartitionsToGet=wanted[:1_000])
    assert found["Partitions"] == []


def test_update(glue: Any) -> None:
    """100."""
    entries = [{"PartitionValueList": part["Values"], "PartitionInput": part} for part in partitions(101)]
    assert "'entries'" in refused(glue.batch_update_partition, Entries=entries)
    glue.batch_create_partition(DatabaseName="d", TableName="t", PartitionInputList=partitions(100))
    done = glue.batch_update_partition(DatabaseName="d", TableName="t", Entries=entries[:100])
    assert done.get("Errors", []) == []


def test_delete(glue: Any) -> None:
    """25."""
    glue.batch_create_partition(DatabaseName="d", TableName="t", PartitionInputList=partitions(30))
    gone = [{"Values": [str(day)]} for day in range(26)]
    assert "'partitionsToDelete'" in refused(glue.batch_delete_partition, PartitionsToDelete=gone)
    assert registered(glue) == 30
    glue.batch_delete_partition(DatabaseName="d", TableName="t", PartitionsToDelete=gone[:25])
    assert registered(glue) == 5


def test_delete_tables(glue: Any) -> None:
    """100."""
    for number in range(101):
        glue.create_table(DatabaseName="d", TableInput={"Name": f"t{number}"})
    names = [f"t{number}" for number in range(101)]
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        glue.batch_delete_table(DatabaseName="d", TablesToDelete=names)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert "'tablesToDelete'" in caught.value.response["Error"]["Message"]
    assert len(glue.get_tables(DatabaseName="d", MaxResults=100)["TableList"]) == 100
    glue.batch_delete_table(DatabaseName="d", TablesToDelete=names[:100])
    assert {one["Name"] for one in glue.get_tables(DatabaseName="d")["TableList"]} == {"t", "t100"}
