"""Glue beyond moto: lists in pages, optimistic locking of tables, and partitions whose values fit their keys."""

import functools
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.glue.models import FakeTable
from moto.glue.responses import GlueResponse

from stand_in.answers import Wsgi
from stand_in.world import World

# The most that AWS gives in one page; also what it gives where the request says nothing.
PARTITION_PAGE, TABLE_PAGE = 1_000, 100
WRONG_COUNT = "The number of partition keys do not match the number of partition values"


def install(world: World) -> dict[str, Wsgi]:
    """Patches moto's Glue."""
    _page("get_partitions", "Partitions", PARTITION_PAGE)
    _page("get_tables", "TableList", TABLE_PAGE)
    _lock_versions()
    _count_values()
    return {}


def _page(operation: str, name: str, largest: int) -> None:
    answer = getattr(GlueResponse, operation)

    @functools.wraps(answer)
    def paged(self: GlueResponse) -> ActionResult:
        found = answer(self).result[name]
        most = self.parameters.get("MaxResults") or largest
        if not 1 <= most <= largest:
            raise JsonRESTError("InvalidInputException", f"MaxResults must be from 1 to {largest}")
        start = _start_of(self.parameters.get("NextToken"))
        page: dict[str, Any] = {name: found[start : start + most]}
        if start + most < len(found):
            page["NextToken"] = str(start + most)
        return ActionResult(page)

    # Moto gives all at once.
    setattr(GlueResponse, operation, paged)


def _start_of(token: str | None) -> int:
    if token and not token.isdecimal():
        raise JsonRESTError("InvalidInputException", "The next token is invalid.")
    return int(token or 0)


def _lock_versions() -> None:
    answer = GlueResponse.update_table

    @functools.wraps(answer)
    def guarded(self: GlueResponse) -> ActionResult:
        wanted = self.parameters.get("VersionId")
        table = self.glue_backend.get_table(self.parameters["DatabaseName"], self.parameters["TableInput"]["Name"])
        if wanted is not None and wanted != table.as_dict()["VersionId"]:
            raise JsonRESTError(
                "ConcurrentModificationException", "Update table failed due to concurrent modifications."
            )
        return answer(self)

    # Moto takes no notice of VersionId.
    GlueResponse.update_table = guarded  # type: ignore[method-assign]


def _count_values() -> None:
    create = FakeTable.create_partition

    @functools.wraps(create)
    def counted(self: FakeTable, partiton_input: dict[str, Any]) -> None:
        if len(partiton_input.get("Values") or ()) != len(self.as_dict().get("PartitionKeys") or ()):
            raise JsonRESTError("InvalidInputException", WRONG_COUNT)
        create(self, partiton_input)

    # Moto takes any number.
    FakeTable.create_partition = counted  # type: ignore[method-assign]
