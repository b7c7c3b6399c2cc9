"""Read a case's clocks off the conversations that it has, after some of them came or went."""

from datetime import datetime
from itertools import dropwhile

from django.db.models import Max, Min, QuerySet
from django.db.models.functions import Left

from ..actor import Actor
from ..models import ClaimState, Direction, History, Message, State, Ticket
from ..phrases import is_courtesy
from .changes import Change

_MACHINES = ("auto_reply", "bounce")
_ASIDE = {"resolved": State.CLOSED, "waits_for_customer": State.PENDING, "snoozed": State.SNOOZED}


def settle_clocks(change: Change, ticket: Ticket) -> None:
    """Set what the messages tell: since when the customer waits, the first answer, the last word.

    A case that was put aside before its customer's last words is opened again.
    """
    said = Message.objects.filter(conversation__ticket=ticket).exclude(
        conversation__claim=ClaimState.PENDING
    )
    answers = said.filter(direction=Direction.OUTBOUND, automatic="").aggregate(
        first=Min("created_at"), last=Max("created_at")
    )
    aside = _put_aside(ticket)
    rested = max(filter(None, (aside.get(State.CLOSED), aside.get(State.PENDING))), default=None)
    waiting = _unanswered(said, answers["last"], rested)
    ticket.first_replied_at = answers["first"]
    ticket.waiting_since = waiting[0] if waiting else None
    ticket.last_activity_at = _last_activity(ticket, said)
    change.settled.add(ticket.pk)
    since = aside.get(State(ticket.state))
    if waiting and ticket.state != State.OPEN and (since is None or waiting[-1] > since):
        open_again(change, ticket)


def open_again(change: Change, ticket: Ticket, *, by: Actor | None = None) -> None:
    """Open a locked case that was put aside; an open one stays as it is."""
    if ticket.state == State.OPEN:
        return
    code = "reopened" if ticket.is_closed else "woken"
    ticket.state, ticket.closed_at, ticket.snoozed_until = State.OPEN, None, None
    change.record(ticket, code, by=by)


def _put_aside(ticket: Ticket) -> dict[State, datetime]:
    """When the case was last resolved, made to wait or snoozed."""
    rows = History.objects.filter(ticket=ticket, code__in=_ASIDE).values_list("code")
    times = {_ASIDE[code]: at for code, at in rows.annotate(at=Max("at"))}
    if ticket.closed_at:
        times[State.CLOSED] = max(ticket.closed_at, times.get(State.CLOSED, ticket.closed_at))
    return times


def _unanswered(
    said: QuerySet[Message], answered: datetime | None, rested: datetime | None
) -> list[datetime]:
    """When the customer wrote since the last answer; thanks for a solved case do not count."""
    inbound = said.filter(direction=Direction.INBOUND).exclude(automatic__in=_MACHINES)
    settled = max(filter(None, (answered, rested)), default=None)
    if settled:
        inbound = inbound.filter(created_at__gt=settled)
    words = list(inbound.order_by("created_at", "pk").values_list("created_at", Left("text", 1000)))
    if settled is not None and settled == rested:
        words = list(dropwhile(lambda each: is_courtesy(each[1]), words))
    return [at for at, _text in words]


def _last_activity(ticket: Ticket, said: QuerySet[Message]) -> datetime:
    notes = Message.objects.filter(ticket=ticket)
    times = [each.aggregate(at=Max("created_at"))["at"] for each in (said, notes)]
    known: list[datetime] = [at for at in (*times, ticket.closed_at) if at is not None]
    return max([*known, ticket.created_at])
