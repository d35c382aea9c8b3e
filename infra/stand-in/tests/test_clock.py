"""The clock: it tells, moves, and takes moto and who waits along."""

import datetime
import threading
import time

import pytest
from conftest import Client

from stand_in.clock import Clock, iso_of


def moment(client: Client) -> datetime.datetime:
    """What the clock says."""
    status, value = client.get("/_stand-in/clock")
    assert status == 200
    return datetime.datetime.fromisoformat(value["now"])


def ahead(client: Client) -> float:
    """By how many seconds the clock is before real time."""
    return (moment(client) - datetime.datetime.now(datetime.UTC)).total_seconds()


def test_it_moves_by_seconds_and_back_by_reset(stand_in: Client) -> None:
    """Real time at first, then ahead by what was asked for, then real time again."""
    assert abs(ahead(stand_in)) < 2
    assert stand_in.post("/_stand-in/clock", {"advance_seconds": 3600})[0] == 200
    assert abs(ahead(stand_in) - 3600) < 2
    stand_in.post("/_stand-in/reset")
    assert abs(ahead(stand_in)) < 2


def test_it_moves_to_a_moment(stand_in: Client) -> None:
    """ISO 8601 in, ISO 8601 with milliseconds out."""
    status, value = stand_in.post("/_stand-in/clock", {"to": "2090-01-02T03:04:05Z"})
    assert status == 200 and value["now"].startswith("2090-01-02T03:04:0") and value["now"].endswith("Z")
    assert len(value["now"]) == len("2090-01-02T03:04:05.000Z")


@pytest.mark.parametrize(
    "order",
    [
        {"advance_seconds": -1},
        {"to": "2001-01-01T00:00:00Z"},
        {"to": "2090-01-01T00:00:00"},
        {"to": "soon"},
        {"advance_seconds": "1"},
        {"advance_seconds": True},
        {"advance_seconds": 1e12},
        {"advance_seconds": 1, "to": "2090-01-01T00:00:00Z"},
        {"forward": 1},
        {},
        [],
    ],
)
def test_a_bad_order_is_refused_with_its_reason(stand_in: Client, order: object) -> None:
    """Never backwards, and nothing that says no clear time."""
    status, value = stand_in.post("/_stand-in/clock", order)
    assert status == 400 and value["message"]
    assert abs(ahead(stand_in)) < 2


def test_s3_follows(stand_in: Client) -> None:
    """LastModified and the CreationDate of a bucket are by the clock."""
    stand_in.post("/_stand-in/clock", {"to": "2090-01-02T03:04:05Z"})
    s3 = stand_in.client("s3")
    s3.create_bucket(Bucket="later")
    s3.put_object(Bucket="later", Key="one", Body=b"1")
    found = s3.head_object(Bucket="later", Key="one")
    assert found["LastModified"].year == 2090
    assert s3.list_buckets()["Buckets"][0]["CreationDate"].year == 2090


def test_sqs_visibility_follows(stand_in: Client) -> None:
    """A message in flight comes back when the clock has passed its time-out."""
    sqs = stand_in.client("sqs")
    queue = sqs.create_queue(QueueName="later", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="again")
    assert len(sqs.receive_message(QueueUrl=queue)["Messages"]) == 1
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    stand_in.post("/_stand-in/clock", {"advance_seconds": 601})
    assert len(sqs.receive_message(QueueUrl=queue)["Messages"]) == 1


def test_session_keys_follow(stand_in: Client) -> None:
    """Session keys expire by the clock."""
    stand_in.post("/_stand-in/clock", {"to": "2090-01-02T03:04:05Z"})
    session = stand_in.client("sts").assume_role(RoleArn="arn:aws:iam::123456789012:role/x", RoleSessionName="later")
    assert session["Credentials"]["Expiration"].year == 2090


def sleeper(clock: Clock, seconds: float, stop: threading.Event | None = None) -> threading.Thread:
    """A thread that has begun to wait."""
    thread = threading.Thread(target=clock.wait, args=(seconds, stop), daemon=True)
    thread.start()
    time.sleep(0.05)
    return thread


def test_moving_wakes_who_waits_and_nobody_else() -> None:
    """A move wakes at once those whose time has come."""
    clock = Clock()
    short, long = sleeper(clock, 60), sleeper(clock, 6000)
    clock.advance(61)
    short.join(1)
    assert not short.is_alive() and long.is_alive()
    clock.advance(6000)
    long.join(1)
    assert not long.is_alive()


def test_a_reset_neither_wakes_nor_delays() -> None:
    """A reset leaves as much to wait as before."""
    clock = Clock()
    clock.advance(1000)
    thread = sleeper(clock, 60)
    clock.reset()
    thread.join(0.1)
    assert thread.is_alive()
    clock.advance(60)
    thread.join(1)
    assert not thread.is_alive()


def test_real_time_passes_too_and_stop_ends_a_wait() -> None:
    """A short wait ends by itself, a stopped one at once."""
    clock, stop = Clock(), threading.Event()
    started = time.monotonic()
    clock.wait(0.05)
    assert 0.05 <= time.monotonic() - started < 1
    thread = sleeper(clock, 60, stop)
    stop.set()
    thread.join(1)
    assert not thread.is_alive()


def test_iso_has_milliseconds_always() -> None:
    """Whole seconds too."""
    assert iso_of(0) == "1970-01-01T00:00:00.000Z"


def test_all_moves_together_have_a_limit(stand_in: Client) -> None:
    """Else a date could not say the time, and not even a reset would help."""
    century = {"advance_seconds": 99 * 366 * 86_400}
    assert stand_in.post("/_stand-in/clock", century)[0] == 200
    assert stand_in.post("/_stand-in/clock", century)[0] == 400
    stand_in.client("s3").list_buckets()
    stand_in.post("/_stand-in/reset")
    assert stand_in.post("/_stand-in/clock", century)[0] == 200
