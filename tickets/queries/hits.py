"""Where in a case it stands what somebody looked for, by what they may read of it now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from tickets.masking import masked, without_code
from tickets.models import Message, Role, Ticket, User
from tickets.searching import Piece, Question, marked, snippet

from .rows import Row
from .words import rank, readable_words

HITS_SHOWN = 3  # of one case
_WITH_CODE = ("proof", "question")

Kind = Literal["message", "note", "file", "subject", "person"]


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where it was found; without a message it is the case itself."""

    kind: Kind
    pieces: Sequence[Piece]
    message: Message | None = None


def hits(rows: Sequence[Row], user: User, question: Question) -> dict[int, list[Hit]]:
    """Where in each of the cases the words stand, the best places first."""
    spoken = _best_messages([row.id for row in rows], user, question)
    loaded = _loaded([pk for pks in spoken.values() for pk in pks])
    told: dict[int, list[Hit]] = {}
    for row in rows:
        own = _of_the_case(row, question)
        here = (loaded[pk] for pk in spoken.get(row.id, ()) if _case_of(loaded[pk]) == row.id)
        said = (_of_message(message, user, question) for message in here)
        told[row.id] = [*own, *(hit for hit in said if hit is not None)]
    unexplained = [pk for pk, known in told.items() if not known]
    return told | _by_people(unexplained, user, question)


def _best_messages(cases: list[int], user: User, question: Question) -> dict[int, list[int]]:
    """The messages of each case in which the words weigh most, by their keys."""
    place = Window(
        RowNumber(),
        partition_by=[F("case")],
        order_by=[F("weight").desc(), F("message_id").desc()],
    )
    said = readable_words(user).filter(case__in=cases, message__isnull=False)
    heavy = said.annotate(weight=rank(question)).filter(weight__gt=0)
    best = heavy.annotate(place=place).filter(place__lte=HITS_SHOWN).order_by("case", "place")
    told: dict[int, list[int]] = {}
    for case, message in best.values_list("case", "message_id"):
        told.setdefault(case, []).append(message)
    return told


def _loaded(ids: Iterable[int]) -> dict[int, Message]:
    wanted = Message.objects.filter(pk__in=list(ids))
    related = wanted.select_related(
        "author", "channel", "conversation__identity", "ticket__merged_into__merged_into"
    )
    return {each.pk: each for each in related.prefetch_related("attachments")}


def _case_of(message: Message) -> int | None:
    """The case in which a message stands now, wherever it stood when it was read."""
    if message.conversation is not None:
        return message.conversation.ticket_id
    noted = message.ticket
    while noted is not None and noted.merged_into is not None:
        noted = noted.merged_into
    return noted.pk if noted else None


def _of_message(message: Message, user: User, question: Question) -> Hit | None:
    """The place in a message: its words, else what was heard, else its subject or its files."""
    for text in _texts(message, user):
        if pieces := snippet(text, question):
            return Hit("note" if message.is_note else "message", pieces, message)
    for name in _file_names(message):
        if pieces := _if_hit(name, question):
            return Hit("file", pieces, message)
    return None


def _texts(message: Message, user: User) -> list[str]:
    """What `user` reads of it, as the page of the case would show it."""
    texts = [message.text, message.transcript, message.subject]
    if message.automatic in _WITH_CODE:
        texts = [without_code(text) for text in texts]
    if user.role == Role.HELPER and message.exposes:
        texts = [masked(text) for text in texts]
    return texts


def _file_names(message: Message) -> list[str]:
    names: list[str] = []
    for file in message.attachments.all():
        names.append(file.name)
        inside = (str(name) for name, _size in file.listing.get("entries", ()))
        names += [f"{file.name} › {name}" for name in inside]
    return names


def _of_the_case(row: Row, question: Question) -> list[Hit]:
    """What the row itself shows: its words with the hits marked, where there are any."""
    person = " · ".join(part for part in (row.contact, row.company) if part)
    told: dict[Kind, str] = {"subject": row.subject, "person": person}
    hits = (Hit(kind, _if_hit(text, question)) for kind, text in told.items())
    return [hit for hit in hits if hit.pieces]


def _by_people(cases: Sequence[int], user: User, question: Question) -> dict[int, list[Hit]]:
    """How the people of cases are reached, where nothing else says why those were found."""
    if not cases or user.role == Role.HELPER:
        return {}
    ways = ("name", "address", "phone", "external_id")
    people = Ticket.objects.filter(pk__in=cases).values_list(
        "pk", *(f"contact__identities__{way}" for way in ways)
    )
    told: dict[int, list[Hit]] = {}
    for case, *texts in people.order_by("contact__identities__pk"):
        for text in filter(None, texts):
            if pieces := _if_hit(text, question):
                told.setdefault(case, [Hit("person", pieces)])
    return told


def _if_hit(text: str, question: Question) -> list[Piece]:
    pieces = marked(text, question)
    return pieces if any(piece.is_hit for piece in pieces) else []
