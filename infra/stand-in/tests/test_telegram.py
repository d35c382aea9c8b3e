"""The fake Bot API: what it takes, what it refuses and in which words, and presses of buttons."""

import http.client
import http.server
import json
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Client


class Bot:
    """Calls of one bot."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def call(self, method: str, token: str = "1:test", **parameters: Any) -> tuple[int, Any]:
        """Status and answer."""
        headers = {"Content-Type": "application/json"}
        return self.client.call("POST", f"/_telegram/bot{token}/{method}", parameters, headers)

    def send(self, text: str, **more: Any) -> Any:
        """A message to the chat, which must go well."""
        status, value = self.call("sendMessage", **{"chat_id": -100, "text": text, **more})
        assert (status, value["ok"]) == (200, True), value
        return value["result"]

    def refused(self, method: str, **parameters: Any) -> str:
        """Why a call is a bad request."""
        status, value = self.call(method, **{"chat_id": -100, **parameters})
        assert (status, value["ok"], value["error_code"]) == (400, False, 400), value
        return value["description"].removeprefix("Bad Request: ")

    def order(self, **values: Any) -> None:
        """Control."""
        status, value = self.client.post("/_stand-in/telegram", values)
        assert status == 200, value


@pytest.fixture
def bot(stand_in: Client) -> Bot:
    """The bot that is known from the start."""
    return Bot(stand_in)


def test_a_message_is_kept(bot: Bot) -> None:
    """Numbers count from 1, and the answer is a Message."""
    first, second = bot.send("one"), bot.send("two", chat_id="-100")
    assert (first["message_id"], second["message_id"]) == (1, 2)
    assert first["text"] == "one" and first["chat"] == {"id": -100, "title": "stand-in", "type": "supergroup"}
    assert first["from"]["is_bot"] and first["from"]["id"] == 1 and first["date"] > 1_700_000_000
    bot.client.post("/_stand-in/reset")
    assert bot.send("again")["message_id"] == 1


def test_parameters_come_in_every_way(bot: Bot) -> None:
    """Query, form and JSON; the method's letters may be large or small."""
    assert bot.client.get("/_telegram/bot1:test/sendmessage?chat_id=-100&text=q")[1]["result"]["text"] == "q"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    path = "/_telegram/bot1:test/SENDMESSAGE?chat_id=-100&text=form"
    assert bot.client.call("POST", path, None, headers)[1]["result"]["text"] == "form"
    assert bot.client.get("/_telegram/bot1:test/getMe")[1]["result"]["username"] == "stand_in_1_bot"


@pytest.mark.parametrize(
    ("token", "method", "status", "description"),
    [
        ("2:test", "getMe", 401, "Unauthorized"),
        ("1:other", "getMe", 401, "Unauthorized"),
        ("test", "getMe", 404, "Not Found"),
        ("", "getMe", 404, "Not Found"),
        ("1:test", "getYou", 404, "Not Found"),
        ("1:test", "getMe/more", 404, "Not Found"),
    ],
)
def test_wrong_tokens_and_methods(bot: Bot, token: str, method: str, status: int, description: str) -> None:
    """401 if the token is like one, else 404."""
    expected = {"ok": False, "error_code": status, "description": description}
    assert bot.call(method, token) == (status, expected)


def test_other_bots_and_chats_by_order(bot: Bot) -> None:
    """What is not known is not there."""
    assert bot.refused("sendMessage", chat_id=7, text="x") == "chat not found"
    bot.order(tokens=["2:b"], chats=[7, "@news"])
    assert bot.call("getMe")[0] == 401
    assert bot.call("sendMessage", "2:b", chat_id=7, text="x")[1]["result"]["chat"]["type"] == "private"
    assert bot.call("sendMessage", "2:b", chat_id="@news", text="x")[0] == 200
    assert bot.call("sendMessage", "2:b", chat_id=-100, text="x")[0] == 400


def keyboard(**button: Any) -> dict[str, Any]:
    """One button."""
    return {"inline_keyboard": [[button]]}


