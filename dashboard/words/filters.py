"""Filters in words: orders of lists, whom a view is for, and what is not understood."""

from collections.abc import Mapping

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from dashboard.languages import enumerated
from tickets.filters import Book, Problem, Term, key_name, value_name
from tickets.queries.sorting import Sort

SORTS: Mapping[Sort, object] = {
    "activity": gettext_lazy("Last activity"),
    "waiting": gettext_lazy("Longest waiting"),
    "due": gettext_lazy("Due soonest"),
    "newest": gettext_lazy("Newest"),
    "oldest": gettext_lazy("Oldest"),
    "priority": gettext_lazy("Priority"),
}
PROBLEMS = {
    "unknown_key": gettext_lazy(
        "“%(said)s” is nothing to filter by. To look for the words, put them in quotes."
    ),
    "unknown_value": gettext_lazy("“%(said)s” does not fit “%(key)s”."),
    "missing_value": gettext_lazy("Something is missing after “%(key)s”."),
    "open_quote": gettext_lazy("The quotes before “%(said)s” are not closed."),
    "too_long": gettext_lazy("The filter is too long."),
    "too_many": gettext_lazy("A filter has at most 40 conditions."),
    "private": gettext_lazy(
        "You cannot filter by “%(key)s”: it may tell what was said in private."
    ),
}


def problem_in_words(problem: Problem, book: Book) -> str:
    """Say what was not understood, and what would be."""
    language = get_language() or ""
    key = key_name(problem.key, language)
    said = str(PROBLEMS[problem.code]) % {"said": problem.said, "key": key}
    if not problem.offers:
        return said
    if problem.code == "unknown_key":
        offers = [key_name(code, language) for code in problem.offers]
    else:
        terms = (Term(problem.key, value) for value in problem.offers)
        offers = [value_name(term, language, book) for term in terms]
    return said + _(" You can write: %(offers)s") % {"offers": enumerated(offers)}
