"""Step Functions: what states make of their input, and which errors they give."""

from typing import Any

import pytest
from conftest import Client
from machines import LIMIT, output, run


def value(expression: str) -> dict[str, Any]:
    """The states of a machine that gives the value of one JSONata expression."""
    return {"only": {"Type": "Pass", "Output": {"value": f"{{% {expression} %}}"}, "End": True}}


EXPRESSIONS = [
    ("$states.input.text & '!'", {"text": 'a "quoted" \\ line\nü'}, 'a "quoted" \\ line\nü!'),
    ("$sum($states.input.items.price)", {"items": [{"price": 1}, {"price": 2.5}]}, 3.5),
    ("$states.input.nothing", {"nothing": None}, None),
    ("$states.input.list", {"list": [[1, 2], [3]]}, [[1, 2], [3]]),
    ("$states.input.list[$ > 1]", {"list": [1, 2]}, 2),
    ("[$states.input.list[$ > 1]]", {"list": [1, 2]}, [2]),
    ("$states.context.Execution.Input.a", {"a": 1}, 1),
    ("$states.context.State.Name", {}, "only"),
    ("$partition([1,2,3], 2)", {}, [[1, 2], [3]]),
    ("$range(1, 7, 3)", {}, [1, 4, 7]),
    ("$hash('a', 'SHA-256')", {}, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
    ("$parse('{\"a\": [1]}').a[0]", {}, 1),
    ("$length($uuid())", {}, 36),
    ("10 / 2", {}, 5),
]


@pytest.mark.parametrize(("expression", "given", "expected"), EXPRESSIONS)
def test_jsonata(stand_in: Client, expression: str, given: Any, expected: Any) -> None:
    """Expressions see their values as they are."""
    assert output(run(stand_in, value(expression), given, "JSONata"))["value"] == expected


BAD_EXPRESSIONS = ["$states.input.missing", "(", "$error('no')", "$sum", "$states.input.a.b + 'x'"]


@pytest.mark.parametrize("expression", BAD_EXPRESSIONS)
def test_a_jsonata_failure_has_its_error_name(stand_in: Client, expression: str) -> None:
    """Undefined results, bad syntax, own errors, functions, wrong types."""
    found = run(stand_in, value(expression), {"a": {"b": 1}}, "JSONata")
    assert (found["status"], found["error"]) == ("FAILED", "States.QueryEvaluationError")
    assert "the state 'only'" in found["cause"]


def test_assign_output_and_result(stand_in: Client) -> None:
    """Variables outlive the state; $states.result is the task's."""
    stand_in.client("s3").create_bucket(Bucket="some")
    states = {
        "set": {
            "Type": "Pass",
            "Assign": {"name": "{% $states.input.n %}", "none": None},
            "Output": {},
            "Next": "call",
        },
        "call": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
            "Arguments": {"Bucket": "some", "Key": "{% $name & '.txt' %}", "Body": "hello"},
            "Assign": {"tag": "{% $states.result.ETag %}"},
            "Output": {"key": "{% $name %}", "has": "{% $exists($states.result.ETag) %}"},
            "Next": "end",
        },
        "end": {"Type": "Pass", "Output": "{% {'in': $states.input, 'tag': $tag, 'none': $none} %}", "End": True},
    }
    found = output(run(stand_in, states, {"n": 'x"y'}, "JSONata"))
    stored = stand_in.client("s3").get_object(Bucket="some", Key='x"y.txt')
    assert stored["Body"].read() == b"hello"
    assert found == {"in": {"key": 'x"y', "has": True}, "tag": stored["ETag"], "none": None}


