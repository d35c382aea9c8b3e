"""The bots and chats of the fake Telegram, and the methods of its Bot API."""

import itertools
import re
import threading
import uuid
from typing import Any
from urllib.parse import urlsplit

from werkzeug.datastructures import FileStorage

from stand_in.clock import clock
from stand_in.telegram.messages import (
    LONGEST_CAPTION,
    LONGEST_TEXT,
    Parameters,
    bad_request,
    check_buttons,
    check_length,
    document,
    formatted,
    message_text,
    reply_markup,
)

DEFAULT_TOKEN = "1:test"
DEFAULT_CHAT = "-100"
# Of an identifier; Python refuses to read thousands of them.
MOST_DIGITS = 18
LONGEST_CALLBACK_ANSWER = 200
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current"
    " content and reply markup of the message"
)
Message = dict[str, Any]
Files = dict[str, FileStorage]


class Telegram:
    """All that is known: tokens, chats, messages, webhooks, presses that await an answer."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """One bot, one chat, nothing said."""
        with self.lock:
            self.tokens = [DEFAULT_TOKEN]
            self.chats = [DEFAULT_CHAT]
            self.messages: dict[tuple[str, int], Message] = {}
            # Address and secret, by token.
            self.webhooks: dict[str, tuple[str, str]] = {}
            self.queries: set[str] = set()
            self._numbers = itertools.count(1)
            self._updates = itertools.count(1)

    def call(self, token: str, method: str, parameters: Parameters, files: Files) -> Any:
        """The result of a method. Raises Refusal, and KeyError if there is no such method."""
        act = {
            "getme": self._get_me,
            "sendmessage": self._send_message,
            "senddocument": self._send_document,
            "editmessagetext": self._edit_message_text,
            "answercallbackquery": self._answer_callback_query,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
        }[method.lower()]
        with self.lock:
            return act(token, parameters, files)

    def press(self, data: str, chat: str, user: int, username: str, number: int | None) -> tuple[str, str, Any]:
        """A press of a button: webhook, its secret, and the update to post. Raises ValueError."""
        with self.lock:
            message = self._pressed(chat, number)
            bot = message["from"]["id"] if message else None
            token = next((one for one in self.webhooks if bot in (None, int(one.partition(":")[0]))), None)
            if token is None:
                raise ValueError("no webhook is set")
            query: dict[str, Any] = {
                "id": str(uuid.uuid4().int >> 66),
                "from": {"id": user, "is_bot": False, "first_name": username, "username": username},
                "chat_instance": f"instance of {chat}",
                "data": data,
            }
            if message:
                query["message"] = message
            self.queries.add(query["id"])
            return *self.webhooks[token], {"update_id": next(self._updates), "callback_query": query}

    def _pressed(self, chat: str, number: int | None) -> Message | None:
        if number is not None:
            if (chat, number) not in self.messages:
                raise ValueError(f"chat {chat} has no message {number}")
            return self.messages[chat, number]
        keyed = [message for (where, _), message in self.messages.items() if where == chat]
        return keyed[-1] if keyed else None

    def _get_me(self, token: str, parameters: Parameters, files: Files) -> Any:
        return {**_bot(token), "can_join_groups": True, "can_read_all_group_messages": False}

    def _send_message(self, token: str, parameters: Parameters, files: Files) -> Message:
        # In this order: Telegram reads the text and the keyboard before it looks for the chat.
        text, entities = message_text(parameters)
        markup = reply_markup(parameters)
        chat = self._chat(parameters)
        check_length(text, LONGEST_TEXT, "message is too long")
        check_buttons(markup)
        return self._keep(token, chat, _content(text, entities, markup))

    def _send_document(self, token: str, parameters: Parameters, files: Files) -> Message:
        caption, entities = formatted(parameters, "caption")
        found = document(files, parameters)
        markup = reply_markup(parameters)
        chat = self._chat(parameters)
        check_length(caption, LONGEST_CAPTION, "message caption is too long")
        check_buttons(markup)
        named = {"file_id": uuid.uuid4().hex, "file_unique_id": uuid.uuid4().hex[:16], **found}
        content = _content(caption, entities, markup, "caption", "caption_entities") if caption else {}
        return self._keep(token, chat, {"document": named, **content})

    def _edit_message_text(self, token: str, parameters: Parameters, files: Files) -> Message:
        text, entities = message_text(parameters)
        markup = reply_markup(parameters)
        chat = self._chat(parameters)
        number = parameters.get("message_id", "")
        if not number.isdecimal() or len(number) > MOST_DIGITS or int(number) == 0:
            raise bad_request("message identifier is not specified")
        message = self.messages.get((chat, int(number)))
        if message is None or message["from"]["id"] != _bot(token)["id"]:
            raise bad_request("message to edit not found" if message is None else "message can't be edited")
        if "text" not in message:
            raise bad_request("there is no text in the message to edit")
        check_length(text, LONGEST_TEXT, "message is too long")
        check_buttons(markup)
        content = _content(text, entities, markup)
        kept = {name: value for name, value in message.items() if name not in ("text", "entities", "reply_markup")}
        if {**kept, **content} == message:
            raise bad_request(_NOT_MODIFIED)
        self.messages[chat, int(number)] = {**kept, "edit_date": int(clock.now()), **content}
        return self.messages[chat, int(number)]

    def _answer_callback_query(self, token: str, parameters: Parameters, files: Files) -> bool:
        if parameters.get("callback_query_id") not in self.queries:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        check_length(parameters.get("text", ""), LONGEST_CALLBACK_ANSWER, "MESSAGE_TOO_LONG")
        self.queries.discard(parameters["callback_query_id"])
        return True

    def _set_webhook(self, token: str, parameters: Parameters, files: Files) -> bool:
        url, secret = parameters.get("url", ""), parameters.get("secret_token", "")
        if not url:
            return self._delete_webhook(token, parameters, files)
        if secret and not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        # Telegram wants https; loopback is what tests have in its place.
        if not is_loopback(url) and not url.startswith("https://"):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        self.webhooks[token] = (url, secret)
        return True

    def _delete_webhook(self, token: str, parameters: Parameters, files: Files) -> bool:
        self.webhooks.pop(token, None)
        return True

    def _chat(self, parameters: Parameters) -> str:
        chat = parameters.get("chat_id", "")
        if not chat:
            raise bad_request("chat_id is empty")
        if chat not in self.chats:
            raise bad_request("chat not found")
        return chat

    def _keep(self, token: str, chat: str, content: Message) -> Message:
        number = next(self._numbers)
        where: dict[str, Any] = {"id": int(chat) if chat.lstrip("-").isdecimal() else chat, "title": "stand-in"}
        where["type"] = "supergroup" if chat.startswith(("-", "@")) else "private"
        message = {"message_id": number, "from": _bot(token), "chat": where, "date": int(clock.now()), **content}
        self.messages[chat, number] = message
        return message


def is_loopback(url: str) -> bool:
    """Whether the stand-in may call an address."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and parts.hostname == "127.0.0.1" and bool(parts.port)
    except ValueError:
        return False


def _bot(token: str) -> dict[str, Any]:
    number = token.partition(":")[0]
    return {"id": int(number), "is_bot": True, "first_name": "Stand-in", "username": f"stand_in_{number}_bot"}


def _content(
    text: str, entities: list[Any], markup: Any, text_name: str = "text", entities_name: str = "entities"
) -> Message:
    found: Message = {text_name: text}
    if entities:
        found[entities_name] = entities
    # Only keyboards under a message are part of it.
    if markup and "inline_keyboard" in markup:
        found["reply_markup"] = markup
    return found
