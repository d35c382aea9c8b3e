"""What the readers of Telegram's MarkdownV2 and HTML share: plain text and entities.

Offsets in entities count UTF-16 units, offsets in complaints count bytes of UTF-8; both are Telegram's ways.
"""

import dataclasses
from typing import Any

Entity = dict[str, Any]


class CannotParse(Exception):
    """Telegram's complaint, without its "Bad Request: can't parse entities: "."""


def units(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text) + sum(sign > "\uffff" for sign in text)


def trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Without white space around, and with the entities moved along."""
    start = units(text[: len(text) - len(text.lstrip())])
    text = text.strip()
    whole, kept = units(text), []
    for entity in entities:
        first = max(entity["offset"] - start, 0)
        length = min(entity["offset"] + entity["length"] - start, whole) - first
        if length > 0:
            kept.append({**entity, "offset": first, "length": length})
    return text, sorted(kept, key=lambda entity: (entity["offset"], -entity["length"]))


@dataclasses.dataclass
class Open:
    """An entity whose end is not yet found: where it began in the markup and in the plain text."""

    kind: str
    at: int
    offset: int
    tag: str = ""
    more: Entity = dataclasses.field(default_factory=dict)


class Reader:
    """What both languages share."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.plain: list[str] = []
        self.entities: list[Entity] = []
        self.open: list[Open] = []
        self.length = 0

    def read(self) -> None:
        """Reads all. Raises CannotParse."""
        raise NotImplementedError

    def byte(self, at: int) -> int:
        """The offset in bytes of a place in the markup."""
        return len(self.text[:at].encode("utf-8", "surrogatepass"))

    def put(self, text: str) -> None:
        """Adds plain text."""
        self.plain.append(text)
        self.length += units(text)

    def begin(self, kind: str, at: int, **more: Any) -> None:
        """Opens an entity."""
        self.open.append(Open(kind, at, self.length, more=more))

    def end(self) -> Open:
        """Closes the last entity; one without text leaves no trace."""
        last = self.open.pop()
        if self.length > last.offset:
            place = {"offset": last.offset, "length": self.length - last.offset}
            self.entities.append({"type": last.kind, **place, **last.more})
        return last