def test_a_keyboard_is_kept(bot: Bot) -> None:
    """As JSON or as text of JSON, and 64 bytes of data fit."""
    markup = keyboard(text="Yes", callback_data="é" * 32)
    assert bot.send("x", reply_markup=markup)["reply_markup"] == markup
    assert bot.send("x", reply_markup=json.dumps(markup))["reply_markup"] == markup
    assert "reply_markup" not in bot.send("x", reply_markup={"remove_keyboard": True})


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("{", "can't parse reply keyboard markup JSON object"),
        ([], "object expected as reply markup"),
        ({"buttons": []}, "object expected as reply markup"),
        ({"inline_keyboard": {}}, 'field "inline_keyboard" must be of type Array'),
        ({"inline_keyboard": [{}]}, 'field "inline_keyboard" must be an Array of Arrays'),
        ({"inline_keyboard": [["x"]]}, "can't parse inline keyboard button: InlineKeyboardButton must be an Object"),
        (keyboard(callback_data="x"), "can't parse inline keyboard button: Can't find field \"text\""),
        (keyboard(text=1, callback_data="x"),
         "can't parse inline keyboard button: Field \"text\" must be of type String"),
        (keyboard(text="x"), "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        (keyboard(text="x", callback_data=""),
         "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        (keyboard(text="x", callback_data="x" * 65), "BUTTON_DATA_INVALID"),
        (keyboard(text="x", callback_data="é" * 33), "BUTTON_DATA_INVALID"),
        (keyboard(text="x", url="ftp://example.com"),
         "inline keyboard button URL 'ftp://example.com' is invalid: Unsupported URL protocol"),
        (keyboard(text="x", url="localhost"), "inline keyboard button URL 'localhost' is invalid: Wrong HTTP URL"),
        ({"inline_keyboard": [[{"text": "x", "callback_data": "x"}] * 101]}, "REPLY_MARKUP_TOO_LONG"),
    ],
)  # fmt: skip
def test_bad_keyboards(bot: Bot, markup: Any, reason: str) -> None:
    """In Telegram's words."""
    assert bot.refused("sendMessage", text="x", reply_markup=markup) == reason


def test_edits(bot: Bot) -> None:
    """Text and keyboard are put anew; what changes nothing is refused."""
    number = bot.send("one", reply_markup=keyboard(text="x", callback_data="x"))["message_id"]
    status, value = bot.call("editMessageText", chat_id=-100, message_id=number, text="*two*", parse_mode="MarkdownV2")
    assert status == 200 and value["result"]["text"] == "two" and "reply_markup" not in value["result"]
    assert value["result"]["edit_date"] and value["result"]["message_id"] == number
    same = bot.refused("editMessageText", message_id=number, text="<b>two</b>", parse_mode="HTML")
    assert same.startswith("message is not modified: specified new message content and reply markup are exactly")
    assert bot.refused("editMessageText", message_id=99, text="x") == "message to edit not found"
    assert bot.refused("editMessageText", text="x") == "message identifier is not specified"
    assert bot.refused("editMessageText", message_id=number, text="") == "message text is empty"


def upload(bot: Bot, content: bytes, **fields: str) -> tuple[int, Any]:
    """sendDocument in parts."""
    mark = uuid.uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="document"; filename="a.csv"\r\n'
    body = "".join([*parts, head, "Content-Type: text/csv\r\n\r\n"]).encode() + content + f"\r\n--{mark}--\r\n".encode()
    request = http.client.HTTPConnection("127.0.0.1", int(bot.client.endpoint.rpartition(":")[2]), timeout=10)
    headers = {"Content-Type": f"multipart/form-data; boundary={mark}"}
    request.request("POST", "/_telegram/bot1:test/sendDocument", body, headers)
    found = request.getresponse()
    return found.status, json.loads(found.read())


