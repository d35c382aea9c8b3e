"""What a bot may send: text, keyboards and documents, checked as Telegram checks them."""

import json
import mimetypes
from typing import Any
from urllib.parse import urlsplit

from werkzeug.datastructures import FileStorage

from stand_in.telegram.entities import CannotParse, Entity, Reader, trimmed, units
from stand_in.telegram.html import Html
from stand_in.telegram.markdown import Markdown

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_CALLBACK_DATA = 64
MOST_BUTTONS = 100
LARGEST_FILE = 50 * 1024 * 1024
_READERS: dict[str, type[Reader]] = {"markdownv2": Markdown, "html": Html}
_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
_KEYBOARDS = ("inline_keyboard", "keyboard", "remove_keyboard", "force_reply")
Parameters = dict[str, str]


class Refusal(Exception):
    """An error of the Bot API: its code and description, and how long to wait, if that is the matter."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code, self.description, self.retry_after = code, description, retry_after


def bad_request(reason: str) -> Refusal:
    """What most refusals are."""
    return Refusal(400, f"Bad Request: {reason}")


def formatted(parameters: Parameters, name: str) -> tuple[str, list[Entity]]:
    """The plain text and the entities of a parameter. Raises Refusal."""
    text, mode = parameters.get(name, ""), parameters.get("parse_mode", "").lower()
    if not text.isprintable() and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise bad_request("strings must be encoded in UTF-8")
    if not mode or mode == "none":
        return trimmed(text, [])
    if mode not in _READERS:
        raise bad_request("unsupported parse_mode")
    reader = _READERS[mode](text)
    try:
        reader.read()
    except CannotParse as error:
        raise bad_request(f"can't parse entities: {error}") from error
    return trimmed("".join(reader.plain), reader.entities)


def message_text(parameters: Parameters) -> tuple[str, list[Entity]]:
    """The text of a message, which must have some. Raises Refusal."""
    text, entities = formatted(parameters, "text")
    if not text:
        raise bad_request("message text is empty")
    return text, entities


def check_length(text: str, longest: int, complaint: str) -> None:
    """Raises Refusal if a text is too long, after its entities were taken out."""
    if units(text) > longest:
        raise bad_request(complaint)


def reply_markup(parameters: Parameters) -> dict[str, Any] | None:
    """The keyboard of a message, if it has one. Raises Refusal."""
    given = parameters.get("reply_markup")
    if not given:
        return None
    try:
        markup = json.loads(given)
    except (ValueError, RecursionError) as error:
        raise bad_request("can't parse reply keyboard markup JSON object") from error
    if not isinstance(markup, dict) or not any(name in markup for name in _KEYBOARDS):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        _check_inline(markup["inline_keyboard"])
    return markup


def check_buttons(markup: dict[str, Any] | None) -> None:
    """What Telegram checks late, when it knows the chat. Raises Refusal."""
    rows = (markup or {}).get("inline_keyboard", [])
    buttons = [button for row in rows for button in row]
    if len(buttons) > MOST_BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    if any(len(button.get("callback_data", "").encode()) > LONGEST_CALLBACK_DATA for button in buttons):
        raise bad_request("BUTTON_DATA_INVALID")


def _check_inline(rows: Any) -> None:
    if not isinstance(rows, list):
        raise bad_request('field "inline_keyboard" must be of type Array')
    for row in rows:
        if not isinstance(row, list):
            raise bad_request('field "inline_keyboard" must be an Array of Arrays')
        for button in row:
            try:
                _check_button(button)
            except ValueError as error:
                raise bad_request(f"can't parse inline keyboard button: {error}") from error


def _check_button(button: Any) -> None:
    if not isinstance(button, dict):
        raise ValueError("InlineKeyboardButton must be an Object")
    if "text" not in button:
        raise ValueError('Can\'t find field "text"')
    for name in ("text", "callback_data", "url"):
        if name in button and not isinstance(button[name], str):
            raise ValueError(f'Field "{name}" must be of type String')
        if any("\ud800" <= sign <= "\udfff" for sign in button.get(name, "")):
            raise bad_request("strings must be encoded in UTF-8")
    if not any(button.get(name) for name in _ACTIONS):
        raise ValueError("Text buttons are unallowed in the inline keyboard")
    if button.get("url"):
        _check_url(button["url"])


def _check_url(url: str) -> None:
    complaint = f"inline keyboard button URL '{url}' is invalid: "
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host = parts.hostname or ""
    except ValueError as error:
        raise bad_request(f"{complaint}Wrong HTTP URL") from error
    if parts.scheme == "tg":
        return
    if parts.scheme not in ("http", "https"):
        raise bad_request(f"{complaint}Unsupported URL protocol")
    if "." not in host:
        raise bad_request(f"{complaint}Wrong HTTP URL")


def document(files: dict[str, FileStorage], parameters: Parameters) -> dict[str, Any]:
    """The document of a message, as Telegram tells of it. Raises Refusal."""
    sent = parameters.get("document", "")
    file = files.get(sent.removeprefix("attach://") if sent.startswith("attach://") else "document")
    if file is None:
        # The files of others are not here, and the stand-in fetches nothing.
        reason = "wrong file identifier/HTTP URL specified" if sent else "there is no document in the request"
        raise bad_request(reason)
    content = file.stream.read()
    if not content:
        raise bad_request("file must be non-empty")
    if len(content) > LARGEST_FILE:
        raise Refusal(413, "Request Entity Too Large")
    name = file.filename or "document"
    return {
        "file_name": name,
        "mime_type": file.mimetype or mimetypes.guess_type(name)[0] or "application/octet-stream",
        "file_size": len(content),
    }
