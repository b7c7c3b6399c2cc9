"""Whether a report holds what an agent needs: what is seen, what was tried, what error it says.

Rules over the concepts of `tickets.concepts`: a phenomenon is something concrete that can be
observed, steps are remedies or a sequence of acts, an error is a quoted message or a code. What
only says that nothing works is vague.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ..concepts import beginning
from .attempts import tells_attempts
from .errors import error_spans, quote_spans
from .sights import STAND_IN, only_complains, shows_something

_GAP: Final = f" {STAND_IN} "


@dataclass(frozen=True, slots=True)
class Structure:
    """Which parts of a report are there. `vague` is neither phenomenon nor error."""

    has_phenomenon: bool
    has_steps: bool
    has_error: bool

    @property
    def vague(self) -> bool:
        return not (self.has_phenomenon or self.has_error)


def structure_of(text: str, *, language: str = "") -> Structure:
    """Which parts of a report these words hold."""
    return _structure(beginning(text))


def names_nothing(text: str) -> bool:
    """Whether these words only complain, so that any article would be a guess."""
    said = beginning(text)
    return _structure(said).vague and only_complains(said)


@lru_cache(maxsize=1024)  # a form asks again with every pause in typing
def _structure(said: str) -> Structure:
    errors = error_spans(said)
    telling = _without(said, errors)
    steps = tells_attempts(_without(said, [*errors, *quote_spans(said)]))
    return Structure(shows_something(telling), steps, bool(errors))


def _without(said: str, spans: list[tuple[int, int]]) -> str:
    """The text with stand-ins for what it quotes."""
    parts, position = [], 0
    for start, end in sorted(spans):
        if end <= position:
            continue
        parts += [said[position : max(start, position)], _GAP]
        position = end
    return "".join([*parts, said[position:]])
