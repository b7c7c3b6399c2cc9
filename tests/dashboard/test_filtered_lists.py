"""Lists that are narrowed, ordered and set closer: by address, from the field, from the menu."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest

from tests import factories
from tests.dashboard.conftest import Desk
from tests.factories import NOW, minutes
from tickets.models import Clock, State, Ticket, Triage, User
from tickets.preferences import Preferences
from tickets.queries.sorting import SORTS

pytestmark = pytest.mark.django_db


def numbers(desk: Desk, path: str) -> list[str]:
    return [row.number for row in desk.get(path, follow=True).context["rows"]]


def chips(desk: Desk, path: str) -> list[tuple[str, str, str]]:
    listing = desk.get(path, follow=True).context["listing"]
    return [(chip.key, chip.value, chip.url) for chip in listing.chips]


def test_list_is_narrowed_by_its_address(desk: Desk) -> None:
    tagged = factories.ticket(tags=["502"])
    factories.ticket()

    page = desk.get("/open/?f=tag:502")

    assert [row.number for row in page.context["rows"]] == [tagged.number]
    assert page.context["rail"].current.count == "1"


def test_address_in_other_words_goes_on_to_the_one_form(desk: Desk) -> None:
    answer = desk.get(f"/open/?f={quote('标签：502')}")

    assert answer["Location"] == "/open/?f=tag%3A502"


def test_what_is_written_in_the_field_goes_on_from_the_filter(desk: Desk) -> None:
    answer = desk.get(f"/open/?f=tag:502&more={quote('等待:>5分')}")

    assert answer["Location"] == "/open/?f=tag%3A502+waiting%3A%3E5m"


def test_condition_that_contradicts_the_list_leads_to_all_cases(desk: Desk) -> None:
    waiting = factories.ticket(state=State.PENDING)

    assert numbers(desk, "/open/?more=state:pending") == [waiting.number]
    assert desk.get("/open/?more=state:pending")["Location"].startswith("/all/?f=state%3Aopen+")


def test_each_chip_leads_to_the_list_without_it(desk: Desk) -> None:
    assert chips(desk, "/open/?f=tag:502+-assignee:me") == [
        ("state", "open", "/all/?f=tag%3A502+-assignee%3Ame"),
        ("tag", "502", "/open/?f=-assignee%3Ame"),
        ("assignee", "me", "/open/?f=tag%3A502"),
    ]


@pytest.mark.parametrize("text", ["state:opn", "stat:open", "claim:"])
def test_what_is_not_understood_shows_no_list_but_says_what_would_do(desk: Desk, text: str) -> None:
    factories.ticket()

    page = desk.get(f"/open/?more={text}")

    assert page.context["rows"] == []
    assert page.context["listing"].typed == text
    assert "You can write" in page.content.decode()


def test_helper_is_told_that_private_things_are_no_filter(
    sign_in: Callable[[User], Desk],
) -> None:
    hal = sign_in(factories.hal())

    page = hal.get("/open/?f=tag:502")

    assert page.context["rows"] == []
    assert "said in private" in page.content.decode()
    assert b"tag:" not in hal.get("/filters/offers/?more=ta").content


def test_pages_changes_and_news_of_a_filtered_list_stay_within_it(desk: Desk) -> None:
    kim = factories.kim()
    tagged = [factories.ticket(kim, at=NOW + minutes(n), tags=["x"]) for n in range(52)]
    other = factories.ticket(kim, at=NOW + minutes(99))
    page = desk.get("/open/?f=tag:x")

    further = numbers(desk, page.context["more_url"])
    only = desk.get(f"/open/?f=tag:x&only={other.number},{tagged[0].number}").content.decode()
    news = desk.get(f"/open/?f=tag:x&above=&until=end&shown={tagged[0].number}").context["count"]

    assert further == [tagged[1].number, tagged[0].number]
    assert f"row-{tagged[0].number}" in only
    assert f"row-{other.number}" not in only
    assert news == 51


def test_case_is_opened_beside_the_filtered_list_and_leads_back_to_it(desk: Desk) -> None:
    case = factories.ticket(tags=["x"])
    factories.ticket()
    page = desk.get("/open/?f=tag:x")
    view = quote(page.context["from_view"], safe="")

    beside = desk.get(f"{page.context['rows'][0].url}?view={view}")

    assert page.context["from_view"] == "open|tag:x"
    assert [row.number for row in beside.context["rows"]] == [case.number]
    assert beside.context["list_url"] == "/open/?f=tag%3Ax"


def test_every_order_holds_each_case_once_and_finds_what_is_new(desk: Desk) -> None:
    kim = factories.kim()
    made = [
        factories.ticket(
            kim,
            at=NOW + minutes(n // 20),
            waiting_since=NOW - minutes(n) if n % 3 else None,
            due_at=NOW + minutes(n // 4) if n % 4 else None,
            priority=("low", "normal", "high", "urgent")[n % 4],
        ).number
        for n in range(55)
    ]

    for sort in SORTS:
        desk.send("/order/", {"view": "open", "sort": sort})
        first = desk.get("/open/").context
        seen = [row.number for row in first["rows"]]
        top, until = first["top"], first["more"]

        assert news(desk, top, until, seen) == 0, sort
        seen += numbers(desk, first["more_url"])
        assert sorted(seen) == sorted(made), sort
        assert news(desk, top, "end", seen) == 0, sort
        assert news(desk, top, "end", seen[:-1]) == 1, sort


def news(desk: Desk, top: str, until: str, shown: list[str]) -> int:
    asked = f"/open/?above={top}&until={until}&shown={','.join(shown)}"
    return int(desk.get(asked).context["count"])


def test_order_is_kept_for_the_list_and_the_person(
    desk: Desk, sign_in: Callable[[User], Desk]
) -> None:
    old = factories.ticket(at=NOW - timedelta(days=1))
    new = factories.ticket()

    desk.send("/order/", {"view": "open", "sort": "oldest"})

    assert numbers(desk, "/open/") == [old.number, new.number]
    assert numbers(desk, "/unassigned/") == [new.number, old.number]
    assert numbers(sign_in(factories.lea()), "/open/") == [new.number, old.number]


@pytest.mark.parametrize("place", ["none-5", "3.17-5"])
def test_place_of_another_order_finds_nothing(desk: Desk, place: str) -> None:
    assert desk.get(f"/open/?after={place}").status_code == (200 if "." in place else 404)


def test_density_is_kept_and_shown(desk: Desk, ada: User) -> None:
    desk.send("/density/", {"view": "open|tag:x", "density": "compact"})
    ada.refresh_from_db()

    assert Preferences.read(ada.preferences).density == "compact"
    assert b'data-density="compact"' in desk.get("/open/").content


def test_row_says_what_is_missing_in_which_language_and_which_clock_burns(desk: Desk) -> None:
    case = factories.ticket(due_at=NOW + timedelta(days=9999), language="ja")
    Clock.objects.create(
        ticket=case, kind="first_response", started_at=NOW, due_at=case.due_at, why={}
    )
    Triage.objects.create(
        ticket=case,
        model="m",
        category="other",
        confidence=0.5,
        abstained=False,
        urgency="normal",
        urgency_confidence=0.5,
        missing=["steps", "error"],
        at=NOW,
    )

    row = desk.get("/open/").context["rows"][0]

    assert row.missing == "missing: steps, error"
    assert row.tongue == "日本語"
    assert row.due.startswith("first reply in")
    assert 0 < (row.left or 0) <= 100


def test_menu_leads_to_narrowed_lists_and_back(desk: Desk) -> None:
    factories.ticket(tags=["502"])

    page = desk.get("/filters/?view=open%7Ctag:502", headers={"hx-request": "true"})
    groups = {group.label: group.choices for group in page.context["groups"]}
    urls = {choice.label: (choice.url, choice.is_on) for choice in groups["tag"]}

    assert urls["502"] == ("/open/", True)
    assert any(choice.label == "Ada" for choice in groups["assignee"])
    assert desk.get("/filters/?view=open").status_code == 200


def test_field_offers_how_what_was_begun_may_go_on(desk: Desk) -> None:
    Ticket.objects.filter(pk=factories.ticket().pk).update(tags=["refund"])

    assert b"tag:refund" in desk.get("/filters/offers/?more=-x+tag:re").content
    assert "assignee:Ada" in desk.get("/filters/offers/?more=Ad").content.decode()
