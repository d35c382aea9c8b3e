"""Nothing here calls beyond this machine, whatever moto or its libraries do: every connect and look-up is watched."""

import ipaddress
import sys
from typing import Any
from urllib.parse import urlsplit

from stand_in.answers import Wsgi
from stand_in.world import World

_EVENTS = ("socket.connect", "socket.sendto", "socket.getaddrinfo")


def install(world: World) -> dict[str, Wsgi]:
    """Puts up the fence."""
    # There is no way to take an audit hook away, and no way around it from Python.
    sys.addaudithook(_watch)
    _refuse_subscribers()
    return {}


def is_local(host: str) -> bool:
    """Whether a name or address is that of this machine, for this machine only."""
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _watch(event: str, values: tuple[Any, ...]) -> None:
    if event not in _EVENTS:
        return
    # A host of None is any of this machine; addresses that are no pair are files.
    address = values[0] if event == "socket.getaddrinfo" else values[1][0] if isinstance(values[1], tuple) else None
    host = address.decode() if isinstance(address, bytes) else address
    if host is not None and not is_local(host):
        raise PermissionError(f"the stand-in calls nobody but this machine, not {host}")


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or "nobody"
    except ValueError:
        return "nobody"


def _refuse_subscribers() -> None:
    from moto.sns.exceptions import SNSInvalidParameter
    from moto.sns.models import SNSBackend

    old = SNSBackend.subscribe

    def subscribe(self: Any, topic_arn: str, endpoint: str, protocol: str) -> Any:
        # Moto takes them, and would post to them.
        if protocol in ("http", "https") and not is_local(_host_of(endpoint)):
            raise SNSInvalidParameter(f"Invalid parameter: the stand-in calls nobody but this machine, not {endpoint}")
        return old(self, topic_arn, endpoint, protocol)

    SNSBackend.subscribe = subscribe
