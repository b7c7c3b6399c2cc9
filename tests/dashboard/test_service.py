"""Service levels in the hands of managers: policies, calendars, special days."""

from collections.abc import Callable
from datetime import date

import pytest

from tests import factories
from tests.dashboard.conftest import Desk
from tickets.models import ServiceCalendar, ServicePolicy, Ticket, User

pytestmark = pytest.mark.django_db

WEEK = {f"day{n}": "9-12, 13-18" for n in range(5)}
POLICY = {"name": "VIP", "plan": "VIP", "first_response_minutes": "15", "warn_percent": "80"}


@pytest.fixture
def mia(sign_in: Callable[[User], Desk]) -> Desk:
    return sign_in(factories.mia())


@pytest.fixture
def office(db: None) -> ServiceCalendar:
    ServicePolicy.objects.all().delete()
    ServiceCalendar.objects.all().delete()
    week = ["09:00-12:00, 13:00-18:00"] * 5 + ["", ""]
    return ServiceCalendar.objects.create(
        name="Office", time_zone="Asia/Shanghai", week=week, country="CN"
    )


@pytest.mark.parametrize("path", ["", "policies/new/", "calendars/new/", "calendars/{pk}/"])
def test_only_managers_come_in(
    sign_in: Callable[[User], Desk], office: ServiceCalendar, path: str
) -> None:
    url = f"/service/{path.format(pk=office.pk)}"

    for person in (factories.ada(), factories.lea(), factories.hal()):
        assert sign_in(person).get(url).status_code == 403
    assert sign_in(factories.mia()).get(url).status_code == 200


def test_nobody_else_changes_anything(
    sign_in: Callable[[User], Desk], office: ServiceCalendar
) -> None:
    lea = sign_in(factories.lea())

    answer = lea.send("/service/policies/new/", {**POLICY, "calendar": str(office.pk)})

    assert answer.status_code == 403
    assert not ServicePolicy.objects.exists()


def test_manager_makes_a_policy_and_clocks_follow(mia: Desk, office: ServiceCalendar) -> None:
    case = factories.ticket()

    answer = mia.send("/service/policies/new/", {**POLICY, "calendar": str(office.pk)})

    assert answer.status_code == 302
    made = ServicePolicy.objects.get()
    assert (made.plan, made.first_response_minutes, made.next_response_minutes) == ("vip", 15, None)
    assert Ticket.objects.get(pk=case.pk).clocks_stale


def test_second_policy_for_the_same_cases_is_refused(mia: Desk, office: ServiceCalendar) -> None:
    ServicePolicy.objects.create(name="First", plan="vip", calendar=office)

    answer = mia.send("/service/policies/new/", {**POLICY, "calendar": str(office.pk)})

    assert answer.status_code == 422
    assert b"Another policy holds for the same cases." in answer.content
    assert ServicePolicy.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [{"first_response_minutes": "0"}, {"resolution_minutes": "9999999"}, {"warn_percent": "0"}],
)
def test_promise_that_makes_no_sense_is_refused(
    mia: Desk, office: ServiceCalendar, wrong: dict[str, str]
) -> None:
    given = {**POLICY, "calendar": str(office.pk), **wrong}

    assert mia.send("/service/policies/new/", given).status_code == 422
    assert not ServicePolicy.objects.exists()


def test_policy_is_changed_and_removed(mia: Desk, office: ServiceCalendar) -> None:
    policy = ServicePolicy.objects.create(name="First", plan="vip", calendar=office)
    url = f"/service/policies/{policy.pk}/"

    mia.send(url, {**POLICY, "calendar": str(office.pk), "escalate_on": "breached"})
    policy.refresh_from_db()
    assert (policy.name, policy.escalate_on) == ("VIP", "breached")

    mia.send(f"{url}removal/")
    assert not ServicePolicy.objects.exists()


