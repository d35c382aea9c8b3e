"""Systems Manager: parameters, documents, managed instances, and commands that say what was planted."""

import json
from typing import Any

import pytest
from conftest import Client
from functions import fails

INSTANCE = "i-0123456789abcdef0"
SHELL = "AWS-RunShellScript"


@pytest.fixture
def ssm(stand_in: Client) -> Any:
    """A client, and one managed instance."""
    assert stand_in.post("/_stand-in/ssm/instances", {"id": INSTANCE, "name": "web"})[0] == 200
    return stand_in.client("ssm")


def plan(client: Client, **order: Any) -> None:
    """Plants what commands say."""
    assert client.post("/_stand-in/ssm/commands", order)[0] == 200


def send(ssm: Any, instance: str = INSTANCE, document: str = SHELL, **more: Any) -> dict[str, str]:
    """Sends a command; what to ask for its invocation by."""
    parameters = {"commands": ["id"]}
    found = ssm.send_command(DocumentName=document, InstanceIds=[instance], Parameters=parameters, **more)["Command"]
    return {"CommandId": found["CommandId"], "InstanceId": instance}


def ended(ssm: Any, run: dict[str, str]) -> dict[str, Any]:
    """The second look at an invocation; the first one comes too early."""
    first = ssm.get_command_invocation(**run)
    assert (first["Status"], first["StandardOutputContent"], first["ResponseCode"]) == ("InProgress", "", -1)
    return ssm.get_command_invocation(**run)


def test_parameters(ssm: Any) -> None:
    ssm.put_parameter(Name="/a/b", Value="v", Type="SecureString")
    fails("ParameterAlreadyExists", ssm.put_parameter, Name="/a/b", Value="w", Type="SecureString")
    assert ssm.get_parameter(Name="/a/b", WithDecryption=True)["Parameter"]["Value"] == "v"
    assert ssm.get_parameter(Name="/a/b")["Parameter"]["Value"] != "v"
    assert ssm.put_parameter(Name="/a/b", Value="w", Type="SecureString", Overwrite=True)["Version"] == 2
    found = ssm.get_parameters(Names=["/a/b", "/none"], WithDecryption=True)
    assert [one["Value"] for one in found["Parameters"]] == ["w"] and found["InvalidParameters"] == ["/none"]
    assert [one["Name"] for one in ssm.get_parameters_by_path(Path="/a")["Parameters"]] == ["/a/b"]
    fails("ParameterNotFound", ssm.get_parameter, Name="/none")


def test_documents(ssm: Any) -> None:
    step = {"action": "aws:runShellScript", "name": "a", "inputs": {"runCommand": ["id"]}}
    content = json.dumps({"schemaVersion": "2.2", "description": "x", "mainSteps": [step]})
    fails("InvalidDocument", send, ssm, document="Own")
    ssm.create_document(Name="Own", Content=content, DocumentType="Command")
    assert json.loads(ssm.get_document(Name="Own")["Content"]) == json.loads(content)
    assert ssm.describe_document(Name="Own")["Document"]["DocumentType"] == "Command"
    assert ended(ssm, send(ssm, document="Own"))["DocumentName"] == "Own"
    fails("InvalidDocument", ssm.get_document, Name="none")


def test_managed_instances(stand_in: Client, ssm: Any) -> None:
    stand_in.post("/_stand-in/ssm/instances", {"id": "i-1", "ping": "ConnectionLost", "platform": "Windows"})
    found = ssm.describe_instance_information()["InstanceInformationList"]
    assert [(one["InstanceId"], one["PingStatus"]) for one in found] == [
        (INSTANCE, "Online"),
        ("i-1", "ConnectionLost"),
    ]
    wanted = [{"Key": "InstanceIds", "Values": [INSTANCE]}]
    [one] = ssm.describe_instance_information(Filters=wanted)["InstanceInformationList"]
    assert (one["ComputerName"], one["PlatformType"]) == ("web", "Linux")
    page = ssm.describe_instance_information(MaxResults=5)
    assert "NextToken" not in page


def test_instances_that_are_not_managed_are_refused(ssm: Any) -> None:
    fails("InvalidInstanceId", send, ssm, instance="i-00000000000000000")


def test_a_command_says_what_was_planted(stand_in: Client, ssm: Any) -> None:
    plan(stand_in, stdout="any")
    plan(stand_in, document="AWS-Run*", instance="i-01*", status="Failed", stdout="out", stderr="err", code=7)
    plan(stand_in, instance="i-other", stdout="other")
    found = ended(ssm, send(ssm))
    assert (found["Status"], found["StatusDetails"], found["ResponseCode"]) == ("Failed", "Failed", 7)
    assert (found["StandardOutputContent"], found["StandardErrorContent"]) == ("out", "err")
    other = ended(ssm, send(ssm, document="AmazonInspector-x"))
    assert (other["Status"], other["StandardOutputContent"]) == ("Success", "any")


