"""Pass a queue on to a person or a team: cases, promises, drafts and notes, and take it back."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from ..access import visible_tickets
from ..actor import Actor
from ..models import (
    HandedOver,
    HandOver,
    NotificationKind,
    Role,
    State,
    Team,
    Ticket,
    User,
)
from . import drafts
from .changes import Change, changing
from .following import follow
from .notifying import notify
from .promises import take_over
from .refusals import Refused

MOST_CASES = 200
LONGEST_NOTE = 2000


def hand_over(
    *,
    tickets: Sequence[Ticket],
    to: User | Team,
    by: User,
    now: datetime,
    note: str = "",
    notes: Mapping[int, str] | None = None,
) -> HandOver:
    """Give cases, with all that is owed on them, to somebody or into a team's queue at once.

    `notes` holds words on single cases, by their ids. Snoozed cases stay snoozed; customers are
    told nothing. Raises Refused: nothing_to_hand_over, too_many, too_long, nobody_to_take_over.
    """
    wanted = {each.pk for each in tickets}
    _check(wanted, to, by, note, notes or {})
    with changing(*tickets, by=Actor.of(by), now=now, moves_clocks=False) as change:
        mine = visible_tickets(by).filter(pk__in=wanted, merged_into__isnull=True)
        allowed = set(mine.exclude(state=State.CLOSED).values_list("pk", flat=True))
        passed = [each for pk, each in change.tickets.items() if pk in allowed]
        if not passed:
            raise Refused("nothing_to_hand_over")
        made = HandOver.objects.create(
            by=by,
            to_user=to if isinstance(to, User) else None,
            to_team=to if isinstance(to, Team) else None,
            note=note.strip(),
            at=now,
        )
        rows = [_row(made, each, (notes or {}).get(each.pk, "")) for each in passed]
        HandedOver.objects.bulk_create(rows)
        for row, ticket in zip(rows, passed, strict=True):
            _pass(change, ticket, row, to)
        if isinstance(to, User):
            drafts.pass_on(tickets=sorted(allowed), giver=by, receiver=to, now=now)
        _tell(made, len(passed), now)
    return made


def accept(*, handover: HandOver, by: User, now: datetime) -> HandOver:
    """Take over what was handed over: from now on `by` answers for its promises.

    Of a team's hand-over whoever accepts takes the cases that nobody has taken yet.
    Raises Refused: undone_already, accepted_already or not_allowed.
    """
    if not may_accept(handover, by):
        raise Refused("not_allowed")
    with _changing(handover, by, now) as (change, fresh, rows):
        if fresh.accepted_at is not None:
            raise Refused("accepted_already")
        fresh.accepted_at, fresh.accepted_by = now, by
        fresh.save(update_fields=["accepted_at", "accepted_by"])
        for row in rows:
            ticket = change.tickets[row.ticket_id]
            if ticket.assignee_id is None and not ticket.is_merged:
                change.record(ticket, "assigned", before=None, after=by.pk)
                ticket.assignee = by
            change.record(ticket, "handover_accepted", handover=fresh.pk)
            follow(ticket=ticket, user=by, now=now)
        for row in rows:
            take_over(row.ticket, before={fresh.by_id, row.before_assignee_id}, by=by)
        return fresh


def take_back(*, handover: HandOver, by: User, now: datetime) -> HandOver:
    """Undo a hand-over: every case that stands where it was put goes back where it came from.

    What somebody has moved on since stays. Raises Refused: undone_already or not_allowed.
    """
    if handover.by_id != by.pk:
        raise Refused("not_allowed")
    with _changing(handover, by, now) as (change, fresh, rows):
        holder = fresh.accepted_by or fresh.to_user
        fresh.undone_at = now
        fresh.save(update_fields=["undone_at"])
        for row in rows:
            _put_back(change, row, holder)
            take_over(row.ticket, before={fresh.accepted_by_id}, by=row.before_assignee or by)
        if holder is not None:
            returned = [row.ticket_id for row in rows]
            drafts.pass_on(tickets=returned, giver=holder, receiver=by, now=now)
    return fresh


def may_accept(handover: HandOver, user: User) -> bool:
    """Whether it was handed over to `user`, or to a team of theirs."""
    if handover.to_user_id is not None:
        return handover.to_user_id == user.pk
    team = handover.to_team
    return team is not None and user.role != Role.HELPER and user in team.members.all()


def _check(
    wanted: set[int], to: User | Team, by: User, note: str, notes: Mapping[int, str]
) -> None:
    if not wanted:
        raise Refused("nothing_to_hand_over")
    if len(wanted) > MOST_CASES:
        raise Refused("too_many", limit=MOST_CASES)
    if any(len(each) > LONGEST_NOTE for each in (note, *notes.values())):
        raise Refused("too_long", limit=LONGEST_NOTE)
    if isinstance(to, User) and (to == by or not to.is_active or to.role == Role.HELPER):
        raise Refused("nobody_to_take_over")


def _row(made: HandOver, ticket: Ticket, note: str) -> HandedOver:
    return HandedOver(
        handover=made,
        ticket=ticket,
        note=note.strip(),
        before_assignee_id=ticket.assignee_id,
        before_team_id=ticket.team_id,
    )


def _pass(change: Change, ticket: Ticket, row: HandedOver, to: User | Team) -> None:
    if isinstance(to, Team):
        ticket.team, ticket.assignee = to, None
    else:
        ticket.assignee = to
    told: dict[str, Any] = {"handover": row.handover_id, "receiver": str(to)}
    if row.note:
        change.record(ticket, "handed_over_note", note=row.note, **told)
    else:
        change.record(ticket, "handed_over", **told)


def _put_back(change: Change, row: HandedOver, holder: User | None) -> None:
    ticket = change.tickets[row.ticket_id]
    is_where_put = ticket.assignee_id == (holder.pk if holder else None)
    if ticket.is_merged or not is_where_put:
        return
    ticket.assignee, ticket.team = row.before_assignee, row.before_team
    change.record(ticket, "handover_undone", handover=row.handover_id)


def _tell(made: HandOver, count: int, now: datetime) -> None:
    users = [made.to_user] if made.to_user else []
    if made.to_team is not None:
        users = list(made.to_team.members.filter(is_active=True).exclude(role=Role.HELPER))
    kind = NotificationKind.HANDOVER
    notify(users=users, kind=kind, actor=made.by, now=now, handover=made.pk, count=count)


@contextmanager
def _changing(
    handover: HandOver, by: User, now: datetime
) -> Iterator[tuple[Change, HandOver, list[HandedOver]]]:
    """The cases of a hand-over and the hand-over itself, locked. Raises Refused."""
    tickets = Ticket.objects.filter(pk__in=handover.cases.values("ticket"))
    with changing(*tickets, by=Actor.of(by), now=now, moves_clocks=False) as change:
        fresh = HandOver.objects.select_for_update().get(pk=handover.pk)
        if fresh.undone_at is not None:
            raise Refused("undone_already")
        rows = fresh.cases.select_related("ticket", "before_assignee", "before_team").order_by("pk")
        yield change, fresh, list(rows)
