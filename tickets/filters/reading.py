"""Read filters, as people type them: any language, any width, and what is not understood."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .measures import read_moment, read_number, read_span
from .terms import NO_BOOK, TEXT, Book, Filter, Term, clean, fold
from .vocabulary import KEY_SAID, KEYS, VALUE_SAID, Key

LONGEST = 2000
MOST_TERMS = 40
_KEY = re.compile(r"([^\W\d_]+)\s*[:：]")
_QUOTES = {'"': '"', "＂": "＂", "“": "”", "「": "」", "『": "』"}
_COMMAS = ",，、"
_MINUS = "-－−"
_BARE_SIGN = {"waiting": ">", "due": "<"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What was not understood: where, why as a code, and codes that would have been.

    `code` is one of unknown_key, unknown_value, missing_value, open_quote, too_long, too_many.
    """

    code: str
    start: int
    end: int
    key: str = ""
    said: str = ""
    offers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    filter: Filter
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    end: int
    is_quoted: bool = False
    is_closed: bool = True


def parse(text: str, book: Book = NO_BOOK) -> Parsed:
    """Read a filter. What is not understood is a problem and never ignored silently.

    The filter holds what was understood; whoever shows a list shows none while there are problems.
    """
    if len(text) > LONGEST:
        return Parsed(Filter(), (Problem("too_long", LONGEST, len(text)),))
    terms: list[Term] = []
    problems: list[Problem] = []
    for found in _Reader(text, book).read():
        if isinstance(found, Problem):
            problems.append(found)
        else:
            terms.append(found)
    kept = tuple(dict.fromkeys(terms))
    if len(kept) > MOST_TERMS:
        problems.append(Problem("too_many", 0, len(text)))
    return Parsed(Filter(kept[:MOST_TERMS]), tuple(problems))


class _Reader:
    """One reading of one text, from left to right."""

    def __init__(self, text: str, book: Book) -> None:
        self.text = text
        self.book = book
        self.at = 0

    def read(self) -> Iterator[Term | Problem]:
        words: list[str] = []  # free words that stand side by side
        while self._skip():
            start = self.at
            is_negated = self._minus()
            if key := self._key():
                yield from self._flushed(words)
                yield from self._values(key, start, is_negated)
                continue
            piece = self._piece(stops="")
            unknown = self._unknown_key(start, piece)
            if unknown or piece.is_quoted or is_negated:
                yield from self._flushed(words)
            if unknown:
                yield unknown
            elif not piece.is_closed:
                yield Problem("open_quote", start, piece.end, said=piece.text)
            elif piece.is_quoted or is_negated:
                yield from self._text(piece.text, is_negated)
            else:
                words.append(piece.text)
        yield from self._flushed(words)

    def _flushed(self, words: list[str]) -> Iterator[Term]:
        yield from self._text(" ".join(words), False)
        words.clear()

    def _text(self, said: str, is_negated: bool) -> Iterator[Term]:
        if value := clean(said):
            yield Term(TEXT, value, is_negated)

    def _skip(self) -> bool:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at < len(self.text)

    def _minus(self) -> bool:
        following = self.text[self.at + 1 : self.at + 2]
        is_negated = self.text[self.at] in _MINUS and bool(following) and not following.isspace()
        self.at += is_negated
        return is_negated

    def _key(self) -> Key | None:
        """The known key that stands here with its colon, which is then behind us."""
        found = _KEY.match(self.text, self.at)
        code = KEY_SAID.get(fold(found[1])) if found else None
        if found is None or code is None:
            return None
        self.at = found.end()
        return KEYS[code]

    def _unknown_key(self, start: int, piece: _Piece) -> Problem | None:
        """A word with a colon right before its value that is no key. Addresses have one, too."""
        found = None if piece.is_quoted else re.match(r"([^\W\d_]+)[:：](?!//)\S", piece.text)
        if found is None:
            return None
        near = difflib.get_close_matches(fold(found[1]), list(KEY_SAID), n=3, cutoff=0.6)
        offers = tuple(dict.fromkeys(KEY_SAID[each] for each in near))
        return Problem("unknown_key", start, piece.end, said=found[1], offers=offers)

    def _values(self, key: Key, start: int, is_negated: bool) -> Iterator[Term | Problem]:
        """What stands after a key: one value, or several with commas between."""
        while True:
            self._skip()
            piece = self._piece(stops=_COMMAS)
            yield self._value(key, piece, start, is_negated)
            if self.text[self.at : self.at + 1] not in tuple(_COMMAS):
                return
            self.at += 1

    def _value(self, key: Key, piece: _Piece, start: int, is_negated: bool) -> Term | Problem:
        said = clean(piece.text)
        if not piece.is_closed:
            return Problem("open_quote", start, piece.end, key.code, said)
        if not said:
            return Problem("missing_value", start, piece.end, key.code, offers=_known(key))
        found = _understood(key, said, self.book)
        if found is None:
            near = _near(key, said, self.book)
            return Problem("unknown_value", start, piece.end, key.code, said, near)
        return Term(*found, is_negated)

    def _piece(self, *, stops: str) -> _Piece:
        """The word or quoted text that begins here; words end at white space or at `stops`."""
        first = self.text[self.at : self.at + 1]
        if first and first in _QUOTES:
            return self._quoted(_QUOTES[first])
        start = self.at
        while self.at < len(self.text):
            here = self.text[self.at]
            if here.isspace() or here in stops:
                break
            self.at += 1
        return _Piece(self.text[start : self.at], self.at)

    def _quoted(self, closing: str) -> _Piece:
        said: list[str] = []
        self.at += 1
        while self.at < len(self.text):
            here = self.text[self.at]
            self.at += 1
            if here == closing:
                return _Piece("".join(said), self.at, is_quoted=True)
            if here == "\\" and self.at < len(self.text):
                here = self.text[self.at]
                self.at += 1
            said.append(here)
        return _Piece("".join(said), self.at, is_quoted=True, is_closed=False)


def _understood(key: Key, said: str, book: Book) -> tuple[str, str] | None:
    """Key and canonical value of what was said of a key, or None."""
    if known := VALUE_SAID[key.code].get(fold(said)):
        return key.code, known
    value: str | None
    match key.sort:
        case "choice":
            value = None
        case "span":
            value = read_span(said, bare=_BARE_SIGN[key.code])
        case "moment":
            value = read_moment(said)
        case "number":
            value = read_number(said, book.prefix)
        case "open":
            value = book.code(key.code, said) or said
        case "listed":
            if key.code == "channel" and book.code("channel", said) is None:
                kind = book.code("kind", said)
                if kind is not None:
                    return "kind", kind  # every door of that sort
            value = book.code(key.code, said) if key.code in book.names else said
    return (key.code, value) if value else None


def _known(key: Key) -> tuple[str, ...]:
    return tuple(key.values)


def _near(key: Key, said: str, book: Book) -> tuple[str, ...]:
    """Codes of values that were perhaps meant, or else of those that there are."""
    ways = dict(VALUE_SAID[key.code])
    for code, label in book.names.get(key.code, {}).items():
        ways |= {fold(code): code, fold(label): code}
    near = difflib.get_close_matches(fold(said), list(ways), n=3, cutoff=0.5)
    return tuple(dict.fromkeys(ways[each] for each in near)) or _known(key)