def test_a_caught_error_is_the_error_output(stand_in: Client) -> None:
    """$states.errorOutput in a catcher."""
    states = {
        "call": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:iam:getUser",
            "Arguments": {"UserName": "nobody"},
            "Catch": [
                {
                    "ErrorEquals": ["Iam.NoSuchEntityException"],
                    "Output": {"error": "{% $states.errorOutput.Error %}"},
                    "Assign": {"cause": "{% $states.errorOutput.Cause %}"},
                    "Next": "caught",
                }
            ],
            "End": True,
        },
        "caught": {"Type": "Pass", "Output": "{% $merge([$states.input, {'cause': $cause}]) %}", "End": True},
    }
    found = output(run(stand_in, states, {}, "JSONata"))
    assert found["error"] == "Iam.NoSuchEntityException"
    assert "Service: Iam, Status Code: 404" in found["cause"]


NO_EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:m:none"
SDK_ERRORS = [
    ("iam:getUser", {"UserName": "nobody"}, "Iam.NoSuchEntityException"),
    ("ec2:describeInstances", {"InstanceIds": ["i-0123456789abcdef0"]}, "Ec2.Ec2Exception"),
    ("s3:getObject", {"Bucket": "none", "Key": "x"}, "S3.NoSuchBucketException"),
    ("dynamodb:describeTable", {"TableName": "none"}, "DynamoDb.ResourceNotFoundException"),
    ("secretsmanager:getSecretValue", {"SecretId": "none"}, "SecretsManager.ResourceNotFoundException"),
    ("glue:getDatabase", {"Name": "none"}, "Glue.EntityNotFoundException"),
    ("sfn:describeExecution", {"ExecutionArn": NO_EXECUTION}, "Sfn.ExecutionDoesNotExistException"),
]


@pytest.mark.parametrize(("action", "parameters", "error"), SDK_ERRORS)
def test_sdk_errors_are_spelled_as_aws_does(
    stand_in: Client, action: str, parameters: dict[str, Any], error: str
) -> None:
    """Also those that the service's model does not know."""
    task = {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:{action}", "Parameters": parameters, "End": True}
    assert run(stand_in, {"call": task})["error"] == error


def test_sdk_tasks_ask_and_answer_as_aws_does(stand_in: Client) -> None:
    """JSON as a body, a stream as a text, times in ISO 8601, every name with a capital."""
    stand_in.client("s3").create_bucket(Bucket="some")
    sdk = "arn:aws:states:::aws-sdk:"
    put = {"Bucket": "some", "Key": "x", "Body": {"a": "ü"}}
    states = {
        "put": {"Type": "Task", "Resource": f"{sdk}s3:putObject", "Arguments": put, "Next": "get"},
        "get": {
            "Type": "Task",
            "Resource": f"{sdk}s3:getObject",
            "Arguments": {"Bucket": "some", "Key": "x"},
            "Assign": {"body": "{% $states.result.Body %}", "at": "{% $states.result.LastModified %}"},
            "Next": "list",
        },
        "list": {
            "Type": "Task",
            "Resource": f"{sdk}sfn:listStateMachines",
            "Output": {"body": "{% $body %}", "at": "{% $at %}", "names": "{% $states.result.StateMachines.Name %}"},
            "End": True,
        },
    }
    found = output(run(stand_in, states, {}, "JSONata"))
    assert (found["body"], found["names"]) == ('{"a":"ü"}', "m")
    assert found["at"].endswith("Z")


PATHS = [
    ("$.a[0].b", 1),
    ("$.a[0]", {"b": 1}),
    ("$.a[*].b", [1, 2]),
    ("$.a[?(@.b==2)]", [{"b": 2}]),
    ("$.a[?(@.b==9)]", []),
    ("$.one[*].b", [3]),
    ("$.one", [{"b": 3}]),
    ("$.nested[1]", [3]),
]


@pytest.mark.parametrize(("path", "expected"), PATHS)
def test_a_definite_path_gives_its_value_and_others_a_list(stand_in: Client, path: str, expected: Any) -> None:
    """JSONPath."""
    states = {"pick": {"Type": "Pass", "Parameters": {"value.$": path}, "End": True}}
    given = {"a": [{"b": 1}, {"b": 2}], "one": [{"b": 3}], "nested": [[1, 2], [3]]}
    assert output(run(stand_in, states, given))["value"] == expected


CHOICE = {
    "choose": {
        "Type": "Choice",
        "Choices": [{"Variable": "$.kind", "StringEquals": "a", "Next": "yes"}],
        "Default": "no",
    },
    "yes": {"Type": "Pass", "Result": "yes", "End": True},
    "no": {"Type": "Pass", "Result": "no", "End": True},
}


def test_a_missing_choice_variable_ends_the_execution(stand_in: Client) -> None:
    """It does not go to the default."""
    found = run(stand_in, CHOICE, {"other": 1})
    assert (found["status"], found["error"]) == ("FAILED", "States.Runtime")
    assert "Invalid path '$.kind': The choice state's condition path references an invalid value." in found["cause"]


def test_a_choice_may_ask_whether_a_variable_is_present(stand_in: Client) -> None:
    """And guard another test with that."""
    rule = {"And": [{"Variable": "$.kind", "IsPresent": True}, {"Variable": "$.kind", "StringEquals": "a"}]}
    states = {**CHOICE, "choose": {**CHOICE["choose"], "Choices": [{**rule, "Next": "yes"}]}}
    assert output(run(stand_in, states, {})) == "no"


def test_a_choice_with_its_variable(stand_in: Client) -> None:
    """Either way."""
    assert output(run(stand_in, CHOICE, {"kind": "a"})) == "yes"


@pytest.mark.parametrize(("extra", "status"), [(0, "SUCCEEDED"), (1, "FAILED")])
def test_a_state_gives_at_most_256_kib(stand_in: Client, extra: int, status: str) -> None:
    """To the byte; States.ALL does not catch it."""
    filler = "x" * (LIMIT - len('{"b":""}') - 1_000 + extra)
    states = {
        "grow": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity",
            "ResultSelector": {"a": "y" * (1_000 - len(',"a":""')), "b.$": "$$.Execution.Input.b"},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "caught"}],
            "End": True,
        },
        "caught": {"Type": "Pass", "Result": "caught", "End": True},
    }
    found = run(stand_in, states, {"b": filler})
    assert found["status"] == status
    assert found.get("error") == (None if status == "SUCCEEDED" else "States.DataLimitExceeded")


