"""Bring the clocks of changed cases in line with what the cases now are.

Everything is worked out anew from facts that survive merge and undo: messages, history, policies.
What a clock once promised is therefore the same before a merge and after its undo.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from ...bulk import update_rows
from ...clocks import Pause, add
from ...models import Clock, ClockKind, Direction, Message, Priority, Ticket
from ...queries.service import Book, Terms, read_book
from .reading import Case, Claim, Trees, read_trees

_COLUMNS = ("policy", "why", "due_at", "warn_at", "met_at", "warned_at", "breached_at")


def keep(tickets: Iterable[Ticket], *, now: datetime, settled: Collection[int] = ()) -> None:
    """Start, stop, move and meet the clocks of locked, saved tickets; merged ones need nothing.

    `settled` are those whose conversations went away: a wait that left with them leaves no clock.
    """
    standing = [ticket for ticket in tickets if not ticket.is_merged]
    if standing:
        trees = read_trees([ticket.pk for ticket in standing])
        _Keeping(read_book(), trees, now, settled).keep(standing)


class _Keeping:
    def __init__(self, book: Book, trees: Trees, now: datetime, settled: Collection[int]) -> None:
        self.book = book
        self.trees = trees
        self.now = now
        self.settled = settled
        self.new: list[Clock] = []
        self.gone: list[Clock] = []
        self.before = {row.pk: _values(row) for rows in trees.clocks.values() for row in rows}

    def keep(self, standing: list[Ticket]) -> None:
        for ticket in standing:
            members = self.trees.members[ticket.pk]
            self._forget_what_left(ticket, members[0])
            self._end(ticket, members)
            self._begin(ticket, members)
            self._keep_claims(ticket, members)
            for case in members:
                self._set_times(case)
        self._save()
        update_rows([each for each in standing if self._sum_up(each)], _SUMMARY)

    def _forget_what_left(self, ticket: Ticket, case: Case) -> None:
        """Drop the clock of a wait whose message has gone to another case."""
        if ticket.pk not in self.settled:
            return
        here = Message.objects.filter(conversation__ticket=ticket, direction=Direction.INBOUND)
        for row in self._running(case, ClockKind.NEXT_RESPONSE):
            if not here.filter(created_at=row.started_at).exists():
                self._drop(row)

    def _end(self, ticket: Ticket, members: list[Case]) -> None:
        """Meet what was answered or solved, for the case and all that was merged into it."""
        for case in members:
            if not case.counts:
                continue
            for row in self._running(case):
                if _is_over(row, ticket):
                    row.met_at = _met_at(row, ticket, self.now)

    def _begin(self, ticket: Ticket, members: list[Case]) -> None:
        """Start what has begun, and let run again what turned out not to be over."""
        if ticket.is_closed:
            return
        own = members[0]
        self._want_only(own, ClockKind.RESOLUTION, ticket.created_at)
        if ticket.first_replied_at is None:
            began = min(filter(None, (ticket.created_at, ticket.waiting_since)))
            self._want_only(own, ClockKind.FIRST_RESPONSE, began)
        elif ticket.waiting_since and not self._has_wait(members):
            self._want(own, ClockKind.NEXT_RESPONSE, ticket.waiting_since)

    def _has_wait(self, members: list[Case]) -> bool:
        waits = (
            row.kind != ClockKind.RESOLUTION
            for case in members
            if case.counts
            for row in self._running(case)
        )
        return any(waits)

    def _keep_claims(self, ticket: Ticket, members: list[Case]) -> None:
        """A claim has its own first response; what it becomes when decided has its own clocks."""
        for case in members:
            for row in list(self.trees.clocks[case.pk]):
                if row.met_at is None and row.conversation_id in self.trees.decided:
                    self._drop(row)
        for claim in self.trees.claims[ticket.pk]:
            self._keep_claim(members[0], claim, self.trees.clocks_of_claim(claim))

    def _keep_claim(self, case: Case, claim: Claim, rows: list[Clock]) -> None:
        for row in rows:
            if row.met_at is None and row.started_at != claim.waiting_since:
                row.met_at = self.now
        if claim.waiting_since is None:
            return
        known = next((r for r in rows if r.started_at == claim.waiting_since), None)
        row = known or self._new(case, ClockKind.FIRST_RESPONSE, claim.waiting_since, claim.pk)
        row.met_at = None
        terms = self.book.terms_for(
            plan=claim.plan, channel=claim.channel, priority=Priority.NORMAL
        )
        self._set_time(row, terms, [])

    def _running(self, case: Case, kind: str = "") -> list[Clock]:
        rows = self.trees.clocks_of(case)
        return [row for row in rows if row.met_at is None and kind in {"", row.kind}]

    def _want_only(self, case: Case, kind: ClockKind, started_at: datetime) -> None:
        """The one clock of its kind that a case ever has."""
        known = next((r for r in self.trees.clocks_of(case) if r.kind == kind), None)
        (known or self._new(case, kind, started_at)).met_at = None

    def _want(self, case: Case, kind: ClockKind, started_at: datetime) -> None:
        known = (r for r in self.trees.clocks_of(case) if r.kind == kind)
        row = next((r for r in known if r.started_at == started_at), None)
        (row or self._new(case, kind, started_at)).met_at = None

    def _new(self, case: Case, kind: ClockKind, at: datetime, claim: int | None = None) -> Clock:
        row = Clock(ticket_id=case.pk, conversation_id=claim, kind=kind, started_at=at)
        self.new.append(row)
        self.trees.clocks[case.pk].append(row)
        return row

    def _drop(self, row: Clock) -> None:
        self.trees.clocks[row.ticket_id].remove(row)
        self.gone.append(row)

    def _set_times(self, case: Case) -> None:
        """Say when the clocks of a case run out by the terms of today."""
        terms = self.book.terms_for(plan=case.plan, channel=case.channel, priority=case.priority)
        for row in self._running(case):
            if case.counts:
                self._set_time(row, terms, self._stops(case, row))
            else:
                row.due_at = row.warn_at = None

    def _stops(self, case: Case, row: Clock) -> list[Pause]:
        stops = case.stops(row.kind, self.now)
        if row.kind == ClockKind.RESOLUTION:
            return stops  # no hurry for an answer is none for a solution put off
        return [*stops, *case.put_off(row.started_at)]

    def _set_time(self, row: Clock, terms: Terms | None, stops: list[Pause]) -> None:
        promised = terms.promised(row.kind) if terms else None
        if terms is None or promised is None:
            self._drop(row)
            return
        soon = promised * terms.policy.warn_percent / 100
        row.policy = terms.policy
        row.due_at = add(terms.calendar, row.started_at, promised, stops)
        row.warn_at = add(terms.calendar, row.started_at, soon, stops)
        row.why = _why(terms, promised, row)
        if row.due_at is not None and row.due_at > self.now:
            row.breached_at = None  # with other terms there is time again
        if row.warn_at is not None and row.warn_at > self.now:
            row.warned_at = None

    def _save(self) -> None:
        dropped = set(map(id, self.gone))
        Clock.objects.filter(pk__in=[row.pk for row in self.gone if row.pk]).delete()
        Clock.objects.bulk_create([row for row in self.new if id(row) not in dropped])
        known = (
            row for rows in self.trees.clocks.values() for row in rows if row.pk in self.before
        )
        update_rows([row for row in known if _values(row) != self.before[row.pk]], _COLUMNS)

    def _sum_up(self, ticket: Ticket) -> bool:
        """Put the clock that runs out next on its ticket; return whether that is news."""
        members = self.trees.members[ticket.pk]
        running = (row for case in members if case.counts for row in self._running(case))
        due = [(row.due_at, row.warn_at) for row in running if row.due_at is not None]
        first = min(due, key=lambda each: each[0], default=(None, None))
        before = (ticket.due_at, ticket.warn_at, ticket.clocks_stale)
        ticket.due_at, ticket.warn_at = first
        ticket.clocks_stale = False
        return before != (*first, False)


_SUMMARY = ("due_at", "warn_at", "clocks_stale")


def _is_over(row: Clock, ticket: Ticket) -> bool:
    """Whether a clock has done its work, as the case stands that answers for it."""
    if ticket.is_closed or row.kind == ClockKind.RESOLUTION:
        return ticket.is_closed
    if ticket.waiting_since is not None:
        return False
    return row.kind == ClockKind.NEXT_RESPONSE or ticket.first_replied_at is not None


def _met_at(row: Clock, ticket: Ticket, now: datetime) -> datetime:
    """When it was met: a first answer may be read off messages that came home with an undo."""
    answered = ticket.first_replied_at
    if row.kind == ClockKind.FIRST_RESPONSE and answered and answered >= row.started_at:
        return answered
    return now


def _why(terms: Terms, promised: timedelta, row: Clock) -> dict[str, object]:
    missing = terms.calendar.missing_years(row.started_at, row.due_at or row.started_at)
    return {
        "policy": terms.policy.name,
        "by": list(terms.by),
        "calendar": terms.policy.calendar.name,
        "minutes": promised // timedelta(minutes=1),
        "missing_years": missing,
    }


def _values(row: Clock) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in ("policy_id", *_COLUMNS[1:]))
