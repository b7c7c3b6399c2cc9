"""Whether a report holds what an agent needs: what is seen, what was tried, what error it says."""

from dataclasses import dataclass

from .. import phrases


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
    has_error = bool(phrases.codes_in(text))
    return Structure(has_phenomenon=len(text) > 12, has_steps=False, has_error=has_error)
