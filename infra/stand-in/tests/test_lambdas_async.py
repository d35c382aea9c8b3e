"""Lambda: events that nobody waits for, their retries, destinations and dead letters."""

import json
import time

import pytest
from conftest import Client
from functions import invocations, invoke, make, queue, receive


def test_async_events_are_tried_three_times_by_the_clock(stand_in: Client) -> None:
    make(stand_in)
    url, arn = queue(stand_in, name="letters")
    stand_in.client("lambda").put_function_event_invoke_config(
        FunctionName="f", DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    event = {"do": "fail", "message": "never"}
    request = invoke(stand_in, event, InvocationType="Event")["ResponseMetadata"]["RequestId"]
    invocations(stand_in, count=1)
    stand_in.post("/_stand-in/clock", {"advance_seconds": 58})
    time.sleep(0.3)
    assert len(invocations(stand_in)) == 1
    stand_in.post("/_stand-in/clock", {"advance_seconds": 2})
    invocations(stand_in, count=2)
    stand_in.post("/_stand-in/clock", {"advance_seconds": 121})
    records = invocations(stand_in, count=3)
    assert [one["attempt"] for one in records] == [1, 2, 3]
    assert {one["request_id"] for one in records} == {request}
    body = json.loads(receive(stand_in, url)["Body"])
    assert body.pop("timestamp").endswith("Z")
    assert body == {
        "version": "1.0",
        "requestContext": {
            "requestId": request,
            "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": event,
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorType": "Failed", "errorMessage": "never"},
    }


def test_no_retries_if_told_and_the_second_put_counts(stand_in: Client) -> None:
    make(stand_in)
    url, arn = queue(stand_in, name="letters")
    functions = stand_in.client("lambda")
    functions.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=2)
    functions.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=0)
    functions.update_function_event_invoke_config(
        FunctionName="f", DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    invoke(stand_in, {"do": "fail"}, InvocationType="Event")
    assert json.loads(receive(stand_in, url)["Body"])["requestContext"]["approximateInvokeCount"] == 1


def test_a_success_is_recorded_at_its_destination(stand_in: Client) -> None:
    make(stand_in)
    make(stand_in, name="next")
    stand_in.client("lambda").put_function_event_invoke_config(
        FunctionName="f",
        DestinationConfig={"OnSuccess": {"Destination": "arn:aws:lambda:us-east-1:123456789012:function:next"}},
    )
    invoke(stand_in, {"a": 1}, InvocationType="Event")
    [record] = invocations(stand_in, name="next")
    assert record["source"] == "destination"
    assert record["event"]["requestContext"]["condition"] == "Success"
    assert record["event"]["responsePayload"] == {"a": 1} and "functionError" not in record["event"]["responseContext"]


@pytest.mark.parametrize("kind", ["sqs", "sns"])
def test_dead_letters_hold_the_event(stand_in: Client, kind: str) -> None:
    url, arn = queue(stand_in, name="letters")
    target = arn
    if kind == "sns":
        sns = stand_in.client("sns")
        target = sns.create_topic(Name="letters")["TopicArn"]
        sns.subscribe(TopicArn=target, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    make(stand_in, DeadLetterConfig={"TargetArn": target})
    functions = stand_in.client("lambda")
    assert functions.get_function_configuration(FunctionName="f")["DeadLetterConfig"] == {"TargetArn": target}
    functions.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=0)
    request = invoke(stand_in, {"do": "fail"}, InvocationType="Event")["ResponseMetadata"]["RequestId"]
    letter = receive(stand_in, url)
    assert json.loads(letter["Body"]) == {"do": "fail"}
    attributes = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert attributes == {"RequestID": request, "ErrorCode": "200", "ErrorMessage": "as told"}


def test_async_events_wait_for_an_instance(stand_in: Client) -> None:
    make(stand_in)
    stand_in.client("lambda").put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    for number in range(5):
        invoke(stand_in, {"do": "who", "seconds": 0.05, "number": number}, InvocationType="Event")
    records = invocations(stand_in, count=5)
    assert len({one["result"]["pid"] for one in records}) == 1
    assert {one["event"]["number"] for one in records} == set(range(5))
