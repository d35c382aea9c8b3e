"""Lambda: instances, errors, limits, logs."""

import base64
import concurrent.futures
import contextlib
import pathlib
import time

import pytest
from conftest import Client
from functions import ROLE, alive, fails, invocations, invoke, make, make_role, package, until


def test_invoke_answers_what_the_program_answers(stand_in: Client) -> None:
    make(stand_in)
    found = invoke(stand_in, {"a": [1, "é"]})
    assert found["Payload"] == {"a": [1, "é"]}
    assert found["StatusCode"] == 200 and found["ExecutedVersion"] == "$LATEST" and "FunctionError" not in found
    [record] = invocations(stand_in)
    assert record["request_id"] == found["ResponseMetadata"]["RequestId"]
    assert (record["event"], record["result"], record["error"]) == ({"a": [1, "é"]}, {"a": [1, "é"]}, None)
    assert (record["source"], record["attempt"]) == ("invoke", 1)


def test_a_function_by_arn_and_its_published_version(stand_in: Client) -> None:
    arn = make(stand_in, code=package(reply="os.environ['AWS_LAMBDA_FUNCTION_VERSION']"))
    version = stand_in.client("lambda").publish_version(FunctionName="f")["Version"]
    assert invoke(stand_in, {}, name=arn)["Payload"] == "$LATEST"
    assert invoke(stand_in, {}, Qualifier=version)["Payload"] == version
    fails("ResourceNotFoundException", invoke, stand_in, {}, name="other")


def test_code_from_s3(stand_in: Client) -> None:
    s3 = stand_in.client("s3")
    s3.create_bucket(Bucket="code")
    s3.put_object(Bucket="code", Key="f.zip", Body=package(reply="'from s3'"))
    make_role(stand_in)
    stand_in.client("lambda").create_function(
        FunctionName="f", Runtime="provided.al2023", Role=ROLE, Handler="x", Code={"S3Bucket": "code", "S3Key": "f.zip"}
    )
    assert invoke(stand_in, {})["Payload"] == "from s3"


