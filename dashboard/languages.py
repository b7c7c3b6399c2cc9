"""How languages call themselves, and how they name one thing after the other."""

from collections.abc import Iterable
from functools import reduce

from django.conf import settings
from django.utils.translation import gettext as _


def language_name(code: str) -> str:
    """A language's own name; the code where it is none of ours."""
    return str(dict(settings.LANGUAGES).get(code, code))


def enumerated(parts: Iterable[str]) -> str:
    """Several things in a row, as the viewer's language parts them."""
    words = list(parts)
    if not words:
        return ""
    both = _("%(before)s, %(after)s")
    return reduce(lambda before, after: both % {"before": before, "after": after}, words)
