"""Promises to customers: proposed when an answer gives a time, confirmed by its author, settled."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from ..access import may_change
from ..actor import SYSTEM, Actor
from ..models import (
    ClaimState,
    Conversation,
    Direction,
    Message,
    NotificationKind,
    Promise,
    PromiseState,
    Role,
    Ticket,
    User,
)
from ..phrases.promises import promised_in
from ..queries.promises import OWED, hours_of, zone_of
from .chains import with_survivors
from .changes import Change, changing
from .notifying import notify
from .refusals import Refused

_MOST_WORDS = 200
_WARNS_AT = 0.75  # of the time that was given
_WARNS_WITHIN = timedelta(minutes=30)


def note_answer(change: Change, ticket: Ticket, message: Message) -> Promise | None:
    """Settle what was owed by an answer that a person has just written, and propose what is new."""
    _keep(change, ticket, message)
    if change.by.user is None or not may_change(change.by.user):
        return None
    return _propose(ticket, message, change.by.user)


def confirm(*, promise: Promise, by: Actor, now: datetime, due_at: datetime | None = None) -> None:
    """Make a proposed time a promise, or give an open promise another time.

    Raises Refused: "past" for a time that has gone by, "decided_already" for a settled one.
    """
    with _changing(promise, by, now) as (change, ticket, row):
        if row.state not in {PromiseState.PROPOSED, PromiseState.OPEN}:
            raise Refused("decided_already")
        is_new = row.state == PromiseState.PROPOSED
        due = due_at or row.due_at
        if due <= now:
            raise Refused("past")
        if not is_new and due == row.due_at:
            return
        row.state, row.due_at, row.warn_at = PromiseState.OPEN, due, _warn_at(row.made_at, due)
        row.warned_at = None
        row.save()
        code = "promise_made" if is_new else "promise_moved"
        change.record(ticket, code, promise=row.pk, words=row.words, due=due.isoformat())
        if is_new:
            _answered_meanwhile(change, ticket, row)


def withdraw(*, promise: Promise, by: Actor, now: datetime) -> None:
    """It was no promise, or it holds no more. Raises Refused("decided_already")."""
    with _changing(promise, by, now) as (change, ticket, row):
        if row.state not in {PromiseState.PROPOSED, PromiseState.OPEN, PromiseState.BROKEN}:
            raise Refused("decided_already")
        was_given = row.state != PromiseState.PROPOSED
        row.state, row.settled_at = PromiseState.WITHDRAWN, now
        row.save(update_fields=["state", "settled_at"])
        if was_given:
            change.record(ticket, "promise_withdrawn", promise=row.pk, words=row.words)
        else:
            change.touch(ticket)


def tell_due(*, now: datetime, limit: int = 200) -> int:
    """Warn of promises that are due soon, note those that were broken; return how many."""
    soon = Q(warn_at__lte=now, warned_at__isnull=True)
    rows = Promise.objects.filter(soon | Q(due_at__lte=now), state=PromiseState.OPEN)
    told = 0
    for row in rows.order_by("due_at", "pk")[:limit]:
        with _changing(row, SYSTEM, now) as (change, ticket, fresh):
            told += _tell(change, ticket, fresh)
    return told


def take_over(ticket: Ticket, *, before: Iterable[int | None], by: User) -> None:
    """Let `by` answer for what is owed on a case by any of the people `before`."""
    people = [pk for pk in before if pk is not None]
    Promise.objects.filter(OWED, conversation__ticket=ticket, by__in=people).update(by=by)


def take_back_answer(change: Change, ticket: Ticket, message: Message) -> None:
    """Owe again what an answer had settled that is now taken back, before it is deleted.

    A promise given in it goes with it.
    """
    for row in Promise.objects.filter(answer=message).select_for_update().order_by("pk"):
        is_late = row.due_at <= change.now
        row.state = PromiseState.BROKEN if is_late else PromiseState.OPEN
        row.settled_at = row.due_at if is_late else None
        row.answered_at = row.answer = None
        row.save(update_fields=["state", "settled_at", "answered_at", "answer"])
        change.record(ticket, "promise_open_again", promise=row.pk, words=row.words)


def _propose(ticket: Ticket, message: Message, author: User) -> Promise | None:
    conversation = message.conversation
    # Most answers promise nothing: hours are read from the database only for those that do.
    at = message.created_at
    if conversation is None or not promised_in(message.text, sent_at=at, zone=zone_of(None)):
        return None
    calendar = hours_of(ticket, conversation.channel_id)
    found = promised_in(message.text, sent_at=at, zone=zone_of(calendar), calendar=calendar)
    if found is None:
        return None
    return Promise.objects.create(
        message=message,
        conversation=conversation,
        words=found.words[:_MOST_WORDS],
        by=author,
        made_at=at,
        due_at=found.due_at,
        warn_at=_warn_at(at, found.due_at),
    )


def _keep(change: Change, ticket: Ticket, message: Message) -> None:
    """Every answer to the customer keeps what the case owes; one to a claim only what it owes."""
    rows = Promise.objects.filter(OWED, conversation__ticket=ticket).exclude(message=message)
    conversation = message.conversation
    if conversation is not None and conversation.is_pending_claim:
        rows = rows.filter(conversation=conversation)
    else:
        rows = rows.exclude(conversation__claim=ClaimState.PENDING)
    for row in rows.select_for_update(of=("self",)).order_by("pk"):
        _settle(change, ticket, row, message)
    # A proposal that nobody looked at is moot once the customer has been answered.
    stale = Promise.objects.filter(
        conversation__ticket=ticket, state=PromiseState.PROPOSED, due_at__lte=change.now
    )
    stale.update(state=PromiseState.WITHDRAWN, settled_at=change.now)


def _settle(change: Change, ticket: Ticket, row: Promise, answer: Message) -> None:
    at = answer.created_at
    row.answer, row.answered_at = answer, at
    if row.state == PromiseState.OPEN:
        kept = at <= row.due_at
        row.state = PromiseState.KEPT if kept else PromiseState.BROKEN
        row.settled_at = at if kept else row.due_at
        code = "promise_kept" if kept else "promise_broken"
        change.record(ticket, code, promise=row.pk, words=row.words)
    row.save(update_fields=["answer", "answered_at", "state", "settled_at"])


def _answered_meanwhile(change: Change, ticket: Ticket, row: Promise) -> None:
    """A promise confirmed late may have been kept by an answer that came before."""
    answer = (
        Message.objects.filter(
            conversation__ticket=ticket,
            direction=Direction.OUTBOUND,
            automatic="",
            pk__gt=row.message_id,
        )
        .exclude(conversation__claim=ClaimState.PENDING)
        .order_by("pk")
        .first()
    )
    if answer is not None:
        _settle(change, ticket, row, answer)


def _tell(change: Change, ticket: Ticket, row: Promise) -> bool:
    if row.state != PromiseState.OPEN:
        return False
    data: dict[str, Any] = {"promise": row.pk, "words": row.words, "due": row.due_at.isoformat()}
    if row.due_at <= change.now:
        row.state, row.settled_at = PromiseState.BROKEN, row.due_at
        row.save(update_fields=["state", "settled_at"])
        change.record(ticket, "promise_broken", **data)
        kind = NotificationKind.PROMISE_BROKEN
    elif row.warned_at is None and row.warn_at <= change.now:
        row.warned_at = change.now
        row.save(update_fields=["warned_at"])
        change.touch(ticket)
        kind = NotificationKind.PROMISE_SOON
    else:
        return False
    users = _concerned(ticket, row, change.now)
    notify(users=users, kind=kind, ticket=ticket, message=row.message, now=change.now, **data)
    return True


def _concerned(ticket: Ticket, row: Promise, now: datetime) -> set[User]:
    """Who must act: who has the case or gave the promise; where they are away, the leads too."""
    people = {each for each in (ticket.assignee, row.by) if each is not None}
    if any(not each.is_away(now) for each in people):
        return people
    leads = User.objects.filter(role=Role.LEAD, is_active=True)
    return people | set(leads.filter(teams=ticket.team_id) if ticket.team_id else leads)


def _warn_at(made_at: datetime, due_at: datetime) -> datetime:
    return due_at - min((due_at - made_at) * (1 - _WARNS_AT), _WARNS_WITHIN)


@contextmanager
def _changing(
    promise: Promise, by: Actor, now: datetime
) -> Iterator[tuple[Change, Ticket, Promise]]:
    """The case on which a promise stands now, locked, and the promise as it is under the lock."""
    conversation = Conversation.objects.get(pk=promise.conversation_id)
    with changing(*with_survivors([conversation.ticket_id]), by=by, now=now) as change:
        locked = Promise.objects.select_for_update(of=("self",)).select_related("conversation")
        row = locked.get(pk=promise.pk)
        ticket = change.tickets.get(row.conversation.ticket_id)
        if ticket is None:
            raise Refused("moved")
        yield change, ticket, row
