"""Play a story of messages through the real matching and actions, and take it back afterwards."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from ..actions import lifecycle, merging
from ..actions.intake import Arrival, Landing, receive
from ..actions.numbers import reserve
from ..actions.replies import reply
from ..actor import SYSTEM
from ..case_numbers import format_number, is_valid
from ..interchange import IncomingFile, IncomingMessage, Sender
from ..models import (
    Channel,
    ClaimState,
    Contact,
    Conversation,
    Identity,
    IdentityStatus,
    Move,
    MoveKind,
    Ticket,
)

_START = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
_PLACEHOLDER = re.compile(r"\{(CASE\d+|VALID_UNKNOWN)(?:\.(\w+))?\}")
_HAN = str.maketrans("0123456789", "〇一二三四五六七八九")
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_PUBLIC = {"forum", "weibo"}


def predict(row: dict[str, Any]) -> dict[str, Any]:
    """Where each message lands, which a person must look at, and how many tickets there are."""
    with transaction.atomic():
        story = _Story(row.get("links") or {})
        for event in row["events"]:
            story.play(event)
        answer = {"id": row["id"], **story.outcome()}
        transaction.set_rollback(True)
    return answer


class _Story:
    """One installation's worth of customers, told by events with a clock of their own."""

    def __init__(self, links: dict[str, str]) -> None:
        self.now = _START
        self.channels: dict[str, Channel] = {}
        self.tickets: list[int] = []
        self.landings: dict[int, Landing] = {}
        self.lands_on: dict[str, str] = {}
        contacts: dict[str, Contact] = {}
        for place, name in links.items():
            kind, _, sender = place.partition(":")
            contact = contacts.setdefault(name, self._contact(name))
            Identity.objects.create(
                contact=contact,
                channel=self._channel(kind),
                external_id=sender,
                status=IdentityStatus.VERIFIED,
                created_at=_START - timedelta(days=1),
            )

    def play(self, event: dict[str, Any]) -> None:
        self.now = _START + timedelta(minutes=event["minutes"])
        acts: dict[str, Callable[[dict[str, Any]], None]] = {
            "message": self._message,
            "agent_reply": self._agent_reply,
            "close": self._close,
            "merge": self._merge,
        }
        acts[event["type"]](event)

    def outcome(self) -> dict[str, Any]:
        return {
            "lands_on": self.lands_on,
            "review": [n for n, landing in self.landings.items() if _needs_a_look(landing)],
            "tickets": len(self._standing()),
        }

    def _standing(self) -> list[int]:
        """The tickets by age, without those that only a mistyped number had opened."""
        absorbed = Move.objects.filter(kind=MoveKind.CORRECTION, undone_at__isnull=True)
        given_up = set(absorbed.values_list("source_id", flat=True))
        return [pk for pk in self.tickets if pk not in given_up]

    def _message(self, event: dict[str, Any]) -> None:
        n, kind = event["n"], event["channel"]
        item = IncomingMessage(
            external_id=str(n),
            sender=Sender(event["sender"]),
            text=self._filled_in(event.get("text") or ""),
            sent_at=self.now,
            files=tuple(IncomingFile(name, data=b"") for name in event.get("attachments") or ()),
            is_public=kind in _PUBLIC,
        )
        (landing,) = receive([Arrival(self._channel(kind), item)], now=self.now)
        self.landings[n] = landing
        self.lands_on[str(n)] = self._label(landing)

    def _agent_reply(self, event: dict[str, Any]) -> None:
        own = Conversation.objects.filter(ticket=self._survivor(event["ticket"]))
        conversation = own.exclude(claim=ClaimState.PENDING).order_by("pk").last()
        if conversation is not None:
            text = self._filled_in(event.get("text") or "")
            reply(conversation=conversation, text=text, by=SYSTEM, now=self.now)

    def _close(self, event: dict[str, Any]) -> None:
        lifecycle.resolve(ticket=self._survivor(event["ticket"]), by=SYSTEM, now=self.now)

    def _merge(self, event: dict[str, Any]) -> None:
        source, target = self._survivor(event["ticket"]), self._survivor(event["into"])
        if source != target:
            merging.merge(source=source, target=target, by=SYSTEM, now=self.now)

    def _label(self, landing: Landing) -> str:
        ticket = landing.ticket
        assert ticket is not None
        if ticket.pk not in self.tickets:
            self.tickets.append(ticket.pk)
        return f"T{self.tickets.index(ticket.pk) + 1}"

    def _survivor(self, label: str) -> Ticket:
        ticket = self._numbered(label)
        while ticket.merged_into is not None:
            ticket = ticket.merged_into
        return ticket

    def _numbered(self, label: str) -> Ticket:
        """The ticket of a label; the latest where the story expects more than there are."""
        standing = self._standing()
        index = min(int(label.removeprefix("T")), len(standing)) - 1
        return Ticket.objects.get(pk=standing[index])

    def _filled_in(self, text: str) -> str:
        return _PLACEHOLDER.sub(self._written, text)

    def _written(self, found: re.Match[str]) -> str:
        name, form = found.group(1), found.group(2) or ""
        if name == "VALID_UNKNOWN":
            number = reserve()[0]
        else:
            number = self._numbered(f"T{name.removeprefix('CASE')}").number
        return decorated(number, form)

    def _channel(self, kind: str) -> Channel:
        if kind not in self.channels:
            self.channels[kind] = Channel.objects.create(
                slug=f"story-{kind}", kind=kind, label=kind, is_public=kind in _PUBLIC
            )
        return self.channels[kind]

    def _contact(self, name: str) -> Contact:
        return Contact.objects.create(name=name, created_at=_START - timedelta(days=1))


def decorated(number: str, form: str) -> str:
    """A case number as people write it. Raises ValueError for an unknown form."""
    printed = format_number(number, prefix=settings.CASE_NUMBER_PREFIX)
    forms: dict[str, Callable[[], str]] = {
        "": lambda: printed,
        "digits": lambda: number,
        "lower": printed.lower,
        "fw": lambda: printed.translate(_FULL_WIDTH),
        "cn": lambda: settings.CASE_NUMBER_PREFIX + number.translate(_HAN),
        "under": lambda: printed.replace("-", "_"),
        "wrapped": lambda: f"> {printed[:8]}\n> {printed[8:]}",
        "typo": lambda: _with_a_typo(number),
    }
    if form not in forms:
        raise ValueError(f"unknown form of a case number: {form!r}")
    return forms[form]()


def _with_a_typo(number: str) -> str:
    wrong = number[:4] + str((int(number[4]) + 1) % 10) + number[5:]
    assert not is_valid(wrong)
    return format_number(wrong, prefix=settings.CASE_NUMBER_PREFIX)


def _needs_a_look(landing: Landing) -> bool:
    return bool(landing.message and landing.message.decision.get("review"))
