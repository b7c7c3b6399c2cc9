"""Calendars of the desk: special days of the library and by hand, and what is refused."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.tickets.cast import case
from tests.tickets.clocks.promising import only_promise
from tickets.actions import service
from tickets.actions.refusals import Refused
from tickets.actions.seeding import seed, seed_due, unfinished_years
from tickets.clocks import add
from tickets.models import ServiceCalendar, ServicePolicy, SpecialDay, Ticket
from tickets.queries.service import read_calendar

pytestmark = pytest.mark.django_db

WEEK = [*["09:00-12:00, 13:00-18:00"] * 5, "", ""]


@pytest.fixture
def office() -> ServiceCalendar:
    ServicePolicy.objects.all().delete()
    ServiceCalendar.objects.all().delete()
    return ServiceCalendar.objects.create(
        name="Office", time_zone="Asia/Shanghai", week=WEEK, country="CN"
    )


def kinds(calendar: ServiceCalendar, *days: date) -> list[str]:
    return list(calendar.days.filter(day__in=days).order_by("day").values_list("kind", flat=True))


def test_library_knows_holidays_and_the_weekends_that_are_worked(office: ServiceCalendar) -> None:
    (seeded,) = seed(calendar=office, years=[2026])

    assert seeded.working == 6
    assert not seeded.lacks_moved_days
    assert kinds(office, date(2026, 10, 1), date(2026, 10, 10)) == ["holiday", "working"]


def test_seeded_days_move_a_clock_into_the_saturday_that_is_worked(
    office: ServiceCalendar,
) -> None:
    seed(calendar=office, years=[2026])
    friday = datetime(2026, 10, 9, 9, 20, tzinfo=UTC)

    due = add(read_calendar(office), friday, timedelta(hours=4))

    assert due == datetime(2026, 10, 10, 5, 20, tzinfo=UTC)


def test_seeding_twice_changes_nothing(office: ServiceCalendar) -> None:
    seed(calendar=office, years=[2026])
    before = list(SpecialDay.objects.order_by("pk").values())

    (again,) = seed(calendar=office, years=[2026])

    assert again.changed == 0
    assert list(SpecialDay.objects.order_by("pk").values()) == before


def test_seeding_keeps_what_was_changed_by_hand(office: ServiceCalendar) -> None:
    seed(calendar=office, years=[2026])
    service.set_day(calendar=office, day=date(2026, 10, 1), kind="ordinary")
    service.set_day(calendar=office, day=date(2026, 11, 30), kind="holiday", name="Our birthday")

    seed(calendar=office, years=[2026])

    assert kinds(office, date(2026, 10, 1), date(2026, 11, 30)) == ["ordinary", "holiday"]


def test_seeding_takes_back_what_the_library_no_longer_knows(office: ServiceCalendar) -> None:
    SpecialDay.objects.create(
        calendar=office, day=date(2026, 3, 3), kind="holiday", source="library"
    )

    seed(calendar=office, years=[2026])

    assert kinds(office, date(2026, 3, 3)) == []


def test_year_whose_moved_days_are_not_published_is_unfinished(office: ServiceCalendar) -> None:
    (seeded,) = seed(calendar=office, years=[2099])

    assert seeded.lacks_moved_days
    assert unfinished_years(office, [2099]) == [2099]


def test_this_year_is_seeded_by_itself_and_the_next_from_december_on(
    office: ServiceCalendar,
) -> None:
    seed_due(today=date(2026, 11, 20))
    years = set(office.days.values_list("day__year", flat=True))
    assert years == {2026}

    seed_due(today=date(2026, 12, 2))

    assert set(office.days.values_list("day__year", flat=True)) == {2026, 2027}


def test_calendar_of_no_country_needs_no_days(office: ServiceCalendar) -> None:
    office.country = ""

    assert unfinished_years(office, [2026]) == []
    assert read_calendar(office).known_years is None


def test_year_without_days_is_named_and_does_not_stop_clocks(office: ServiceCalendar) -> None:
    only_promise(calendar=office)

    ticket = case()

    assert ticket.due_at is not None
    assert ticket.clocks.get(kind="first_response").why["missing_years"] == [2026]


def test_working_day_has_its_own_hours_or_those_of_the_week(office: ServiceCalendar) -> None:
    service.set_day(calendar=office, day=date(2026, 10, 10), kind="working")
    service.set_day(calendar=office, day=date(2026, 10, 11), kind="working", hours="10-12")

    calendar = read_calendar(office)

    assert len(calendar.hours_on(date(2026, 10, 10))) == 2
    assert [str(each) for each in calendar.hours_on(date(2026, 10, 11))] == ["10:00-12:00"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("week", ["nine to five"] * 7, "bad_hours"),
        ("week", [""] * 7, "never_open"),
        ("time_zone", "Mars/Olympus", "bad_zone"),
    ],
)
def test_calendar_that_no_clock_could_go_by_is_refused(
    office: ServiceCalendar, field: str, value: object, code: str
) -> None:
    setattr(office, field, value)

    with pytest.raises(Refused) as refused:
        service.save_calendar(office)

    assert refused.value.code == code


def test_calendar_in_use_is_not_removed(office: ServiceCalendar) -> None:
    only_promise(calendar=office)

    with pytest.raises(Refused, match="in_use"):
        service.remove_calendar(office)


def test_day_set_by_hand_has_clocks_worked_out_anew(office: ServiceCalendar) -> None:
    ticket = case()

    service.set_day(calendar=office, day=date(2026, 11, 3), kind="holiday")

    assert Ticket.objects.get(pk=ticket.pk).clocks_stale


def test_command_seeds_and_tells(office: ServiceCalendar) -> None:
    out = StringIO()

    call_command("calendar", "seed", "2026", "2099", stdout=out)

    assert "2026: 22 holidays, 6 make-up working days, 28 changed" in out.getvalue()
    assert "2099" in out.getvalue()
    assert "moved days are not published yet" in out.getvalue()


def test_command_fails_where_there_is_nothing_to_seed(office: ServiceCalendar) -> None:
    with pytest.raises(CommandError, match="no calendar goes by the holidays of XX"):
        call_command("calendar", "seed", "2026", country="XX")


def test_check_fails_where_days_are_missing(office: ServiceCalendar) -> None:
    with pytest.raises(CommandError, match="Office"):
        call_command("calendar", "check")
