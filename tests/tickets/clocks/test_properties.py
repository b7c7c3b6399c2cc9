"""What holds for every calendar, every moment and every pause."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tickets.clocks import Calendar, Hours, Pause, add, elapsed

ZONES = ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Europe/London", "UTC")
FIRST, LAST = datetime(2026, 1, 1), datetime(2027, 12, 31)

moments = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
durations = st.integers(0, 200 * 60).map(lambda minutes: timedelta(minutes=minutes))


@st.composite
def stretches(draw: st.DrawFn) -> tuple[Hours, ...]:
    opens = draw(st.lists(st.integers(0, 1439), max_size=2))
    return tuple(Hours(each, each + draw(st.integers(30, 1440))) for each in opens)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    week = [draw(stretches()) for _ in range(7)]
    week[draw(st.integers(0, 6))] = (Hours(540, 1080),)
    days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
    special = draw(st.dictionaries(days, stretches(), max_size=5))
    return Calendar(ZoneInfo(draw(st.sampled_from(ZONES))), tuple(week), special)


@st.composite
def pauses(draw: st.DrawFn) -> list[Pause]:
    begins = draw(st.lists(moments, max_size=4))
    return [(each, each + draw(durations)) for each in begins]


@given(calendars(), moments, durations, pauses())
def test_what_was_added_has_passed(
    calendar: Calendar, start: datetime, duration: timedelta, stopped: list[Pause]
) -> None:
    due = add(calendar, start, duration, stopped)

    assert due is not None
    assert elapsed(calendar, start, due, stopped) == duration


@given(calendars(), moments, durations, pauses())
def test_pauses_only_delay(
    calendar: Calendar, start: datetime, duration: timedelta, stopped: list[Pause]
) -> None:
    plain, paused = (add(calendar, start, duration, each) for each in ((), stopped))

    assert plain is not None
    assert paused is not None
    assert start <= plain <= paused


@given(calendars(), moments, durations, durations, pauses())
def test_more_time_is_never_due_earlier(
    calendar: Calendar,
    start: datetime,
    duration: timedelta,
    more: timedelta,
    stopped: list[Pause],
) -> None:
    sooner, later = (add(calendar, start, each, stopped) for each in (duration, duration + more))

    assert sooner is not None
    assert later is not None
    assert sooner <= later


@given(calendars(), moments, durations, durations)
def test_who_begins_later_is_never_due_earlier(
    calendar: Calendar, start: datetime, wait: timedelta, duration: timedelta
) -> None:
    first, second = (add(calendar, each, duration) for each in (start, start + wait))

    assert first is not None
    assert second is not None
    assert first <= second


@given(calendars(), moments, durations, durations, pauses())
def test_time_passed_adds_up(
    calendar: Calendar, start: datetime, one: timedelta, two: timedelta, stopped: list[Pause]
) -> None:
    middle, end = start + one, start + one + two

    parts = elapsed(calendar, start, middle, stopped) + elapsed(calendar, middle, end, stopped)

    assert elapsed(calendar, start, end, stopped) == parts
