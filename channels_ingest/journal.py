"""What a channel took in, and what became of it: the envelopes, read for people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models.functions import Length

from tickets import files
from tickets.access import teams_of, visible_tickets
from tickets.interchange import IncomingMessage, Receipt
from tickets.models import Channel, Delivery, Message, Role, User

from . import accounts, credentials, pipeline
from .connectors.base import Connector
from .models import ChannelAccount, Envelope, EnvelopeState
from .tidying import tidy

Outcome = Literal["waiting", "matched", "ignored", "failed", "conflict"]
OUTCOMES: dict[Outcome, dict[str, Any]] = {
    "matched": {"state": EnvelopeState.PROCESSED},
    "ignored": {"state": EnvelopeState.IGNORED},
    "failed": {"state": EnvelopeState.DEAD},
    "waiting": {"state": EnvelopeState.NEW},
    "conflict": {"is_conflict": True},
}
STATES: dict[str, Outcome] = {
    EnvelopeState.PROCESSED: "matched",
    EnvelopeState.IGNORED: "ignored",
    EnvelopeState.DEAD: "failed",
    EnvelopeState.NEW: "waiting",
}
PAGE = 30
MOST_SHOWN = 64 * 1024  # bytes of a body


class NotReadable(Exception):
    """The envelope belongs to cases that the person may not open."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One envelope without its body.

    `size` is in bytes, None where the body lies in the file store. `cases` are the numbers of the
    cases that it went to, as far as the reader may open them.
    """

    id: int
    key: str
    outcome: Outcome
    reason: str
    error: Mapping[str, Any]
    attempts: int
    is_conflict: bool
    received_at: datetime
    processed_at: datetime | None
    retry_at: datetime | None
    size: int | None
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, newest first; `more` is where the next page begins, None at the end."""

    entries: list[Entry]
    more: int | None


@dataclass(frozen=True, slots=True)
class Opened:
    """An envelope with its body as text; `is_cut` tells that there is more of it."""

    entry: Entry
    lane: str
    text: str
    is_cut: bool


def page(
    channel: Channel, *, reader: User, outcome: Outcome | None = None, before: int | None = None
) -> Page:
    """The newest envelopes of a channel, or those older than `before`. A fixed number of queries.

    A repeat of what was taken in before leaves no envelope; only one with other content does.
    """
    rows = Envelope.objects.filter(channel=channel, **(OUTCOMES[outcome] if outcome else {}))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    light = rows.defer("body", "content_sha256").annotate(size=Length("body"))
    found = list(light.order_by("-pk")[: PAGE + 1])
    shown = found[:PAGE]
    landed = _landed(channel, _small_ones(shown))
    numbers = _visible(set().union(*landed.values()), reader)
    entries = [_entry(each, each.size, landed.get(each.pk, ()), numbers) for each in shown]
    return Page(entries, shown[-1].pk if len(found) > PAGE else None)


def opened(channel: Channel, envelope_id: int, *, reader: User) -> Opened | None:
    """One envelope with what was delivered, word for word; None: no such. Raises NotReadable."""
    envelope = (
        Envelope.objects.filter(channel=channel, pk=envelope_id).select_related("channel").first()
    )
    if envelope is None:
        return None
    tickets = _landed(channel, [envelope]).get(envelope.pk, set())
    numbers = _visible(tickets, reader)
    if not _may_read(envelope, tickets, set(numbers), reader):
        raise NotReadable
    body = _body(envelope)
    return Opened(
        entry=_entry(envelope, len(body), tickets, numbers),
        lane=envelope.lane,
        text=body[:MOST_SHOWN].decode("utf-8", "replace"),
        is_cut=len(body) > MOST_SHOWN,
    )


def replay(channel: Channel, envelope_id: int | None = None) -> int:
    """Put one dead letter of a channel back, or all of them; return how many."""
    dead = Envelope.objects.filter(channel=channel)
    return pipeline.replay(dead if envelope_id is None else dead.filter(pk=envelope_id))


def _entry(
    envelope: Envelope, size: int | None, tickets: Iterable[int], numbers: Mapping[int, str]
) -> Entry:
    return Entry(
        id=envelope.pk,
        key=envelope.key,
        outcome=STATES[envelope.state],
        reason=envelope.reason,
        error=envelope.error,
        attempts=envelope.attempts,
        is_conflict=envelope.is_conflict,
        received_at=envelope.received_at,
        processed_at=envelope.processed_at,
        retry_at=envelope.retry_at,
        size=size,
        cases=tuple(sorted(numbers[each] for each in tickets if each in numbers)),
    )


def _small_ones(envelopes: Iterable[Envelope]) -> list[Envelope]:
    """Those from which a list can tell what they became; large ones tell it when opened."""
    read = [each.pk for each in envelopes if _was_read(each) and not each.body_sha256]
    return list(Envelope.objects.filter(pk__in=read))


def _was_read(envelope: Envelope) -> bool:
    # What killed a worker must not be given to a parser here: only what was read once is.
    return envelope.state == EnvelopeState.PROCESSED


def _body(envelope: Envelope) -> bytes:
    if envelope.body is None:
        return files.read(envelope.body_sha256)
    return bytes(envelope.body)


def _landed(channel: Channel, envelopes: Sequence[Envelope]) -> dict[int, set[int]]:
    """The tickets that hold what each envelope said, told by the ids that the vendor gave.

    Nothing refers to an envelope, so it is read once more; reading is pure.
    """
    account = ChannelAccount.objects.select_related("channel").get(pk=channel.pk)
    try:
        with accounts.connected(account) as connector:
            said = {each.pk: _ids(connector, each) for each in envelopes}
    except credentials.Unreadable:
        return {}  # a lost key; the channel's settings say so
    ids = set().union(*said.values())
    replies = Delivery.objects.filter(channel=channel, external_id__in=ids)
    messages = Message.objects.filter(channel=channel, external_id__in=ids)
    tickets = {
        **dict(replies.values_list("external_id", "message__conversation__ticket")),
        **dict(messages.values_list("external_id", "conversation__ticket")),
    }
    return {
        pk: {tickets[each] for each in spoken if each in tickets} for pk, spoken in said.items()
    }


def _ids(connector: Connector, envelope: Envelope) -> set[str]:
    """The vendor's ids in an envelope that was read before; none if it cannot be read any more."""
    if not _was_read(envelope):
        return set()
    try:
        items = pipeline.read(connector, envelope)
    except pipeline.Unreadable:
        return set()
    spoken = [tidy(each) for each in items if isinstance(each, IncomingMessage | Receipt)]
    ids = {each.external_id for each in spoken}
    ids |= {each.target_id for each in spoken if isinstance(each, IncomingMessage)}
    return ids - {""}


def _visible(tickets: set[int], reader: User) -> dict[int, str]:
    """The numbers of those tickets that `reader` may open."""
    return dict(visible_tickets(reader).filter(pk__in=tickets).values_list("pk", "number"))


def _may_read(envelope: Envelope, tickets: set[int], visible: set[int], reader: User) -> bool:
    """Whether all its cases are the reader's; of one that went nowhere, whether its channel is."""
    if reader.role == Role.MANAGER:
        return True
    if _was_read(envelope):
        return bool(tickets) and tickets == visible
    team = envelope.channel.team_id
    return team is None or teams_of(reader).filter(pk=team).exists()
