"""One action on many cases: done by a worker one by one, resumed, stopped, taken back."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests import factories
from tests.factories import NOW, minutes
from tickets import events, presence
from tickets.access import NotAllowed, visible_runs
from tickets.actions import bulk, lifecycle
from tickets.actions.assignment import assign
from tickets.actions.bulk.deeds import DEEDS
from tickets.actions.merging import merge
from tickets.actions.refusals import Refused
from tickets.actor import Actor
from tickets.models import BulkRun, Direction, History, Role, State, Ticket, User
from tickets.queries.bulk import chosen, named, tally
from tickets.queries.inbox import View

pytestmark = pytest.mark.django_db
LATER = NOW + minutes(5)
TOMORROW = NOW + minutes(24 * 60)


@pytest.fixture
def ada(db: None) -> User:
    return factories.ada()


def begin(
    by: User, tickets: Sequence[Ticket], action: str, now: datetime = LATER, **given: Any
) -> BulkRun:
    cases = named([each.number for each in tickets], by)
    return bulk.start(tickets=cases, action=action, given=given, by=by, now=now)


def work(run: BulkRun, now: datetime = LATER, limit: int = 50) -> BulkRun:
    """What tasks do, one after the other."""
    while bulk.work(run_id=run.pk, now=now, limit=limit):
        pass
    return BulkRun.objects.get(pk=run.pk)


def do(by: User, tickets: Sequence[Ticket], action: str, **given: Any) -> BulkRun:
    return work(begin(by, tickets, action, **given))


def take_back(run: BulkRun, by: User) -> BulkRun:
    bulk.take_back(run=run, by=by, now=LATER)
    return work(run)


def standing(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def outcomes(run: BulkRun) -> dict[str, tuple[str, str]]:
    """State and code of each case by its number."""
    rows = run.items.values_list("ticket__number", "state", "code")
    return {number: (state, code) for number, state, code in rows}


FACTS = ("state", "closed_at", "snoozed_until", "waiting_since", "team_id", "assignee_id")
MORE_FACTS = (*FACTS, "priority", "category", "tags", "due_at")
ACTIONS: dict[str, tuple[dict[str, Any], str, object]] = {
    "priority": ({"value": "urgent"}, "priority", "urgent"),
    "category": ({"value": "attachments"}, "category", "attachments"),
    "tag": ({"value": "502"}, "tags", ["vip", "502"]),
    "untag": ({"value": "vip"}, "tags", []),
    "snooze": ({"until": TOMORROW}, "snoozed_until", TOMORROW),
    "wait": ({}, "state", State.PENDING),
    "resolve": ({}, "state", State.CLOSED),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_action_is_done_told_in_history_and_taken_back_exactly(ada: User, action: str) -> None:
    given, field, value = ACTIONS[action]
    case = factories.ticket(assignee=ada, tags=["vip"], category="other")
    lifecycle.reopen(ticket=case, by=Actor.of(ada), now=NOW)
    lifecycle.set_priority(ticket=case, priority="low", by=Actor.of(ada), now=NOW)
    first = {name: getattr(standing(case), name) for name in MORE_FACTS}

    run = do(ada, [case], action, **given)

    assert getattr(standing(case), field) == value
    told = History.objects.filter(ticket=case).latest("pk")
    assert (told.actor_user, told.data["run"]) == (ada, run.pk)
    assert run.finished_at == LATER

    take_back(run, ada)

    assert {name: getattr(standing(case), name) for name in MORE_FACTS} == first
    assert tally(run).undone == 1


def test_people_and_teams_are_set_and_put_back_together(ada: User) -> None:
    mine = factories.ticket(assignee=ada)
    billing = factories.team("Billing")

    run = do(ada, [mine], "team", id=billing.pk)

    assert (standing(mine).team, standing(mine).assignee) == (billing, None)
    take_back(run, ada)
    assert (standing(mine).team, standing(mine).assignee) == (factories.team("Mail"), ada)

    freed = do(ada, [mine], "assign", id=None)
    assert standing(mine).assignee is None
    take_back(freed, ada)
    assert standing(mine).assignee == ada


def test_reopened_case_is_closed_again_as_if_nothing_had_been(ada: User) -> None:
    case = factories.ticket(state=State.CLOSED, closed_at=NOW, waiting_since=None)

    run = do(ada, [case], "reopen")
    assert standing(case).state == State.OPEN
    take_back(run, ada)

    assert (standing(case).state, standing(case).closed_at) == (State.CLOSED, NOW)


def test_promised_call_stays_one_when_the_case_sleeps_again(ada: User) -> None:
    case = factories.ticket(state=State.SNOOZED, snoozed_until=TOMORROW)
    History.objects.create(
        ticket=case, version=1, at=NOW, actor_kind="user", actor_user=ada, code="call_back"
    )

    take_back(do(ada, [case], "reopen"), ada)

    assert lifecycle.is_call_back(standing(case))


def test_each_case_that_is_passed_over_says_why(ada: User) -> None:
    lea, otto = factories.lea(), factories.otto()
    fine, so_already = factories.ticket(), factories.ticket(assignee=lea)
    elsewhere, merged = factories.ticket(team=None), factories.ticket()
    run = begin(ada, [fine, so_already, elsewhere, merged], "assign", id=lea.pk)
    Ticket.objects.filter(pk=elsewhere.pk).update(team=factories.team("Billing"), assignee=ada)
    merge(source=merged, target=fine, by=Actor.of(ada), now=NOW)

    work(run)

    assert outcomes(run) == {
        fine.number: ("done", ""),
        so_already.number: ("skipped", "already"),
        elsewhere.number: ("failed", "not_of_team"),
        merged.number: ("skipped", "merged"),
    }
    Ticket.objects.filter(pk=elsewhere.pk).update(team=None)
    assert bulk.repeat(run=run, now=LATER) == 1
    assert outcomes(work(run))[elsewhere.number] == ("done", "")
    assert not visible_runs(otto).exists()


def test_case_that_left_the_persons_sight_is_not_touched(ada: User) -> None:
    case = factories.ticket()
    run = begin(ada, [case], "resolve")
    Ticket.objects.filter(pk=case.pk).update(team=factories.team("Billing"))

    work(run)

    assert outcomes(run)[case.number] == ("skipped", "not_yours")
    assert standing(case).state == State.OPEN


def test_whoever_became_a_helper_does_nothing_more(ada: User) -> None:
    case = factories.ticket()
    run = begin(ada, [case], "resolve")
    User.objects.filter(pk=ada.pk).update(role=Role.HELPER)

    work(run)

    assert outcomes(run)[case.number] == ("skipped", "not_yours")


def test_helper_begins_nothing_and_nobody_reaches_a_foreign_case(ada: User) -> None:
    foreign = factories.ticket(team=factories.team("Billing"))

    with pytest.raises(NotAllowed):
        begin(factories.hal(), [], "resolve")
    with pytest.raises(Refused, match="none_chosen"):
        begin(ada, [foreign], "resolve")


@pytest.mark.parametrize(
    ("action", "given", "code"),
    [
        ("priority", {"value": "huge"}, "unknown_value"),
        ("explode", {}, "unknown_value"),
        ("tag", {"value": " "}, "no_tag"),
        ("tag", {"value": "x" * 41}, "tag_too_long"),
        ("snooze", {"until": NOW}, "past"),
        ("snooze", {"until": None}, "past"),
        ("assign", {"id": 0}, "not_an_agent"),
        ("team", {"id": 0}, "team_gone"),
    ],
)
def test_what_fits_no_action_is_refused_before_it_begins(
    ada: User, action: str, given: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused, match=code):
        begin(ada, [factories.ticket()], action, **given)

    assert not BulkRun.objects.exists()


def test_case_where_somebody_writes_is_left_alone_until_it_is_forced(ada: User) -> None:
    case, read, own = (factories.ticket() for _ in range(3))
    lea = factories.lea()
    presence.note(case.pk, f"{lea.pk}:page", "reply")
    presence.note(read.pk, f"{lea.pk}:page", "view")
    presence.note(own.pk, f"{ada.pk}:page", "reply")
    run = do(ada, [case, read, own], "resolve")
    item = run.items.get(ticket=case)
    assert (item.code, item.data) == ("typing", {"who": "Lea"})
    assert tally(run).done == 2

    bulk.repeat(run=run, now=LATER, item=item.pk, force=True)

    assert outcomes(work(run))[case.number] == ("done", "")
    assert outcomes(do(ada, [case], "tag", value="x"))[case.number] == ("done", "")


class Crash(BaseException):
    """As when the process is killed."""


def test_run_that_is_killed_twice_is_finished_and_nothing_is_done_twice(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [factories.ticket() for _ in range(6)]
    run = begin(ada, cases, "tag", value="502")
    deed, left = DEEDS["tag"], iter([True, True, False, True, False])

    def dying(*args: Any) -> Ticket:
        done = deed.do(*args)
        if not next(left, True):
            raise Crash
        return done

    # A kill in the middle of a case: after its change, before that is committed.
    monkeypatch.setitem(DEEDS, "tag", type(deed)(dying, deed.is_so, deed.facts))
    for _ in range(2):
        with pytest.raises(Crash):
            bulk.work(run_id=run.pk, now=LATER)
    assert tally(run).waiting == 3
    assert bulk.neglected(now=LATER + minutes(1)) == [run.pk]

    work(run)

    assert tally(run).done == 6
    assert History.objects.filter(code="tagged").count() == 6
    assert bulk.neglected(now=LATER + minutes(1)) == []
    assert not bulk.work(run_id=run.pk, now=LATER)


def test_case_that_fails_for_an_unforeseen_reason_does_not_stop_the_others(
    ada: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cases = [factories.ticket() for _ in range(3)]
    deed = DEEDS["resolve"]

    def failing(ticket: Ticket, *rest: Any) -> Ticket:
        if ticket.pk == cases[1].pk:
            raise ValueError
        return deed.do(ticket, *rest)

    monkeypatch.setitem(DEEDS, "resolve", type(deed)(failing, deed.is_so, deed.facts))

    run = do(ada, cases, "resolve")

    assert [outcomes(run)[each.number] for each in cases] == [
        ("done", ""),
        ("failed", "internal"),
        ("done", ""),
    ]
    assert standing(cases[1]).state == State.OPEN
    assert "failed" in caplog.text


def test_two_runs_over_the_same_cases_leave_each_as_the_later_turn_wants(ada: User) -> None:
    cases = [factories.ticket() for _ in range(4)]
    resolving, waiting = begin(ada, cases, "resolve"), begin(ada, cases, "wait")

    for _ in range(3):
        bulk.work(run_id=resolving.pk, now=LATER, limit=2)
        bulk.work(run_id=waiting.pk, now=LATER, limit=2)

    assert {standing(each).state for each in cases} == {State.PENDING}
    assert tally(resolving).done == tally(waiting).done == 4
    take_back(resolving, ada)
    assert tally(resolving).kept == 4
    take_back(waiting, ada)
    assert {standing(each).state for each in cases} == {State.CLOSED}


@pytest.mark.django_db(transaction=True)
def test_many_workers_on_two_runs_at_once_do_every_case_once_for_each() -> None:
    ada = factories.ada()
    cases = [factories.ticket() for _ in range(8)]
    runs = [begin(ada, cases, "tag", value=value) for value in ("502", "vip")]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work_apart, [*runs, *runs]))

    assert [tally(run).done for run in runs] == [8, 8]
    assert History.objects.filter(code="tagged").count() == 16
    assert {tuple(sorted(standing(each).tags)) for each in cases} == {("502", "vip")}


def work_apart(run: BulkRun) -> None:
    """What a worker does, in a connection of its own."""
    try:
        while bulk.work(run_id=run.pk, now=LATER, limit=3):
            pass
    finally:
        connection.close()


def test_stopped_run_leaves_the_rest_and_can_go_on(ada: User) -> None:
    cases = [factories.ticket() for _ in range(3)]
    run = begin(ada, cases, "resolve")
    bulk.work(run_id=run.pk, now=LATER, limit=1)

    assert bulk.stop(run=run, now=LATER) == 2
    assert not bulk.work(run_id=run.pk, now=LATER)
    assert Ticket.objects.filter(state=State.CLOSED).count() == 1

    bulk.repeat(run=run, now=LATER)
    assert tally(work(run)).done == 3


def test_taking_back_a_run_under_way_also_stops_it(ada: User) -> None:
    cases = [factories.ticket() for _ in range(3)]
    run = begin(ada, cases, "resolve")
    bulk.work(run_id=run.pk, now=LATER, limit=1)

    take_back(run, ada)

    assert not Ticket.objects.filter(state=State.CLOSED).exists()
    assert (tally(run).undone, tally(run).stopped) == (1, 2)
    with pytest.raises(Refused, match="nothing_to_undo"):
        bulk.take_back(run=run, by=ada, now=LATER)


def write_since(case: Ticket, ada: User) -> None:
    now = standing(case)
    Ticket.objects.filter(pk=case.pk).update(version=now.version + 1)
    factories.message(case.conversations.get(), "Still there?", version=now.version + 1)


def answer_since(case: Ticket, ada: User) -> None:
    now = standing(case)
    Ticket.objects.filter(pk=case.pk).update(version=now.version + 1)
    version = now.version + 1
    factories.message(
        case.conversations.get(), "Done.", version=version, direction=Direction.OUTBOUND
    )


def reopen_since(case: Ticket, ada: User) -> None:
    lifecycle.reopen(ticket=case, by=Actor.of(ada), now=LATER)


def tag_since(case: Ticket, ada: User) -> None:
    lifecycle.tag(ticket=case, tag="vip", by=Actor.of(ada), now=LATER)


@pytest.mark.parametrize(
    ("since", "code", "waits"),
    [
        (write_since, "customer_wrote", False),
        (reopen_since, "changed_since", False),
        (answer_since, "", False),
        (tag_since, "", True),
    ],
)
def test_only_what_nobody_has_changed_since_is_taken_back(
    ada: User, since: Callable[[Ticket, User], None], code: str, waits: bool
) -> None:
    case, other = factories.ticket(), factories.ticket()
    run = do(ada, [case, other], "resolve")
    since(case, ada)

    take_back(run, ada)

    assert outcomes(run)[case.number] == ("done", code)
    assert (standing(case).waiting_since is not None) == waits
    assert standing(other).state == State.OPEN


def test_assignee_given_away_since_stays_with_the_new_one(ada: User) -> None:
    lea, case = factories.lea(), factories.ticket()
    run = do(ada, [case], "assign", id=ada.pk)
    assign(ticket=case, assignee=lea, by=Actor.of(lea), now=LATER)

    take_back(run, ada)

    assert standing(case).assignee == lea
    assert outcomes(run)[case.number] == ("done", "changed_since")


def test_all_of_a_list_is_fixed_in_one_query_and_capped(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    kim = factories.kim()
    cases = [factories.ticket(kim, at=NOW + minutes(n)) for n in range(4)]
    # Five thousand cases would take the test too long.
    monkeypatch.setattr("tickets.actions.bulk.starting.MOST_CASES", 3)

    run = bulk.start(
        tickets=chosen(View("open"), ada), action="resolve", given={}, by=ada, now=LATER
    )
    factories.ticket(kim)
    work(run)

    assert run.is_capped
    closed = Ticket.objects.filter(state=State.CLOSED)
    assert set(closed) == set(cases[1:])


@pytest.mark.parametrize(
    ("action", "given", "most"), [("tag", {"value": "502"}, 11), ("resolve", {}, 17)]
)
def test_every_case_more_costs_the_same_few_queries(
    ada: User, action: str, given: dict[str, Any], most: int
) -> None:
    kim = factories.kim()
    few, many = [factories.ticket(kim)], [factories.ticket(kim) for _ in range(12)]

    with CaptureQueriesContext(connection) as one:
        do(ada, few, action, **given)
    with CaptureQueriesContext(connection) as dozen:
        do(ada, many, action, **given)

    assert (len(dozen) - len(one)) / 11 == most


def test_batch_tells_of_all_its_cases_in_one_notice(
    ada: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    told: list[list[events.Change]] = []

    def listen(*, changes: list[events.Change], **_: Any) -> None:
        told.append(changes)

    events.tickets_changed.connect(listen)
    cases = [factories.ticket() for _ in range(3)]
    try:
        with events.gathering(), django_capture_on_commit_callbacks(execute=True):
            for case in cases:
                lifecycle.tag(ticket=case, tag="a", by=Actor.of(ada), now=LATER)
                lifecycle.tag(ticket=case, tag="b", by=Actor.of(ada), now=LATER)
    finally:
        events.tickets_changed.disconnect(listen)

    assert [sorted(pk for _number, pk, _version in each) for each in told] == [
        [case.pk for case in cases]
    ]
    assert {version for _n, _pk, version in told[0]} == {standing(cases[0]).version}


def test_runs_are_forgotten_after_thirty_days(ada: User) -> None:
    run = do(ada, [factories.ticket()], "resolve")

    assert bulk.forget_old(now=NOW + minutes(29 * 24 * 60)) == 0
    assert bulk.forget_old(now=NOW + minutes(31 * 24 * 60)) == 1
    assert not BulkRun.objects.filter(pk=run.pk).exists()
