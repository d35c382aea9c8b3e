"""A Lambda in Rust behind every source that Trailhouse uses: an object, a batch, a topic, a rule, a machine, an API."""

import io
import json
import os
import zipfile
from typing import Any

import functions
import pytest
from conftest import Client
from functions import ROLE, until

BINARY = os.environ.get("TRAILHOUSE_HELLO_LAMBDA", "")

pytestmark = pytest.mark.skipif(
    not BINARY, reason="TRAILHOUSE_HELLO_LAMBDA names no binary: `make test-stand-in` builds and names it"
)


@pytest.fixture
def hello(stand_in: Client) -> str:
    """The ARN of the function `hello`."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(BINARY, "bootstrap")
    variables = {"Variables": {"GREETING": "hello"}}
    return functions.make(stand_in, "hello", packed.getvalue(), Timeout=5, Environment=variables)


def results(stand_in: Client) -> list[Any]:
    """What the function answered so far."""
    _, told = stand_in.get("/_stand-in/lambdas/hello/invocations")
    return [one["result"] for one in told if one["result"] is not None]


def invoke(stand_in: Client, event: Any) -> tuple[str | None, Any]:
    """The kind of error, and the answer."""
    said = functions.invoke(stand_in, event, "hello")
    return said.get("FunctionError"), said["Payload"]


def test_invoke(stand_in: Client, hello: str) -> None:
    """Answers, variables, typed errors, a process that ends."""
    assert invoke(stand_in, {"do": "echo", "x": 1}) == (None, {"do": "echo", "x": 1})
    assert invoke(stand_in, {"do": "environment", "name": "GREETING"}) == (None, {"value": "hello"})
    error, said = invoke(stand_in, {"do": "refuse", "why": "no"})
    assert (error, said["errorType"], said["errorMessage"]) == ("Unhandled", "Hello.Refused", "no")
    error, said = invoke(stand_in, {"do": "exit"})
    assert (error, said["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert invoke(stand_in, {"do": "echo"}) == (None, {"do": "echo"})


def test_time_out(stand_in: Client, hello: str) -> None:
    """A function that answers too late is killed."""
    stand_in.client("lambda").update_function_configuration(FunctionName="hello", Timeout=1)
    error, said = invoke(stand_in, {"do": "wait", "milliseconds": 3_000})
    assert (error, said["errorType"]) == ("Unhandled", "Sandbox.Timedout")


def test_an_object(stand_in: Client, hello: str) -> None:
    """A put of S3 reaches it, with the key encoded as AWS does."""
    s3 = stand_in.client("s3")
    s3.create_bucket(Bucket="logs")
    s3.put_bucket_notification_configuration(
        Bucket="logs",
        NotificationConfiguration={
            "LambdaFunctionConfigurations": [{"LambdaFunctionArn": hello, "Events": ["s3:ObjectCreated:*"]}]
        },
    )
    s3.put_object(Bucket="logs", Key="AWSLogs/a b+c.json.gz", Body=b"x")
    assert until(lambda: results(stand_in)) == [{"from": "s3", "keys": ["AWSLogs/a+b%2Bc.json.gz"]}]


def test_a_batch_with_one_message_that_fails(stand_in: Client, hello: str) -> None:
    """All messages but the failed one are deleted; that one comes back."""
    sqs, functions = stand_in.client("sqs"), stand_in.client("lambda")
    url = sqs.create_queue(QueueName="work", Attributes={"VisibilityTimeout": "30"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    for number in range(3):
        sqs.send_message(QueueUrl=url, MessageBody="this will fail" if number == 1 else f"good {number}")
    functions.create_event_source_mapping(
        EventSourceArn=arn, FunctionName="hello", BatchSize=10, FunctionResponseTypes=["ReportBatchItemFailures"]
    )

    def left() -> tuple[int, int]:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return int(found[names[0]]), int(found[names[1]])

    until(lambda: left() == (0, 1))
    assert len(results(stand_in)[0]["batchItemFailures"]) == 1
    stand_in.post("/_stand-in/clock", {"advance_seconds": 31})
    until(lambda: len(results(stand_in)) > 1)


def test_a_topic(stand_in: Client, hello: str) -> None:
    """A message of SNS reaches it."""
    sns = stand_in.client("sns")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=hello)
    sns.publish(TopicArn=topic, Message="look")
    assert until(lambda: results(stand_in)) == [{"from": "sns", "messages": ["look"]}]


def test_a_rule(stand_in: Client, hello: str) -> None:
    """An event that a rule matches reaches it, others do not."""
    events = stand_in.client("events")
    events.put_rule(Name="findings", EventPattern=json.dumps({"source": ["aws.guardduty"]}))
    events.put_targets(Rule="findings", Targets=[{"Id": "1", "Arn": hello}])
    entries = [
        {"Source": source, "DetailType": "GuardDuty Finding", "Detail": json.dumps({"severity": 8})}
        for source in ("aws.other", "aws.guardduty")
    ]
    assert events.put_events(Entries=entries)["FailedEntryCount"] == 0
    told = until(lambda: results(stand_in))
    assert told == [{"from": "events", "detail_type": "GuardDuty Finding", "detail": {"severity": 8}}]


def test_a_machine_goes_by_its_typed_errors(stand_in: Client, hello: str) -> None:
    """Retry takes one type of error, Catch another."""
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "QueryLanguage": "JSONata"}
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "Ask",
        "States": {
            "Ask": {
                **task,
                "Arguments": {"FunctionName": "hello", "Payload": "{% $states.input %}"},
                "Output": "{% $states.result.Payload %}",
                "Retry": [{"ErrorEquals": ["Hello.Throttled"], "IntervalSeconds": 1, "MaxAttempts": 2}],
                "Catch": [{"ErrorEquals": ["Hello.Refused"], "Next": "Refused", "Output": "{% $states.errorOutput %}"}],
                "End": True,
            },
            "Refused": {"Type": "Succeed", "Output": {"refused": "{% $states.input.Error %}"}},
        },
    }
    states = stand_in.client("stepfunctions")
    machine = states.create_state_machine(name="ask", definition=json.dumps(definition), roleArn=ROLE)
    assert run(states, machine["stateMachineArn"], {"do": "echo"}) == ("SUCCEEDED", {"do": "echo"})
    refused = run(states, machine["stateMachineArn"], {"do": "refuse", "why": "no"})
    assert refused == ("SUCCEEDED", {"refused": "Hello.Refused"})
    before = len(stand_in.get("/_stand-in/lambdas/hello/invocations")[1])
    assert run(states, machine["stateMachineArn"], {"do": "throttle"})[0] == "FAILED"
    assert len(stand_in.get("/_stand-in/lambdas/hello/invocations")[1]) - before == 3


def run(states: Any, machine: str, event: Any) -> tuple[str, Any]:
    """How an execution ended, and with what."""
    arn = states.start_execution(stateMachineArn=machine, input=json.dumps(event))["executionArn"]
    ended = until(lambda: (found := states.describe_execution(executionArn=arn))["status"] != "RUNNING" and found)
    return ended["status"], json.loads(ended.get("output") or "null")


def test_an_http_call(stand_in: Client, hello: str) -> None:
    """A caller with a token of the issuer is told who it is; one without is refused."""
    routes = {"POST /ask/{what}": {"function": "hello"}}
    assert stand_in.call("PUT", "/_stand-in/apis/front", {"routes": routes, "audience": ["dashboard"]})[0] == 200
    assert stand_in.post("/_api/front/ask/this", {}) == (401, {"message": "Unauthorized"})
    _, issued = stand_in.post("/_stand-in/tokens", {"sub": "ada", "aud": "dashboard"})
    headers = {"Authorization": f"Bearer {issued['token']}", "Content-Type": "application/json"}
    status, said = stand_in.call("POST", "/_api/front/ask/this", {"x": 1}, headers)
    assert (status, said["method"], said["path"], said["subject"]) == (200, "POST", "/ask/this", "ada")
    assert json.loads(said["body"]) == {"x": 1}
