"""A reset ends what runs and waits: nothing of one test reaches the next, not by name either."""

import concurrent.futures
import contextlib
import pathlib
import threading
import time

import botocore.exceptions
import machines
import pytest
from conftest import Client
from functions import FUNCTION, alive, invoke, make, package, queue, rule, until

from stand_in.epochs import EPOCHS, Closed, Epochs, Thread
from stand_in.world import World

# Makes buckets without end, as a function that is not done yet would.
BUSY = """
import http.client, threading
def loop(number):
    count = 0
    key = "AWS4-HMAC-SHA256 Credential=t/20260101/us-east-1/s3/aws4_request"
    while True:
        count += 1
        try:
            to = http.client.HTTPConnection(os.environ["AWS_ENDPOINT_URL"][7:])
            to.request("PUT", "/stray%d-%d" % (number, count), headers=dict(Authorization=key))
            to.getresponse().read()
        except Exception:
            pass
for number in range(3):
    threading.Thread(target=loop, args=(number,), daemon=True).start()
"""


def reset(client: Client) -> None:
    """The reset that the next test would begin with."""
    assert client.post("/_stand-in/reset")[0] == 200


def test_a_busy_function_writes_nothing_into_the_next_test(stand_in: Client) -> None:
    for _ in range(5):
        make(stand_in, code=package(start=BUSY))
        invoke(stand_in, {})
        time.sleep(0.1)
        reset(stand_in)
        time.sleep(0.1)
        assert stand_in.client("s3").list_buckets()["Buckets"] == []


def burst(client: Client, url: str) -> None:
    """Events by three ways, a reset overtaking them."""
    with contextlib.suppress(botocore.exceptions.ClientError, botocore.exceptions.HTTPClientError):
        for _ in range(20):
            client.client("lambda").invoke(FunctionName="f", InvocationType="Event", Payload=b'{"old":1}')
            client.client("sqs").send_message(QueueUrl=url, MessageBody="old")
            client.client("events").put_events(Entries=[{"Source": "app", "DetailType": "old", "Detail": "{}"}] * 10)


def test_queued_work_does_not_reach_what_has_its_name(stand_in: Client) -> None:
    for _ in range(4):
        make(stand_in)
        url, arn = queue(stand_in)
        stand_in.client("lambda").create_event_source_mapping(FunctionName="f", EventSourceArn=arn, BatchSize=1)
        rule(stand_in, {"Arn": FUNCTION})
        rule(stand_in, {"Arn": arn}, name="second")
        burst(stand_in, url)
        reset(stand_in)
        url, _ = queue(stand_in)
        make(stand_in)
        time.sleep(0.4)
        assert stand_in.get("/_stand-in/lambdas/f/invocations") == (200, [])
        assert "Messages" not in stand_in.client("sqs").receive_message(QueueUrl=url)
        reset(stand_in)


def test_a_delayed_call_is_not_carried_out_after_a_reset(stand_in: Client) -> None:
    s3 = stand_in.client("s3")
    s3.create_bucket(Bucket="bucket")
    stand_in.post("/_stand-in/faults", {"operation": "s3:PutObject", "fault": {"kind": "delay", "milliseconds": 1000}})
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        put = pool.submit(s3.put_object, Bucket="bucket", Key="late", Body=b"")
        until(lambda: stand_in.get("/_stand-in/faults")[1][0]["fired"])
        reset(stand_in)
        s3.create_bucket(Bucket="bucket")
        with pytest.raises(botocore.exceptions.HTTPClientError):
            put.result(10)
    time.sleep(1)
    assert "Contents" not in s3.list_objects_v2(Bucket="bucket")


def test_who_waits_for_messages_takes_none_of_the_next_test(stand_in: Client) -> None:
    url, _ = queue(stand_in)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        old = pool.submit(stand_in.client("sqs").receive_message, QueueUrl=url, WaitTimeSeconds=10)
        time.sleep(0.3)
        started = time.monotonic()
        reset(stand_in)
        assert time.monotonic() - started < 2
        url, _ = queue(stand_in)
        stand_in.client("sqs").send_message(QueueUrl=url, MessageBody="new")
        assert "Messages" not in old.result(5)
    found = stand_in.client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert [one["Body"] for one in found] == ["new"]


