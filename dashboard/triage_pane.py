"""What triage says of a case, as its page shows it: one click to agree, ask or answer."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from tickets.models import Identity, Ticket, Triage
from tickets.queries.case import CaseRead

from .triage_words import PARTS, question_for, sure_in_words

THEFT = "theft"


@dataclass(frozen=True, slots=True)
class Ready:
    """Something that can be put into the reply; `key` names it in an address."""

    key: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class TriageOnScreen:
    """One assessment; `is_open` while no agent has said whether it is right."""

    row: Triage
    sure: str
    percent: int
    is_open: bool
    is_set: bool
    urgency_differs: bool
    questions: list[Ready]
    articles: list[Ready]
    suspect: Identity | None


def on_screen(row: Triage | None, case: CaseRead) -> TriageOnScreen | None:
    """Put the latest assessment of a case into words; None where there is none."""
    if row is None:
        return None
    ticket = case.ticket
    return TriageOnScreen(
        row=row,
        sure=sure_in_words(row.confidence),
        percent=round(row.confidence * 100),
        is_open=not row.corrected_category,
        is_set=row.category == ticket.category,
        urgency_differs=row.urgency != ticket.priority and not row.corrected_urgency,
        questions=_questions(row, ticket),
        articles=_articles(row),
        suspect=_suspect(row, case),
    )


def ready_text(row: Triage | None, ticket: Ticket, key: str) -> str:
    """The text of a ready question or article, "" where there is none of this key."""
    if row is None:
        return ""
    everything = [*_questions(row, ticket), *_articles(row)]
    return next((each.text for each in everything if each.key == key), "")


def ready_answers(row: Triage, ticket: Ticket) -> list[Ready]:
    """What may be answered, the best first: an article that fits, else what is to be asked."""
    return [*_articles(row), *_questions(row, ticket)]


def _questions(row: Triage, ticket: Ticket) -> list[Ready]:
    return [
        Ready(f"ask-{part}", str(PARTS[part]), question_for(part, ticket.language))
        for part in row.missing
        if part in PARTS
    ]


def _articles(row: Triage) -> list[Ready]:
    return [
        Ready(f"article-{each['slug']}", str(each["title"]), _as_answer(each))
        for each in row.articles
    ]


def _as_answer(article: dict[str, object]) -> str:
    """Title, steps and address, as they go to the customer."""
    steps = article["steps"]
    assert isinstance(steps, list)
    lines = [str(article["title"]), *(f"{n}. {step}" for n, step in enumerate(steps, start=1))]
    return "\n".join(filter(None, [*lines, article_address(str(article["slug"]))]))


def article_address(slug: str, language: str = "") -> str:
    """Where the article stands, in a language if one is named; "" where there is no help centre."""
    name = "help_article" if language else "support_article"
    try:
        path = reverse(f"channels_ingest:{name}", args=[*filter(None, (language,)), slug])
    except NoReverseMatch:
        return ""
    return f"{settings.PUBLIC_URL}{path}"


def _suspect(row: Triage, case: CaseRead) -> Identity | None:
    """The account that may be in a stranger's hands: who wrote of the theft, until it is marked."""
    if THEFT not in row.signs:
        return None
    own = (each.identity for each in case.conversations if not each.is_pending_claim)
    writer = next(own, None)
    return None if writer is None or writer.is_compromised else writer
