"""The articles beside a case: those that solved it, and those that may."""

from dataclasses import dataclass

from django.utils.translation import get_language

from tickets.models import Solved, Ticket
from tickets.queries.articles import solutions_of
from tickets.queries.knowledge import Suggested, shelf

FITTING = 5


@dataclass(frozen=True, slots=True)
class Solutions:
    """Titles in the viewer's language."""

    noted: list[tuple[Solved, str]]
    fitting: list[Suggested]
    others: list[Suggested]


def solutions(ticket: Ticket, words: str) -> Solutions:
    """Read them in two queries; `words` are the customer's own."""
    all_of_it, code = shelf(), (get_language() or "")[:2]
    everything = {each.slug: each for each in all_of_it.everything(code)}
    found = all_of_it.find(f"{ticket.subject}\n{words}", language=code, limit=FITTING)
    near = {each.slug for each in found}
    noted = [
        (each, everything[each.article.slug].title)
        if each.article.slug in everything
        else (each, each.article.slug)
        for each in solutions_of(ticket)
    ]
    done = {each.article.slug for each, _title in noted}
    return Solutions(
        noted=noted,
        fitting=[each for each in found if each.slug not in done],
        others=[each for slug, each in everything.items() if slug not in near | done],
    )
