"""Step Functions: what the API answers, waits, and calls of other services."""

import concurrent.futures
import datetime
import json
import time
from typing import Any

import botocore.exceptions
import functions
import pytest
from conftest import Client
from machines import LIMIT, ROLE, ended, make, output, run


def sized(size: int) -> dict[str, str]:
    """An object that is `size` bytes of compact JSON, some of them not ASCII."""
    return {"a": "ü" + "x" * (size - len('{"a":""}') - 2)}


def test_an_input_has_at_most_256_kib(stand_in: Client) -> None:
    """In bytes of UTF-8."""
    machine = make(stand_in, {"only": {"Type": "Succeed"}})
    client = stand_in.client("stepfunctions")
    compact = {"separators": (",", ":"), "ensure_ascii": False}
    client.start_execution(stateMachineArn=machine, input=json.dumps(sized(LIMIT), **compact))
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        client.start_execution(stateMachineArn=machine, input=json.dumps(sized(LIMIT + 1), **compact))
    assert caught.value.response["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize(("name", "text", "code"), [("a", "{", "InvalidExecutionInput"), ("a b", "{}", "InvalidName")])
def test_bad_starts_are_refused(stand_in: Client, name: str, text: str, code: str) -> None:
    """No JSON, or no name."""
    machine = make(stand_in, {"only": {"Type": "Succeed"}})
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        stand_in.client("stepfunctions").start_execution(stateMachineArn=machine, name=name, input=text)
    assert caught.value.response["Error"]["Code"] == code


WAIT = {"wait": {"Type": "Wait", "Seconds": 86_400, "End": True}}


def test_a_start_is_idempotent_while_it_runs(stand_in: Client) -> None:
    """Same name and input; with another input, or when it has ended, the name is taken."""
    client, machine = stand_in.client("stepfunctions"), make(stand_in, WAIT)

    def start(text: str) -> str:
        return client.start_execution(stateMachineArn=machine, name="n", input=text)["executionArn"]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = set(pool.map(start, ["{}"] * 8))
    assert found == {machine.replace(":stateMachine:", ":execution:") + ":n"}
    assert len(client.list_executions(stateMachineArn=machine)["executions"]) == 1
    with pytest.raises(client.exceptions.ExecutionAlreadyExists):
        start('{"a": 1}')
    client.stop_execution(executionArn=found.copy().pop())
    ended(stand_in, found.copy().pop())
    with pytest.raises(client.exceptions.ExecutionAlreadyExists):
        start("{}")


def test_a_start_without_a_name_gets_one(stand_in: Client) -> None:
    """Each its own."""
    client, machine = stand_in.client("stepfunctions"), make(stand_in, WAIT)
    arns = {client.start_execution(stateMachineArn=machine)["executionArn"] for _ in range(2)}
    assert len(arns) == 2
    assert not any(arn.endswith(":None") for arn in arns)


def test_a_wait_follows_the_clock(stand_in: Client) -> None:
    """A day passes when a test says so."""
    machine = make(stand_in, WAIT)
    client = stand_in.client("stepfunctions")
    arn = client.start_execution(stateMachineArn=machine)["executionArn"]
    time.sleep(0.2)
    assert client.describe_execution(executionArn=arn)["status"] == "RUNNING"
    assert stand_in.post("/_stand-in/clock", {"advance_seconds": 86_400})[0] == 200
    found = ended(stand_in, arn)
    assert found["status"] == "SUCCEEDED"
    assert found["stopDate"] - found["startDate"] >= datetime.timedelta(days=1)


def test_a_wait_until_a_time_follows_the_clock(stand_in: Client) -> None:
    """Timestamps are the stand-in's."""
    stand_in.post("/_stand-in/clock", {"advance_seconds": 86_400})
    past = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=23)
    wait = {"Type": "Wait", "Timestamp": past.strftime("%Y-%m-%dT%H:%M:%SZ"), "End": True}
    assert run(stand_in, {"wait": wait})["status"] == "SUCCEEDED"


def test_retries_wait_by_the_clock_and_then_give_up(stand_in: Client) -> None:
    """Two retries, a day and two days later."""
    retry = {"ErrorEquals": ["Iam.NoSuchEntityException"], "IntervalSeconds": 86_400, "MaxAttempts": 2}
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:iam:getUser",
        "Parameters": {"UserName": "nobody"},
        "Retry": [retry],
        "End": True,
    }
    client, machine = stand_in.client("stepfunctions"), make(stand_in, {"call": task})
    arn = client.start_execution(stateMachineArn=machine)["executionArn"]
    for attempt in (1, 2):
        until_failures(stand_in, arn, attempt)
        stand_in.post("/_stand-in/clock", {"advance_seconds": 86_400 * attempt})
    assert ended(stand_in, arn)["error"] == "Iam.NoSuchEntityException"
    assert failures(stand_in, arn) == 3


def failures(stand_in: Client, arn: str) -> int:
    """How often a task of an execution failed."""
    events = stand_in.client("stepfunctions").get_execution_history(executionArn=arn)["events"]
    return [event["type"] for event in events].count("TaskFailed")


def until_failures(stand_in: Client, arn: str, count: int) -> None:
    """Waits until tasks failed so often, and a little for the wait that follows to begin."""
    for _ in range(500):
        if failures(stand_in, arn) == count:
            time.sleep(0.1)
            return
        time.sleep(0.02)
    raise AssertionError("too few failures")


