"""Keep a case secret from somebody who only quoted its number."""

from collections.abc import Iterator, Sequence

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
    attached = Attachment.objects.filter(message__in=case, sha256__in=[u.sha256 for u in uploads])
    own = set(
        Attachment.objects.filter(message__conversation=claim).values_list("sha256", flat=True)
    )
    if taken := attached.exclude(sha256__in=own).first():
        return taken.name
    said = _without_known_numbers(text, claim)
    sources, allowed = list(_sources(ticket, case)), list(_allowed(claim))
    if not (passage := shared_passage(said, sources, allowed=allowed)):
        return ""
    usual = _told_to_others(ticket)
    return shared_passage(said, sources, allowed=[*allowed, *usual]) if usual else passage


def _case_messages(ticket: Ticket) -> QuerySet[Message]:
    """Every message and note, those of merged cases too; not what we sent by ourselves."""
    here = Q(conversation__ticket=ticket) | Q(ticket__in=merged_tree(ticket.pk))
    return Message.objects.filter(here).exclude(direction=Direction.OUTBOUND, automatic__gt="")


def _sources(ticket: Ticket, case: QuerySet[Message]) -> Iterator[str]:
    yield ticket.subject
    for parts in case.values_list("text", "subject"):
        yield from parts
    yield from Revision.objects.filter(message__in=case).values_list("text", flat=True)
    yield from Attachment.objects.filter(message__in=case).values_list("name", flat=True)
    owners = Identity.objects.filter(contact=ticket.contact_id)
    for details in owners.values_list("address", "phone"):
        yield from details


def _allowed(claim: Conversation) -> Iterator[str]:
    for parts in claim.messages.values_list("text", "subject"):
        yield from parts
    theirs = Attachment.objects.filter(message__conversation=claim)
    yield from theirs.values_list("name", flat=True)
    yield from (claim.identity.address, claim.identity.phone, claim.identity.external_id)


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
