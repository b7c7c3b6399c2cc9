"""How languages call themselves."""

from django.conf import settings


def language_name(code: str) -> str:
    """A language's own name; the code where it is none of ours."""
    return str(dict(settings.LANGUAGES).get(code, code))
