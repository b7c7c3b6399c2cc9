"""Why an answer was stopped and what may be done instead, the smallest remedy first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tickets.actions.deliveries import may_stand_in
from tickets.masking import find_exposed
from tickets.models import Conversation, Message
from tickets.overlap import Span, find_all, parted, shared

from .publicity import Stretch
from .words import exposed_in_words


@dataclass(frozen=True, slots=True)
class Stop:
    """A colleague was faster: both texts with what they share set apart, and what only mine says.

    `rest` is "" where nothing is new in mine, or all of it is.
    """

    message: Message
    theirs: list[Stretch]
    mine: list[Stretch]
    rest: str


@dataclass(frozen=True, slots=True)
class Find:
    """One thing that must not leave this way: what it is, and the words that say it."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Guard:
    """What must not leave, the text parted accordingly, and where the other part could go."""

    finds: list[Find]
    marked: list[Stretch]
    kept: str
    taken: str
    private: Conversation | None = None


def stop(text: str, faster: Message) -> Stop:
    """Lay a text beside the answer that came first."""
    theirs, mine = shared(faster.text, text)
    rest, _same = parted(text, mine) if mine else ("", "")
    return Stop(faster, _stretches(faster.text, theirs), _stretches(text, mine), rest)


def guard(text: str, passages: Iterable[str], private: Conversation | None = None) -> Guard:
    """Part a text by what must not leave this way."""
    known = find_exposed(text)
    finds = [Find(exposed_in_words([e.kind]), text[e.start : e.end]) for e in known]
    spans = [Span(each.start, each.end) for each in known]
    shown = {each.text.lower() for each in finds}
    for place in find_all(text, passages):
        words = text[place.start : place.end]
        if words.lower() not in shown and not any(s.start <= place.start < s.end for s in spans):
            finds.append(Find(exposed_in_words(["private"]), words))
            spans.append(place)
    spans.sort()
    kept, taken = parted(text, spans)
    return Guard(finds, _stretches(text, spans), kept, taken, private)


def private_place(
    conversation: Conversation, places: Sequence[Conversation], now: datetime
) -> Conversation | None:
    """Where what must not be said in public can be said to the same customer, if anywhere."""
    if not conversation.is_public:
        return None
    fit = (each for each in places if may_stand_in(each, conversation.identity, now))
    return next((each for each in fit if each.channel.writes), None)


def _stretches(text: str, spans: Iterable[Span]) -> list[Stretch]:
    made: list[Stretch] = []
    at = 0
    for span in spans:
        if span.start < at:
            continue
        made += [Stretch(text[at : span.start], False), Stretch(text[span.start : span.end], True)]
        at = span.end
    return [each for each in (*made, Stretch(text[at:], False)) if each.text]
