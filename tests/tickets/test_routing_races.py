"""Two workers who give cases to people at the same moment count nobody twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests.tickets.assessing import model
from tests.tickets.cast import agent, case, later
from tickets.actions.routing import save_rule
from tickets.actions.triage import triage
from tickets.models import RoutingRule, Team, Ticket, Triage

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS, PEOPLE, EACH = 4, 3, 4


def test_limits_hold_and_work_goes_round_among_many_workers() -> None:
    team = Team.objects.create(slug="security", name="Security")
    people = [agent(name, load_limit=EACH) for name in ("cay", "dan", "eve")[:PEOPLE]]
    team.members.set(people)
    save_rule(RoutingRule(name="All", team=team, assigns=True))
    cases = [case(f"kim{n}", f"收不到邮件 {n}") for n in range(PEOPLE * EACH + 2)]

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(_look_at, [each.pk for each in cases]))

    given = Counter(Ticket.objects.values_list("assignee__name", flat=True))
    assert given == {"Cay": EACH, "Dan": EACH, "Eve": EACH, None: 2}
    assert set(Ticket.objects.values_list("team", flat=True)) == {team.pk}


def test_two_workers_assess_one_case_once() -> None:
    ticket = case()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(_look_at, [ticket.pk] * WORKERS))

    assert Triage.objects.count() == 1
    assert ticket.history.filter(code="triaged").count() == 1


def _look_at(pk: int) -> None:
    """What a worker does, in a connection of its own."""
    try:
        triage(ticket=Ticket.objects.get(pk=pk), now=later(seconds=8), model=model())
    finally:
        connection.close()
