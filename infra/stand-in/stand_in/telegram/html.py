"""HTML as Telegram reads it, with Telegram's own complaints."""

import html
import re
from collections.abc import Callable

from stand_in.telegram.entities import CannotParse, Entity, Reader

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_NUMBER_OR_NAME = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#[xX][0-9a-fA-F]+);?")
_WHITE = " \t\r\n"


class Html(Reader):
    """The tags that Telegram knows."""

    def read(self) -> None:
        """Reads all. Raises CannotParse."""
        while self.at < len(self.text):
            sign = self.text[self.at]
            if sign == "&":
                self._decode()
            elif sign != "<":
                self.put(sign)
                self.at += 1
            elif self.text.startswith("</", self.at):
                self._end_tag()
            else:
                self._start_tag()
        if self.open:
            raise CannotParse(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')

    def _decode(self) -> None:
        found = _NUMBER_OR_NAME.match(self.text, self.at)
        sign = html.unescape(found[0].rstrip(";") + ";") if found else "&"
        # Numbers of no letter stay as they are.
        self.put(found[0] if found and sign in ("", "\ufffd") else sign)
        self.at = found.end() if found else self.at + 1

    def _start_tag(self) -> None:
        at = self.at
        self.at += 1
        name = self._until(_WHITE + ">").lower()
        if self.at >= len(self.text):
            raise CannotParse(f"Unclosed start tag at byte offset {self.byte(at)}")
        if name not in _TAGS:
            raise CannotParse(f'Unsupported start tag "{name}" at byte offset {self.byte(at)}')
        more = self._meaning(name, self._attributes(name, at), at)
        kind = more.pop("type", _TAGS[name])
        self.begin(kind, at, **more)
        self.open[-1].tag = name

    def _attributes(self, tag: str, at: int) -> dict[str, str]:
        found: dict[str, str] = {}
        while True:
            self._skip_white()
            if self.text.startswith(">", self.at):
                self.at += 1
                return found
            name = self._until(_WHITE + "=>").lower()
            if self.at >= len(self.text):
                raise CannotParse(f'Unclosed start tag "{tag}" at byte offset {self.byte(at)}')
            if not name:
                raise CannotParse(f'Empty attribute name in the tag "{tag}" at byte offset {self.byte(at)}')
            self._skip_white()
            found[name] = self._value(tag, at) if self.text.startswith("=", self.at) else ""

    def _value(self, tag: str, at: int) -> str:
        self.at += 1
        self._skip_white()
        quote = self.text[self.at : self.at + 1]
        if not quote:
            raise CannotParse(f'Unclosed start tag "{tag}" at byte offset {self.byte(at)}')
        if quote not in "\"'":
            start = self.at
            token = re.compile(r"[A-Za-z0-9.-]+").match(self.text, start)
            self.at = token.end() if token else start
            if not token or self.text[self.at : self.at + 1] not in tuple(_WHITE + ">"):
                raise CannotParse(f"Unexpected end of name token at byte offset {self.byte(start)}")
            return token[0]
        self.at += 1
        value = self._until(quote)
        if self.at >= len(self.text):
            raise CannotParse(f"Unclosed start tag at byte offset {self.byte(at)}")
        self.at += 1
        return html.unescape(value)

    def _meaning(self, tag: str, attributes: dict[str, str], at: int) -> Entity:
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise CannotParse(f'Tag "span" must have class "tg-spoiler" at byte offset {self.byte(at)}')
        if tag == "tg-emoji" and not attributes.get("emoji-id", "").isdecimal():
            raise CannotParse("Invalid custom emoji identifier specified")
        meanings: dict[str, Callable[[], Entity]] = {
            "a": lambda: {"url": attributes.get("href", "")},
            "tg-emoji": lambda: {"custom_emoji_id": attributes["emoji-id"]},
            "blockquote": lambda: {"type": "expandable_blockquote"} if "expandable" in attributes else {},
        }
        return meanings.get(tag, dict)()

    def _end_tag(self) -> None:
        at = self.at
        if not self.open:
            raise CannotParse(f"Unexpected end tag at byte offset {self.byte(at)}")
        self.at += 2
        name = self._until(_WHITE + ">").lower()
        self._skip_white()
        if not self.text.startswith(">", self.at):
            raise CannotParse(f"Unclosed end tag at byte offset {self.byte(at)}")
        self.at += 1
        last = self.open[-1]
        if name not in ("", last.tag):
            expected = f'expected "</{last.tag}>", found "</{name}>"'
            raise CannotParse(f"Unmatched end tag at byte offset {self.byte(at)}, {expected}")
        if last.kind == "text_link" and not last.more["url"]:
            # A link without an address is plain text.
            last.offset = self.length
        self.end()

    def _until(self, stops: str) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in stops:
            self.at += 1
        return self.text[start : self.at]

    def _skip_white(self) -> None:
        while self.text[self.at : self.at + 1] and self.text[self.at] in _WHITE:
            self.at += 1
