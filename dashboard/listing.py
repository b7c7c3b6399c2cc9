"""The list that an address asks for: its view, what narrows it, and what was not understood."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import get_language

from tickets.filters import (
    KEYS,
    NO_BOOK,
    TEXT,
    Book,
    Filter,
    Problem,
    Term,
    key_name,
    parse,
    value_name,
    write,
)
from tickets.models import User
from tickets.queries.filtering import keys_for
from tickets.queries.inbox import View, ViewName
from tickets.queries.naming import book_for

from .desk import narrowed_to, view_url
from .words.filters import problem_in_words

# What the lists of the rail mean in the language of filters.
_OWN: Mapping[ViewName, str] = {
    "mine": "assignee:me state:open",
    "unassigned": "assignee:none state:open",
    "open": "state:open",
    "pending": "state:pending",
    "escalated": "escalated:yes state:unresolved",
    "closing": "window:closing state:open",
    "due": "due:any state:open state:snoozed",
    "snoozed": "state:snoozed",
    "closed": "state:closed",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition on screen; its address is that of the list without it."""

    key: str
    value: str
    is_negated: bool
    url: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A list and how it was asked for; `typed` is what stands in the field, not understood yet."""

    view: View
    book: Book = NO_BOOK
    problems: tuple[str, ...] = ()
    typed: str = ""
    is_filtering: bool = False
    canonical: str = ""

    @property
    def kept(self) -> str:
        """The filter as it stands in addresses."""
        return write(self.view.filter)

    @property
    def chips(self) -> list[Chip]:
        own = own_terms(self.view)
        everything = Filter((*own, *self.view.filter.terms))
        return [self._chip(term, everything, is_own=term in own) for term in everything.terms]

    def _chip(self, term: Term, everything: Filter, *, is_own: bool) -> Chip:
        language = get_language() or ""
        if is_own:
            left = View("all", filter=everything.without(term))
        else:
            left = narrowed_to(self.view, self.view.filter.without(term))
        key = "" if term.key == TEXT else key_name(term.key, language)
        return Chip(key, value_name(term, language, self.book), term.is_negated, view_url(left))


def own_terms(view: View) -> tuple[Term, ...]:
    """What a list of the rail asks for by itself."""
    if view.name in {"team", "channel"}:
        return (Term(view.name, view.slug), Term("state", "open"))
    return parse(_OWN.get(view.name, "")).filter.terms


def with_more(view: View, *more: Term) -> View:
    """A list narrowed further; where that contradicts the list itself, the list of all cases."""
    own = own_terms(view)
    if {term.key for term in own} & {term.key for term in more}:
        return View("all", filter=Filter((*own, *view.filter.terms)).with_terms(*more))
    return narrowed_to(view, view.filter.with_terms(*more))


def read_listing(user: User, base: View, asked: Mapping[str, str]) -> Listing:
    """Read the filter `f` of an address and what was written after it, `more`.

    `canonical` is the address to go on to, where it is another one.
    """
    said, more = asked.get("f"), asked.get("more", "").strip()
    if said is None and not more:
        book = book_for(user) if _has_names(base) else NO_BOOK
        return Listing(base, book, is_filtering=bool(base.filter))
    book = book_for(user)
    view, problems, typed = base, list[Problem](), ""
    if said is not None:
        parsed = parse(said, book)
        problems += parsed.problems
        typed = " ".join(said[each.start : each.end] for each in parsed.problems)
        view = narrowed_to(base, parsed.filter)
    further = parse(more, book)
    problems += further.problems
    problems += _private(user, Filter((*view.filter.terms, *further.filter.terms)))
    if further.problems:
        typed = f"{typed} {more}".strip()
    elif further.filter:
        view = with_more(view, *further.filter.terms)
    changed = (said or "") != write(view.filter) or bool(more)
    words = tuple(problem_in_words(each, book) for each in problems)
    return Listing(
        view, book, words, typed, True, view_url(view) if changed and not problems else ""
    )


def _private(user: User, filter_: Filter) -> list[Problem]:
    """Conditions that are not for this person."""
    allowed = keys_for(user) | {TEXT}
    return [Problem("private", 0, 0, term.key) for term in filter_.terms if term.key not in allowed]


def _has_names(view: View) -> bool:
    """Whether its conditions name something that this installation calls by a label."""
    terms = (*own_terms(view), *view.filter.terms) if view.filter else ()
    return any(term.key in KEYS and KEYS[term.key].sort == "listed" for term in terms)


def as_filter(view: View) -> Filter:
    """A list of the rail and what narrows it, as one filter."""
    return Filter(tuple(dict.fromkeys((*own_terms(view), *view.filter.terms))))
