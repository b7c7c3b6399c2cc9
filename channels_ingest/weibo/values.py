"""Values as Weibo writes them: account numbers, times, texts."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MOMENT = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{1,2}) (\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2}) (\d{4})",
    re.ASCII,
)


def number(value: object) -> int:
    """A whole number, written as one or as a text. Raises ValueError."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,19}", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise ValueError("not a number")
    return value


def uid(value: object) -> str:
    """The number of an account, as we name people. Raises ValueError."""
    return str(number(value))


def moment(written: object) -> datetime:
    """`Sun Nov 22 10:00:00 +0800 2026`, in any locale of ours. Raises ValueError."""
    match = MOMENT.fullmatch(written) if isinstance(written, str) else None
    if not match or match[1] not in MONTHS:
        raise ValueError("not a time")
    offset = timedelta(hours=int(match[7]), minutes=int(match[8]))
    zone = timezone(offset if match[6] == "+" else -offset)
    day, hour, minute, second = (int(match[group]) for group in (2, 3, 4, 5))
    at = datetime(int(match[9]), MONTHS.index(match[1]) + 1, day, hour, minute, second, 0, zone)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time out of range") from None


def part(holder: dict[str, Any], name: str) -> dict[str, Any]:
    """A nested object, empty where there is none."""
    value = holder.get(name)
    return value if isinstance(value, dict) else {}
