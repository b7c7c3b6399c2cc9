"""Find what an address names, for the person who asks; everything else does not exist."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from dashboard.desk import DeskRequest
from tickets.access import may_change, ticket_for, visible_conversations
from tickets.case_numbers import format_number, parse_one
from tickets.models import Conversation, Ticket
from tickets.queries.case import ticket_by_any_number


def prefix() -> str:
    """What this installation's case numbers begin with."""
    return str(settings.CASE_NUMBER_PREFIX)


def canonical(number: str) -> str:
    """How a case number stands in an address."""
    return format_number(number, prefix=prefix())


def ticket_url(number: str) -> str:
    return reverse("dashboard:ticket", args=[canonical(number)])


def number_of(written: str) -> str:
    """The digits of a case number in any writing. Raises Http404 where it is none."""
    number = parse_one(written, prefix=prefix())
    if number is None:
        raise Http404
    return number


def ticket_named(request: DeskRequest, written: str) -> Ticket:
    """The case that a form speaks about. Raises Http404, also where it is not for the sender."""
    try:
        return ticket_for(request.user, number_of(written))
    except Ticket.DoesNotExist as error:
        raise Http404 from error


def ticket_to_change(request: DeskRequest, written: str) -> Ticket:
    """The same, for people who may do more than answer."""
    if not may_change(request.user):
        raise Http404
    return ticket_named(request, written)


def find_other(request: DeskRequest, written: str) -> Ticket | None:
    """Another case, by any of its numbers, if it is there for the person who asks."""
    number = parse_one(written, prefix=prefix())
    if number is None:
        return None
    try:
        found, _was_merged = ticket_by_any_number(request.user, number)
    except Ticket.DoesNotExist:
        return None
    return found


def conversation_of(request: DeskRequest, ticket: Ticket, pk: int) -> Conversation:
    readable = visible_conversations(request.user, ticket)
    return get_object_or_404(readable.select_related("channel", "identity", "ticket"), pk=pk)
