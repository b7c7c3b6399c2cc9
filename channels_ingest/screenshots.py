"""Search the pictures that customers send for the QR code of a case number."""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from tickets import case_numbers, files, pictures
from tickets.actions import screenshots
from tickets.models import Attachment

logger = logging.getLogger(__name__)

AT_ONCE = 10  # pictures of one round
BUDGET = 15.0  # seconds in which searches are begun
MOST_PIXELS = 25_000_000
LONGEST_SIDE = 2000  # a code on a screenshot is still sharp at that
MOST_CODES = 5
LONGEST_CODE = 500
LOOKS_BACK = timedelta(days=1)


def search_due(*, now: datetime) -> int:
    """Search the pictures that came of late and that nobody has searched; return how many."""
    until = time.monotonic() + BUDGET
    waiting = screenshots.unsearched().filter(created_at__gt=now - LOOKS_BACK)
    done = 0
    for attachment in waiting.select_related("message").order_by("created_at")[:AT_ONCE]:
        if time.monotonic() > until:
            break
        numbers = numbers_in(attachment)
        done += screenshots.searched(attachment=attachment, numbers=numbers, now=now)
    return done


def numbers_in(attachment: Attachment) -> list[str]:
    """The case numbers in the codes of a stored picture; none in what cannot be read."""
    if attachment.size > pictures.LARGEST:
        return []
    try:
        return numbers_on(files.read(attachment.sha256))
    except (FileNotFoundError, ValueError):
        return []


def numbers_on(picture: bytes) -> list[str]:
    """The case numbers in the QR codes of a picture, each once."""
    try:
        codes = _codes(picture)
    except pictures.Unreadable as error:
        logger.info("a picture cannot be searched: %s", error)
        return []
    found = (number for code in codes for number in _numbers(code[:LONGEST_CODE]))
    return list(dict.fromkeys(found))


def _codes(picture: bytes) -> list[str]:
    import zxingcpp

    drawn: Any = pictures.opened(picture, most_pixels=MOST_PIXELS).convert("L")
    drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    read = zxingcpp.read_barcodes(
        drawn, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    return [each.text for each in read[:MOST_CODES] if each.valid]


def _numbers(code: str) -> list[str]:
    """What a code says: the bare number, or an address that holds it."""
    reading = case_numbers.read(
        code, prefix=settings.CASE_NUMBER_PREFIX, long_form=settings.CASE_NUMBER_LONG_FORM
    )
    return [found.number for found in reading.found if found.strength == "strong"]