def test_a_stop_ends_waits_at_once_and_is_told(stand_in: Client) -> None:
    """With its error and cause."""
    client, machine = stand_in.client("stepfunctions"), make(stand_in, WAIT)
    arn = client.start_execution(stateMachineArn=machine)["executionArn"]
    time.sleep(0.1)
    client.stop_execution(executionArn=arn, error="Mine", cause="enough")
    found = ended(stand_in, arn)
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "Mine", "enough")
    events = client.get_execution_history(executionArn=arn)["events"]
    assert events[-1]["type"] == "ExecutionAborted"


def test_a_callback_ends_a_task(stand_in: Client) -> None:
    """By its token: a success, a failure with its cause, and a time-out by the clock."""
    sqs = stand_in.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": url, "MessageBody.$": "$$.Task.Token"},
        "TimeoutSeconds": 3_600,
        "End": True,
    }
    client, machine = stand_in.client("stepfunctions"), make(stand_in, {"ask": task})

    def start() -> tuple[str, str]:
        arn = client.start_execution(stateMachineArn=machine)["executionArn"]
        for _ in range(500):
            if found := sqs.receive_message(QueueUrl=url).get("Messages"):
                sqs.delete_message(QueueUrl=url, ReceiptHandle=found[0]["ReceiptHandle"])
                time.sleep(0.1)
                return arn, found[0]["Body"]
            time.sleep(0.02)
        raise AssertionError("no token")

    arn, token = start()
    client.send_task_success(taskToken=token, output='{"ok": true}')
    assert output(ended(stand_in, arn)) == {"ok": True}
    arn, token = start()
    client.send_task_failure(taskToken=token, error="Mine", cause="because")
    assert (ended(stand_in, arn)["error"], ended(stand_in, arn)["cause"]) == ("Mine", "because")
    arn, token = start()
    stand_in.post("/_stand-in/clock", {"advance_seconds": 3_601})
    assert ended(stand_in, arn)["error"] == "States.Timeout"


def test_parallel_branches_call_aws_at_once(stand_in: Client) -> None:
    """Each with its own service."""
    actions = ["iam:listUsers", "s3:listBuckets", "sqs:listQueues", "sns:listTopics", "ssm:describeParameters"]
    branches = [
        {"StartAt": one, "States": {one: {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:{one}", "End": True}}}
        for one in actions
    ]
    found = run(stand_in, {"all": {"Type": "Parallel", "Branches": branches, "End": True}})
    assert len(output(found)) == len(actions)


def test_history_is_kept(stand_in: Client) -> None:
    """In the order of what happened."""
    machine = make(stand_in, {"one": {"Type": "Pass", "Next": "two"}, "two": {"Type": "Succeed"}})
    client = stand_in.client("stepfunctions")
    arn = client.start_execution(stateMachineArn=machine)["executionArn"]
    ended(stand_in, arn)
    events = client.get_execution_history(executionArn=arn)["events"]
    names = ["ExecutionStarted", "PassStateEntered", "PassStateExited", "SucceedStateEntered", "SucceedStateExited"]
    assert [event["type"] for event in events] == [*names, "ExecutionSucceeded"]


def test_start_sync_is_absent(stand_in: Client) -> None:
    """As for standard machines at AWS."""
    machine = make(stand_in, {"only": {"Type": "Succeed"}})
    status, found = stand_in.call(
        "POST",
        "/",
        {"stateMachineArn": machine},
        {
            "X-Amz-Target": "AWSStepFunctions.StartSyncExecution",
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": "AWS4-HMAC-SHA256 Credential=t/20260101/us-east-1/states/aws4_request, Signature=0",
        },
    )
    assert status == 400
    assert found["__type"] == "StateMachineTypeNotSupported"


def test_a_template_makes_machines_that_run(stand_in: Client) -> None:
    """With its substitutions."""
    definition = {"StartAt": "only", "States": {"only": {"Type": "Pass", "Result": "${Word}", "End": True}}}
    properties = {
        "StateMachineName": "made",
        "RoleArn": ROLE,
        "DefinitionString": json.dumps(definition),
        "DefinitionSubstitutions": {"Word": "hello"},
    }
    resources = {"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}
    stand_in.client("cloudformation").create_stack(StackName="s", TemplateBody=json.dumps({"Resources": resources}))
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:made"
    started = stand_in.client("stepfunctions").start_execution(stateMachineArn=arn)
    assert output(ended(stand_in, started["executionArn"])) == "hello"


def test_typed_errors_of_functions_reach_retries_and_catchers(stand_in: Client) -> None:
    """By their errorType, both for the function's own errors and for those of its sandbox."""
    functions.make(stand_in)
    states = {
        "call": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "f", "Payload.$": "$"},
            "Retry": [{"ErrorEquals": ["Failed"], "IntervalSeconds": 1, "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["Failed"], "Next": "caught"}],
            "OutputPath": "$.Payload",
            "End": True,
        },
        "caught": {"Type": "Pass", "Parameters": {"error.$": "$.Error", "cause.$": "$.Cause"}, "End": True},
    }
    machine = make(stand_in, states)
    client = stand_in.client("stepfunctions")

    def start(given: Any) -> str:
        return client.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]

    assert output(ended(stand_in, start({"a": 1}))) == {"a": 1}
    assert ended(stand_in, start({"do": "exit", "code": 3}))["error"] == "Runtime.ExitError"
    execution = start({"do": "fail", "message": "busy"})
    found = output(ended(stand_in, execution))
    assert found["error"] == "Failed"
    assert json.loads(found["cause"])["errorMessage"] == "busy"
    assert failures(stand_in, execution) == 2
