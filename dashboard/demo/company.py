"""Whom one person plays on the sandbox page: kept in the session by a key, and in the cache."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import get_language

from .customers import Customer

PLACE = "sandbox"
KEPT_FOR = 24 * 3600  # seconds
MOST_NOTES = 20


@dataclass(frozen=True, slots=True)
class Note:
    """That something was made to go wrong at a door, and when."""

    trouble: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Company:
    """One customer at every door, all with the same `key` in their accounts.

    The session holds the key alone: a form takes seconds, and a session is written as a whole.
    """

    key: str
    since: datetime

    @contextmanager
    def customer(self, slug: str, name: str) -> Iterator[Customer]:
        """The customer at a door; what their browser has learnt meanwhile is kept."""
        place = self._place("kept", slug)
        customer = self.look(slug, name)
        try:
            yield customer
        finally:
            cache.set(place, customer.kept, KEPT_FOR)

    def look(self, slug: str, name: str) -> Customer:
        """The customer at a door, to be read only."""
        kept = cache.get(self._place("kept", slug), {})
        language = get_language() or settings.LANGUAGE_CODE
        return Customer(self.key, self._name(slug, name), kept, language)

    def rename(self, slug: str, name: str) -> None:
        cache.set(self._place("name", slug), name, KEPT_FOR)

    def note(self, slug: str, trouble: str) -> None:
        """Remember that something was made to go wrong."""
        told = [*cache.get(self._place("notes", slug), ()), (trouble, timezone.now())]
        cache.set(self._place("notes", slug), told[-MOST_NOTES:], KEPT_FOR)

    def notes(self, slug: str) -> list[Note]:
        return [Note(*each) for each in cache.get(self._place("notes", slug), ())]

    def _name(self, slug: str, name: str) -> str:
        found: str = cache.get(self._place("name", slug), name)
        return found

    def _place(self, what: str, slug: str) -> str:
        return f"sandbox:{self.key}:{what}:{slug}"


def company_of(session: SessionBase) -> Company:
    """The customers of this session; new ones the first time."""
    kept: dict[str, Any] | None = session.get(PLACE)
    if kept is None:
        return gather(session)
    return Company(kept["key"], datetime.fromisoformat(kept["since"]))


def gather(session: SessionBase) -> Company:
    """Begin anew, with customers whom nobody knows."""
    company = Company(secrets.token_hex(3), timezone.now())
    session[PLACE] = {"key": company.key, "since": company.since.isoformat()}
    return company
