"""What is said about waiting: honest while it is bad, silent while too little is known."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests import factories
from tests.own_cache import empty_cache
from tests.tickets.clocks.promising import only_promise
from tickets.clocks import Calendar, parse_hours
from tickets.models import ServiceCalendar
from tickets.queries import waiting as query
from tickets.waits import Asked, Better, expected, waiting

OFFICE = (*(parse_hours("9:00-18:00"),) * 5, (), ())
CALENDAR = Calendar(ZoneInfo("UTC"), OFFICE)
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)


def at(hour: float, *, day: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour)


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def weeks(hour: float, *lasted: float) -> Iterator[Asked]:
    """Cases of the Mondays before, that many minutes long."""
    for week in (7, 14, 21):
        for place, each in enumerate(lasted):
            came = at(hour, day=-week) + minutes(place)
            yield Asked(came, came + minutes(each))


def test_expected_is_the_middle_and_what_four_of_five_stay_below() -> None:
    assert expected([minutes(n) for n in (50, 10, 20, 30, 40)]) == (minutes(30), minutes(40))


def test_nothing_is_said_from_too_few() -> None:
    said = waiting([*weeks(10, 20)], CALENDAR, now=at(10))

    assert (said.typical, said.most, said.better, said.hours) == (None, None, None, ())


def test_usual_wait_of_this_hour_is_said() -> None:
    said = waiting([*weeks(10, 20, 25, 30), *weeks(15, 5, 5, 5)], CALENDAR, now=at(10))

    assert (said.typical, said.most) == (minutes(25), minutes(30))


def test_hour_of_other_days_helps_where_this_day_has_too_few() -> None:
    asked = [Asked(at(10, day=-d), at(10, day=-d) + minutes(12)) for d in (3, 4, 5, 6, 10)]

    assert waiting(asked, CALENDAR, now=at(10)).typical == minutes(12)


def test_bad_day_is_told_by_those_who_still_wait() -> None:
    now = at(11)
    stuck = [Asked(now - minutes(60 + n), None) for n in range(6)]

    said = waiting([*weeks(11, 10, 10), *stuck], CALENDAR, now=now)

    assert said.typical == minutes(63)


def test_those_who_came_a_moment_ago_do_not_make_it_look_short() -> None:
    now = at(11)
    fresh = [Asked(now - minutes(1), None) for _ in range(20)]

    assert waiting([*weeks(11, 30, 30), *fresh], CALENDAR, now=now).typical == minutes(30)


def test_later_hour_is_named_only_where_most_wait_clearly_less() -> None:
    asked = [*weeks(10, 25, 25), *weeks(13, 22, 22), *weeks(14, 6, 8)]

    said = waiting(asked, CALENDAR, now=at(10.6))

    assert said.better == Better(at(14), minutes(8))


def test_night_does_not_count_and_the_opening_is_named() -> None:
    overnight = [Asked(at(20, day=-d), at(9.25, day=1 - d)) for d in (4, 5, 6, 11, 12)]

    said = waiting(overnight, CALENDAR, now=at(20))

    assert said.opens_at == at(9, day=1)
    assert said.typical == minutes(15)
    assert said.better is None


def test_weekend_leads_to_monday() -> None:
    assert waiting([], CALENDAR, now=at(12, day=-1)).opens_at == at(9)


def test_peak_is_an_hour_with_clearly_more_than_the_others() -> None:
    quiet = [each for hour in (9, 11, 13, 14, 15) for each in weeks(hour, 5, 5)]

    said = waiting([*quiet, *weeks(10, 5, 5, 5, 5, 5, 5)], CALENDAR, now=at(10.5))

    assert said.is_peak
    assert [(each.hour, each.share) for each in said.hours if each.is_busy] == [(10, 1.0)]
    assert not waiting([*quiet], CALENDAR, now=at(10.5)).is_peak


def test_calm_times_are_later_today_and_the_next_morning_and_never_in_a_peak() -> None:
    quiet = [each for hour in (9, 11, 12, 13, 14, 15) for each in weeks(hour, 5, 5)]
    asked = [*quiet, *weeks(16, 5, 5, 5, 5, 5, 5)]

    assert waiting(asked, CALENDAR, now=at(12.5)).calm == (at(14), at(17), at(9, day=1))
    assert waiting([], CALENDAR, now=at(17.5)).calm == (at(9, day=1), at(9, day=2), at(9, day=3))


@pytest.fixture
def office(db: None) -> None:
    empty_cache()
    calendar = ServiceCalendar.objects.create(
        name="Office", time_zone="UTC", week=["9:00-18:00"] * 5 + ["", ""]
    )
    only_promise(calendar=calendar)


def answered(came: datetime, after: timedelta, **fields: Any) -> None:
    factories.ticket(at=came, first_replied_at=came + after, waiting_since=None, **fields)


def test_figures_come_from_the_desks_own_cases_in_three_queries(
    office: None, django_assert_num_queries: object
) -> None:
    for n in range(5):
        answered(at(10, day=-7) + minutes(n), minutes(20))
    answered(at(10, day=-7), minutes(500), answer_after=at(17, day=-7))

    with django_assert_num_queries(3):  # type: ignore[operator]  # the plugin gives a function
        said = query.read_waiting(now=at(10))

    assert said.typical == minutes(20)


def test_figure_is_kept_for_a_minute_and_no_longer(office: None) -> None:
    assert query.expected_wait(now=at(10)) is None
    for n in range(5):
        answered(at(10, day=-7) + minutes(n), minutes(20))

    assert query.expected_wait(now=at(10) + timedelta(seconds=59)) is None
    assert query.expected_wait(now=at(10) + timedelta(seconds=61)) == minutes(20)


def test_figure_of_a_team_leaves_the_others_out(office: None) -> None:
    for n in range(5):
        answered(at(10, day=-7) + minutes(n), minutes(20), team=factories.team("Mail"))

    assert query.expected_wait(now=at(10), team=factories.team("Mail")) == minutes(20)
    assert query.expected_wait(now=at(10), team=factories.team("Billing")) is None
