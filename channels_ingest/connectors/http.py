"""Our own signed HTTP channel, for systems that can be programmed to speak to us.

To set it up: `manage.py channel add http --slug shop`. It prints the secret and the address to
which the other system posts its messages. Give a callback_url to have replies posted to that
system; without one it fetches them from the channel's outbox.
docs/channels/http.md is the whole contract, with an example that can be run.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

from channels_ingest import http_message, wire
from channels_ingest.connectors.base import (
    Accepted,
    Answer,
    BadRequest,
    BadSignature,
    Connector,
    OutcomeUnknown,
    PermanentFailure,
    RawEnvelope,
    Received,
    Request,
    StoredEnvelope,
    TemporaryFailure,
    setting,
)
from channels_ingest.connectors.base import mark as _
from tickets.interchange import (
    Capabilities,
    IncomingFile,
    IncomingMessage,
    OutgoingMessage,
    Parsed,
    Sender,
    Sent,
    Unknown,
)

SIGNATURE = "Anhao-Signature"
WINDOW = 300  # seconds by which the two clocks may differ


def sign(body: bytes, now: datetime, *secrets: str) -> str:
    """The value of Anhao-Signature for a body; several secrets while one replaces another."""
    moment = str(int(now.timestamp()))
    versions = (f"v1={_digest(secret, moment, body)}" for secret in secrets if secret)
    return ",".join((f"t={moment}", *versions))


def check_signature(value: str, body: bytes, now: datetime, *secrets: str) -> None:
    """Check a value of Anhao-Signature. Raises BadSignature, with the same words for any cause."""
    parts = [part.strip().partition("=") for part in value.split(",")]
    moments = [text for name, _sep, text in parts if name == "t"]
    given = [text.encode("utf-8", "replace") for name, _sep, text in parts if name == "v1"]
    if len(moments) != 1 or not re.fullmatch(r"[0-9]{1,12}", moments[0]):
        raise BadSignature("signature refused")
    expected = [_digest(secret, moments[0], body).encode() for secret in secrets if secret]
    # No early end: the time this takes says nothing about which secret or version came close.
    matches = [hmac.compare_digest(ours, theirs) for ours in expected for theirs in given]
    if not any(matches) or abs(now.timestamp() - int(moments[0])) > WINDOW:
        raise BadSignature("signature refused")


def _digest(secret: str, moment: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()


class Http(Connector):
    """Messages come as signed JSON; replies go to the callback address, signed the same way."""

    kind = "http"
    label = _("Signed HTTP")
    capabilities = Capabilities(resend="idempotent")
    keeps_conflicts = False  # the sender is told instead, by 409

    @dataclass(frozen=True, slots=True)
    class Settings(Connector.Settings):
        """What an http channel needs: a secret; for replies also an address."""

        secret: str = setting(
            _("The key of all signatures, made for you; give it to the other system."),
            secret=True,
            generated=True,
        )
        previous_secret: str = setting(
            _("While you change the secret: the old one, still accepted."), "", secret=True
        )
        callback_url: str = setting(
            _("The address to which replies are posted; empty if the other system fetches them."),
            "",
        )

    @property
    def is_polled(self) -> bool:
        return not self.settings.callback_url

    @property
    def _secrets(self) -> tuple[str, str]:
        return self.settings.secret, self.settings.previous_secret

    def verify(self, request: Request) -> None:
        value = request.headers.get(SIGNATURE.lower(), "")
        check_signature(value, request.body, self.account.now(), *self._secrets)

    def receive(self, request: Request) -> Received:
        self.check_size(request)
        self.verify(request)
        try:
            body = wire.json_object(request.body)
        except ValueError as error:
            raise BadRequest(400, {"body": f"must be a JSON object: {error}"}) from None
        errors = http_message.errors_in(body)
        if errors:
            raise BadRequest(422, errors)
        lane = body.get("thread") or body["sender"]["id"]
        return Received((RawEnvelope(key=body["id"], lane=lane, body=request.body),))

    def acknowledge(self, accepted: Iterable[Accepted]) -> Answer:
        (only,) = accepted  # `receive` makes one envelope of a push
        if only.is_conflict:
            return _json(409, {"errors": {"id": "already used with other content"}})
        return _json(202, {"envelope": only.envelope_id, "duplicate": only.is_duplicate})

    def parse(self, envelope: StoredEnvelope) -> list[Parsed]:
        body = wire.json_object(envelope.body)
        action = body.get("action", "create")
        if isinstance(action, str) and action not in http_message.ACTIONS:
            return [Unknown(f"action {wire.storable(action[:40])!r}")]
        errors = http_message.errors_in(body)
        if errors:
            raise ValueError(f"not a message: {errors}")
        sender = body["sender"]
        message = IncomingMessage(
            external_id=body["id"],
            sender=Sender(
                external_id=sender["id"],
                name=sender.get("name") or "",
                address=sender.get("email") or "",
                phone=sender.get("phone") or "",
            ),
            text=body.get("text") or "",
            html=body.get("html") or "",
            sent_at=http_message.moment(body["sent_at"])
            if body.get("sent_at")
            else envelope.received_at,
            thread=body.get("thread") or "",
            files=tuple(_file(each) for each in body.get("attachments") or ()),
            action=action,
            target_id=body.get("target_id") or "",
            reserved_number=envelope.reserved_number,
        )
        return [message]

    def render(self, message: OutgoingMessage) -> dict[str, Any]:
        """What the other system is given of a message, by callback or from the outbox."""
        return {
            "id": message.delivery_id,
            "thread": message.thread,
            "recipient": {"id": message.recipient},
            "text": message.text,
            "attachments": [
                {
                    "name": each.name,
                    "type": each.content_type,
                    "data": base64.b64encode(each.data).decode(),
                }
                for each in message.files
            ],
            "case_number": message.case_number,
        }

    def send(self, message: OutgoingMessage) -> Sent:
        if self.is_polled:
            raise PermanentFailure("no_callback", "replies of this channel wait to be fetched")
        body = json.dumps(self.render(message), ensure_ascii=False).encode()
        status, headers = self._post(body, {"Idempotency-Key": message.delivery_id})
        if 200 <= status < 300:
            return Sent(message.delivery_id)
        if status == 410:
            raise PermanentFailure("gone", "the callback address answered 410")
        if status in (408, 425, 429, 503):
            wait = wire.retry_after(headers, self.account.now())
            raise TemporaryFailure("unavailable", f"HTTP {status}", retry_after=wait)
        if status >= 500:
            raise OutcomeUnknown("unavailable", f"HTTP {status}")
        raise PermanentFailure("refused", f"HTTP {status}")

    def _post(self, body: bytes, headers: dict[str, str]) -> tuple[int, Mapping[str, str]]:
        """Post to the callback address and return how it answered."""
        headers["Content-Type"] = "application/json"
        headers[SIGNATURE] = sign(body, self.account.now(), *self._secrets)
        try:
            with self.account.http.post(
                self.settings.callback_url,
                data=body,
                headers=headers,
                timeout=wire.TIMEOUT,
                allow_redirects=False,
                stream=True,  # only the status counts: a long answer is never read
            ) as response:
                return response.status_code, response.headers
        except requests.RequestException as error:
            raise wire.broken_send(error) from None


def _file(file: dict[str, Any]) -> IncomingFile:
    data = file.get("data")
    return IncomingFile(
        name=file["name"],
        content_type=file.get("type") or "application/octet-stream",
        data=None if data is None else base64.b64decode(data),
        url=file.get("url") or "",
    )


def _json(status: int, value: dict[str, Any]) -> Answer:
    return Answer(status, json.dumps(value).encode(), "application/json")
