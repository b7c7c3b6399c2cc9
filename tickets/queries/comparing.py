"""Cases side by side, before they become one: what each says, holds and has been promised."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count

from tickets.models import Attachment, Clock, Conversation, Direction, Message, Ticket
from tickets.phrases import codes_in

_FIRST: Final = 400  # characters of what the customer wrote first


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the cases; each of its conversations has `many`, the number of its messages."""

    ticket: Ticket
    conversations: list[Conversation]
    words: str
    files: list[str]
    due_at: datetime | None
    answer: Message | None

    @property
    def messages(self) -> int:
        return sum(conversation.many for conversation in self.conversations)  # type: ignore[attr-defined]  # annotated


@dataclass(frozen=True, slots=True)
class Comparison:
    """The cases in the order asked for; `codes` and `files` are those that several of them name."""

    cases: list[Compared]
    codes: list[str]
    files: list[str]


def compare_cases(tickets: Sequence[Ticket]) -> Comparison:
    """Read visible cases in five queries, however many they are."""
    talks: dict[int, list[Conversation]] = defaultdict(list)
    conversations = Conversation.objects.filter(ticket__in=tickets).annotate(many=Count("messages"))
    shown = conversations.select_related("channel", "identity__contact", "ticket")
    for talk in shown.order_by("created_at", "pk"):
        talks[talk.ticket_id].append(talk)
    words, files, clocks = _first_words(tickets), _files(tickets), _clocks(tickets)
    answers = _answers(tickets)
    codes = Counter(code for each in words.values() for code in codes_in(each))
    names = Counter(name for each in files.values() for name in set(each))
    return Comparison(
        cases=[
            Compared(
                ticket=each,
                conversations=talks[each.pk],
                words=words.get(each.pk, "")[:_FIRST],
                files=files[each.pk],
                due_at=clocks.get(each.pk),
                answer=answers.get(each.pk),
            )
            for each in tickets
        ],
        codes=[code for code, n in codes.items() if n > 1],
        files=[name for name, n in names.items() if n > 1],
    )


def _first_words(tickets: Sequence[Ticket]) -> dict[int, str]:
    said = Message.objects.filter(
        conversation__ticket__in=tickets, direction=Direction.INBOUND, recalled_at__isnull=True
    )
    first = said.order_by("conversation__ticket", "created_at", "pk").distinct(
        "conversation__ticket"
    )
    return dict(first.values_list("conversation__ticket", "text"))


def _files(tickets: Sequence[Ticket]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    files = Attachment.objects.filter(
        message__conversation__ticket__in=tickets, message__recalled_at__isnull=True
    )
    named = files.order_by("created_at", "pk").values_list("message__conversation__ticket", "name")
    for ticket, name in named:
        found[ticket].append(name)
    return found


def _clocks(tickets: Sequence[Ticket]) -> dict[int, datetime]:
    """What runs out next in each."""
    running = Clock.objects.filter(
        ticket__in=tickets, conversation__isnull=True, met_at__isnull=True, due_at__isnull=False
    )
    latest_first = running.order_by("-due_at").values_list("ticket", "due_at")
    return {ticket: due_at for ticket, due_at in latest_first if due_at is not None}


def _answers(tickets: Sequence[Ticket]) -> dict[int, Message]:
    """The latest answer of a person in each."""
    said = Message.objects.filter(
        conversation__ticket__in=tickets,
        direction=Direction.OUTBOUND,
        automatic="",
        author__isnull=False,
    )
    latest = (
        said.select_related("author", "conversation")
        .order_by("conversation__ticket", "-created_at", "-pk")
        .distinct("conversation__ticket")
    )
    return {each.conversation.ticket_id: each for each in latest if each.conversation}