@pytest.mark.parametrize(("error", "status"), [("States.ALL", "FAILED"), ("States.DataLimitExceeded", "SUCCEEDED")])
def test_a_result_that_is_too_large_is_caught_by_its_name_only(stand_in: Client, error: str, status: str) -> None:
    """It is one of the errors that States.ALL leaves alone."""
    s3 = stand_in.client("s3")
    s3.create_bucket(Bucket="some")
    s3.put_object(Bucket="some", Key="large", Body=b"x" * LIMIT)
    states = {
        "get": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
            "Parameters": {"Bucket": "some", "Key": "large"},
            "Catch": [{"ErrorEquals": [error], "Next": "caught"}],
            "End": True,
        },
        "caught": {"Type": "Pass", "Result": "caught", "End": True},
    }
    assert run(stand_in, states)["status"] == status


MAPS = [
    ("JSONPath", {"ItemsPath": "$.all[*].n"}, {"Parameters": {"m.$": "$.m"}}),
    ("JSONata", {"Items": "{% $states.input.all.n %}"}, {"Output": {"m": "{% $states.input.m %}"}}),
]


@pytest.mark.parametrize(("language", "items", "step"), MAPS)
def test_a_map_runs_for_each_item(stand_in: Client, language: str, items: dict[str, Any], step: dict[str, Any]) -> None:
    """In the items' order, in either language."""
    processor = {
        "ProcessorConfig": {"Mode": "INLINE"},
        "StartAt": "step",
        "States": {"step": {"Type": "Pass", "End": True, **step}},
    }
    states = {"each": {"Type": "Map", "ItemProcessor": processor, "End": True, **items}}
    given = {"all": [{"n": {"m": 1}}, {"n": {"m": 2}}, {"n": {"m": 3}}]}
    assert output(run(stand_in, states, given, language)) == [{"m": 1}, {"m": 2}, {"m": 3}]
