"""Opening hours as people write them."""

import pytest

from tickets.clocks import Hours, parse_hours, write_hours


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("", ()),
        ("9-18", (Hours(540, 1080),)),
        ("09:00-12:00, 13:00-18:00", (Hours(540, 720), Hours(780, 1080))),
        ("13:00–18:00；9:00—12:00", (Hours(540, 720), Hours(780, 1080))),
        ("9：30至12：00、13：00～18：15", (Hours(570, 720), Hours(780, 1095))),
        ("0-24", (Hours(0, 1440),)),
        ("22:00-06:00", (Hours(1320, 1800),)),
        ("18-0", (Hours(1080, 1440),)),
    ],
)
def test_hours_are_read(text: str, hours: tuple[Hours, ...]) -> None:
    assert parse_hours(text) == hours


@pytest.mark.parametrize(
    "text", ["nine to five", "9", "25-26", "9:60-10", "9-9", "24-6", "9-10-11"]
)
def test_what_is_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_hours(text)


@pytest.mark.parametrize(
    "text", ["", "09:00-18:00", "09:00-12:00, 13:00-18:00", "22:00-06:00", "00:00-24:00"]
)
def test_hours_are_written_as_they_are_read(text: str) -> None:
    assert write_hours(parse_hours(text)) == text
