"""Business time by tables: nights, weekends, holidays, moved days, clock changes, pauses."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tickets.clocks import Calendar, NeverOpen, Pause, add, elapsed, parse_hours

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
CLOSED = ""


def calendar(
    hours: str = "9-12, 13-18",
    weekend: str = CLOSED,
    zone: ZoneInfo = SHANGHAI,
    days: dict[date, str] | None = None,
) -> Calendar:
    week = tuple(parse_hours(each) for each in (*[hours] * 5, *[weekend] * 2))
    special = {day: parse_hours(text) for day, text in (days or {}).items()}
    return Calendar(zone, week, special, frozenset({2026}))


def always(zone: ZoneInfo = SHANGHAI) -> Calendar:
    return calendar("0-24", "0-24", zone)


def at(text: str, zone: ZoneInfo = SHANGHAI, fold: int = 0) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=zone, fold=fold)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


OFFICE = calendar()
MOVED = calendar(days={date(2026, 10, 10): "9-12, 13-18"})  # a Saturday worked for a holiday
GOLDEN = calendar(days={date(2026, 10, n): CLOSED for n in range(1, 8)})
NIGHTS = calendar("22-6")


@pytest.mark.parametrize(
    ("open_hours", "start", "duration", "due"),
    [
        pytest.param(OFFICE, "11-18T10:00", 1, "11-18T11:00", id="within the morning"),
        pytest.param(OFFICE, "11-18T11:30", 1, "11-18T13:30", id="over lunch"),
        pytest.param(OFFICE, "11-18T10:00", 2, "11-18T12:00", id="to the last minute before lunch"),
        pytest.param(OFFICE, "11-18T17:30", 1, "11-19T09:30", id="over night"),
        pytest.param(OFFICE, "11-18T03:00", 1, "11-18T10:00", id="written before hours"),
        pytest.param(OFFICE, "11-18T23:59", 1, "11-19T10:00", id="written just before midnight"),
        pytest.param(OFFICE, "11-20T17:00", 2, "11-23T10:00", id="over the weekend"),
        pytest.param(OFFICE, "11-21T12:00", 8, "11-23T18:00", id="written on Saturday"),
        pytest.param(OFFICE, "11-18T09:00", 40, "11-24T18:00", id="five working days"),
        pytest.param(MOVED, "10-09T17:20", 4, "10-10T13:20", id="into a Saturday that is worked"),
        pytest.param(OFFICE, "10-09T17:20", 4, "10-12T13:20", id="past a Saturday that is not"),
        pytest.param(GOLDEN, "09-30T17:00", 2, "10-08T10:00", id="over a week of holidays"),
        pytest.param(GOLDEN, "10-03T10:00", 1, "10-08T10:00", id="written on a holiday"),
        pytest.param(NIGHTS, "11-18T23:00", 2, "11-19T01:00", id="across midnight"),
        pytest.param(NIGHTS, "11-18T02:00", 1, "11-18T03:00", id="after midnight of last night"),
        pytest.param(NIGHTS, "11-18T05:00", 2, "11-18T23:00", id="from one night into the next"),
        pytest.param(NIGHTS, "11-21T05:00", 2, "11-23T23:00", id="Friday's night ends on Saturday"),
        pytest.param(always(), "11-21T23:30", 1, "11-22T00:30", id="around the clock"),
        pytest.param(always(), "12-31T23:30", 0.5, "12-31T24:00", id="to midnight itself"),
        pytest.param(OFFICE, "11-21T12:00", 0, "11-21T12:00", id="nothing to wait for"),
    ],
)
def test_due_moment(open_hours: Calendar, start: str, duration: float, due: str) -> None:
    due_at = at("12-31T00:00") + hours(24) if due.endswith("24:00") else at(due)

    assert add(open_hours, at(start), hours(duration)) == due_at


@pytest.mark.parametrize(
    ("open_hours", "start", "duration", "due"),
    [
        # In New York 8 March 2026 has no time from 2:00 to 3:00, 1 November has 1:00 to 2:00 twice.
        pytest.param(
            always(NEW_YORK), at("03-08T01:30", NEW_YORK), 1, at("03-08T03:30", NEW_YORK), id="gap"
        ),
        pytest.param(
            always(NEW_YORK),
            at("11-01T01:30", NEW_YORK),
            1,
            at("11-01T01:30", NEW_YORK, fold=1),
            id="hour that comes twice",
        ),
        pytest.param(
            calendar("1-4", "1-4", NEW_YORK),
            at("03-08T01:00", NEW_YORK),
            2,
            at("03-08T04:00", NEW_YORK),
            id="three hours on the wall are two",
        ),
        pytest.param(
            calendar("1-4", "1-4", NEW_YORK),
            at("11-01T01:00", NEW_YORK),
            4,
            at("11-01T04:00", NEW_YORK),
            id="three hours on the wall are four",
        ),
        pytest.param(
            calendar("2:30-5", "2:30-5", NEW_YORK),
            at("03-08T00:00", NEW_YORK),
            1,
            at("03-08T04:00", NEW_YORK),
            id="opening in the gap opens at its end",
        ),
        pytest.param(
            calendar("0-2:30", "0-2:30", NEW_YORK),
            at("03-08T00:00", NEW_YORK),
            2,
            at("03-08T03:00", NEW_YORK),
            id="closing in the gap closes at its end",
        ),
        pytest.param(
            calendar("0-1:30", "0-1:30", NEW_YORK),
            at("11-01T00:00", NEW_YORK),
            2.5,
            at("11-01T01:30", NEW_YORK, fold=1),
            id="closing at a time that comes twice closes at the second",
        ),
        pytest.param(
            calendar("22-6", "22-6", NEW_YORK),
            at("03-07T22:00", NEW_YORK),
            7,
            at("03-08T06:00", NEW_YORK),
            id="night with the gap",
        ),
        # Lord Howe Island moves its clocks by half an hour.
        pytest.param(
            calendar("1-4", "1-4", LORD_HOWE),
            at("10-04T01:00", LORD_HOWE),
            2.5,
            at("10-04T04:00", LORD_HOWE),
            id="gap of half an hour",
        ),
    ],
)
def test_due_moment_when_clocks_change(
    open_hours: Calendar, start: datetime, duration: float, due: datetime
) -> None:
    assert add(open_hours, start, hours(duration)) == due.astimezone(UTC)


@pytest.mark.parametrize(
    ("pauses", "due"),
    [
        pytest.param([("10:00", "11:00")], "11-18T12:00", id="within hours"),
        pytest.param([("12:00", "13:00")], "11-18T11:00", id="of the lunch break changes nothing"),
        pytest.param([("07:00", "09:30")], "11-18T11:30", id="that begins before hours"),
        pytest.param([("11:30", "14:00")], "11-18T11:00", id="after it is due"),
        pytest.param([("10:30", "13:30")], "11-18T14:00", id="over lunch"),
        pytest.param([("09:30", "10:00"), ("09:45", "10:15")], "11-18T11:45", id="that overlap"),
        pytest.param([("10:15", "10:30"), ("09:15", "09:30")], "11-18T11:30", id="in any order"),
        pytest.param([("10:00", "10:00")], "11-18T11:00", id="of no length"),
        pytest.param([("10:00", None)], None, id="that still lasts"),
        pytest.param([("09:15", "09:30"), ("10:00", None)], None, id="and one that still lasts"),
        pytest.param([("11:00", None)], "11-18T11:00", id="that lasts, but began too late"),
    ],
)
def test_due_moment_two_hours_after_nine_with_pause(
    pauses: list[tuple[str, str | None]], due: str | None
) -> None:
    stopped: list[Pause] = [
        (at(f"11-18T{begin}"), at(f"11-18T{end}") if end else None) for begin, end in pauses
    ]

    found = add(OFFICE, at("11-18T09:00"), hours(2), stopped)

    assert found == (at(due) if due else None)


@pytest.mark.parametrize(
    ("start", "end", "passed"),
    [
        pytest.param("11-18T08:00", "11-18T20:00", 8, id="a working day"),
        pytest.param("11-18T12:10", "11-18T12:50", 0, id="lunch"),
        pytest.param("11-20T17:00", "11-23T10:00", 2, id="a weekend"),
        pytest.param("11-18T10:00", "11-18T09:00", 0, id="backwards"),
    ],
)
def test_time_passed(start: str, end: str, passed: float) -> None:
    assert elapsed(OFFICE, at(start), at(end)) == hours(passed)


def test_time_passed_leaves_pauses_out() -> None:
    pauses: list[Pause] = [(at("11-18T10:00"), at("11-18T14:00")), (at("11-18T17:00"), None)]

    assert elapsed(OFFICE, at("11-18T09:00"), at("11-20T18:00"), pauses) == hours(1 + 3)


def test_years_without_special_days_are_named_and_stop_nothing() -> None:
    due = add(OFFICE, at("12-31T17:00"), hours(2))

    assert due is not None
    assert OFFICE.missing_years(at("12-31T17:00"), due) == [2027]
    assert OFFICE.missing_years(at("12-30T17:00"), at("12-31T09:00")) == []


def test_calendar_without_special_days_misses_none() -> None:
    plain = Calendar(SHANGHAI, OFFICE.week)

    assert plain.missing_years(at("01-01T00:00"), at("12-31T00:00") + hours(48)) == []


def test_week_without_hours_is_refused() -> None:
    with pytest.raises(NeverOpen):
        calendar(CLOSED, CLOSED)


def test_time_never_runs_backwards() -> None:
    with pytest.raises(ValueError):
        add(OFFICE, at("11-18T09:00"), -hours(1))
