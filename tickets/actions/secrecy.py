"""Keep a case secret: from somebody who only quoted its number, and from the public."""

from collections.abc import Iterable, Iterator, Sequence

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Left

from .. import case_numbers
from ..models import (
    Attachment,
    Conversation,
    Direction,
    Identity,
    Message,
    Revision,
    Ticket,
)
from ..passages import shared_passage
from ..phrases import without_numbers
from .chains import merged_tree
from .outgoing import StoredUpload

_TOLD_TO_OTHERS = 200  # recent answers to other customers; what they were told is no secret


def passage_of_the_case(
    claim: Conversation, ticket: Ticket, text: str, uploads: Sequence[StoredUpload] = ()
) -> str:
    """The words or the file of a reply to a claimer that come from the rest of the case, or "".

    The claimer may be told what they wrote themselves, the numbers that they know, and what other
    customers are told as well.
    """
    case = _case_messages(ticket).exclude(conversation=claim)
    said = _without_known_numbers(text, claim)
    allowed = [*_texts(claim.messages.all()), *_details(claim.identity)]
    return _taken_file(uploads, case, claim.messages.all()) or _passage(said, ticket, case, allowed)


def private_passage(
    conversation: Conversation, text: str, uploads: Sequence[StoredUpload] = ()
) -> str:
    """The words or the file of a public reply that come from what is not public, or "".

    What stands in the case's public conversations may be repeated.
    """
    ticket = Ticket.objects.get(conversations=conversation.pk)
    case = _case_messages(ticket)
    private = case.filter(Q(conversation__isnull=True) | Q(conversation__is_public=False))
    public = case.filter(conversation__is_public=True)
    return _taken_file(uploads, private, public) or _passage(text, ticket, private, _texts(public))


def _taken_file(
    uploads: Sequence[StoredUpload], case: QuerySet[Message], own: QuerySet[Message]
) -> str:
    """The name of an uploaded file that stands in `case` and not in `own` already, or ""."""
    attached = Attachment.objects.filter(message__in=case, sha256__in=[u.sha256 for u in uploads])
    known = Attachment.objects.filter(message__in=own).values_list("sha256", flat=True)
    taken = attached.exclude(sha256__in=set(known)).first() if uploads else None
    return taken.name if taken else ""


def _passage(text: str, ticket: Ticket, case: QuerySet[Message], allowed: Iterable[str]) -> str:
    sources, free = list(_sources(ticket, case)), list(allowed)
    if not (passage := shared_passage(text, sources, allowed=free)):
        return ""
    usual = _told_to_others(ticket)
    return shared_passage(text, sources, allowed=[*free, *usual]) if usual else passage


def _case_messages(ticket: Ticket) -> QuerySet[Message]:
    """Every message and note, those of merged cases too; not what we sent by ourselves."""
    here = Q(conversation__ticket=ticket) | Q(ticket__in=merged_tree(ticket.pk))
    return Message.objects.filter(here).exclude(direction=Direction.OUTBOUND, automatic__gt="")


def _sources(ticket: Ticket, case: QuerySet[Message]) -> Iterator[str]:
    yield ticket.subject
    yield from _texts(case)
    yield from Revision.objects.filter(message__in=case).values_list("text", flat=True)
    owners = Identity.objects.filter(contact=ticket.contact_id)
    for details in owners.values_list("address", "phone"):
        yield from details


def _texts(messages: QuerySet[Message]) -> Iterator[str]:
    """All words of messages, and the names of their files."""
    for parts in messages.values_list("text", "subject", "transcript"):
        yield from parts
    files = Attachment.objects.filter(message__in=messages)
    yield from files.values_list("name", flat=True)


def _details(identity: Identity) -> Iterator[str]:
    yield from (identity.address, identity.phone, identity.external_id)


def _told_to_others(ticket: Ticket) -> list[str]:
    answers = Message.objects.filter(direction=Direction.OUTBOUND, automatic="").exclude(
        Q(conversation__ticket=ticket) | Q(conversation__ticket__contact=ticket.contact_id)
    )
    texts = answers.order_by("-pk").values_list(Left("text", 2000), flat=True)
    return list(texts[:_TOLD_TO_OTHERS])


def _without_known_numbers(text: str, claim: Conversation) -> str:
    """The reply without the case numbers that the claimer quoted or was given."""
    known = {claim.via_number, claim.claim_number}
    found = case_numbers.read(
        text, prefix=settings.CASE_NUMBER_PREFIX, long_form=settings.CASE_NUMBER_LONG_FORM
    ).found
    return without_numbers(text, [(each.start, each.end) for each in found if each.number in known])
