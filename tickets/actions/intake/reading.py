"""Read one message for numbers: the author's own words apart from what they quote."""

import re
from dataclasses import dataclass, replace

from django.conf import settings

from ... import case_numbers, phrases, quoting
from ...interchange import IncomingMessage

_ANSWERS = re.compile(
    r"\s*(?:re|aw|sv|fw|fwd|回复|回覆|答复|返信|转发|轉寄|転送)\s*[:：]", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Read:
    """What a message says.

    `words` is what evidence points into, `own_words` leaves quotes out, and `said` has
    `phrases.NUMBER` for each case number. `withdrawn` are numbers that the author takes back.
    `heard` are the numbers of a transcript, all of them weak: a machine may mishear. Where nothing
    was written, what was heard counts as said.
    """

    words: str
    own_words: str
    said: str
    own: case_numbers.Reading
    quoted: case_numbers.Reading
    heard: case_numbers.Reading
    withdrawn: frozenset[str]
    automatic: str

    @property
    def numbers(self) -> set[str]:
        """Every number whose ticket might matter."""
        return {found.number for found in (*self.own.found, *self.quoted.found, *self.heard.found)}

    @property
    def quotes_anything_like_a_number(self) -> bool:
        heard = self.heard.found or self.heard.invalid
        return bool(self.own.found or self.own.invalid or self.quoted.found or heard)


def read(item: IncomingMessage) -> Read:
    """Read text and subject; a subject that answers or forwards counts as quoted."""
    split = quoting.split_quoted(item.text)
    quoted_words = split.quoted
    own = _blanked(item.text, split.spans)
    if item.subject and _ANSWERS.match(item.subject):
        quoted_words = f"{item.subject}\n{quoted_words}"
    elif item.subject:
        own = f"{own}\n{item.subject}"
    numbers, heard = _numbers(own), _numbers(item.transcript)
    own_words = f"{item.subject}\n{split.own}" if item.subject in own else split.own
    is_spoken = not own.strip()
    return Read(
        words=own,
        own_words=item.transcript if is_spoken else own_words,
        said=_said(item.transcript, heard) if is_spoken else _said(own, numbers),
        own=numbers,
        quoted=_numbers(quoted_words),
        heard=replace(heard, found=tuple(replace(each, strength="weak") for each in heard.found)),
        withdrawn=phrases.withdrawn_numbers(
            own, [(found.number, found.start, found.end) for found in numbers.found]
        ),
        automatic=item.automatic or phrases.machine_made(item.sender.external_id, item.text),
    )


def quoted_numbers(item: IncomingMessage) -> set[str]:
    """Every case number anywhere in a message, however sure."""
    found = _numbers(f"{item.subject}\n{item.text}\n{item.transcript}").found
    return {each.number for each in found}


def _numbers(text: str) -> case_numbers.Reading:
    return case_numbers.read(
        text, prefix=settings.CASE_NUMBER_PREFIX, long_form=settings.CASE_NUMBER_LONG_FORM
    )


def _said(own: str, numbers: case_numbers.Reading) -> str:
    spans = [(found.start, found.end) for found in numbers.found]
    spans += [(invalid.start, invalid.end) for invalid in numbers.invalid]
    return phrases.without_numbers(own, spans)


def _blanked(text: str, spans: tuple[quoting.Span, ...]) -> str:
    """The text with its quoted stretches emptied, so that positions still hold."""
    for span in spans:
        text = text[: span.start] + "\n" * (span.end - span.start) + text[span.end :]
    return text
