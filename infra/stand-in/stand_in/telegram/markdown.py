"""MarkdownV2 as Telegram reads it, with Telegram's own complaints."""

import re

from stand_in.telegram.entities import CannotParse, Open, Reader

_RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
# What each kind is called in complaints.
_COMPLAINT_NAMES = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "Pre",
    "text_link": "TextUrl",
    "custom_emoji": "CustomEmoji",
    "blockquote": "BlockQuote",
}


class Markdown(Reader):
    """MarkdownV2."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        # Whether a quotation may begin here: nothing of this line has been read.
        self._line_start = True

    def read(self) -> None:
        """Reads all. Raises CannotParse."""
        while self.at < len(self.text):
            self._step()
        self._end_quote()
        if self.open:
            raise self._endless(self.open[-1])

    def _step(self) -> None:
        sign = self.text[self.at]
        following = self.text[self.at + 1 : self.at + 2]
        if sign == "\\" and following and following <= "~":
            self._literal(following, 2)
        elif self._in_code() and sign != "`":
            self._literal(sign, 1)
        elif sign not in _RESERVED:
            self._literal(sign, 1)
            if sign == "\n" and not self.text.startswith(">", self.at):
                self._end_quote()
        elif self._ends(sign):
            self._finish()
        else:
            self._start(sign)

    def _literal(self, sign: str, width: int) -> None:
        self.put(sign)
        self.at += width
        self._line_start = sign == "\n"

    def _in_code(self) -> bool:
        return bool(self.open) and self.open[-1].kind in ("code", "pre")

    def _ends(self, sign: str) -> bool:
        if not self.open:
            return False
        match self.open[-1].kind:
            case "italic":
                return sign == "_" and not self.text.startswith("__", self.at)
            case "underline":
                return self.text.startswith("__", self.at)
            case "spoiler":
                return self.text.startswith("||", self.at)
            case "pre":
                return self.text.startswith("```", self.at)
            case "text_link" | "custom_emoji":
                return sign == "]"
            case kind:
                return sign == {"bold": "*", "strikethrough": "~", "code": "`"}.get(kind)

    def _finish(self) -> None:
        kind = self.open[-1].kind
        self.at += {"underline": 2, "spoiler": 2, "pre": 3}.get(kind, 1)
        if kind in ("text_link", "custom_emoji"):
            self._finish_link(self.open[-1])
        self.end()

    def _finish_link(self, link: Open) -> None:
        if not self.text.startswith("(", self.at):
            if link.kind == "custom_emoji":
                raise CannotParse("Custom emoji entity must contain a tg://emoji URL")
            link.more["url"] = ""
        else:
            link.more["url"] = self._address("a custom emoji URL" if link.kind == "custom_emoji" else "a URL")
        if link.kind == "custom_emoji":
            found = re.fullmatch(r"tg://emoji\?id=([1-9]\d*)", link.more.pop("url"))
            if not found:
                raise CannotParse("Custom emoji URL must have an emoji identifier")
            link.more["custom_emoji_id"] = found[1]
        elif not link.more["url"]:
            # A link that names nothing is plain text.
            link.offset = self.length

    def _address(self, what: str) -> str:
        start, found = self.at, ""
        self.at += 1
        while self.at < len(self.text):
            sign = self.text[self.at]
            if sign == ")":
                self.at += 1
                return found
            if sign == "\\" and self.text[self.at + 1 : self.at + 2]:
                self.at += 1
                sign = self.text[self.at]
            found += sign
            self.at += 1
        raise CannotParse(f"Can't find end of {what} at byte offset {self.byte(start)}")

    def _start(self, sign: str) -> None:
        at = self.at
        for mark, kind in (
            ("__", "underline"),
            ("_", "italic"),
            ("*", "bold"),
            ("~", "strikethrough"),
            ("||", "spoiler"),
            ("![", "custom_emoji"),
            ("[", "text_link"),
        ):
            if self.text.startswith(mark, at):
                self.at += len(mark)
                self.begin(kind, at)
                return
        if sign == "`":
            self._start_code()
        elif sign == ">" and self._line_start:
            self.at += 1
            self._line_start = False
            if not any(one.kind == "blockquote" for one in self.open):
                self.begin("blockquote", at)
        else:
            raise CannotParse(f"Character '{sign}' is reserved and must be escaped with the preceding '\\'")

    def _start_code(self) -> None:
        at = self.at
        if not self.text.startswith("```", at):
            self.at += 1
            self.begin("code", at)
            return
        self.at += 3
        named = re.compile(r"([^\s`]+)(?=\s)").match(self.text, self.at)
        self.begin("pre", at, **({"language": named[1]} if named else {}))
        self.at = named.end() if named else self.at
        if self.text.startswith(("\n", "\r\n"), self.at):
            self.at += 1 + self.text.startswith("\r", self.at)

    def _end_quote(self) -> None:
        if not any(one.kind == "blockquote" for one in self.open):
            return
        # "||" with nothing behind it marks a quotation that is folded up.
        behind = self.length - self.open[-1].offset
        folded = self.open[-1].kind == "spoiler" and (behind == 0 or (behind == 1 and self.plain[-1] == "\n"))
        if folded:
            self.open.pop()
        if self.open[-1].kind != "blockquote":
            raise self._endless(self.open[-1])
        if folded:
            self.open[-1].kind = "expandable_blockquote"
        self.end()

    def _endless(self, entity: Open) -> CannotParse:
        name = "PreCode" if "language" in entity.more else _COMPLAINT_NAMES[entity.kind]
        return CannotParse(f"Can't find end of {name} entity at byte offset {self.byte(entity.at)}")