def test_manager_makes_a_calendar(mia: Desk, office: ServiceCalendar) -> None:
    given = {"name": "Berlin", "time_zone": "Europe/Berlin", "country": "de", **WEEK}

    answer = mia.send("/service/calendars/new/", given)

    assert answer.status_code == 302
    made = ServiceCalendar.objects.get(name="Berlin")
    assert (made.country, made.week) == ("DE", ["9-12, 13-18"] * 5 + ["", ""])


@pytest.mark.parametrize(
    "wrong",
    [
        {"day3": "nine to five"},
        {"time_zone": "Mars/Olympus"},
        {"name": "Office"},
        {f"day{n}": "" for n in range(7)},
    ],
)
def test_calendar_that_makes_no_sense_is_refused(
    mia: Desk, office: ServiceCalendar, wrong: dict[str, str]
) -> None:
    given = {"name": "Berlin", "time_zone": "Europe/Berlin", "country": "", **WEEK, **wrong}

    assert mia.send("/service/calendars/new/", given).status_code == 422
    assert ServiceCalendar.objects.count() == 1


def test_published_days_are_taken_over_and_what_is_missing_is_said(
    mia: Desk, office: ServiceCalendar
) -> None:
    url = f"/service/calendars/{office.pk}/"
    assert 2026 in mia.get(f"{url}?year=2026").context["unfinished"]

    mia.send(f"{url}seeding/", {"year": "2026"})

    page = mia.get(f"{url}?year=2026")
    assert len(page.context["days"]) == 28
    assert 2026 not in page.context["unfinished"]


def test_day_is_set_by_hand_and_taken_back(mia: Desk, office: ServiceCalendar) -> None:
    url = f"/service/calendars/{office.pk}/"

    mia.send(f"{url}days/", {"day": "2026-11-30", "kind": "holiday", "name": "Our birthday"})
    made = office.days.get()
    assert (made.day, made.kind, made.source) == (date(2026, 11, 30), "holiday", "hand")

    mia.send(f"{url}days/{made.pk}/removal/")
    assert not office.days.exists()


def test_day_of_the_table_that_is_taken_back_stays_so(mia: Desk, office: ServiceCalendar) -> None:
    url = f"/service/calendars/{office.pk}/"
    mia.send(f"{url}seeding/", {"year": "2026"})
    day = office.days.get(day=date(2026, 10, 1))

    mia.send(f"{url}days/{day.pk}/removal/")
    mia.send(f"{url}seeding/", {"year": "2026"})

    assert office.days.get(day=date(2026, 10, 1)).kind == "ordinary"


def test_hours_of_a_day_that_cannot_be_read_are_refused(mia: Desk, office: ServiceCalendar) -> None:
    given = {"day": "2026-11-28", "kind": "working", "hours": "nine to five"}

    answer = mia.send(f"/service/calendars/{office.pk}/days/", given)

    assert answer.status_code == 422
    assert not office.days.exists()


def test_calendar_in_use_is_kept(mia: Desk, office: ServiceCalendar) -> None:
    ServicePolicy.objects.create(name="First", calendar=office)

    mia.send(f"/service/calendars/{office.pk}/removal/")

    assert ServiceCalendar.objects.filter(pk=office.pk).exists()


def test_trial_says_when_a_promise_is_due(
    sign_in: Callable[[User], Desk], office: ServiceCalendar
) -> None:
    mia = sign_in(factories.person("Mia", "manager", time_zone="Asia/Shanghai"))
    url = f"/service/calendars/{office.pk}/"
    mia.send(f"{url}seeding/", {"year": "2026"})

    page = mia.get(f"{url}?received=2026-10-09T17:20&minutes=240")

    assert page.context["due"].isoformat() == "2026-10-10T05:20:00+00:00"


def test_year_of_no_calendar_is_not_found(mia: Desk, office: ServiceCalendar) -> None:
    assert mia.get(f"/service/calendars/{office.pk}/?year=1066").status_code == 404
    assert mia.get(f"/service/calendars/{office.pk}/?year=x").status_code == 404
