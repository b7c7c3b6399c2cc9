"""The telephone: what an agent on the line writes down becomes a message of the caller.

Set it up: `manage.py channel add phone --slug phone`. Agents then find the form at /phone/new/.
Nothing is sent by this channel: an answer is a call, and a note of what was said.

The caller's number is their identity, written as E.164 has it. It proves nothing, because a
number can be forged: whoever quotes a case from a number that is not known makes a claim.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from channels_ingest.wire import json_object
from tickets.interchange import Capabilities, IncomingMessage, Parsed, Sender, Unknown

from .base import Connector, RawEnvelope, StoredEnvelope, setting
from .base import mark as _

SHORTEST_NATIONAL = 7  # digits; shorter ones are extensions in the house
LONGEST = 15  # digits, by E.164
WRITTEN = re.compile(r"\+?[\d\s().\-/]+")


class BadNumber(ValueError):
    """What was typed is no telephone number."""


def normalised(typed: str, *, country_code: str, trunk_prefix: str) -> str:
    """A number as E.164 has it (+8613800138000), an extension as its digits. Raises BadNumber."""
    text = unicodedata.normalize("NFKC", typed).replace("–", "-").strip()
    digits = re.sub(r"\D", "", text)
    if not digits or not WRITTEN.fullmatch(text):
        raise BadNumber(typed)
    if text.startswith("+"):
        full = digits
    elif digits.startswith("00"):
        full = digits[2:]
    elif len(digits) < SHORTEST_NATIONAL:
        return digits
    elif digits.startswith(country_code) and len(digits) >= len(country_code) + 10:
        full = digits  # the country is there, only the plus is not
    else:
        full = country_code + digits.removeprefix(trunk_prefix)
    if not SHORTEST_NATIONAL <= len(full) <= LONGEST:
        raise BadNumber(typed)
    return f"+{full}"


def call_envelope(
    *,
    form: str,
    caller: str,
    name: str,
    lines: Iterable[str],
    language: str,
    reserved_number: str,
    taken_by: int,
    call_back_at: datetime | None = None,
) -> RawEnvelope:
    """A call as its form `form` told of it; `caller` is normalised, or "" if it was withheld.

    `taken_by` is the key of the user on the line. The same form with the same words is the same
    call, however often it is sent.
    """
    value = {
        "type": "call",
        "form": form,
        "caller": caller,
        "name": name,
        "text": "\n\n".join(line for line in lines if line),
        "language": language,
        "taken_by": taken_by,
        "call_back_at": call_back_at.isoformat() if call_back_at else "",
    }
    body = json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
    key = f"{form}:{hashlib.sha256(body).hexdigest()[:32]}"
    return RawEnvelope(key, caller or form, body, reserved_number=reserved_number)


class Phone(Connector):
    """A line on which agents write down what they hear."""

    kind = "phone"
    label = _("Telephone")
    capabilities: ClassVar[Capabilities] = Capabilities(
        files=False, writes=False, acknowledges=False
    )

    @dataclass(frozen=True, slots=True)
    class Settings(Connector.Settings):
        """How numbers are dialled where the line is."""

        country_code: str = setting(_("The country of numbers that are typed without one."), "86")
        trunk_prefix: str = setting(
            _("What is dialled before a number inside the country and falls away from abroad."), "0"
        )

    def number(self, typed: str) -> str:
        """A number as we keep it. Raises BadNumber."""
        given = self.settings
        return normalised(typed, country_code=given.country_code, trunk_prefix=given.trunk_prefix)

    def parse(self, envelope: StoredEnvelope) -> list[Parsed]:
        data = json_object(envelope.body)
        if data.get("type") != "call":
            return [Unknown(f"unknown type {data.get('type')!r}"[:200])]
        caller = _text(data, "caller")
        # Two callers who withhold their numbers are not one person.
        who = caller or f"withheld:{_text(data, 'form')}"
        message = IncomingMessage(
            external_id=envelope.key,
            sender=Sender(who, _text(data, "name"), proven=False, phone=caller),
            text=_text(data, "text"),
            sent_at=envelope.received_at,
            thread=who,
            language=_text(data, "language"),
            reserved_number=envelope.reserved_number,
            call_back_at=_moment(data.get("call_back_at")),
            taken_by=taken_by if isinstance(taken_by := data.get("taken_by"), int) else None,
        )
        return [message]

    def test(self) -> str:
        return "ready: calls are written down on a page of our own"


def _moment(value: Any) -> datetime | None:
    if not value:
        return None
    at = datetime.fromisoformat(str(value))
    if at.tzinfo is None:
        raise ValueError("call_back_at has no time zone")
    return at


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} must be text")
    return value
