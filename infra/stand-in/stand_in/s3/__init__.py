"""S3 beyond moto: checksums, owners and expiry times are checked, and locks hold as those of AWS do."""

from stand_in.answers import Wsgi
from stand_in.s3 import locks, policies, requests, uploads
from stand_in.s3.requests import wrap
from stand_in.world import World

__all__ = ["install", "wrap"]


def install(world: World) -> dict[str, Wsgi]:
    """Patches moto's S3."""
    locks.install()
    policies.install()
    uploads.install()
    requests.install()
    return {}
