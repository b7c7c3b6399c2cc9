"""Offered times lie within hours of work, holidays and nights left out."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from tickets.clocks import Calendar, parse_hours
from tickets.snoozing import Span, end_of

ZONE = ZoneInfo("Asia/Shanghai")
OFFICE = Calendar(
    ZONE,
    (*(parse_hours("8:30-12, 13:00-19:00"),) * 5, (), ()),
    {date(2026, 11, 23): ()},
)
FRIDAY = datetime(2026, 11, 20, 10, 36, tzinfo=ZONE)
EVENING = datetime(2026, 11, 20, 18, 10, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("span", "now", "calendar", "end"),
    [
        ("hour", FRIDAY, OFFICE, "20 11:36"),
        ("evening", FRIDAY, OFFICE, "20 13:00"),
        ("evening", EVENING, OFFICE, "24 08:30"),
        ("evening", FRIDAY, None, "20 13:00"),
        ("tomorrow", FRIDAY, OFFICE, "24 08:30"),  # Monday is a holiday
        ("tomorrow", FRIDAY, None, "21 09:00"),
        ("monday", FRIDAY, OFFICE, "24 08:30"),
        ("monday", FRIDAY, None, "23 09:00"),
    ],
)
def test_span_ends_when_somebody_is_at_work(
    span: Span, now: datetime, calendar: Calendar | None, end: str
) -> None:
    found = end_of(span, now=now, zone=ZONE, calendar=calendar)

    assert found.astimezone(ZONE).strftime("%d %H:%M") == end
