"""Views that people keep: whose they are, who may change them, and that they are counted right."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from tests import factories
from tests.dashboard.conftest import Desk
from tests.factories import NOW, minutes
from tickets.access import channels_for, saved_views_for, teams_of
from tickets.actions import saved_views
from tickets.filters import parse
from tickets.models import SavedView, Team, User
from tickets.queries.counting import channel_counts, counts, filter_counts
from tickets.queries.inbox import VIEW_NAMES, View, claims_for, tickets_in

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Desk]


def kept(by: User, audience: str = "private", team: Team | None = None, **fields: Any) -> SavedView:
    values = {"name": "Errors", "filter_text": "tag:502", "sort": "", **fields}
    return saved_views.save_view(by=by, audience=audience, team=team, now=NOW, **values)


def rail(desk: Desk) -> list[tuple[str, str]]:
    return [(entry.title, entry.count) for entry in desk.get("/open/").context["rail"].saved]


def test_list_on_screen_is_kept_as_a_view_of_its_own(desk: Desk) -> None:
    case = factories.ticket(tags=["502"])
    desk.send("/order/", {"view": "open", "sort": "oldest"})

    answer = desk.send(
        "/views/", {"view": "open|tag:502", "name": "Errors", "audience": "private"}, follow=True
    )

    row = SavedView.objects.get()
    assert (row.filter, row.sort) == ("state:open tag:502", "oldest")
    assert answer.redirect_chain[-1][0] == f"/views/{row.pk}/"
    assert [each.number for each in answer.context["rows"]] == [case.number]
    assert rail(desk) == [("Errors", "1")]


def test_view_of_a_team_is_not_there_for_another(ada: User, sign_in: SignIn) -> None:
    view = kept(factories.lea(), "team", factories.team("Mail"))
    otto = sign_in(factories.otto())

    assert view in saved_views_for(ada)
    assert rail(otto) == []
    assert otto.get(f"/views/{view.pk}/").status_code == 404
    assert otto.get(f"/rail/?view=saved:{view.pk}").context["rail"].current is None
    for what in ("change", "place", "removal"):
        sent = {"view": "open", "name": "Mine now", "to": "later"}
        assert otto.send(f"/views/{view.pk}/{what}/", sent).status_code == 404
    assert SavedView.objects.get().name == "Errors"


def test_private_view_is_its_owners_alone(ada: User) -> None:
    kept(ada)

    for person in (factories.lea(), factories.mia(), factories.hal()):
        assert not saved_views_for(person).exists()


def test_helper_sees_nothing_that_was_made_for_everyone(sign_in: SignIn) -> None:
    kept(factories.mia(), "everyone")
    hal = sign_in(factories.hal())

    assert rail(hal) == []


@pytest.mark.parametrize(
    ("name", "audience", "may"),
    [
        ("ada", "Mail", False),
        ("ada", "everyone", False),
        ("lea", "Mail", True),
        ("lea", "Billing", False),
        ("lea", "everyone", False),
        ("mia", "Billing", True),
        ("mia", "everyone", True),
    ],
)
def test_leads_share_with_their_teams_and_managers_with_all(
    sign_in: SignIn, name: str, audience: str, may: bool
) -> None:
    teams = {
        each.name: str(each.pk) for each in (factories.team("Mail"), factories.team("Billing"))
    }
    desk = sign_in(getattr(factories, name)())

    desk.send(
        "/views/", {"view": "open", "name": "Ours", "audience": teams.get(audience, audience)}
    )

    assert SavedView.objects.exists() == may


def test_agent_cannot_change_what_was_made_for_the_team(desk: Desk) -> None:
    view = kept(factories.lea(), "team", factories.team("Mail"))

    assert desk.get(f"/views/{view.pk}/").context["saving"].may_change is False
    for what in ("change", "place", "removal"):
        sent = {"view": "open", "name": "Mine now", "to": "later"}
        assert desk.send(f"/views/{view.pk}/{what}/", sent).status_code == 404


def test_view_is_renamed_and_kept_with_another_filter(desk: Desk, ada: User) -> None:
    view = kept(ada)
    changed = desk.get(f"/views/{view.pk}/?f=tag:503").context
    before = SavedView.objects.get().filter

    desk.send(f"/views/{view.pk}/change/", {"view": changed["from_view"], "name": "Gateway errors"})

    view.refresh_from_db()
    assert (before, view.filter, view.name) == ("tag:502", "tag:503", "Gateway errors")


def test_views_change_places_and_go(desk: Desk, ada: User) -> None:
    for name in ("One", "Two", "Three"):
        kept(ada, name=name)
    three = SavedView.objects.get(name="Three")

    desk.send(f"/views/{three.pk}/place/", {"to": "earlier"})
    order = [title for title, _count in rail(desk)]
    desk.send(f"/views/{three.pk}/removal/")

    assert order == ["One", "Three", "Two"]
    assert [title for title, _count in rail(desk)] == ["One", "Two"]


def test_view_needs_a_name(desk: Desk) -> None:
    answer = desk.send("/views/", {"view": "open", "name": " "}, follow=True)

    assert "A view needs a name." in answer.content.decode()
    assert not SavedView.objects.exists()


def test_counts_are_what_counting_one_by_one_finds() -> None:
    chance = random.Random(5)
    people = [factories.ada(), factories.lea(), factories.otto(), factories.mia(), factories.hal()]
    _fill(chance, people)
    filters = ["tag:502", "-tag:502 state:open", "assignee:me", "due:overdue", "state:closed"]
    narrow = [View("all", filter=parse(text).filter) for text in filters]

    for user in people:
        teams = list(teams_of(user))
        plain = [View(name) for name in VIEW_NAMES if name != "claims"]
        plain += [View("team", team.slug) for team in teams]
        one_by_one = {view: tickets_in(view, user).count() for view in (*plain, *narrow)}
        one_by_one[View("claims")] = claims_for(user).count()
        channels = list(channels_for(user))
        by_channel = {
            each.slug: tickets_in(View("channel", each.slug), user).count() for each in channels
        }

        assert counts(list(one_by_one), user) == one_by_one
        assert channel_counts(user, channels, teams) == by_channel


def _fill(chance: random.Random, people: list[User]) -> None:
    doors = [factories.channel("email"), factories.channel("discourse", is_public=True)]
    kims = [factories.kim(door) for door in doors]
    teams = [factories.team("Mail"), factories.team("Billing"), None]
    for n in range(60):
        state = chance.choice(["open", "open", "pending", "snoozed", "closed"])
        case = factories.ticket(
            chance.choice(kims),
            state=state,
            snoozed_until=NOW if state == "snoozed" else None,
            closed_at=NOW if state == "closed" else None,
            team=chance.choice(teams),
            assignee=chance.choice([None, *people[:4]]),
            due_at=chance.choice([None, NOW + minutes(n)]),
            escalated_at=chance.choice([None, None, NOW]),
            tags=chance.choice([[], ["502"]]),
        )
        if n % 6 == 0:
            factories.claim(case, chance.choice(kims))
        if n % 7 == 0:
            factories.conversation(case, chance.choice(kims))


def test_big_desk_counts_filters_only_for_who_waits(ada: User) -> None:
    factories.ticket(tags=["502"])
    views, teams = [View("all", filter=parse("tag:502").filter)], list(teams_of(ada))

    def asked(*, patiently: bool) -> list[int]:
        found = filter_counts(views, ada, teams, is_big=True, patiently=patiently)
        return list(found.values())

    assert asked(patiently=False) == []
    assert asked(patiently=True) == [1]
    assert asked(patiently=False) == [1]