def test_the_environment_is_the_functions_own(stand_in: Client) -> None:
    make(stand_in, MemorySize=256, Environment={"Variables": {"TABLE": "things"}})
    found = invoke(stand_in, {"do": "environment"})["Payload"]
    assert found["TABLE"] == "things" and found["AWS_LAMBDA_FUNCTION_NAME"] == "f"
    assert found["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256" and found["AWS_REGION"] == "us-east-1"
    assert found["AWS_ENDPOINT_URL"] == stand_in.endpoint and found["_HANDLER"] == "bootstrap"
    assert found["AWS_LAMBDA_RUNTIME_API"].startswith(stand_in.endpoint + "/_runtime/")
    assert "HOME" not in found and "MOTO_PORT" not in found and "PYTHONPATH" not in found


def test_an_event_comes_with_its_headers(stand_in: Client) -> None:
    arn = make(stand_in, Timeout=7)
    found = {name.lower(): value for name, value in invoke(stand_in, {"do": "headers"})["Payload"].items()}
    assert found["lambda-runtime-invoked-function-arn"] == arn
    assert 0 < int(found["lambda-runtime-deadline-ms"]) / 1000 - time.time() <= 7


def test_an_idle_instance_is_used_again_and_busy_ones_get_company(stand_in: Client) -> None:
    make(stand_in)
    first = invoke(stand_in, {"do": "who"})["Payload"]
    second = invoke(stand_in, {"do": "who"})["Payload"]
    assert (second["pid"], second["answered"]) == (first["pid"], 1)
    with concurrent.futures.ThreadPoolExecutor(3) as threads:
        found = list(threads.map(lambda _: invoke(stand_in, {"do": "who", "seconds": 0.7})["Payload"], range(3)))
    assert len({one["pid"] for one in found}) == 3 and first["pid"] in {one["pid"] for one in found}


def test_over_its_concurrency_a_function_is_throttled(stand_in: Client) -> None:
    make(stand_in)
    stand_in.client("lambda").put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        busy = threads.submit(invoke, stand_in, {"do": "sleep", "seconds": 1})
        until(lambda: stand_in.get("/_stand-in/lambdas/f/invocations")[1])
        error = fails("TooManyRequestsException", invoke, stand_in, {})
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 429
        assert error.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
        assert busy.result()["StatusCode"] == 200
    assert invoke(stand_in, {"a": 1})["Payload"] == {"a": 1}


def test_an_update_starts_fresh_instances(stand_in: Client) -> None:
    functions = stand_in.client("lambda")
    make(stand_in)
    old = invoke(stand_in, {"do": "who"})["Payload"]["pid"]
    functions.update_function_configuration(FunctionName="f", Environment={"Variables": {"LEVEL": "2"}})
    assert invoke(stand_in, {"do": "environment"})["Payload"]["LEVEL"] == "2"
    until(lambda: not alive(old))
    functions.update_function_code(FunctionName="f", ZipFile=package(reply="'new'"))
    assert invoke(stand_in, {})["Payload"] == "new"


def test_a_handlers_error_keeps_its_type(stand_in: Client) -> None:
    make(stand_in)
    found = invoke(stand_in, {"do": "fail", "message": "no luck"})
    assert (found["StatusCode"], found["FunctionError"]) == (200, "Unhandled")
    assert found["Payload"] == {"errorType": "Failed", "errorMessage": "no luck"}
    assert invocations(stand_in)[0]["error"] == {"errorType": "Failed", "errorMessage": "no luck"}


def test_a_time_out_ends_the_instance(stand_in: Client) -> None:
    make(stand_in, Timeout=1)
    pid = invoke(stand_in, {"do": "who"})["Payload"]["pid"]
    found = invoke(stand_in, {"do": "sleep", "seconds": 30})
    request = found["ResponseMetadata"]["RequestId"]
    message = f"RequestId: {request} Error: Task timed out after 1.00 seconds"
    assert found["FunctionError"] == "Unhandled"
    assert found["Payload"] == {"errorType": "Sandbox.Timedout", "errorMessage": message}
    until(lambda: not alive(pid))
    assert invoke(stand_in, {"a": 1})["Payload"] == {"a": 1}


@pytest.mark.parametrize(
    ("code", "how"),
    [(3, "Runtime exited with error: exit status 3"), (0, "Runtime exited without providing a reason")],
)
def test_an_exit_before_the_answer(stand_in: Client, code: int, how: str) -> None:
    make(stand_in)
    found = invoke(stand_in, {"do": "exit", "code": code})
    request = found["ResponseMetadata"]["RequestId"]
    assert found["Payload"] == {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {request} Error: {how}"}


def test_an_init_error_is_told(stand_in: Client) -> None:
    told = 'json.dumps(dict(errorType="NoConfig", errorMessage="X is missing")).encode()'
    start = f'post("init/error", {told}); os._exit(1)'
    make(stand_in, code=package(start=start))
    found = invoke(stand_in, {})
    assert found["FunctionError"] == "Unhandled"
    assert found["Payload"] == {"errorType": "NoConfig", "errorMessage": "X is missing"}


@pytest.mark.parametrize(
    ("code", "how"),
    [
        (package(name="other"), "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
        (package(mode=0o644), "fork/exec /var/task/bootstrap: permission denied"),
    ],
)
def test_code_that_cannot_run(stand_in: Client, code: bytes, how: str) -> None:
    make(stand_in, code=code)
    found = invoke(stand_in, {})
    assert found["Payload"]["errorType"] == "Runtime.InvalidEntrypoint"
    assert found["Payload"]["errorMessage"].endswith(f" Error: {how}")


def test_bad_packages_are_refused(stand_in: Client) -> None:
    error = fails("InvalidParameterValueException", make, stand_in, code=b"no zip")
    assert "Could not unzip uploaded file" in error.response["Error"]["Message"]
    make(stand_in)
    update = stand_in.client("lambda").update_function_code
    fails("InvalidParameterValueException", update, FunctionName="f", ZipFile=b"no zip")
    fails("InvalidParameterValueException", update, FunctionName="f", S3Bucket="nowhere", S3Key="f.zip")
    assert invoke(stand_in, {"a": 1})["Payload"] == {"a": 1}


def test_limits_of_payloads(stand_in: Client) -> None:
    make(stand_in)
    large = invoke(stand_in, {"do": "large", "bytes": 6_291_556})
    assert large["FunctionError"] == "Unhandled"
    assert large["Payload"]["errorType"] == "Function.ResponseSizeTooLarge"
    # Two more are the quotes.
    assert len(invoke(stand_in, {"do": "large", "bytes": 6_291_554})["Payload"]) == 6_291_554
    error = fails("RequestEntityTooLargeException", invoke, stand_in, b'"' + b"x" * 6_291_455 + b'"')
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    just = b'"' + b"x" * (1_048_576 - 2) + b'"'
    assert invoke(stand_in, just, InvocationType="Event")["StatusCode"] == 202
    fails("RequestEntityTooLargeException", invoke, stand_in, just + b" ", InvocationType="Event")


def test_a_payload_that_is_no_json(stand_in: Client) -> None:
    make(stand_in)
    fails("InvalidRequestContentException", invoke, stand_in, b"{no")
    fails("InvalidRequestContentException", invoke, stand_in, b"\xff\xfe")


def test_the_log_and_its_tail(stand_in: Client) -> None:
    make(stand_in)
    invoke(stand_in, {"do": "print", "text": "first call"})
    found = invoke(stand_in, {"do": "print", "text": "x" * 5000 + "END"}, LogType="Tail")
    tail = base64.b64decode(found["LogResult"]).decode()
    assert len(tail) == 4096 and "xEND" in tail and "first call" not in tail
    assert "LogResult" not in invoke(stand_in, {})
    status, log = stand_in.get("/_stand-in/lambdas/f/log")
    assert status == 200 and b"init\n" in log and b"first call\n" in log
    assert b"START RequestId: " + found["ResponseMetadata"]["RequestId"].encode() in log
    assert stand_in.get("/_stand-in/lambdas/other/log")[0] == 404


def test_dry_run_runs_nothing(stand_in: Client) -> None:
    make(stand_in)
    assert invoke(stand_in, {}, InvocationType="DryRun")["StatusCode"] == 204
    assert stand_in.get("/_stand-in/lambdas/f/invocations") == (200, [])


def test_a_reset_ends_all_instances(stand_in: Client) -> None:
    make(stand_in, Timeout=60)
    pid = invoke(stand_in, {"do": "who"})["Payload"]["pid"]
    child = invoke(stand_in, {"do": "child"})["Payload"]
    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        busy = threads.submit(invoke, stand_in, {"do": "sleep", "seconds": 50})
        until(lambda: len(stand_in.get("/_stand-in/lambdas/f/invocations")[1]) == 3)
        started = time.monotonic()
        assert stand_in.post("/_stand-in/reset")[0] == 200
        assert time.monotonic() - started < 0.5
        assert busy.result(timeout=5)["Payload"]["errorType"] == "Runtime.ExitError"
    until(lambda: not alive(pid))
    # The child of a killed process belongs to whoever reaps for this machine.
    until(lambda: not alive(child) or "Z" in pathlib.Path(f"/proc/{child}/stat").read_text().split()[2])
    assert stand_in.get("/_stand-in/lambdas/f/log")[0] == 404


def test_strangers_at_the_runtime_api_are_refused(stand_in: Client) -> None:
    assert stand_in.get("/_runtime/../x")[0] == 404
    assert stand_in.get(f"/_runtime/{'0' * 32}/2018-06-01/runtime/invocation/next")[0] == 404
    assert stand_in.get("/_stand-in/lambdas/../../log")[0] == 404


def test_no_zombies(stand_in: Client) -> None:
    make(stand_in)
    parent = invoke(stand_in, {"do": "who"})["Payload"]["parent"]
    for code in (0, 1, 2):
        invoke(stand_in, {"do": "exit", "code": code})
    until(lambda: "Z" not in states_of_children(parent))


def states_of_children(pid: int) -> set[str]:
    """The states (Z is a zombie) of the processes that a process started."""
    found = set()
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        # Processes come and go while one looks.
        with contextlib.suppress(OSError):
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid:
                found.add(state)
    return found


def test_what_follows_a_time_out_gets_an_instance_of_its_own(stand_in: Client) -> None:
    make(stand_in, Timeout=1)
    stand_in.client("lambda").put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        for turn in range(3):
            slow = threads.submit(invoke, stand_in, {"do": "sleep", "seconds": 30})
            time.sleep(0.2)
            # It waits for the one instance, and must not be given the one that is being killed.
            stand_in.client("lambda").invoke(FunctionName="f", InvocationType="Event", Payload=b'{"a": 1}')
            assert slow.result()["Payload"]["errorType"] == "Sandbox.Timedout"
            invocations(stand_in, count=2 * turn + 2)
    events = [one for one in invocations(stand_in, count=6) if one["source"] == "invoke" and one["event"] == {"a": 1}]
    assert [one["error"] for one in events] == [None] * 3


@pytest.mark.parametrize(
    ("variables", "word"),
    [({"AWS_REGION": "eu-west-1"}, "AWS_REGION"), ({"AB": "x" * 4100}, "4KB"), ({"1-a": "x"}, "pattern")],
)
def test_an_environment_that_aws_refuses(stand_in: Client, variables: dict[str, str], word: str) -> None:
    settings = {"Environment": {"Variables": variables}}
    assert word in str(fails("InvalidParameterValueException", make, stand_in, **settings))
    make(stand_in, Environment={"Variables": {"AB": "x" * 4000}})
    update = stand_in.client("lambda").update_function_configuration
    fails("InvalidParameterValueException", update, FunctionName="f", **settings)


def test_an_event_must_be_json_by_the_letter(stand_in: Client) -> None:
    make(stand_in)
    fails("InvalidRequestContentException", invoke, stand_in, b'{"a": NaN}')


def test_each_instance_has_a_package_of_its_own(stand_in: Client) -> None:
    code = package(reply="(open('left', 'a').write('x'), open('left').read())[1]")
    for name in ("f", "g"):
        make(stand_in, name=name, code=code)
        assert invoke(stand_in, {}, name=name)["Payload"] == "x"
