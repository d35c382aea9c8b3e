"""Texts of the fake Bot API: lengths, MarkdownV2 and HTML, and the complaints about them."""

from typing import Any

import pytest
from test_telegram import Bot, bot

__all__ = ["bot"]

RESERVED = "Character '{}' is reserved and must be escaped with the preceding '\\'"


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({}, "message text is empty"),
        ({"text": " \n\t"}, "message text is empty"),
        ({"text": "**", "parse_mode": "MarkdownV2"}, "message text is empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "x", "chat_id": ""}, "chat_id is empty"),
        ({"text": "x", "parse_mode": "Word"}, "unsupported parse_mode"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "x\ud800"}, "strings must be encoded in UTF-8"),
    ],
)
def test_bad_texts(bot: Bot, parameters: dict[str, Any], reason: str) -> None:
    """Empty, too long, of no known mode, or for nobody."""
    assert bot.refused("sendMessage", **parameters) == reason


def test_length_counts_after_parsing_and_in_utf16(bot: Bot) -> None:
    """4,096 units of text, however much markup there is."""
    bot.send("x" * 4096)
    bot.send("😀" * 2048)
    assert len(bot.send("*" + "\\." * 4096 + "*", parse_mode="MarkdownV2")["text"]) == 4096
    assert len(bot.send("&amp;" * 4096, parse_mode="HTML")["text"]) == 4096


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("fine.", RESERVED.format(".")),
        ("a-b", RESERVED.format("-")),
        ("(x)", RESERVED.format("(")),
        ("1 > 0", RESERVED.format(">")),
        ("a!", RESERVED.format("!")),
        ("a|b", RESERVED.format("|")),
        ("🏟 🏟_abacaba", "Can't find end of Italic entity at byte offset 9"),
        ("🏟 🏟_abac * asd ", "Can't find end of Bold entity at byte offset 15"),
        ("🏟 🏟`", "Can't find end of Code entity at byte offset 9"),
        ("🏟 🏟```a", "Can't find end of Pre entity at byte offset 9"),
        ("🏟 🏟```a ", "Can't find end of PreCode entity at byte offset 9"),
        ("🏟 🏟__🏟 🏟_", "Can't find end of Italic entity at byte offset 20"),
        ("🏟 🏟_🏟 🏟__", "Can't find end of Underline entity at byte offset 19"),
        ("🏟 🏟||test\\||", RESERVED.format("|")),
        ("~x", "Can't find end of Strikethrough entity at byte offset 0"),
        ("[a](b", "Can't find end of a URL at byte offset 3"),
        ("[a", "Can't find end of TextUrl entity at byte offset 0"),
        ("![👍]", "Custom emoji entity must contain a tg://emoji URL"),
        (">*b\n>ld \n>bo\nld*\nasd", "Can't find end of Bold entity at byte offset 1"),
        (">\n*a*>2", RESERVED.format(">")),
        (">asd\n>q||ew\n||asdad", "Can't find end of Spoiler entity at byte offset 7"),
        (">asd\n>q||e||w||\n||asdad", "Can't find end of Spoiler entity at byte offset 16"),
    ],
)
def test_bad_markdown(bot: Bot, markup: str, reason: str) -> None:
    """In Telegram's words, offsets in bytes."""
    assert bot.refused("sendMessage", text=markup, parse_mode="MarkdownV2") == f"can't parse entities: {reason}"


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("🏟 🏟&lt;<abacaba", "Unclosed start tag at byte offset 13"),
        ("🏟 🏟&lt;<abac>", 'Unsupported start tag "abac" at byte offset 13'),
        ("a < b > c", 'Unsupported start tag "" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("🏟 🏟&lt;<i>a</em   >", 'Unmatched end tag at byte offset 17, expected "</i>", found "</em>"'),
        ("🏟 🏟&lt;<i>a</i   ", "Unclosed end tag at byte offset 17"),
        ("🏟 🏟&lt;<i   =aba>", 'Empty attribute name in the tag "i" at byte offset 13'),
        ("🏟 🏟&lt;<i    aba  =  ", 'Unclosed start tag "i" at byte offset 13'),
        ("🏟 🏟&lt;<i    aba  =  190azAz-.,", "Unexpected end of name token at byte offset 27"),
        ('🏟 🏟&lt;<i    aba  =  "&lt;&gt;&quot;>', "Unclosed start tag at byte offset 13"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_bad_html(bot: Bot, markup: str, reason: str) -> None:
    """In Telegram's words, offsets in bytes."""
    assert bot.refused("sendMessage", text=markup, parse_mode="HTML") == f"can't parse entities: {reason}"


@pytest.mark.parametrize(
    ("mode", "markup", "text", "entities"),
    [
        ("MarkdownV2", "a\\.b", "a.b", []),
        ("MarkdownV2", "😀 *b _i_* ", "😀 b i", [("bold", 3, 3), ("italic", 5, 1)]),
        ("MarkdownV2", "__u__ ~s~ ||p||", "u s p", [("underline", 0, 1), ("strikethrough", 2, 1), ("spoiler", 4, 1)]),
        ("MarkdownV2", "`a.b*` ```rust\nlet x\\`=1;\n```", "a.b* let x`=1;", [("code", 0, 4), ("pre", 5, 9)]),
        ("MarkdownV2", "[a](https://b.c/\\))", "a", [("text_link", 0, 1)]),
        ("MarkdownV2", ">q\n>r\nx", "q\nr\nx", [("blockquote", 0, 4)]),
        ("MarkdownV2", "**>q\n>r||", "q\nr", [("expandable_blockquote", 0, 3)]),
        ("HTML", "  <b>😀</b> &lt;&#39;&x; <I>i</i>", "😀 <'&x; i", [("bold", 0, 2), ("italic", 9, 1)]),
        ("html", '<a href="https://b.c/?x&amp;y">a</a>', "a", [("text_link", 0, 1)]),
        ("HTML", "<a>a</a><b></b>&#12345678;", "a&#12345678;", []),
        ("", "*a_ <b>", "*a_ <b>", []),
    ],
)
def test_good_markup(bot: Bot, mode: str, markup: str, text: str, entities: list[Any]) -> None:
    """Plain text and entities, offsets in UTF-16."""
    found = bot.send(markup, parse_mode=mode)
    assert found["text"] == text
    assert [(one["type"], one["offset"], one["length"]) for one in found.get("entities", [])] == entities


def test_links_and_languages_are_told(bot: Bot) -> None:
    """Entities say more where there is more to say."""
    found = bot.send("[a](https://b.c/\\)) ```rust\nx```", parse_mode="MarkdownV2")["entities"]
    assert found[0]["url"] == "https://b.c/)" and found[1]["language"] == "rust"
