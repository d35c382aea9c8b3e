"""SNS subscriptions of functions: the envelope as AWS makes it, handed to the asynchronous queue."""

import base64
import functools
import logging
from typing import Any

from stand_in.clock import clock
from stand_in.lambdas import invoke_later

LOG = logging.getLogger(__name__)


def patch_moto() -> None:
    """Sends our envelope instead of moto's, whose topic and time are made up."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from moto.sns.models import Subscription

    old = Subscription.publish

    def publish(self: Any, message: str, message_id: str, **more: Any) -> None:
        if self.protocol != "lambda":
            return old(self, message, message_id, **more)
        matcher, attributes = self._filter_policy_matcher, more.get("message_attributes")
        if matcher is not None and not matcher.matches(attributes, message):
            return None
        if more.get("message_structure") == "json":
            message = self._parse_message_structure(message, "lambda")
        try:
            invoke_later(self.endpoint, envelope(self, message, message_id, more.get("subject"), attributes), "sns")
        except Exception as error:
            # The publisher is not told.
            LOG.warning("%s gets no message: %s", self.endpoint, error)
        return None

    @functools.cache
    def key() -> Any:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    Subscription.publish = publish
    # Moto makes a new key for each subscription, a tenth of a second each; AWS too signs all with one.
    Subscription.private_key = lambda self: key()


def envelope(
    subscription: Any, message: str, message_id: str, subject: str | None, attributes: dict[str, Any] | None
) -> dict[str, Any]:
    """The event that a function gets of one message."""
    host = f"https://sns.{subscription.topic.sns_backend.region_name}.amazonaws.com"
    sns = {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": subscription.topic.arn,
        "Subject": subject,
        "Message": message,
        "Timestamp": clock.iso(),
        "SignatureVersion": "1",
        # Nobody checks it in a function, for Lambda vouches for the sender.
        "Signature": base64.b64encode(b"stand-in").decode(),
        "SigningCertUrl": f"{host}/SimpleNotificationService-stand-in.pem",
        "UnsubscribeUrl": f"{host}/?Action=Unsubscribe&SubscriptionArn={subscription.arn}",
        "MessageAttributes": {name: _attribute(value) for name, value in (attributes or {}).items()},
    }
    record = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription.arn, "Sns": sns}
    return {"Records": [record]}


def _attribute(value: dict[str, Any]) -> dict[str, str]:
    found = value.get("Value")
    if isinstance(found, bytes):
        found = base64.b64encode(found).decode()
    return {"Type": value["Type"], "Value": str(found)}
