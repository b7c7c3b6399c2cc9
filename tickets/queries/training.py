"""Cases of this desk from which its triage model may learn."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KT

from tickets.masking import masked
from tickets.models import ActorKind, Conversation, Direction, History, Message, State, Ticket
from tickets.triage.labels import URGENCIES
from tickets.triage.material import Row

MOST = 20_000
_LONGEST = 2_000
_MEANS_SOMETHING = 4  # characters; "hi" says nothing about the category an agent chose later


def labelled_cases(since: datetime | None = None) -> Iterator[Row]:
    """What customers wrote first in cases that are solved and whose category a person set.

    Personal data is masked. The priority teaches urgency only where a person set that too.
    The newest come first, at most `MOST`. `since` leaves out what was closed before.
    """
    cases = (
        Ticket.objects.filter(state=State.CLOSED, merged_into__isnull=True)
        .exclude(category="")
        .filter(_set_by_a_person("category_set", "category"))
        .annotate(
            rated=_set_by_a_person("priority_set", "priority"),
            first_words=Subquery(_first_messages().values("text")[:1]),
        )
        .order_by("-closed_at", "-pk")
    )
    if since is not None:
        cases = cases.filter(closed_at__gte=since)
    read = cases.values_list("subject", "first_words", "category", "priority", "rated", "language")
    for subject, words, category, priority, is_rated, language in read[:MOST].iterator():
        text = _whole(subject, words or "")
        if len(text) >= _MEANS_SOMETHING:
            urgency = priority if is_rated and priority in URGENCIES else ""
            yield Row(masked(text), category, urgency, lang=language)


def _first_messages() -> QuerySet[Message]:
    ours = Conversation.objects.filter(ticket=OuterRef(OuterRef("pk")), claim="")
    return Message.objects.filter(
        conversation__in=ours.values("pk"),
        direction=Direction.INBOUND,
        automatic="",
        recalled_at__isnull=True,
    ).order_by("created_at", "pk")


def _set_by_a_person(code: str, field: str) -> Exists:
    said = History.objects.annotate(after=KT("data__after")).filter(
        ticket=OuterRef("pk"), code=code, actor_kind=ActorKind.USER, after=OuterRef(field)
    )
    return Exists(said)


def _whole(subject: str, words: str) -> str:
    """Subject and words, without saying the same twice."""
    words = words[:_LONGEST].strip()
    start = subject.strip().rstrip("…")
    return words if words.startswith(start) else f"{subject.strip()}\n{words}".strip()
