"""Public places on the desk: posts that show too much, and answers that would."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tickets.actions.hiding import ASKED, can_hide
from tickets.models import Message
from tickets.queries.case import CaseRead

from .words import exposed_in_words

MOST_BANNERS = 3


@dataclass(frozen=True, slots=True)
class ExposingPost:
    """A public post that shows personal data, and what can be done about it."""

    message: Message
    kinds: str
    may_be_hidden: bool
    is_being_hidden: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a text that was not sent; `is_shown` marks what must not stand in public."""

    text: str
    is_shown: bool


def exposing_posts(case: CaseRead) -> list[ExposingPost]:
    """Posts that still stand in public with personal data in them, the latest first."""
    asked = {
        row.data.get("message")
        for row in case.history
        if row.code == ASKED and not row.data.get("done")
    }
    return [
        ExposingPost(
            message=message,
            kinds=exposed_in_words(message.exposes),
            may_be_hidden=can_hide(message),
            is_being_hidden=message.pk in asked,
        )
        for message in reversed(case.messages)
        if message.exposes and message.hidden_at is None and message.recalled_at is None
    ][:MOST_BANNERS]


def marked(text: str, passages: Iterable[str]) -> list[Stretch]:
    """A text with the passages for which it was refused set apart; all of it where none is found.

    A passage from elsewhere in the case comes folded, so case is no difference.
    """
    wanted = "|".join(re.escape(each) for each in passages if each)
    if not wanted:
        return []
    pieces = re.split(f"({wanted})", text, flags=re.IGNORECASE)
    return [Stretch(piece, is_shown=n % 2 == 1) for n, piece in enumerate(pieces) if piece]
