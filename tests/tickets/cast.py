"""The cast of the domain's tests: a few doors, agents and customers, and how they speak."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tickets.actions.intake import Arrival, Landing, receive
from tickets.actor import Actor
from tickets.case_numbers import format_number
from tickets.interchange import IncomingMessage, Sender
from tickets.models import Channel, Conversation, History, Identity, Message, Ticket, User

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
_ids = count(1)


def later(**span: float) -> datetime:
    """Some time after noon: `later(minutes=5)`."""
    return NOON + timedelta(**span)


def door(slug: str = "chat", **fields: Any) -> Channel:
    """The channel with this slug, made on first use."""
    found, _ = Channel.objects.get_or_create(
        slug=slug, defaults={"kind": "http", "label": slug.title(), **fields}
    )
    return found


def agent(name: str = "ada", **fields: Any) -> User:
    """An agent who signs in as name@example.com."""
    found = User.objects.filter(email=f"{name}@example.com").first()
    return found or User.objects.create_user(f"{name}@example.com", name=name.title(), **fields)


def ada() -> Actor:
    return Actor.of(agent("ada"))


def bea() -> Actor:
    """Another agent."""
    return Actor.of(agent("bea"))


def says(who: str, text: str, *, by: str = "chat", at: datetime = NOON, **fields: Any) -> Landing:
    """A customer writes by a door; returns where the message landed."""
    sender = fields.pop("sender", None) or Sender(who)
    item = IncomingMessage(
        external_id=fields.pop("external_id", None) or f"m{next(_ids)}",
        sender=sender,
        text=text,
        sent_at=at,
        **fields,
    )
    (landing,) = receive([Arrival(door(by), item)], now=at)
    return landing


def case(who: str = "kim", text: str = "收不到邮件，收件箱是空的", **fields: Any) -> Ticket:
    """A fresh case of a customer."""
    landing = says(who, text, **fields)
    assert landing.ticket is not None
    return Ticket.objects.get(pk=landing.ticket.pk)


def claim_on(
    ticket: Ticket, who: str = "stranger", *, by: str = "mail", **fields: Any
) -> Conversation:
    """Somebody never seen before quotes the ticket's number; returns their conversation."""
    landing = says(who, f"案号 {printed(ticket)}，有进展吗", by=by, **fields)
    return conversation_of(landing)


def conversation_of(landing: Landing) -> Conversation:
    """The conversation that a landed message stands in, as the database has it."""
    return Conversation.objects.get(messages=landing.message_id)


def only_conversation(ticket: Ticket, who: str = "") -> Conversation:
    """The one conversation of a ticket, or the one in which `who` speaks."""
    found = Conversation.objects.filter(ticket=ticket)
    return found.get(identity__external_id=who) if who else found.get()


def account(who: str) -> Identity:
    return Identity.objects.get(external_id=who)


def codes(ticket: Ticket) -> list[str]:
    """What the history of a ticket tells, in order."""
    rows = History.objects.filter(ticket=ticket).order_by("version", "pk")
    return list(rows.values_list("code", flat=True))


def printed(ticket: Ticket) -> str:
    return format_number(ticket.number)


def standing(ticket: Ticket) -> Ticket:
    """The ticket as the database has it now."""
    return Ticket.objects.get(pk=ticket.pk)


def last_sent(conversation: Conversation) -> Message:
    """The newest message to the customer of a conversation."""
    found = conversation.messages.filter(direction="outbound").order_by("pk").last()
    assert found is not None
    return found