def threads(client: Client) -> int:
    """How many the stand-in has."""
    pid = client.get("/_stand-in")[1]["pid"]
    return len(list(pathlib.Path(f"/proc/{pid}/task").iterdir()))


def test_an_execution_that_waits_for_a_token_ends(stand_in: Client) -> None:
    """It leaves no thread, and its catcher does not run when the clock goes on."""
    before = threads(stand_in)
    for _ in range(5):
        url, _ = queue(stand_in)
        send = {"QueueUrl": url, "MessageBody": {"t.$": "$$.Task.Token"}}
        wait = {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "TimeoutSeconds": 3600,
            "Parameters": send,
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Late"}],
            "End": True,
        }
        late = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True}
        late["Parameters"] = {"QueueUrl": url, "MessageBody": "late"}
        machine = machines.make(stand_in, {"Wait": wait, "Late": late})
        stand_in.client("stepfunctions").start_execution(stateMachineArn=machine)
        until(lambda url=url: stand_in.client("sqs").receive_message(QueueUrl=url).get("Messages"))
        reset(stand_in)
        url, _ = queue(stand_in)
        stand_in.post("/_stand-in/clock", {"advance_seconds": 7200})
        time.sleep(0.2)
        assert "Messages" not in stand_in.client("sqs").receive_message(QueueUrl=url)
        reset(stand_in)
    until(lambda: threads(stand_in) <= before + 2)


def test_a_child_in_a_session_of_its_own_ends_too(stand_in: Client) -> None:
    reply = "__import__('subprocess').Popen(['setsid', 'sleep', '600']).pid"
    make(stand_in, code=package(reply=reply))
    child = invoke(stand_in, {})["Payload"]
    assert alive(child)
    reset(stand_in)
    until(lambda: not alive(child))


def test_a_thread_belongs_to_the_epoch_of_its_maker() -> None:
    before = EPOCHS.mine()
    found = []
    thread = Thread(target=lambda: found.append(EPOCHS.mine()))
    with EPOCHS.turn():
        pass
    thread.start()
    thread.join()
    assert found == [before] and before.ended.is_set() and EPOCHS.mine() is not before


def test_a_reset_waits_for_calls_and_lets_no_new_one_in() -> None:
    epochs, order, begun, go = Epochs(), [], threading.Event(), threading.Event()

    def slow() -> None:
        with epochs.call(None):
            begun.set()
            go.wait()
            order.append("call")

    def turn() -> None:
        with epochs.turn():
            epochs.drain()
            order.append("reset")

    def after() -> None:
        with epochs.call(None):
            order.append("next")

    first, second = threading.Thread(target=slow), threading.Thread(target=turn)
    first.start()
    begun.wait()
    second.start()
    until(lambda: epochs.mine().number == 1)
    third = threading.Thread(target=after)
    third.start()
    go.set()
    for thread in (first, second, third):
        thread.join()
    assert order == ["call", "reset", "next"]
    with pytest.raises(Closed), epochs.call("0"):
        pass


def test_a_part_that_cannot_be_reset_keeps_no_other_from_it(tmp_path: pathlib.Path) -> None:
    done: list[str] = []
    world = World(port=1, home=tmp_path)
    world.on_reset += [lambda: 1 / 0, lambda: done.append("reset")]
    world.on_end += [lambda: 1 / 0, lambda: done.append("end")]
    world.reset()
    world.end()
    assert done == ["reset", "end"]


def test_resets_under_load_all_succeed(stand_in: Client) -> None:
    stop = threading.Event()

    def load() -> None:
        while not stop.is_set():
            with contextlib.suppress(botocore.exceptions.ClientError, botocore.exceptions.HTTPClientError):
                machine = machines.make(stand_in, {"W": {"Type": "Wait", "Seconds": 99, "End": True}})
                stand_in.client("stepfunctions").start_execution(stateMachineArn=machine)

    workers = [threading.Thread(target=load) for _ in range(3)]
    for worker in workers:
        worker.start()
    try:
        for _ in range(10):
            reset(stand_in)
    finally:
        stop.set()
    for worker in workers:
        worker.join()
