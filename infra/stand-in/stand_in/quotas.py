"""Quotas on how much one call may bring, which moto does not enforce. Each line of the table is one of AWS's."""

import dataclasses
import functools
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.glue.responses import GlueResponse

from stand_in.answers import Wsgi
from stand_in.world import World


@dataclasses.dataclass(frozen=True)
class BatchQuota:
    """How many items a list in a request may have."""

    operation: str
    parameter: str
    most: int


# From the API reference of Glue. botocore's models do not hold these limits, so that clients do not check them.
GLUE_BATCHES = (
    BatchQuota("batch_create_partition", "PartitionInputList", 100),
    BatchQuota("batch_get_partition", "PartitionsToGet", 1_000),
    BatchQuota("batch_update_partition", "Entries", 100),
    BatchQuota("batch_delete_partition", "PartitionsToDelete", 25),
    BatchQuota("batch_delete_table", "TablesToDelete", 100),
)


def install(world: World) -> dict[str, Wsgi]:
    """Makes moto enforce the quotas."""
    for quota in GLUE_BATCHES:
        _enforce(GlueResponse, quota)
    return {}


def _enforce(responses: type, quota: BatchQuota) -> None:
    answer = getattr(responses, quota.operation)

    @functools.wraps(answer)
    def limited(self: Any) -> Any:
        items = self.parameters.get(quota.parameter) or []
        if len(items) > quota.most:
            raise JsonRESTError("ValidationException", _message(quota))
        return answer(self)

    setattr(responses, quota.operation, limited)


def _message(quota: BatchQuota) -> str:
    # AWS writes the whole list where we write dots: it can be long and nobody reads it.
    name = quota.parameter[0].lower() + quota.parameter[1:]
    return (
        f"1 validation error detected: Value '[...]' at '{name}' failed to satisfy constraint: "
        f"Member must have length less than or equal to {quota.most}"
    )
