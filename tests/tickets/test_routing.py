"""Routing on cases: rules are carried out, people's choices stay, and work goes round."""

from datetime import timedelta
from typing import Any

import pytest

from tests.tickets.assessing import triaged
from tests.tickets.cast import ada, agent, case, claim_on, codes, later, standing
from tickets.actions import assignment, lifecycle
from tickets.actions.refusals import Refused
from tickets.actions.routing import come_back, go_away, move_rule, save_rule
from tickets.actions.starting_rules import seed_rules
from tickets.actions.triage import triage
from tickets.models import Role, RoutingRule, Team, Ticket, User
from tickets.queries.routing import as_rule, try_rules

pytestmark = pytest.mark.django_db


def team(name: str = "security") -> Team:
    return Team.objects.get_or_create(slug=name, defaults={"name": name.title()})[0]


def rule(name: str = "By category", **fields: Any) -> RoutingRule:
    return save_rule(RoutingRule(name=name, **fields))


def member(name: str, of: Team, **fields: Any) -> User:
    made = agent(name, **fields)
    made.teams.add(of)
    return made


def routed(ticket: Ticket, **opinion: Any) -> Ticket:
    triaged(ticket, now=later(seconds=8), **opinion)
    return standing(ticket)


def test_without_rules_nothing_is_routed() -> None:
    ticket = case()

    assert "routed" not in codes(routed(ticket))


def test_rule_is_carried_out_and_explained() -> None:
    security = team()
    rule(
        categories=["account_security"],
        team=security,
        priority="high",
        tags=["theft"],
        flags_lead=True,
    )

    ticket = routed(case(), category="account_security")

    assert (ticket.team, ticket.priority, ticket.tags) == (security, "high", ["theft"])
    assert ticket.escalation == {"source": "rule", "rule": "By category"}
    told = ticket.history.get(code="routed")
    assert told.actor_kind == "rule"
    assert told.data["rules"] == [
        {"name": "By category", "because": {"category": ["account_security"]}}
    ]
    assert ticket.history.get(code="moved_to_team").data["rule"] == "By category"


def test_category_that_triage_was_not_sure_of_meets_no_rule() -> None:
    rule(categories=["account_security"], team=team())

    assert routed(case(), category="account_security", abstains=True).team is None


@pytest.mark.parametrize(
    ("guessed", "ruled", "comes_to"),
    [("normal", "low", "low"), ("high", "urgent", "urgent"), ("urgent", "high", "urgent")],
)
def test_rule_makes_nothing_less_urgent_than_its_words(
    guessed: str, ruled: str, comes_to: str
) -> None:
    rule(priority=ruled)

    assert routed(case(), urgency=guessed).priority == comes_to


def test_plan_and_words_and_language_count() -> None:
    rule(plans=["enterprise"], languages=["zh-hans"], words=["收件箱"], team=team())
    ticket = case(sender=None)
    ticket.contact.plan = "enterprise"
    ticket.contact.save()
    Ticket.objects.filter(pk=ticket.pk).update(language="zh-hans")

    assert routed(ticket).team == team()


def test_rule_goes_before_the_channels_own_team() -> None:
    rule(team=team())
    ticket = case()
    Ticket.objects.filter(pk=ticket.pk).update(team=team("general"))

    assert routed(ticket).team == team()


def test_team_and_priority_that_a_person_chose_stay() -> None:
    rule(team=team(), priority="urgent", assigns=True)
    member("cay", team())
    ticket = case()
    assignment.move_to_team(ticket=ticket, team=team("mail"), by=ada(), now=later(seconds=1))
    lifecycle.set_priority(ticket=ticket, priority="low", by=ada(), now=later(seconds=1))

    now = routed(ticket)

    assert (now.team, now.priority, now.assignee) == (team("mail"), "low", None)


def test_case_is_never_taken_from_whoever_works_on_it() -> None:
    rule(team=team(), assigns=True)
    member("cay", team())
    ticket = case()
    assignment.assign(ticket=ticket, assignee=agent("ada"), by=ada(), now=later(seconds=1))

    now = routed(ticket)

    assert (now.assignee, now.team) == (agent("ada"), None)


def test_case_that_somebody_gave_back_waits_for_people() -> None:
    rule(team=team(), assigns=True)
    member("cay", team())
    ticket = case()
    assignment.assign(ticket=ticket, assignee=agent("ada"), by=ada(), now=later(seconds=1))
    assignment.assign(ticket=ticket, assignee=None, by=ada(), now=later(seconds=2))

    assert routed(ticket).assignee is None


