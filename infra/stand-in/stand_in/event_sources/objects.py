"""S3 event notifications: to Lambda, SQS, SNS and EventBridge, with records as AWS makes them."""

import base64
import itertools
import json
import logging
import secrets
import time
import urllib.parse
import uuid
from typing import Any

from stand_in.clock import clock
from stand_in.event_sources.background import later
from stand_in.lambdas import destinations, invoke_later
from stand_in.world import ACCOUNT

LOG = logging.getLogger(__name__)

OWNER = "A3STANDIN0OWNER"
CALLER = "AWS:AIDASTANDIN0CALLER"
# These carry more than the others, and say so by their version.
NEWER_EVENTS = ("ObjectTagging", "ObjectAcl", "LifecycleExpiration", "LifecycleTransition", "IntelligentTiering")
# Larger for a later event; a start from the time makes it so across restarts too.
_SEQUENCE = itertools.count(time.time_ns())


def patch_moto() -> None:
    """Sends our notifications instead of moto's."""
    from moto.s3 import notifications
    from moto.s3.models import S3Backend

    old_marker, old_test = S3Backend._set_delete_marker, notifications._get_test_event

    def set_delete_marker(self: Any, bucket_name: str, key_name: str) -> Any:
        # Moto tells nobody of delete markers.
        marker = old_marker(self, bucket_name, key_name)
        event = notifications.S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT
        send_event(self.account_id, event, self.get_bucket(bucket_name), marker)
        return marker

    def test_event(bucket_name: str) -> dict[str, Any]:
        # Moto leaves out the request.
        return {**old_test(bucket_name), "RequestId": _request_id(), "HostId": _host_id()}

    notifications.send_event = send_event
    notifications._get_test_event = test_event
    S3Backend._set_delete_marker = set_delete_marker


def send_event(account_id: str, event_name: str, bucket: Any, key: Any) -> None:
    """Sends the notifications of one event: `key` is moto's object, or its delete marker."""
    settings = bucket.notification_configuration
    if settings is None:
        return
    sequence = f"{next(_SEQUENCE):018X}"
    ids = (_request_id(), _host_id())
    for notification in (*settings.cloud_function, *settings.queue, *settings.topic):
        if notification.matches(event_name, key.name):
            record = _record(str(event_name.value), bucket, key, notification.id, sequence, ids)
            _deliver(notification.arn, {"Records": [record]})
    if settings.event_bridge is not None:
        later(_send_to_bridge, event_name, bucket, key, sequence, ids)


def encoded(key: str) -> str:
    """A key as it stands in a notification: a form value, but slashes stay."""
    # Java's encoder is what AWS uses: it spares `*` and not `~`, the reverse of Python's.
    return urllib.parse.quote_plus(key, safe="/*").replace("~", "%7E")


def _deliver(arn: str, event: dict[str, Any]) -> None:
    try:
        service = arn.split(":")[2]
        if service == "lambda":
            invoke_later(arn, event, "s3")
        elif service == "sns":
            # A topic may have an HTTP subscriber, whom the writer of an object does not wait for.
            later(destinations.send, arn, json.dumps(event), {"Subject": "Amazon S3 Notification"})
        else:
            destinations.send(arn, json.dumps(event))
    except Exception as error:
        # The object is written all the same.
        LOG.warning("no notification to %s: %s", arn, error)


def _record(
    event: str, bucket: Any, key: Any, notification_id: str, sequence: str, ids: tuple[str, str]
) -> dict[str, Any]:
    name = event.removeprefix("s3:")
    return {
        "eventVersion": "2.3" if name.startswith(NEWER_EVENTS) else "2.1",
        "eventSource": "aws:s3",
        "awsRegion": bucket.region_name,
        "eventTime": clock.iso(),
        "eventName": name,
        "userIdentity": {"principalId": CALLER},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": ids[0], "x-amz-id-2": ids[1]},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": notification_id,
            "bucket": {"name": bucket.name, "ownerIdentity": {"principalId": OWNER}, "arn": bucket.arn},
            "object": {
                "key": encoded(key.name),
                **_details(name, bucket, key, "eTag", "versionId"),
                "sequencer": sequence,
            },
        },
    }


def _details(name: str, bucket: Any, key: Any, etag: str, version: str) -> dict[str, Any]:
    """What is known of an object, which is less once it is gone."""
    found: dict[str, Any] = {}
    # Delete markers and deleted objects have no size.
    if not name.startswith("ObjectRemoved"):
        found = {"size": key.size, etag: key.etag.strip('"')}
    if bucket.is_versioned and key.version_id not in (None, "null"):
        found[version] = key.version_id
    return found


def _send_to_bridge(event_name: Any, bucket: Any, key: Any, sequence: str, ids: tuple[str, str]) -> None:
    from moto.events.models import events_backends
    from moto.s3.notifications import _detail_type

    name = str(event_name.value).removeprefix("s3:")
    kind = _detail_type(event_name)
    detail: dict[str, Any] = {
        "version": "0",
        "bucket": {"name": bucket.name},
        # Here, unlike in notifications, the key is not encoded.
        "object": {"key": key.name, **_details(name, bucket, key, "etag", "version-id"), "sequencer": sequence},
        "request-id": ids[0],
        "requester": ACCOUNT,
        "source-ip-address": "127.0.0.1",
    }
    if kind == "Object Created":
        # PutObject, CopyObject...; multipart uploads have their own name.
        last = name.split(":")[1]
        detail["reason"] = last if last == "CompleteMultipartUpload" else f"{last}Object"
    if kind == "Object Deleted":
        detail["reason"] = "DeleteObject"
        detail["deletion-type"] = "Delete Marker Created" if name.endswith("MarkerCreated") else "Permanently Deleted"
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": "aws.s3",
        "account": ACCOUNT,
        # Moto's own targets want a number here.
        "time": float(int(clock.now())),
        "region": bucket.region_name,
        "resources": [bucket.arn],
        "detail": detail,
        "ingestion-time": clock.now(),
    }
    # Only the default bus gets what AWS services send.
    bus = events_backends[ACCOUNT][bucket.region_name].event_buses["default"]
    for rule in list(bus.rules.values()):
        rule.send_to_targets(event)


def _request_id() -> str:
    return secrets.token_hex(8).upper()


def _host_id() -> str:
    return base64.b64encode(secrets.token_bytes(56)).decode()
