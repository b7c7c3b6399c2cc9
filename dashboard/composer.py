"""What stands around the text that somebody writes: places, files, times, a suggestion."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tickets.actions.replies import Then
from tickets.models import (
    Conversation,
    Delivery,
    DeliveryState,
    Draft,
    DraftFile,
    LaterReply,
    Message,
    Triage,
    User,
)
from tickets.preferences import Preferences
from tickets.queries.case import CaseRead
from tickets.queries.drafts import drafts_of, later_on

from .triage_pane import THEFT, Ready, ready_answers
from .words.composer import stop_in_words

UNSENT = {DeliveryState.QUEUED, DeliveryState.WAITING}


@dataclass(frozen=True, slots=True)
class Later:
    """A reply that waits for its moment, or was stopped, and why."""

    row: LaterReply
    why: str


@dataclass(slots=True)
class Composer:
    """What the composer shows beside `Compose`, which holds the text that was given back.

    `elsewhere` is the conversation in which the customer wrote last; the page warns while another
    is chosen. `suggestion` is offered while nothing is written.
    """

    reply: Draft | None = None
    note: Draft | None = None
    files: list[DraftFile] = field(default_factory=list)
    later: list[Later] = field(default_factory=list)
    elsewhere: Conversation | None = None
    suggestion: Ready | None = None
    then: Then = "pending"

    @property
    def reply_version(self) -> int:
        return self.reply.version if self.reply else 0

    @property
    def note_version(self) -> int:
        return self.note.version if self.note else 0


def composer(
    case: CaseRead, user: User, choices: Sequence[Conversation], triage: Triage | None
) -> Composer:
    """Read what belongs to the writing of one person on one case, in three queries."""
    drafts = drafts_of(user, case.ticket)
    reply = drafts.get("reply")
    suggestion = suggested_draft(case, choices, triage)
    if suggestion and reply and reply.suggestion == suggestion.key:
        suggestion = None
    return Composer(
        reply=reply,
        note=drafts.get("note"),
        files=list(reply.files.all()) if reply else [],
        later=[Later(row, stop_in_words(row.reason)) for row in later_on(case.ticket)],
        elsewhere=wrote_last(choices),
        suggestion=suggestion,
        then=Preferences.read(user.preferences).send_then,
    )


def wrote_last(choices: Sequence[Conversation]) -> Conversation | None:
    """Where the customer wrote last, if they can be answered there and it is not the only place."""
    own = [
        each
        for each in choices
        if each.last_inbound_at and each.channel.writes and not each.is_pending_claim
    ]
    usable = [each for each in own if not each.identity.is_compromised]
    if len(own) < 2 or not usable:
        return None
    last = max(own, key=lambda each: (each.last_inbound_at or each.created_at, each.pk))
    return last if last in usable else None


def suggested_draft(
    case: CaseRead, choices: Sequence[Conversation], triage: Triage | None
) -> Ready | None:
    """An answer that fits, while the customer waits for one; never on what only people decide."""
    waits = case.ticket.waiting_since is not None and not case.ticket.is_closed
    if triage is None or not waits or not choices or THEFT in triage.signs:
        return None
    return next(iter(ready_answers(triage, case.ticket)), None)


def held(case: CaseRead, user: User, now: datetime) -> tuple[Message, datetime] | None:
    """The newest reply of `user` that can still be taken back, and until when."""
    for message in reversed(case.messages):
        if not message.is_outbound or message.author_id != user.pk:
            continue
        sendings = case.enclosed[message.pk].deliveries
        until = [each.held_until for each in sendings if each.held_until and _is_here(each)]
        if until and len(until) == len(sendings) and max(until) > now:
            return message, max(until)
    return None


def _is_here(delivery: Delivery) -> bool:
    return delivery.state in UNSENT and not delivery.attempts
