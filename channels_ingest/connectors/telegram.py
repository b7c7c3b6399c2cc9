"""Telegram: what people write to a bot, or to a group that it is in, becomes messages.

To set it up: ask @BotFather in Telegram for a new bot (/newbot) and copy its token, then
`manage.py channel add telegram --slug tg --set token=…`. Telegram is asked for what is new, so no
address of ours need be open to the world. docs/channels/telegram.md leads through it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests

from channels_ingest import wire
from channels_ingest.connectors import base
from channels_ingest.connectors.base import Connector, FetchFailure, StoredEnvelope, setting
from channels_ingest.connectors.base import mark as _
from tickets import interchange
from tickets.interchange import IncomingFile, IncomingMessage, OutgoingMessage, Sender, Sent

WANTED = json.dumps(["message", "edited_message"])
FILE = "telegram-file:"
FILES = ("photo", "document", "video", "audio", "voice", "animation", "video_note")
SHOWN = ("sticker", "venue", "location", "contact", "poll")  # what has no words of its own
FACTS = ("emoji", "title", "address", "latitude", "longitude", "phone_number", "question")
CODES = {401: "bad_credentials", 403: "recipient_gone", 404: "bad_credentials", 429: "limited"}
SAID = {"chat not found": "recipient_gone", "too big": "too_large", "conflict": "webhook_set"}


class Refused(Exception):
    """The API answered, and not with what it was asked for."""

    def __init__(self, response: requests.Response, answer: dict[str, Any]) -> None:
        status, said = response.status_code, wire.storable(str(answer.get("description", "")))
        found = [code for words, code in SAID.items() if words in said.lower()]
        other = "content_refused" if 400 <= status < 500 else "unavailable"
        self.code = (found or [CODES.get(status, other)])[0]
        self.said = f"HTTP {status}: {said}"[:300]
        more = answer.get("parameters") or {}
        self.retry_after = more.get("retry_after") or wire.retry_after(response.headers)
        self.moved_to = more.get("migrate_to_chat_id")

    def as_send_failure(self) -> base.SendFailure:
        if self.code == "limited":
            return base.TemporaryFailure(self.code, self.said, retry_after=self.retry_after)
        lasting = base.Misconfigured if self.code == "bad_credentials" else base.PermanentFailure
        failure = base.OutcomeUnknown if self.code == "unavailable" else lasting
        return failure(self.code, self.said)


class Telegram(Connector):
    """A bot that is asked for its updates; those asked past are gone at Telegram."""

    kind = "telegram"
    label = "Telegram"
    # 4096 units of UTF-16 are taken, of which an emoji needs two.
    capabilities = interchange.Capabilities(
        text_limit=4000, splits=True, files_apart=True, sends_per_minute=1200, invites="link"
    )
    poll_every = 5.0  # who comes back within three seconds is made to wait

    @dataclass(frozen=True, slots=True)
    class Settings(Connector.Settings):
        """What a bot needs: its token."""

        token: str = setting(_("The bot's token, from @BotFather."), secret=True)
        base_url: str = setting(_("Where the Bot API is."), "https://api.telegram.org")

    def _call(self, method: str, fields: dict[str, Any], **more: Any) -> Any:
        """What a method of the Bot API gives. Raises Refused or requests.RequestException."""
        url = f"{self.settings.base_url.rstrip('/')}/bot{self.settings.token}/{method}"
        asked = {"data": fields, "timeout": wire.TIMEOUT, "allow_redirects": False, **more}
        response = self.account.http.post(url, **asked)
        try:
            answer = wire.json_object(response.content)
        except ValueError:
            answer = {}
        if response.status_code == 200 and answer.get("ok") is True:
            return answer.get("result")
        refused = Refused(response, answer)
        if refused.moved_to and str(refused.moved_to) != fields.get("chat_id"):
            # The group has become a supergroup, and nothing was done in the old one.
            return self._call(method, {**fields, "chat_id": str(refused.moved_to)}, **more)
        raise refused

    def _read(self, method: str, **fields: Any) -> Any:
        """The same for what changes nothing. Raises FetchFailure."""
        try:
            return self._call(method, fields)
        except Refused as error:
            raise FetchFailure(error.code, error.said, retry_after=error.retry_after) from None
        except requests.RequestException as error:  # whose words hold the token
            raise FetchFailure("unreachable", type(error).__name__) from None

    def fetch(self, cursor: base.Cursor) -> Iterator[base.Fetched]:
        # To ask behind an update drops it there; by then the caller has committed it.
        while page := self._read("getUpdates", **cursor, timeout=0, allowed_updates=WANTED):
            try:
                envelopes = tuple(_envelope(update) for update in page)
                cursor = {"offset": max(update["update_id"] for update in page) + 1}
            except (LookupError, TypeError, ValueError):
                raise FetchFailure("not_telegram", "the answer holds no updates") from None
            yield base.Fetched(envelopes, cursor)

    def test(self) -> str:
        name, waiting = self._read("getMe")["username"], self._read("getWebhookInfo")
        return f"@{name} answered; {waiting['pending_update_count']} updates wait"

    def parse(self, envelope: StoredEnvelope) -> list[interchange.Parsed]:
        update = wire.json_object(envelope.body)
        try:
            return [_understood(update, envelope.key)]
        except (LookupError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(f"not an update: {type(error).__name__} {error}"[:200]) from error

    def download(self, address: str) -> IncomingFile:
        path = self._read("getFile", file_id=address.removeprefix(FILE)).get("file_path")
        host, token = self.settings.base_url.rstrip("/"), self.settings.token
        return self.account.fetch_media(f"{host}/file/bot{token}/{path}")

    def send(self, message: OutgoingMessage) -> Sent:
        chat, _slash, topic = (message.thread or message.recipient).partition("/")
        fields = {"chat_id": chat, "message_thread_id": topic or None, "text": message.text}
        if answered := re.fullmatch(r"-?\d+:(\d+)", message.in_reply_to):
            place = {"message_id": int(answered[1]), "allow_sending_without_reply": True}
            fields["reply_parameters"] = json.dumps(place)
        files = [("document", (f.name, f.data, f.content_type)) for f in message.files]
        try:
            method = "sendDocument" if files else "sendMessage"
            return Sent(_id(self._call(method, fields, files=files)))
        except Refused as error:
            raise error.as_send_failure() from None
        except (LookupError, TypeError):
            raise base.OutcomeUnknown("not_telegram", "the answer is no message") from None
        except requests.RequestException as error:
            failure = base.TemporaryFailure if wire.never_left(error) else base.OutcomeUnknown
            raise failure("no_answer", type(error).__name__) from None


def _envelope(update: dict[str, Any]) -> base.RawEnvelope:
    number, body = int(update["update_id"]), json.dumps(update, sort_keys=True).encode()
    message = update.get("edited_message") or update.get("message")
    if not message:
        return base.RawEnvelope(f"update:{number}", "bot", body)
    key = _id(message) + (f":{number}" if "edited_message" in update else "")
    return base.RawEnvelope(key, f"chat:{message['chat']['id']}", body)


def _understood(update: dict[str, Any], key: str) -> interchange.Parsed:
    is_edit = "edited_message" in update
    body = update.get("edited_message") or update.get("message") or {}
    text, files, sender = _text(body), tuple(_files(body)), body.get("from", {})
    if sender.get("is_bot") or not (text or files) or text == "/start":
        return interchange.Unknown("from a bot, or nothing that a person wrote")
    topic = f"/{body['message_thread_id']}" if body.get("is_topic_message") else ""
    return IncomingMessage(
        external_id=key,
        sender=Sender(str(sender["id"]), _name(sender)),
        text=text,
        files=files,
        sent_at=datetime.fromtimestamp(body["date"], UTC),
        thread=f"{body['chat']['id']}{topic}",
        in_reply_to=(_id(body["reply_to_message"]),) if "reply_to_message" in body else (),
        is_public=body["chat"]["type"] != "private",
        language=str(sender.get("language_code") or ""),
        action="edit" if is_edit else "create",
        target_id=_id(body) if is_edit else "",
    )


def _text(body: dict[str, Any]) -> str:
    """The words; what has none is named in brackets, what somebody else wrote is quoted."""
    text = str(body.get("text") or body.get("caption") or "")
    if shown := next((kind for kind in SHOWN if kind in body and not text), ""):
        facts = (str(body[shown][name]) for name in FACTS if name in body[shown])
        text = f"[{shown}] {' '.join(facts)}"
    if not (origin := body.get("forward_origin")):
        return text
    person = origin.get("sender_user") or origin.get("sender_chat") or origin.get("chat") or {}
    said = f"{_name(person) or origin.get('sender_user_name', '?')}: {text}"
    return "\n".join(f"> {line}" for line in said.splitlines())


def _files(body: dict[str, Any]) -> Iterator[IncomingFile]:
    for kind in (kind for kind in FILES if body.get(kind)):
        file = body["photo"][-1] if kind == "photo" else body[kind]  # the largest size is the last
        told = file.get("mime_type", "application/octet-stream")
        yield IncomingFile(file.get("file_name", kind), told, url=FILE + file["file_id"])


def _id(body: dict[str, Any]) -> str:
    return f"{body['chat']['id']}:{body['message_id']}"


def _name(who: dict[str, Any]) -> str:
    return " ".join(str(who[k]) for k in ("first_name", "last_name", "title") if who.get(k))