def test_documents(bot: Bot) -> None:
    """In parts, with a caption; the file can be read among the calls."""
    status, value = upload(bot, b"a,b\n1,2\n", chat_id="-100", caption="<b>x</b>", parse_mode="HTML")
    assert status == 200, value
    found = value["result"]
    assert found["document"]["file_name"] == "a.csv" and found["document"]["file_size"] == 8
    assert found["caption"] == "x" and found["caption_entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    call = bot.client.get("/_stand-in/telegram/calls")[1][-1]
    assert call["files"] == [{"field": "document", "name": "a.csv", "text": "a,b\n1,2\n"}]
    edit = bot.refused("editMessageText", message_id=found["message_id"], text="x")
    assert edit == "there is no text in the message to edit"


def test_bad_documents(bot: Bot) -> None:
    """Empty, missing, elsewhere, with too long a caption."""
    assert upload(bot, b"", chat_id="-100")[1]["description"] == "Bad Request: file must be non-empty"
    assert upload(bot, b"x", chat_id="-1")[1]["description"] == "Bad Request: chat not found"
    long = upload(bot, b"x", chat_id="-100", caption="x" * 1025)
    assert long[1]["description"] == "Bad Request: message caption is too long"
    assert bot.refused("sendDocument") == "there is no document in the request"
    assert bot.refused("sendDocument", document="abc") == "wrong file identifier/HTTP URL specified"


def test_failures_by_order(bot: Bot) -> None:
    """Each of the next calls has its own, then all is well."""
    bot.order(fail_next=[{"status": 429, "retry_after": 3}, {"status": 502}])
    bot.order(fail_next=[{"status": 403, "description": "Forbidden: x"}])
    status, value = bot.call("sendMessage", chat_id=-100, text="x")
    assert (status, value["parameters"]) == (429, {"retry_after": 3})
    assert value["description"] == "Too Many Requests: retry after 3"
    assert bot.call("sendMessage", chat_id=-100, text="x")[1]["description"] == "Bad Gateway"
    assert bot.call("sendMessage", chat_id=-100, text="x")[1]["description"] == "Forbidden: x"
    assert bot.send("x")["message_id"] == 1


def test_calls_are_told(bot: Bot) -> None:
    """Good ones and bad ones, in order."""
    bot.send("one")
    bot.refused("sendMessage", text="")
    first, second = bot.client.get("/_stand-in/telegram/calls")[1]
    assert (first["method"], first["status"]) == ("sendMessage", 200)
    assert first["parameters"] == {"chat_id": "-100", "text": "one"}
    assert second["status"] == 400 and second["answer"]["ok"] is False
    assert bot.client.call("DELETE", "/_stand-in/telegram/calls")[0] == 200
    assert bot.client.get("/_stand-in/telegram/calls") == (200, [])


class Webhook:
    """A webhook that keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[tuple[str | None, Any]] = []
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                hook.got.append((self.headers["X-Telegram-Bot-Api-Secret-Token"], body))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"seen")

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """A running webhook."""
    hook = Webhook()
    yield hook
    hook.server.shutdown()
    hook.server.server_close()


def test_a_press_reaches_the_webhook(bot: Bot, webhook: Webhook) -> None:
    """With the secret, the message and the presser; the query can be answered once."""
    assert bot.call("setWebhook", url=webhook.url, secret_token="s-1")[1] == {"ok": True, "result": True}
    number = bot.send("sure?", reply_markup=keyboard(text="Yes", callback_data="yes:1"))["message_id"]
    press = {"data": "yes:1", "chat_id": -100, "user_id": 7, "username": "eve", "message_id": number}
    status, value = bot.client.post("/_stand-in/telegram/press", press)
    assert (status, value["status"], value["body"]) == (200, 200, "seen")
    [(secret, update)] = webhook.got
    query = update["callback_query"]
    assert secret == "s-1" and update["update_id"] == 1 and query["data"] == "yes:1"
    assert query["from"]["id"] == 7 and query["from"]["username"] == "eve" and not query["from"]["is_bot"]
    assert query["message"]["message_id"] == number and query["message"]["text"] == "sure?"
    assert bot.call("answerCallbackQuery", callback_query_id=query["id"], text="ok")[1]["result"] is True
    assert bot.refused("answerCallbackQuery", callback_query_id=query["id"]).startswith("query is too old and response")


def test_webhooks(bot: Bot, webhook: Webhook) -> None:
    """A press without one is refused, and so are bad ones."""
    press = {"data": "x"}
    assert bot.client.post("/_stand-in/telegram/press", press)[0] == 400
    assert bot.refused("setWebhook", url="http://example.com").startswith("bad webhook")
    assert "unallowed" in bot.refused("setWebhook", url=webhook.url, secret_token="a b")
    bot.call("setWebhook", url="https://example.com/hook")
    assert "127.0.0.1" in bot.client.post("/_stand-in/telegram/press", press)[1]["message"]
    bot.call("setWebhook", url=webhook.url)
    assert bot.client.post("/_stand-in/telegram/press", press)[1]["status"] == 200
    assert webhook.got[0][0] is None
    assert bot.client.post("/_stand-in/telegram/press", {"data": "x", "message_id": 5})[0] == 400
    bot.call("deleteWebhook")
    assert bot.client.post("/_stand-in/telegram/press", press)[0] == 400


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"[" * 100_000])
def test_junk_is_a_bad_request(bot: Bot, body: bytes) -> None:
    """No traceback, whatever the body."""
    connection = http.client.HTTPConnection("127.0.0.1", int(bot.client.endpoint.rpartition(":")[2]), timeout=10)
    connection.request("POST", "/_telegram/bot1:test/sendMessage", body, {"Content-Type": "application/json"})
    found = connection.getresponse()
    assert (found.status, json.loads(found.read())["ok"]) == (400, False)


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"tokens": ["x"]}, "x"),
        ({"chats": "all"}, "chats"),
        ({"fail_next": [{"status": 200}]}, "status"),
        ({"fail_next": {"status": 500}}, "fail_next"),
        ({"fail": 1}, "fail"),
    ],
)
def test_a_bad_order_is_refused(bot: Bot, order: dict[str, Any], reason: str) -> None:
    """400 and the word that is wrong."""
    status, value = bot.client.post("/_stand-in/telegram", order)
    assert status == 400 and reason in value["message"]
