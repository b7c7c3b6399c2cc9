"""What counts as exposed in this installation, and how a text looks without it."""

import re

from django.conf import settings

from . import exposure
from .exposure import House, Passage

_CODE = re.compile(r"(?<![\d-])\d{6}(?![\d-])|(?<=/support/answers/)[^\s/]+")


def house() -> House:
    """What belongs to this installation."""
    return House(
        prefix=settings.CASE_NUMBER_PREFIX,
        long_form=settings.CASE_NUMBER_LONG_FORM,
        site=settings.PUBLIC_URL,
        published=frozenset(settings.PUBLIC_ALLOWED),
    )


def find_exposed(text: str) -> list[Passage]:
    """Every place of a text that must not stand where anybody can read it."""
    return exposure.find(text, house())


def masked(text: str) -> str:
    """The text as it may stand in lists and notices."""
    return exposure.masked(text, house())


def without_code(text: str) -> str:
    """A message that carries a code, as the desk may read it: who could read the code could be
    the customer."""
    return _CODE.sub("••••••", text)
