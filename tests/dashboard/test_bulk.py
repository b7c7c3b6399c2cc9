"""Bulk actions from the list: chosen, begun, followed, taken back; and by whom not."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from tests import factories
from tests.dashboard.conftest import Desk
from tests.factories import NOW, minutes
from tickets.actions import bulk
from tickets.models import BulkRun, State, Ticket, User

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true", "hx-target": "panes"}
WRITES = ("stop/", "repeat/", "undo/", "cases/{item}/repeat/", "cases/{item}/undo/")


def begin(desk: Desk, do: str, *cases: Ticket, **fields: Any) -> BulkRun:
    """Send the bar's form, as a browser without scripts would."""
    data = {"do": do, "view": "open", "number": [case.number for case in cases], **fields}
    answer = desk.send("/bulk/", data)
    assert answer.status_code == 302, answer.content
    run = BulkRun.objects.latest("pk")
    assert answer["Location"] == f"/bulk/{run.pk}/"
    return run


def work(run: BulkRun) -> None:
    while bulk.work(run_id=run.pk, now=timezone.now()):
        pass


def shown(desk: Desk, path: str) -> str:
    answer = desk.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def standing(case: Ticket) -> Ticket:
    return Ticket.objects.get(pk=case.pk)


def test_rows_can_be_chosen_and_the_bar_offers_what_can_be_done(desk: Desk) -> None:
    case = factories.ticket()

    page = shown(desk, "/open/")

    assert f'form="bulk" name="number" value="{case.number}"' in page
    for value in ("assign", "resolve", "wait", "tag", "snooze:monday", "priority:high"):
        assert f'name="do" value="{value}"' in page
    assert "All 1 in this list" in page


def test_chosen_cases_are_resolved_listed_and_taken_back(desk: Desk) -> None:
    case, other = factories.ticket(text="Bounced"), factories.ticket(text="Slow")
    closed = factories.ticket(text="Old", state=State.CLOSED, closed_at=NOW)
    run = begin(desk, "resolve", case, other, closed)
    assert "3 to go" in shown(desk, f"/bulk/{run.pk}/")

    work(run)
    page = shown(desk, f"/bulk/{run.pk}/")

    assert "2 done, 1 skipped" in page
    assert "It was so already." in page
    assert "Open → Resolved" in page
    assert page.index("Old") < page.index("Bounced")

    item = run.items.get(ticket=case)
    desk.send(f"/bulk/{run.pk}/cases/{item.pk}/undo/")
    work(run)
    assert (standing(case).state, standing(other).state) == (State.OPEN, State.CLOSED)
    desk.send(f"/bulk/{run.pk}/undo/")
    work(run)
    assert standing(other).state == State.OPEN
    assert "2 taken back, 1 skipped" in shown(desk, f"/bulk/{run.pk}/")


def test_history_of_a_case_names_person_and_run(desk: Desk) -> None:
    case = factories.ticket()
    run = begin(desk, "tag", case, tag=" #502 ")

    work(run)

    page = desk.get(f"/tickets/{case.number}/", follow=True).content.decode()
    assert f"Ada added the tag 502 · bulk action {run.pk}" in page
    assert standing(case).tags == ["502"]


@pytest.mark.parametrize(
    ("do", "fields", "attribute", "value"),
    [
        ("untag", {"tag": "vip"}, "tags", []),
        ("priority:urgent", {}, "priority", "urgent"),
        ("category:", {}, "category", ""),
        ("wait", {}, "state", "pending"),
        ("snooze:tomorrow", {}, "state", "snoozed"),
        ("snooze", {"until": "2036-01-02T09:00"}, "state", "snoozed"),
    ],
)
def test_every_button_does_what_it_says(
    desk: Desk, do: str, fields: dict[str, str], attribute: str, value: object
) -> None:
    case = factories.ticket(tags=["vip"], category="other")

    run = begin(desk, do, case, **fields)
    work(run)

    assert getattr(standing(case), attribute) == value


def test_people_and_teams_of_the_bar(desk: Desk, ada: User) -> None:
    lea, billing, case = factories.lea(), factories.team("Billing"), factories.ticket()

    work(begin(desk, f"assign:{lea.pk}", case))
    assert standing(case).assignee == lea
    work(begin(desk, "assign", case))
    assert standing(case).assignee is None
    run = begin(desk, f"team:{billing.pk}", case)
    work(run)
    assert standing(case).team == billing
    page = shown(desk, f"/bulk/{run.pk}/")
    assert "Mail → Billing" in page
    assert case.subject not in page  # Ada does not see the team's cases


def test_all_of_a_list_is_asked_for_first_and_then_fixed(desk: Desk, ada: User) -> None:
    mine = [factories.ticket(assignee=ada, at=NOW + minutes(n)) for n in range(3)]
    factories.ticket()
    asked = desk.send("/bulk/", {"do": "resolve", "view": "mine", "all": "1"})
    page = " ".join(asked.content.decode().split())
    assert "This will be done to 3 cases." in page
    assert not BulkRun.objects.exists()

    run = begin(desk, **asked.context["sent"])
    factories.ticket(assignee=ada)
    work(run)

    assert set(Ticket.objects.filter(state=State.CLOSED)) == set(mine)


