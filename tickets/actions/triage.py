"""Assess new cases once their first burst is over, set what nobody has set, and route them.

The model works outside of every transaction: however long it takes, it keeps nobody waiting.
"""

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from .. import phrases
from ..actor import RULE, SYSTEM
from ..models import ActorKind, Category, History, Priority, State, Ticket, Triage
from ..queries.knowledge import suggested
from ..queries.triage import first_words
from ..triage import Assessment, assess, names_nothing, structure_of
from .changes import Change, changing
from .intake.acknowledging import AT_MOST, QUIET_FOR
from .routing import route

logger = logging.getLogger(__name__)

LOOKS_BACK = timedelta(days=1)  # older cases have been read by people long since
WORDLESS_FOR = timedelta(minutes=5)  # then a case goes on its way, whatever it is about
MOST_AT_ONCE = 20
SURE_OF_URGENCY = 0.6
MOST_ARTICLES = 3
THEFT = "theft"
_CHOICES = ("category_set", "priority_set", "moved_to_team", "assigned")
_BY_ITSELF = (ActorKind.RULE, ActorKind.SYSTEM)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the models say of a case's words."""

    assessment: Assessment
    missing: list[str]
    signs: list[str]
    articles: list[dict[str, object]]


def due(*, now: datetime) -> Q:
    """Which standing cases have gone quiet without having been assessed."""
    quiet = Q(last_activity_at__lte=now - QUIET_FOR) | Q(created_at__lte=now - AT_MOST)
    told = Q(subject__gt="") | Q(created_at__lte=now - WORDLESS_FOR)
    fresh = Q(created_at__gt=now - LOOKS_BACK)
    untouched = Q(triaged_at__isnull=True, merged_into__isnull=True)
    return untouched & fresh & quiet & told & ~Q(state=State.CLOSED)


def triage_due(
    *, now: datetime, limit: int = MOST_AT_ONCE, model: Callable[..., Assessment] = assess
) -> int:
    """Assess and route what has gone quiet; return how many cases were looked at."""
    waiting = Ticket.objects.filter(due(now=now)).order_by("created_at", "pk")
    found = list(waiting[:limit])
    for ticket in found:
        try:
            triage(ticket=ticket, now=now, model=model)
        except Exception:
            logger.exception("triage: ticket %s failed", ticket.pk)
    return len(found)


def triage(
    *, ticket: Ticket, now: datetime, model: Callable[..., Assessment] = assess
) -> Triage | None:
    """Assess one case and route it, once; None where it was done before or nothing was said.

    `model` is what says category and urgency of a text in a `language`.
    """
    words = first_words([ticket.pk]).get(ticket.pk, "")
    found = _look_at(ticket, words, model) if words else None
    with changing(ticket, by=SYSTEM, now=now) as change:
        locked = change[ticket]
        if locked.triaged_at is not None or locked.is_merged or locked.is_closed:
            return None
        locked.triaged_at = now
        # On record even where nothing else changes, which raises no version and saves no ticket.
        Ticket.objects.filter(pk=locked.pk).update(triaged_at=now)
        chosen = _chosen_by_people(locked)
        row = _write(change, locked, found) if found else None
        if row is not None:
            _apply(change, locked, row, chosen)
        route(change, locked, words=words, chosen=chosen)
        return row


def _look_at(ticket: Ticket, words: str, model: Callable[..., Assessment]) -> _Found | None:
    """Ask the models. One that fails leaves the case to people and stops nothing."""
    try:
        structure = structure_of(words, language=ticket.language)
        has = {
            "phenomenon": structure.has_phenomenon,
            "steps": structure.has_steps,
            "error": structure.has_error,
        }
        # To whoever only complains any article would be a guess; they are asked instead.
        fitting = not names_nothing(words)
        articles = suggested(words, language=ticket.language, limit=MOST_ARTICLES if fitting else 0)
        return _Found(
            assessment=model(words, language=ticket.language),
            missing=[part for part, there in has.items() if not there],
            signs=[THEFT] if phrases.says_account_is_stolen(words) else [],
            articles=[
                {**asdict(each), "steps": list(each.steps), "score": round(each.score, 3)}
                for each in articles
            ],
        )
    except Exception:
        logger.exception("triage: could not assess ticket %s", ticket.pk)
        return None


def _write(change: Change, ticket: Ticket, found: _Found) -> Triage:
    said = found.assessment
    row = Triage.objects.create(
        ticket=ticket,
        model=said.model[:40],
        category=said.category if said.category in Category.values else Category.OTHER,
        confidence=said.confidence,
        abstained=said.abstains,
        urgency=said.urgency if said.urgency in Priority.values else Priority.NORMAL,
        urgency_confidence=said.urgency_confidence,
        missing=found.missing,
        signs=found.signs,
        articles=found.articles,
        at=change.now,
    )
    code = "triage_abstained" if row.abstained else "triaged"
    sure = round(row.confidence, 2)
    change.record(ticket, code, after=row.category, confidence=sure, model=row.model)
    return row


def _chosen_by_people(ticket: Ticket) -> set[str]:
    """What agents or the customer have decided about the case themselves."""
    rows = History.objects.filter(ticket=ticket, code__in=_CHOICES)
    return set(rows.exclude(actor_kind__in=_BY_ITSELF).values_list("code", flat=True))


def _apply(change: Change, ticket: Ticket, row: Triage, chosen: set[str]) -> None:
    """Set category and priority where triage is sure and nobody has set them."""
    if not row.abstained and not ticket.category and "category_set" not in chosen:
        ticket.category = row.category
        why = {"by": "triage", "confidence": round(row.confidence, 2)}
        change.record(ticket, "category_set", by=RULE, before="", after=row.category, why=why)
    is_sure = row.urgency_confidence >= SURE_OF_URGENCY
    is_unset = ticket.priority == Priority.NORMAL and "priority_set" not in chosen
    if is_sure and is_unset and row.urgency != Priority.NORMAL:
        before, ticket.priority = ticket.priority, row.urgency
        why = {"by": "triage", "confidence": round(row.urgency_confidence, 2)}
        change.record(ticket, "priority_set", by=RULE, before=before, after=row.urgency, why=why)
