"""What is promised, on screen: the next clock of a case, the list of what is due, the side pane."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from tests import factories
from tests.dashboard.conftest import Desk
from tickets.models import Clock, Contact, History, Ticket, User

pytestmark = pytest.mark.django_db


def due_in(minutes: float, *, warns_in: float | None = None, **fields: Any) -> Ticket:
    """A case whose next clock runs out in so many minutes, or did that long ago."""
    now = timezone.now()
    at = now + timedelta(minutes=minutes, seconds=30)
    warn = at if warns_in is None else now + timedelta(minutes=warns_in)
    made = factories.ticket(due_at=at, warn_at=warn, **fields)
    Clock.objects.create(
        ticket=made,
        kind="first_response",
        started_at=made.created_at,
        due_at=at,
        warn_at=warn,
        why={"policy": "Enterprise", "by": ["plan"], "missing_years": [2027]},
    )
    return made


def rows(desk: Desk, path: str) -> list[str]:
    return [row.number for row in desk.get(path).context["rows"]]


@pytest.mark.parametrize(
    ("minutes", "warns_in", "words", "css"),
    [
        pytest.param(90, 60, "first reply in 90 min", "", id="in time"),
        pytest.param(12, -3, "first reply in 12 min", "is-soon", id="soon"),
        pytest.param(-21, -60, "first reply 20 min late", "is-late", id="late"),
    ],
)
def test_row_tells_how_long_there_is_still(
    desk: Desk, minutes: float, warns_in: float, words: str, css: str
) -> None:
    due_in(minutes, warns_in=warns_in)

    (row,) = desk.get("/open/").context["rows"]

    assert strip_tags(row.due) == words
    assert [each for each in ("is-soon", "is-late") if each in row.css] == ([css] if css else [])


def test_number_of_a_row_moves_towards_the_moment(desk: Desk) -> None:
    soon, late = due_in(10), due_in(-10)

    page = desk.get("/open/").content.decode()

    assert soon.due_at is not None
    assert late.due_at is not None
    assert f'data-until="{soon.due_at.isoformat()}"' in page
    assert f'data-since="{late.due_at.isoformat()}"' in page


def test_waiting_case_without_a_promise_has_no_colour(desk: Desk) -> None:
    factories.ticket(at=timezone.now() - timedelta(hours=5))

    (row,) = desk.get("/open/").context["rows"]

    assert row.due == ""
    assert row.waiting
    assert "is-" not in row.css


def test_due_next_lists_what_runs_out_first_first(desk: Desk) -> None:
    later, late = due_in(90), due_in(-20)
    soon = due_in(10, state="snoozed", snoozed_until=timezone.now() + timedelta(hours=3))
    factories.ticket()
    due_in(5, state="pending")

    assert rows(desk, "/due/") == [late.number, soon.number, later.number]


def test_due_next_goes_on_where_a_page_ends(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [due_in(n).number for n in range(5)]
    # Fifty cases more would say nothing that three do not.
    monkeypatch.setattr("tickets.queries.inbox.PAGE_SIZE", 3)

    first = desk.get("/due/")

    assert [row.number for row in first.context["rows"]] == numbers[:3]
    assert rows(desk, first.context["more_url"]) == numbers[3:]


def test_case_that_is_due_earlier_waits_above_the_list(desk: Desk) -> None:
    due_in(30)
    top = desk.get("/due/").context["top"]
    shown = rows(desk, "/due/")[0]
    due_in(10), due_in(60)

    news = desk.get(f"/due/?above={top}&shown={shown}")

    assert news.context["count"] == 1


def test_others_do_not_see_what_is_due(sign_in: Callable[[User], Desk]) -> None:
    due_in(10)

    assert rows(sign_in(factories.otto()), "/due/") == []


def test_claims_show_their_own_clock(desk: Desk) -> None:
    case = due_in(300)
    claim = factories.claim(case, factories.kim(name="Stranger"))
    at = timezone.now() - timedelta(minutes=5, seconds=30)
    Clock.objects.create(
        ticket=case,
        conversation=claim,
        kind="first_response",
        started_at=claim.created_at,
        due_at=at,
        warn_at=at,
    )

    (row,) = desk.get("/claims/").context["rows"]

    assert row.due.endswith("late")
    assert "is-late" in row.css


def test_case_shows_its_clocks_and_why_they_run(desk: Desk) -> None:
    case = due_in(12, warns_in=-1)

    page = desk.get(f"/tickets/QM-{case.number}/", follow=True)

    (promise,) = page.context["promises"]
    assert (promise.name, promise.css) == ("First response", "is-soon")
    assert promise.terms == "Enterprise · for the customer's plan"
    assert b"holidays of 2027 are not known yet" in page.content


def test_clock_of_a_merged_case_stands_on_the_survivors_page(desk: Desk) -> None:
    case = factories.ticket()
    due_in(12, merged_into=case)

    page = desk.get(f"/tickets/QM-{case.number}/", follow=True)

    assert [each.name for each in page.context["promises"]] == ["First response"]


@pytest.mark.parametrize(
    ("is_claim", "words"),
    [(False, "Resolution is late, it was due on"), (True, "First response to a claim is late")],
)
def test_history_tells_what_is_late(desk: Desk, is_claim: bool, words: str) -> None:
    case = factories.ticket()
    History.objects.create(
        ticket=case,
        version=case.version,
        at=timezone.now(),
        actor_kind="system",
        code="clock_breached",
        data={
            "clock": "resolution",
            "due": timezone.now().isoformat(),
            "claim": 7 if is_claim else None,
        },
    )

    page = desk.get(f"/tickets/QM-{case.number}/", follow=True)

    assert words in page.content.decode()


def test_helper_sees_no_promises(sign_in: Callable[[User], Desk]) -> None:
    forum = factories.channel("discourse", "Forum", is_public=True)
    case = due_in(12, identity=factories.kim(forum))

    page = sign_in(factories.hal()).get(f"/tickets/QM-{case.number}/", follow=True)

    assert page.status_code == 200
    assert page.context["promises"] == []


def test_lead_sets_plan_and_account_manager(sign_in: Callable[[User], Desk], ada: User) -> None:
    case = due_in(12)
    lea = sign_in(factories.lea())
    url = lea.get(f"/tickets/QM-{case.number}/", follow=True).request["PATH_INFO"]

    answer = lea.send(f"{url}plan/", {"plan": "Enterprise", "account_manager": str(ada.pk)})

    assert answer.status_code == 302
    contact = Contact.objects.get(pk=case.contact_id)
    assert (contact.plan, contact.account_manager) == ("enterprise", ada)
    assert Ticket.objects.get(pk=case.pk).clocks_stale


def test_agent_sets_no_plan(desk: Desk) -> None:
    case = due_in(12)
    url = desk.get(f"/tickets/QM-{case.number}/", follow=True).request["PATH_INFO"]

    assert desk.send(f"{url}plan/", {"plan": "vip"}).status_code == 404
    assert Contact.objects.get(pk=case.contact_id).plan == ""
