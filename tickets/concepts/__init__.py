"""The subjects and troubles of a mail service, recognised across wording and language. Pure."""

from .lexicon import compiled
from .reading import beginning, happenings_in, things_in, words_in

__all__ = ["beginning", "compiled", "happenings_in", "things_in", "words_in"]
