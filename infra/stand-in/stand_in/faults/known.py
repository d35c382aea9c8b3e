"""Which operations there are: a rule for one that is spelled wrong would wait for ever and say nothing."""

import difflib
import fnmatch
import functools

import botocore.loaders

from stand_in.operations import MODELS


def check_operation(pattern: str) -> None:
    """Raises ValueError for a pattern like "s3:Put*" that no operation of the SDK's models meets."""
    service, _, operation = pattern.partition(":")
    # All models of all services take too long to read; "Unknown..." is how calls are named that no model has.
    if any(mark in service for mark in "*?[") or operation.startswith("Unknown"):
        return
    names = _names(service)
    if not any(fnmatch.fnmatchcase(name, operation) for name in names):
        near = difflib.get_close_matches(operation, names, 1)
        raise ValueError(
            f"there is no operation {pattern!r}" + (f"; did you mean {service}:{near[0]}?" if near else "")
        )


@functools.cache
def _names(service: str) -> tuple[str, ...]:
    """The operations of a service by the name that its calls are signed for. Raises ValueError."""
    loader = botocore.loaders.Loader()
    names: list[str] = []
    known = set(loader.list_available_services("service-2"))
    for model_name in known.intersection(MODELS.get(service, (service,))):
        model = loader.load_service_model(model_name, "service-2")
        about = model["metadata"]
        signed = about.get("signingName", about["endpointPrefix"])
        if signed != service:
            raise ValueError(f'calls of {service} are signed for {signed}: use "{signed}:..."')
        names += model["operations"]
    if not names:
        raise ValueError(f"there is no service {service!r}")
    return tuple(names)
