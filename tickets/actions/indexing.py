"""Keep the words by which search finds: whatever has changed since it was read is read again.

Nobody has to remember search. A case whose version is not the one indexed, and a person called
otherwise than was indexed, stand in a partial index of a few rows; workers take them from there.
One worker at a time reads, so that what is older never replaces what is newer.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Model, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Concat

from ..bulk import update_rows
from ..locking import try_name
from ..masking import masked, without_code
from ..models import (
    Audience,
    CaseWords,
    Contact,
    Identity,
    Message,
    Ticket,
)
from ..searching import Lexemes, vector

MOST_CASES: Final = 100
MOST_MESSAGES: Final = 400  # a case of thousands of messages is read in several rounds
MOST_PEOPLE: Final = 500
_CASE_OF_NOTE: Final = Coalesce(
    "ticket__merged_into__merged_into_id", "ticket__merged_into_id", "ticket_id"
)
LEAVES_OFF: Final = ("proof", "question")  # automatic messages that carry a code


def stale_cases() -> QuerySet[Ticket]:
    """Cases that have changed since search read them."""
    return Ticket.objects.filter(~Q(indexed_version=F("version")))


def stale_contacts() -> QuerySet[Contact]:
    return Contact.objects.filter(~Q(indexed_as=Concat("name", Value("\n"), "company")))


def stale_identities() -> QuerySet[Identity]:
    told = Concat("name", Value("\n"), "address", Value("\n"), "phone")
    return Identity.objects.filter(~Q(indexed_as=told))


def is_due() -> bool:
    """Whether there is anything that search does not know."""
    return any(some().exists() for some in (stale_cases, stale_contacts, stale_identities))


def index_due(*, limit: int = MOST_CASES) -> int:
    """Read what has changed, at most about `limit` cases; return how much it was.

    0 also where another worker is at it.
    """
    with transaction.atomic():
        if not try_name("search"):
            return 0
        return _index_people() + _index_cases(limit)


def _index_people() -> int:
    """Read the cases again whose people are called otherwise by now."""
    contacts = list(stale_contacts().order_by("pk")[:MOST_PEOPLE])
    identities = list(stale_identities().order_by("pk")[:MOST_PEOPLE])
    if not contacts and not identities:
        return 0
    theirs = Q(contact__in=contacts) | Q(contact__identities__in=identities)
    read = Ticket.objects.filter(theirs | Q(conversations__identity__in=identities))
    # The others have still to be read anyhow.
    _write_cases(read.filter(indexed_version=F("version")).values_list("pk", flat=True).distinct())
    named = {each.pk: f"{each.name}\n{each.company}" for each in contacts}
    _settle(Contact, named, "indexed_as")
    reached = {each.pk: f"{each.name}\n{each.address}\n{each.phone}" for each in identities}
    _settle(Identity, reached, "indexed_as")
    return len(contacts) + len(identities)


def _index_cases(limit: int) -> int:
    found = list(stale_cases().order_by("pk")[:limit])
    if not found:
        return 0
    # What was merged into a case that is merged now stands somewhere else as well.
    merged = Q(merged_into__in=found) | Q(merged_into__merged_into__in=found)
    ids = [ticket.pk for ticket in found]
    ids += Ticket.objects.filter(merged).exclude(pk__in=ids).values_list("pk", flat=True)
    stale = _stale_messages(ids)
    _write_messages(stale[:MOST_MESSAGES])
    _write_cases(ids)
    if len(stale) <= MOST_MESSAGES:
        _settle(Ticket, {ticket.pk: ticket.version for ticket in found}, "indexed_version")
    return len(found)


def _stale_messages(tickets: Sequence[int]) -> list[int]:
    """What was said on those cases and has not been read as it is, and where it is, now."""
    said = Message.objects.filter(conversation__ticket__in=tickets)
    noted = Message.objects.filter(ticket__in=tickets)
    present = {
        *said.values_list("pk", "version", "conversation__ticket_id"),
        *noted.annotate(case=_CASE_OF_NOTE).values_list("pk", "version", "case"),
    }
    read = CaseWords.objects.filter(message__in=[pk for pk, _version, _case in present])
    known = set(read.values_list("message_id", "version", "case_id"))
    return sorted(pk for pk, *_where in present - known)


def _write_messages(ids: Sequence[int]) -> None:
    CaseWords.objects.filter(message__in=ids).delete()
    loaded = Message.objects.filter(pk__in=ids).annotate(
        case=Coalesce("conversation__ticket_id", _CASE_OF_NOTE)
    )
    said = loaded.prefetch_related("attachments").order_by("pk")
    CaseWords.objects.bulk_create(row for message in said for row in _rows_of(message))


def _rows_of(message: Any) -> list[CaseWords]:
    """One row; where a post shows what helpers must not read, another for them.

    What was recalled has none of its words, but its row says that it was read.
    """
    row = _row(message, Audience.ALL, "")
    if message.recalled_at is not None:
        return [row]
    row.words = vector(_parts(message))
    if message.is_note or message.hidden_at is not None:
        row.audience = Audience.DESK
    elif message.exposes:
        row.audience = Audience.DESK
        kept = vector([Lexemes(masked(part.text), part.weight) for part in _parts(message)])
        return [row, _row(message, Audience.HELPERS, kept)]
    return [row]


def _row(message: Any, audience: Audience, words: str) -> CaseWords:
    return CaseWords(
        case_id=message.case,
        message=message,
        conversation_id=message.conversation_id,
        ticket_id=message.ticket_id,
        audience=audience,
        version=message.version,
        words=words,
    )


def _parts(message: Message) -> list[Lexemes]:
    plain = without_code if message.automatic in LEAVES_OFF else str
    files = list(message.attachments.all())
    inside = [str(name) for file in files for name, _size in file.listing.get("entries", ())]
    return [
        Lexemes(plain(message.subject), "A"),
        Lexemes(plain(message.text)),
        Lexemes(plain(message.transcript)),
        Lexemes(" \n ".join([*(file.name for file in files), *inside]), "B"),
    ]


def _write_cases(ids: Iterable[int]) -> None:
    wanted = list(ids)
    CaseWords.objects.filter(message__isnull=True, ticket__in=wanted).delete()
    loaded = Ticket.objects.filter(pk__in=wanted).select_related("contact", "merged_into")
    people = ("contact__identities", "conversations__identity")
    CaseWords.objects.bulk_create(
        row for ticket in loaded.prefetch_related("aliases", *people) for row in _case_rows(ticket)
    )


def _case_rows(ticket: Ticket) -> list[CaseWords]:
    """Everything for the desk; for helpers the number, and who speaks in public places."""
    survivor = ticket.merged_into
    case = (survivor.merged_into_id or survivor.pk) if survivor else ticket.pk
    conversations = list(ticket.conversations.all())
    public = {each.identity.name for each in conversations if each.is_public}
    people = {*ticket.contact.identities.all(), *(each.identity for each in conversations)}
    numbers = {ticket.number, *(alias.number for alias in ticket.aliases.all())}
    told = [
        ticket.subject,
        *ticket.tags,
        *map(_spoken, sorted(numbers)),
        *(ticket.contact.name, ticket.contact.company),
        *(text for each in people for text in _ways_to(each)),
    ]
    shown = [_spoken(ticket.number), *sorted(public)]
    return [
        CaseWords(case_id=case, ticket=ticket, audience=audience, words=vector(_heavy(texts)))
        for audience, texts in ((Audience.DESK, told), (Audience.HELPERS, shown))
    ]


def _ways_to(identity: Identity) -> tuple[str, ...]:
    return (identity.name, identity.address, identity.phone, identity.external_id)


def _heavy(texts: Iterable[str]) -> list[Lexemes]:
    return [Lexemes(text, "A") for text in dict.fromkeys(texts) if text]


def _spoken(number: str) -> str:
    """A case number as a whole and in the groups in which it is written."""
    groups = [number[start : start + 4] for start in range(0, len(number), 4)]
    return " ".join([number, *groups])


def _settle(model: type[Model], known: Mapping[int, object], name: str) -> None:
    """Note what was read; rows that somebody is changing just now are read once more instead."""
    rows = model._default_manager.filter(pk__in=known).only("pk").order_by("pk")
    free = list(rows.select_for_update(skip_locked=True, no_key=True))
    for row in free:
        setattr(row, name, known[row.pk])
    update_rows(free, [name])
