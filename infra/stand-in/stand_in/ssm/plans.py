"""What tests planted: managed instances, and what commands to them will say."""

import dataclasses
import fnmatch
import threading
from typing import Any


@dataclasses.dataclass(frozen=True)
class Managed:
    """A managed instance."""

    id: str
    ping: str
    platform: str
    name: str
    seen: float

    def described(self) -> dict[str, Any]:
        """As DescribeInstanceInformation gives it."""
        return {
            "InstanceId": self.id,
            "PingStatus": self.ping,
            "LastPingDateTime": self.seen,
            "AgentVersion": "3.3.0.0",
            "IsLatestVersion": True,
            "PlatformType": self.platform,
            "PlatformName": "Amazon Linux" if self.platform == "Linux" else self.platform,
            "ResourceType": "EC2Instance" if self.id.startswith("i-") else "ManagedInstance",
            "ComputerName": self.name,
        }


@dataclasses.dataclass(frozen=True)
class Plan:
    """How a command to an instance ends, and after how long."""

    document: str = "*"
    instance: str = "*"
    status: str = "Success"
    stdout: str = ""
    stderr: str = ""
    code: int = 0
    seconds: float = 0


class Plans:
    """All that was planted since the last reset."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._instances: dict[str, Managed] = {}
        self._plans: list[Plan] = []

    def manage(self, instance: Managed) -> None:
        """Plants or replaces an instance."""
        with self._lock:
            self._instances[instance.id] = instance

    def add(self, plan: Plan) -> None:
        """Plants what a command will say."""
        with self._lock:
            self._plans.append(plan)

    def instances(self) -> list[Managed]:
        """The managed instances."""
        with self._lock:
            return list(self._instances.values())

    def instance(self, instance_id: str) -> Managed | None:
        """A managed instance, if it is one."""
        with self._lock:
            return self._instances.get(instance_id)

    def plan_of(self, document: str, instance: str) -> Plan:
        """What a command will say."""
        with self._lock:
            plans = reversed(self._plans)
            fitting = (one for one in plans if _fits(document, one.document) and _fits(instance, one.instance))
            return next(fitting, Plan())

    def clear(self) -> None:
        """Forgets all."""
        with self._lock:
            self._instances.clear()
            self._plans.clear()


def _fits(name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name, pattern)


PLANS = Plans()