def test_a_command_takes_its_time(stand_in: Client, ssm: Any) -> None:
    plan(stand_in, seconds=100, stdout="late")
    run = send(ssm)
    assert ended(ssm, run)["Status"] == "InProgress"
    [command] = ssm.list_commands(CommandId=run["CommandId"])["Commands"]
    assert (command["Status"], command["CompletedCount"]) == ("InProgress", 0)
    stand_in.post("/_stand-in/clock", {"advance_seconds": 101})
    assert ssm.get_command_invocation(**run)["StandardOutputContent"] == "late"
    [command] = ssm.list_commands(CommandId=run["CommandId"])["Commands"]
    assert (command["Status"], command["CompletedCount"]) == ("Success", 1)


def test_long_outputs_are_cut(stand_in: Client, ssm: Any) -> None:
    plan(stand_in, stdout="x" * 30_000)
    run = send(ssm)
    text = ended(ssm, run)["StandardOutputContent"]
    assert len(text) == 24_000 and text.endswith("---Output truncated---")
    [one] = ssm.list_command_invocations(CommandId=run["CommandId"], Details=True)["CommandInvocations"]
    assert len(one["CommandPlugins"][0]["Output"]) == 2_500


def test_invocations_are_listed(stand_in: Client, ssm: Any) -> None:
    stand_in.post("/_stand-in/ssm/instances", {"id": "i-2"})
    plan(stand_in, stdout="out")
    first, _ = send(ssm), send(ssm, instance="i-2")
    found = ssm.list_command_invocations()["CommandInvocations"]
    assert [one["InstanceId"] for one in found] == ["i-2", INSTANCE]
    [one] = ssm.list_command_invocations(CommandId=first["CommandId"], Details=True)["CommandInvocations"]
    assert (one["Status"], one["CommandPlugins"][0]["Output"]) == ("Success", "out")
    fails("InvalidCommandId", ssm.list_command_invocations, CommandId="0" * 36)
    fails("InvocationDoesNotExist", ssm.get_command_invocation, CommandId="0" * 36, InstanceId=INSTANCE)


def test_a_command_can_be_cancelled(stand_in: Client, ssm: Any) -> None:
    plan(stand_in, seconds=100, stdout="never")
    run = send(ssm)
    ssm.cancel_command(CommandId=run["CommandId"])
    stand_in.post("/_stand-in/clock", {"advance_seconds": 101})
    found = ssm.get_command_invocation(**run)
    assert (found["Status"], found["StandardOutputContent"]) == ("Cancelled", "")
    done = send(ssm)
    stand_in.post("/_stand-in/clock", {"advance_seconds": 101})
    ssm.cancel_command(CommandId=done["CommandId"])
    assert ended(ssm, done)["Status"] == "Success"
    fails("InvalidCommandId", ssm.cancel_command, CommandId="0" * 36)


def test_an_instance_that_is_lost_times_out(stand_in: Client, ssm: Any) -> None:
    stand_in.post("/_stand-in/ssm/instances", {"id": INSTANCE, "ping": "ConnectionLost"})
    run = send(ssm, TimeoutSeconds=60)
    assert ssm.get_command_invocation(**run)["Status"] == "Pending"
    stand_in.post("/_stand-in/clock", {"advance_seconds": 61})
    found = ssm.get_command_invocation(**run)
    assert (found["Status"], found["StatusDetails"]) == ("TimedOut", "Delivery Timed Out")


def test_a_reset_forgets(stand_in: Client, ssm: Any) -> None:
    plan(stand_in, stdout="out")
    send(ssm)
    stand_in.post("/_stand-in/reset")
    assert ssm.describe_instance_information()["InstanceInformationList"] == []
    assert ssm.list_command_invocations()["CommandInvocations"] == []
    stand_in.post("/_stand-in/ssm/instances", {"id": INSTANCE})
    assert ended(ssm, send(ssm))["StandardOutputContent"] == ""


def test_bad_orders_are_told(stand_in: Client) -> None:
    for path, order in [
        ("instances", {}),
        ("instances", {"id": "i-1", "ping": "Maybe"}),
        ("commands", {"status": "Maybe"}),
        ("commands", {"seconds": -1}),
        ("commands", {"stdin": ""}),
    ]:
        status, found = stand_in.post(f"/_stand-in/ssm/{path}", order)
        assert status == 400 and found["message"]
        assert stand_in.get(f"/_stand-in/ssm/{path}")[0] == 405
