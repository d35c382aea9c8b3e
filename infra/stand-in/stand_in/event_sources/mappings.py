"""Patches that let the pollers do what moto does inside SendMessage, and make moto's queues safe under threads."""

import time
from collections.abc import Callable
from typing import Any

from stand_in.epochs import EPOCHS
from stand_in.event_sources.queues import Pollers


def patch_moto(pollers: Pollers) -> None:
    """Puts the pollers under moto's Lambda and SQS."""
    _patch_mappings(pollers)
    _patch_adding(pollers)
    _patch_receiving()


def _patch_mappings(pollers: Pollers) -> None:
    from moto.awslambda.models import LambdaBackend

    old_create = LambdaBackend.create_event_source_mapping
    old_update = LambdaBackend.update_event_source_mapping
    old_delete = LambdaBackend.delete_event_source_mapping

    def create(self: Any, spec: dict[str, Any]) -> Any:
        queue = _queue(self, spec)
        if queue is not None:
            _check(self, spec, queue)
        mapping = old_create(self, spec)
        if queue is not None:
            # Moto would invoke the function inside SendMessage for what it finds here.
            queue.lambda_event_source_mappings.clear()
            pollers.add(mapping, queue)
        return mapping

    def update(self: Any, uuid: str, spec: dict[str, Any]) -> Any:
        _refuse_filters(spec)
        mapping = old_update(self, uuid, spec)
        pollers.wake()
        return mapping

    def delete(self: Any, uuid: str) -> Any:
        pollers.remove(uuid)
        return old_delete(self, uuid)

    LambdaBackend.create_event_source_mapping = create
    LambdaBackend.update_event_source_mapping = update
    LambdaBackend.delete_event_source_mapping = delete


def _queue(backend: Any, spec: dict[str, Any]) -> Any:
    from moto.sqs.models import sqs_backends

    wanted = spec.get("EventSourceArn")
    queues = sqs_backends[backend.account_id][backend.region_name].queues.values()
    return next((queue for queue in queues if queue.queue_arn == wanted), None)


def _refuse_filters(spec: dict[str, Any]) -> None:
    from moto.awslambda.exceptions import InvalidParameterValueException

    if spec.get("FilterCriteria"):
        raise InvalidParameterValueException("the stand-in knows no FilterCriteria: every message would come")


def _check(backend: Any, spec: dict[str, Any], queue: Any) -> None:
    """What AWS refuses and moto takes."""
    from moto.awslambda.exceptions import InvalidParameterValueException
    from moto.core.exceptions import JsonRESTError

    _refuse_filters(spec)
    function = backend.get_function(spec.get("FunctionName", ""))
    if int(queue.visibility_timeout) < int(function.timeout):
        raise InvalidParameterValueException(
            f"Queue visibility timeout: {queue.visibility_timeout} seconds is less than"
            f" Function timeout: {function.timeout} seconds"
        )
    if int(spec.get("BatchSize") or 0) > 10 and not spec.get("MaximumBatchingWindowInSeconds"):
        raise InvalidParameterValueException(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )
    for mapping in backend.list_event_source_mappings(queue.queue_arn, None):
        if mapping.function_arn == function.function_arn:
            error = JsonRESTError(
                "ResourceConflictException",
                f'An event source mapping with SQS arn (" {queue.queue_arn} ") and function'
                f' (" {function.function_name} ") already exists.'
                f" Please update or delete the existing mapping with UUID {mapping.uuid}",
            )
            error.code = 409
            raise error


def _patch_adding(pollers: Pollers) -> None:
    from moto.sqs.models import Queue, SQSBackend

    old_add, old_delete, old_change = Queue.add_message, Queue.delete_message, SQSBackend.change_message_visibility
    old_batch = SQSBackend.send_message_batch

    def add_message(self: Any, message: Any) -> None:
        old_add(self, message)
        pollers.wake(self.queue_arn)

    def delete_message(self: Any, receipt_handle: str) -> None:
        # Moto builds a new list here, and loses what another thread adds meanwhile.
        with self._messages_lock:
            old_delete(self, receipt_handle)
        # Others of its group may be waiting.
        pollers.wake(self.queue_arn)

    def change_visibility(self: Any, queue_name: str, receipt_handle: str, visibility_timeout: int) -> None:
        old_change(self, queue_name, receipt_handle, visibility_timeout)
        pollers.wake(self.get_queue(queue_name).queue_arn)

    def send_message_batch(self: Any, queue_name: str, entries: Any) -> Any:
        # One batch sent is one batch received where it fits, else tests would see it torn at random.
        with self.get_queue(queue_name)._messages_lock:
            return old_batch(self, queue_name, entries)

    Queue.add_message = add_message
    Queue.delete_message = delete_message
    SQSBackend.change_message_visibility = change_visibility
    SQSBackend.send_message_batch = send_message_batch


def _patch_receiving() -> None:
    from moto.sqs.models import SQSBackend

    old: Callable[..., list[Any]] = SQSBackend.receive_message

    def receive_message(
        self: Any,
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        visibility_timeout: int,
        message_attribute_names: Any = None,
    ) -> list[Any]:
        # Moto lets two callers at once take the same message.
        queue = self.get_queue(queue_name)
        end = time.monotonic() + int(wait_seconds_timeout or 0)
        with queue._messages_lock:
            while True:
                found = old(self, queue_name, count, 0, visibility_timeout, message_attribute_names)
                left = end - time.monotonic()
                if found or left <= 0 or EPOCHS.mine().ended.is_set():
                    return found
                # At most a second, for nothing rings when a visibility timeout ends.
                queue._messages_lock.wait(min(left, 1))

    SQSBackend.receive_message = receive_message


def wake_receivers() -> None:
    """At a reset: ends the calls that wait for messages."""
    from moto.sqs.models import sqs_backends

    for regions in list(sqs_backends.values()):
        for backend in list(regions.values()):
            for queue in list(backend.queues.values()):
                with queue._messages_lock:
                    queue._messages_lock.notify_all()
