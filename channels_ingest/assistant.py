"""Ask a large language model what a message is about, where the desk is set to; else our own.

Whatever goes wrong out there (no line, no time, nonsense), the local model answers instead.
"""

import logging
from typing import Final

import requests
from django.conf import settings
from django.core.cache import cache
from urllib3.exceptions import HTTPError

from tickets.masking import masked
from tickets.queries.triage_model import current_model
from tickets.triage import Assessment, remote

from .safe_fetch import Guard, GuardedSession, any_address

logger = logging.getLogger(__name__)

LARGEST: Final = 64 * 1024
PAUSE: Final = 60  # seconds without questions after a failure, so that nobody waits each time
_PAUSED: Final = "assistant:paused"


class NoAnswer(Exception):
    """The model could not be asked, or its answer is of no use; the text says why."""


def assess(text: str, *, language: str = "") -> Assessment:
    """Category and urgency of a customer's words, by the best model at hand. Never raises."""
    if settings.LLM_URL and not cache.get(_PAUSED):
        try:
            return ask(text)
        except NoAnswer as trouble:
            cache.set(_PAUSED, True, PAUSE)
            logger.warning("the language model was not asked for a minute: %s", trouble)
    return current_model().assess(text)


def resume() -> None:
    """Ask again at once, though something failed a moment ago."""
    cache.delete(_PAUSED)


def ask(text: str) -> Assessment:
    """What the language model says of a text, whose personal data it never sees.

    Raises NoAnswer. It takes no longer than LLM_TIMEOUT.
    """
    body = remote.question(masked(text), model=settings.LLM_MODEL)
    headers = {"Accept-Encoding": "identity"}
    if settings.LLM_KEY:
        headers["Authorization"] = f"Bearer {settings.LLM_KEY}"
    # The operator chose this address, so it may be a private one: a model in the same house.
    guard = Guard(any_address)
    try:
        with (
            guard.time_limit(settings.LLM_TIMEOUT),
            GuardedSession(guard, allow_http=True) as session,
            session.post(
                f"{settings.LLM_URL.rstrip('/')}/v1/chat/completions",
                json=body,
                headers=headers,
                stream=True,
                timeout=settings.LLM_TIMEOUT,
            ) as response,
        ):
            if response.status_code != requests.codes.ok:
                raise NoAnswer(f"status {response.status_code}")
            answer = response.raw.read(LARGEST + 1)
    # What these say may hold the address and its key, so only their type is told.
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise NoAnswer(type(error).__name__) from None
    if len(answer) > LARGEST:
        raise NoAnswer("too long")
    try:
        return remote.read_answer(answer, model=settings.LLM_MODEL)
    except remote.BadAnswer as error:
        raise NoAnswer(str(error)) from None
