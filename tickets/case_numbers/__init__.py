"""Case numbers such as QM-4821-0937-10: issue them, check them, and read them out of any text."""

from tickets.case_numbers.digits import check_digits, format_number, is_valid, issue, near_misses
from tickets.case_numbers.reading import Found, Invalid, Reading, parse_one, read

__all__ = [
    "Found",
    "Invalid",
    "Reading",
    "check_digits",
    "format_number",
    "is_valid",
    "issue",
    "near_misses",
    "parse_one",
    "read",
]