def test_skilled_and_present_agent_with_least_to_do_gets_it() -> None:
    rule(team=team(), assigns=True, skill="recovery")
    member("cay", team())
    away = member("dan", team(), skills=["recovery"])
    go_away(person=away, until=later(days=1), now=later())
    busy = member("eve", team(), skills=["recovery"])
    free = member("fay", team(), skills=["recovery"])
    assignment.assign(ticket=case("zoe", "附件"), assignee=busy, by=ada(), now=later())

    assert routed(case()).assignee == free


def test_work_goes_round() -> None:
    rule(team=team(), assigns=True)
    people = [member(name, team()) for name in ("cay", "dan", "eve")]
    given = []
    for n in range(6):
        ticket = case(f"kim{n}", f"收不到邮件 {n}")
        triage(ticket=ticket, now=later(minutes=n))
        given.append(standing(ticket).assignee)

    assert {person: given.count(person) for person in people} == dict.fromkeys(people, 2)


def test_where_nobody_is_free_it_waits_in_the_queue() -> None:
    rule(team=team(), assigns=True)
    member("cay", team(), load_limit=0)
    member("hal", team(), role=Role.HELPER)

    ticket = routed(case())

    assert (ticket.team, ticket.assignee) == (team(), None)
    assert ticket.history.get(code="routed").data["found"] is False


def test_who_is_back_is_given_cases_again() -> None:
    person = member("cay", team())
    go_away(person=person, until=later(hours=1), now=later())

    assert person.is_away(later(minutes=59))
    assert not person.is_away(later(hours=1))
    go_away(person=person, until=None, now=later())
    assert person.is_away(later(days=400))
    come_back(person=person)
    assert not person.is_away(later())
    with pytest.raises(Refused, match="past"):
        go_away(person=person, until=later(), now=later())


def test_claims_are_not_routed() -> None:
    ticket = case()
    routed(ticket)
    rule(team=team())
    claim_on(ticket)

    assert standing(ticket).team is None


def test_rule_out_of_force_does_nothing() -> None:
    rule(team=team(), is_enabled=False)

    assert routed(case()).team is None


def test_rules_change_places() -> None:
    a, b, c = rule("a"), rule("b"), rule("c")

    move_rule(rule=c, up=True)
    move_rule(rule=a, up=True)
    move_rule(rule=a, up=False)

    names = RoutingRule.objects.order_by("position").values_list("name", flat=True)
    assert list(names) == ["c", "a", "b"]
    assert b.pk


def test_dry_run_changes_nothing_and_says_what_would_differ() -> None:
    security, mail = team(), team("mail")
    right, wrong, open_one = case(), case("bob", "附件"), case("eve", "发不出去")
    for ticket, chosen in ((right, security), (wrong, mail)):
        assignment.move_to_team(ticket=ticket, team=chosen, by=ada(), now=later())
    made = rule(team=security)
    before = Ticket.objects.order_by("pk").values_list("version", flat=True)

    trial = try_rules([as_rule(made)], _manager(), now=later(days=1))

    assert (trial.looked_at, trial.differing, trial.by_rule) == (3, 2, {made.pk: 3})
    assert {each.ticket for each in trial.tried if each.differs} == {wrong, open_one}
    assert list(before) == list(Ticket.objects.order_by("pk").values_list("version", flat=True))


def test_dry_run_shows_only_cases_that_one_may_see() -> None:
    hidden = case()
    assignment.move_to_team(ticket=hidden, team=team("mail"), by=ada(), now=later())
    lead = member("lea", team(), role=Role.LEAD)

    trial = try_rules([as_rule(rule(team=team()))], lead, now=later(days=1))

    assert trial.looked_at == 0


def test_dry_run_costs_the_same_for_many_cases(django_assert_max_num_queries: Any) -> None:
    made = [as_rule(rule(f"r{n}", words=["邮件"], team=team())) for n in range(3)]
    manager = _manager()
    for n in range(8):
        case(f"kim{n}", f"收不到邮件 {n}", at=later() - timedelta(minutes=n))

    with django_assert_max_num_queries(5):
        try_rules(made, manager, now=later(hours=1))


def _manager() -> User:
    return agent("mia", role=Role.MANAGER)


def test_starting_rules_are_made_for_the_teams_that_there_are() -> None:
    team("security")
    team("mail")

    made, missing = seed_rules()
    again, _missing = seed_rules()

    assert [row.team for row in made] == [team("security"), team("mail")]
    assert (missing, again) == (["enterprise", "general"], [])
