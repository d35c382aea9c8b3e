"""Quotas of Glue's batches."""

import functools
import json
from typing import Any

import botocore.exceptions
import machines
import pytest
from conftest import Client

LONG = "x" * 1_100_000
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


def fails_with(code: str, call: Any, **values: Any) -> None:
    """A call that a quota stops, by its code."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**values)
    assert caught.value.response["Error"]["Code"] == code


def test_objects_to_delete(stand_in: Client) -> None:
    """1,000 a call."""
    s3 = stand_in.client("s3")
    s3.create_bucket(Bucket="bucket")
    objects = [{"Key": str(number)} for number in range(1_001)]
    fails_with("MalformedXML", s3.delete_objects, Bucket="bucket", Delete={"Objects": objects})
    s3.delete_objects(Bucket="bucket", Delete={"Objects": objects[:1_000]})


def test_parameters(stand_in: Client) -> None:
    """4 KB, 8 KB in the advanced tier."""
    put = functools.partial(stand_in.client("ssm").put_parameter, Name="/a", Type="String", Overwrite=True)
    fails_with("ValidationException", put, Value="x" * 4_097)
    fails_with("ValidationException", put, Value="x" * 8_193, Tier="Advanced")
    put(Value="x" * 4_096)
    put(Value="x" * 8_192, Tier="Advanced")


def test_events(stand_in: Client) -> None:
    """1 MB a call."""
    put = stand_in.client("events").put_events
    entry = {"Source": "a", "DetailType": "d", "Detail": json.dumps({"a": "x" * 600_000})}
    fails_with("ValidationException", put, Entries=[entry, entry])
    assert put(Entries=[entry])["FailedEntryCount"] == 0


def test_definitions_of_machines(stand_in: Client) -> None:
    """1 MB."""
    fails_with("ValidationException", machines.make, stand_in=stand_in, states={"A": {"Type": "Succeed"}}, Comment=LONG)
