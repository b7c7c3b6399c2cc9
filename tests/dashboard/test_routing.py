"""Routing in the hands of leads and managers: rules, dry runs, people, words that call a lead."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests import factories
from tests.dashboard.conftest import Desk
from tickets.actions.routing import save_rule
from tickets.models import EscalationList, RoutingRule, Ticket, User

pytestmark = pytest.mark.django_db

PAGES = ("", "rules/new/", "rules/{rule}/", "trial/", "people/", "people/{person}/", "words/")
WRITES = (
    "rules/new/",
    "rules/{rule}/",
    "rules/{rule}/place/",
    "rules/{rule}/force/",
    "rules/{rule}/removal/",
    "people/{person}/",
    "people/{person}/absence/",
    "words/",
)


@pytest.fixture
def lea(sign_in: Callable[[User], Desk]) -> Desk:
    return sign_in(factories.lea())


@pytest.fixture
def rule(db: None) -> RoutingRule:
    return made("Stolen accounts", categories=["account_security"], team=factories.team("Mail"))


def made(name: str, **fields: Any) -> RoutingRule:
    return save_rule(RoutingRule(name=name, **fields))


def address(path: str, rule: RoutingRule) -> str:
    person = User.objects.filter(name="Ada").first() or factories.ada()
    return "/routing/" + path.format(rule=rule.pk, person=person.pk)


def shown(desk: Desk, path: str) -> str:
    answer = desk.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_only_leads_and_managers_come_in(
    sign_in: Callable[[User], Desk], rule: RoutingRule
) -> None:
    pages = [address(path, rule) for path in PAGES]

    for person, status in (
        (factories.otto(), 403),
        (factories.hal(), 403),
        (factories.lea(), 200),
        (factories.mia(), 200),
    ):
        desk = sign_in(person)
        assert [desk.get(page).status_code for page in pages] == [status] * len(pages)


def test_nobody_else_changes_anything(sign_in: Callable[[User], Desk], rule: RoutingRule) -> None:
    otto = sign_in(factories.otto())

    for path in WRITES:
        assert otto.send(address(path, rule), {"name": "x", "on": "no"}).status_code == 403
    rule.refresh_from_db()
    assert (rule.name, rule.is_enabled) == ("Stolen accounts", True)


def test_nothing_is_changed_without_the_token_of_the_form(lea: Desk, rule: RoutingRule) -> None:
    assert lea.post(address("rules/{rule}/removal/", rule)).status_code == 403


def test_rule_reads_as_a_sentence(lea: Desk) -> None:
    made(
        "Japanese theft",
        categories=["account_security"],
        languages=["ja"],
        words=["乗っ取り", "<b>"],
        team=factories.team("Mail"),
        assigns=True,
        skill="recovery",
        priority="high",
        flags_lead=True,
        tags=["theft"],
    )

    page = shown(lea, "/routing/")

    for part in (
        (
            'If <span class="tok">the category is Account security</span> and '
            '<span class="tok">the language is 日本語</span> and '
            '<span class="tok">the customer writes “乗っ取り” or “&lt;b&gt;”</span>, then'
        ),
        "team Mail</span>",
        "give it to somebody with the skill recovery</span>",
        "priority High</span>",
        "call a lead</span>",
        "tag theft</span>.",
    ):
        assert part in page


def test_lead_makes_a_rule(lea: Desk) -> None:
    mail = factories.team("Mail")

    answer = lea.send(
        "/routing/rules/new/",
        {
            "name": "VIP",
            "plans": "Enterprise, vip",
            "words": "发票、invoice",
            "team": str(mail.pk),
            "skill": "billing",
            "is_enabled": "on",
        },
    )

    assert answer.status_code == 302
    rule = RoutingRule.objects.get()
    assert (rule.plans, rule.words) == (["enterprise", "vip"], ["发票", "invoice"])
    assert (rule.team, rule.assigns, rule.skill) == (mail, True, "billing")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "x"}, "The rule does nothing yet."),
        ({"name": "x", "assigns": "on"}, "Of which team?"),
        ({"name": "Stolen accounts", "flags_lead": "on"}, "Another rule has this name."),
        ({"name": "x", "tags": "t" * 41}, "at most 40 characters"),
        ({"name": "", "flags_lead": "on"}, "Nothing was saved yet."),
    ],
)
def test_rule_that_makes_no_sense_is_refused(
    lea: Desk, rule: RoutingRule, given: dict[str, str], said: str
) -> None:
    answer = lea.send("/routing/rules/new/", given)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert RoutingRule.objects.get() == rule


def test_rule_is_changed_moved_switched_and_removed(lea: Desk, rule: RoutingRule) -> None:
    made("Second", flags_lead=True)

    lea.send(
        f"/routing/rules/{rule.pk}/", {"name": "Theft", "flags_lead": "on", "is_enabled": "on"}
    )
    lea.send(f"/routing/rules/{rule.pk}/place/", {"to": "later"})
    lea.send(f"/routing/rules/{rule.pk}/force/", {"on": "no"})

    rows = RoutingRule.objects.order_by("position").values_list("name", "is_enabled")
    assert list(rows) == [("Second", True), ("Theft", False)]
    assert "not in force" in shown(lea, "/routing/")
    lea.send(f"/routing/rules/{rule.pk}/removal/")
    assert RoutingRule.objects.get().name == "Second"


def test_dry_run_tells_what_would_differ_and_changes_nothing(lea: Desk) -> None:
    case = factories.ticket(category="account_security", at=timezone.now() - timedelta(days=1))
    only = made("Theft", categories=["account_security"], team=factories.team("Security"))

    page = shown(lea, f"/routing/trial/?rule={only.pk}&days=7")

    assert "“Theft”, because the category is Account security" in page
    assert "differs" in page
    assert Ticket.objects.get(pk=case.pk).version == case.version


def test_dry_run_costs_the_same_for_many_cases(
    lea: Desk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made("Words", words=["554"], team=factories.team("Security"))
    factories.ticket(at=timezone.now())
    with django_assert_num_queries(14):
        shown(lea, "/routing/trial/")
    for _n in range(5):
        factories.ticket(at=timezone.now())

    with django_assert_num_queries(14):
        shown(lea, "/routing/trial/")


def test_people_of_other_teams_are_not_a_leads_business(lea: Desk) -> None:
    ada, otto = factories.ada(), factories.otto()

    lea.send(
        f"/routing/people/{ada.pk}/", {"skills": "imap, dns", "languages": "ja", "load_limit": "5"}
    )

    ada.refresh_from_db()
    assert (ada.skills, ada.languages, ada.load_limit) == (["dns", "imap"], ["ja"], 5)
    assert lea.get(f"/routing/people/{otto.pk}/").status_code == 404
    assert lea.send(f"/routing/people/{otto.pk}/absence/").status_code == 404
    assert "Otto" not in shown(lea, "/routing/people/")


def test_people_page_costs_the_same_for_many(
    lea: Desk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(11):
        shown(lea, "/routing/people/")
    for name in ("Ada", "Bob", "Cay"):
        factories.person(name, "agent", factories.team("Mail"))

    with django_assert_num_queries(11):
        shown(lea, "/routing/people/")


def test_everybody_says_for_themselves_that_they_are_away(desk: Desk, ada: User) -> None:
    desk.send("/absence/", {"until": "2099-01-02T09:00"})
    ada.refresh_from_db()
    assert ada.is_away(timezone.now())
    assert "You are away until" in shown(desk, "/")

    desk.send("/absence/", {"back": "yes"})

    ada.refresh_from_db()
    assert not ada.is_away(timezone.now())
    assert "I am away" in shown(desk, "/")


@pytest.mark.parametrize(("until", "away"), [("", True), ("2020-01-01T00:00", False), ("x", False)])
def test_moment_of_return_must_make_sense(desk: Desk, ada: User, until: str, away: bool) -> None:
    desk.send("/absence/", {"until": until})

    ada.refresh_from_db()
    assert ada.is_away(timezone.now()) is away


def test_words_are_edited_tried_and_reset(lea: Desk) -> None:
    lea.send("/routing/words/", {"words": "refund\nGeld", "exceptions": "no refund"})

    row = EscalationList.objects.get()
    assert (row.words, row.exceptions) == (["refund", "Geld"], ["no refund"])
    assert "Yes, because of" in shown(lea, "/routing/words/?try=I+want+a+refund")
    assert "No." in shown(lea, "/routing/words/?try=no+refund+please")
    lea.send("/routing/words/", {"default": "yes"})
    assert not EscalationList.objects.exists()
    assert "12315" in shown(lea, "/routing/words/")