def test_script_names_its_cases_in_one_field_and_gets_the_part_beside_the_list(desk: Desk) -> None:
    cases = [factories.ticket() for _ in range(2)]
    data = {"do": "resolve", "view": "open", "numbers": ",".join(c.number for c in cases)}

    answer = desk.send("/bulk/", data, headers=HTMX, follow=True)

    run = BulkRun.objects.get()
    assert run.items.count() == 2
    assert answer.content.decode().startswith('<div id="panes"')
    assert answer["HX-Push-Url"] == f"/bulk/{run.pk}/"
    part = shown(desk, f"/bulk/{run.pk}/?part=1")
    assert part.startswith('<div id="run"')
    assert "data-running" in part


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"do": "resolve"}, "No case is chosen."),
        ({"do": "resolve", "view": "mine", "all": "1"}, "No case is chosen."),
        ({"do": "snooze"}, "This moment has passed."),
        ({"do": "tag"}, "Write the tag first."),
        ({"do": "merge"}, "Choose at least two cases to merge."),
        ({"do": "merge", "view": "open", "all": "1"}, "Choose the cases to merge one by one."),
    ],
)
def test_what_cannot_be_begun_is_said(desk: Desk, fields: dict[str, str], said: str) -> None:
    answer = desk.send("/bulk/", fields)

    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_all_of_a_narrowed_list_is_no_more_than_that(desk: Desk) -> None:
    vip, _other = factories.ticket(tags=["vip"]), factories.ticket()
    narrowed = {"do": "resolve", "view": "open|tag:vip", "all": "1", "sure": "1"}

    work(begin(desk, **narrowed))

    assert set(Ticket.objects.filter(state=State.CLOSED)) == {vip}
    unknown = desk.send("/bulk/", {**narrowed, "view": "saved:99"})
    assert unknown.status_code == 400


@pytest.mark.parametrize("do", ["", "explode", "assign:x", "snooze:never"])
def test_what_no_button_sends_is_refused(desk: Desk, do: str) -> None:
    case = factories.ticket()

    answer = desk.send("/bulk/", {"do": do, "number": case.number})

    assert answer.status_code in {400, 422}
    assert not BulkRun.objects.exists()


def test_merging_goes_on_to_the_page_that_compares(desk: Desk) -> None:
    first, second, third = (factories.ticket(at=NOW + minutes(n)) for n in range(3))
    data = {"do": "merge", "number": [third.number, first.number, second.number]}

    answer = desk.send("/bulk/", data)

    written = [f"QM-{n[:4]}-{n[4:8]}-{n[8:]}" for n in (second.number, third.number)]
    query = urlencode([("number", number) for number in written])
    assert answer["Location"].endswith(f"/merge/?{query}")
    assert first.number[:4] in answer["Location"]
    told = desk.send("/bulk/", data, headers=HTMX)
    assert told["HX-Redirect"] == answer["Location"]


def test_cases_are_marked_read_and_unread_for_oneself_only(desk: Desk) -> None:
    case = factories.ticket()

    def is_unread() -> bool:
        return bool(desk.get("/open/").context["rows"][0].is_unread)

    desk.send("/bulk/", {"do": "read", "number": case.number, "view": "open"})
    assert not is_unread()
    desk.send("/bulk/", {"do": "unread", "all": "1", "view": "open"})
    assert is_unread()
    assert standing(case).version == case.version


def test_page_says_when_no_worker_has_come(desk: Desk) -> None:
    run = begin(desk, "resolve", factories.ticket())
    assert "Under way" in shown(desk, f"/bulk/{run.pk}/")

    BulkRun.objects.update(made_at=timezone.now() - minutes(1))
    assert "No worker is free for this right now" in shown(desk, f"/bulk/{run.pk}/")

    desk.send(f"/bulk/{run.pk}/stop/")
    page = shown(desk, f"/bulk/{run.pk}/")
    assert "Stopped before its turn." in page
    assert "Go on" in page
    assert "Resolve" in shown(desk, "/bulk/")


def test_run_belongs_to_who_began_it_and_to_managers(
    sign_in: Callable[[User], Desk], desk: Desk
) -> None:
    case = factories.ticket()
    run = begin(desk, "resolve", case)
    work(run)
    item = run.items.get()
    paths = [f"/bulk/{run.pk}/" + path.format(item=item.pk) for path in ("", *WRITES)]

    for stranger in (sign_in(factories.otto()), sign_in(factories.hal()), sign_in(factories.lea())):
        assert stranger.get(paths[0]).status_code == 404
        assert [stranger.send(path).status_code for path in paths[1:]] == [404] * len(WRITES)
    assert standing(case).state == State.CLOSED

    mia = sign_in(factories.mia())
    assert mia.send(f"/bulk/{run.pk}/repeat/").status_code == 404
    assert mia.send(f"/bulk/{run.pk}/undo/").status_code == 302
    work(run)
    assert standing(case).state == State.OPEN
    assert case.history.latest("pk").actor_user == User.objects.get(name="Mia")


def test_strangers_choose_nothing(sign_in: Callable[[User], Desk]) -> None:
    case = factories.ticket()
    otto, hal = sign_in(factories.otto()), sign_in(factories.hal())

    assert otto.send("/bulk/", {"do": "resolve", "number": case.number}).status_code == 422
    assert hal.send("/bulk/", {"do": "resolve", "number": case.number}).status_code == 404
    assert hal.get("/bulk/").status_code == 404
    assert 'form="bulk"' not in shown(hal, "/open/")
    assert not BulkRun.objects.exists()


def test_nothing_is_begun_without_the_token_or_by_a_link(desk: Desk) -> None:
    case = factories.ticket()
    run = begin(desk, "resolve", case)

    assert desk.post("/bulk/", {"do": "resolve", "number": case.number}).status_code == 403
    assert desk.get(f"/bulk/{run.pk}/undo/").status_code == 405
