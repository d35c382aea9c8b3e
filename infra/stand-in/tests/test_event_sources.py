"""SNS subscriptions and EventBridge rules that invoke functions and others."""

import json
import time
from typing import Any

import pytest
from conftest import Client
from functions import FUNCTION, invocations, make, queue, receive, rule, until

DETAIL = {"id": "i-1", "list": [{"n": 1}, {"n": 2}], "say": 'a "b"'}


def test_sns_invokes_a_function(stand_in: Client) -> None:
    make(stand_in)
    sns = stand_in.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    subscription = sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=FUNCTION)["SubscriptionArn"]
    sent = sns.publish(
        TopicArn=topic,
        Subject="s",
        Message="m",
        MessageAttributes={"a": {"DataType": "String", "StringValue": "v"}},
    )
    [attempt] = invocations(stand_in)
    [record] = attempt["event"]["Records"]
    assert (record["EventSource"], record["EventVersion"]) == ("aws:sns", "1.0")
    assert record["EventSubscriptionArn"] == subscription
    found = record["Sns"]
    assert found["Timestamp"].endswith("Z") and found["SigningCertUrl"] and found["UnsubscribeUrl"]
    wanted = {
        "Type": "Notification",
        "MessageId": sent["MessageId"],
        "TopicArn": topic,
        "Subject": "s",
        "Message": "m",
        "MessageAttributes": {"a": {"Type": "String", "Value": "v"}},
    }
    assert {name: found[name] for name in wanted} == wanted


def test_sns_filters_and_survives_a_missing_function(stand_in: Client) -> None:
    make(stand_in)
    sns = stand_in.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(
        TopicArn=topic, Protocol="lambda", Endpoint=FUNCTION, Attributes={"FilterPolicy": '{"kind": ["wanted"]}'}
    )
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=FUNCTION.replace(":f", ":gone"))
    for kind in ("other", "wanted"):
        sns.publish(
            TopicArn=topic, Message=kind, MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}}
        )
    invocations(stand_in)
    time.sleep(0.2)
    assert [one["event"]["Records"][0]["Sns"]["Message"] for one in invocations(stand_in)] == ["wanted"]


def put(events: Any, detail: Any) -> str:
    """One event of the source `app`; and its id."""
    entry = {"Source": "app", "DetailType": "thing", "Detail": json.dumps(detail), "Resources": ["r1"]}
    found = events.put_events(Entries=[entry])
    assert found["FailedEntryCount"] == 0
    return found["Entries"][0]["EventId"]


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ({"Input": '{"fixed": true}'}, {"fixed": True}),
        ({"InputPath": "$.detail.list[1]"}, {"n": 2}),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"id": "$.detail.id", "say": "$.detail.say", "l": "$.detail.list"},
                    "InputTemplate": '{"a": <id>, "b": "is <id>: <say>", "c": <l>, "rule": <aws.events.rule-name>}',
                }
            },
            {"a": "i-1", "b": 'is i-1: a "b"', "c": DETAIL["list"], "rule": "r"},
        ),
        (
            {"InputTransformer": {"InputPathsMap": {"id": "$.detail.id"}, "InputTemplate": "<id> is here"}},
            "i-1 is here",
        ),
        ({"InputTransformer": {"InputPathsMap": {"x": "$.detail.none"}, "InputTemplate": '{"a": <x>}'}}, {"a": ""}),
        (
            {"InputTransformer": {"InputPathsMap": {"n": "$.detail.list[*].n"}, "InputTemplate": "<n>"}},
            "[1, 2]",
        ),
    ],
)
def test_inputs_of_targets(stand_in: Client, target: dict[str, Any], wanted: Any) -> None:
    make(stand_in)
    put(rule(stand_in, {"Arn": FUNCTION, **target}), DETAIL)
    assert invocations(stand_in)[0]["event"] == wanted


def test_an_event_reaches_function_topic_and_queue(stand_in: Client) -> None:
    make(stand_in)
    url, arn = queue(stand_in)
    sns = stand_in.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=FUNCTION)
    events = rule(stand_in, {"Arn": FUNCTION})
    events.put_targets(Rule="r", Targets=[{"Id": "2", "Arn": topic}, {"Id": "3", "Arn": arn}])
    number = put(events, DETAIL)
    records = {one["source"]: one["event"] for one in invocations(stand_in, count=2)}
    event = records["events"]
    assert event.pop("time").endswith("Z")
    wanted = {
        "version": "0",
        "id": number,
        "detail-type": "thing",
        "source": "app",
        "account": "123456789012",
        "region": "us-east-1",
        "resources": ["r1"],
        "detail": DETAIL,
    }
    assert event == wanted
    for body in (records["sns"]["Records"][0]["Sns"]["Message"], receive(stand_in, url)["Body"]):
        found = json.loads(body)
        assert found.pop("time").endswith("Z") and found == wanted


def test_an_event_starts_a_state_machine(stand_in: Client) -> None:
    machines = stand_in.client("stepfunctions")
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    arn = machines.create_state_machine(
        name="m", definition=definition, roleArn="arn:aws:iam::123456789012:role/function"
    )["stateMachineArn"]
    put(rule(stand_in, {"Arn": arn, "InputPath": "$.detail"}), DETAIL)
    [execution] = until(lambda: machines.list_executions(stateMachineArn=arn)["executions"])
    found = machines.describe_execution(executionArn=execution["executionArn"])
    assert json.loads(found["input"]) == DETAIL


@pytest.mark.parametrize(
    "target",
    [
        FUNCTION,
        "arn:aws:states:us-east-1:123456789012:stateMachine:gone",
        "arn:aws:sns:us-east-1:123456789012:gone",
        "arn:aws:sqs:us-east-1:123456789012:gone",
    ],
)
def test_what_cannot_be_delivered_is_a_dead_letter(stand_in: Client, target: str) -> None:
    url, arn = queue(stand_in, name="letters")
    number = put(rule(stand_in, {"Arn": target, "DeadLetterConfig": {"Arn": arn}}), DETAIL)
    letter = receive(stand_in, url)
    assert json.loads(letter["Body"])["id"] == number
    attributes = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert attributes.pop("ERROR_MESSAGE")
    assert attributes == {
        "RULE_ARN": "arn:aws:events:us-east-1:123456789012:rule/r",
        "TARGET_ARN": target,
        "ERROR_CODE": "NO_RESOURCE",
    }


def test_disabled_and_other_rules_stay_quiet(stand_in: Client) -> None:
    make(stand_in)
    events = rule(stand_in, {"Arn": FUNCTION})
    rule(stand_in, {"Arn": FUNCTION}, pattern={"source": ["other"]}, name="other")
    events.disable_rule(Name="r")
    put(events, {"n": 1})
    events.enable_rule(Name="r")
    put(events, {"n": 2})
    invocations(stand_in)
    time.sleep(0.2)
    assert [one["event"]["detail"] for one in invocations(stand_in)] == [{"n": 2}]
