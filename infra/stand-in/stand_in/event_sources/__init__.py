"""What invokes functions and carries events: SQS mappings, S3 notifications, SNS subscriptions, EventBridge rules."""

from stand_in.answers import Wsgi
from stand_in.event_sources import mappings, objects, rules, topics
from stand_in.event_sources.queues import Pollers
from stand_in.world import World


def install(world: World) -> dict[str, Wsgi]:
    """Patches moto's services; there is nothing to control."""
    pollers = Pollers()
    mappings.patch_moto(pollers)
    objects.patch_moto()
    topics.patch_moto()
    rules.patch_moto(world)
    world.on_stop += [pollers.reset, mappings.wake_receivers]
    world.on_end.append(pollers.reset)
    return {}
