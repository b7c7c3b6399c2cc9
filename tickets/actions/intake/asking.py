"""What intake asks of the database for every batch, each query written once."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left

from ...models import (
    Acknowledgement,
    AcknowledgementState,
    Alias,
    Contact,
    Conversation,
    Delivery,
    Direction,
    History,
    Identity,
    IdentityStatus,
    Message,
    Move,
    MoveKind,
    State,
    Ticket,
    User,
)
from ...prepared import Given, Prepared

_MACHINES = ("auto_reply", "bounce")

IDENTITIES = Prepared(
    lambda: Identity.objects.filter(
        Q(channel__among=Given("channels"), external_id__among=Given("names"))
        | Q(pk__among=Given("proved"))
        | Q(vouched__among=Given("vouched"))
        | Q(address__among=Given("addresses"), status=IdentityStatus.VERIFIED)
    ).order_by("pk")
)
CONTACTS = Prepared(lambda: Contact.objects.filter(pk__among=Given("ids")))
MANAGERS = Prepared(lambda: User.objects.filter(pk__among=Given("ids")))
DELIVERIES = Prepared(
    lambda: Delivery.objects.filter(
        channel__among=Given("channels"), external_id__among=Given("names")
    ).values_list("pk", "channel_id", "external_id")
)
MESSAGES = Prepared(
    lambda: Message.objects.filter(
        channel__among=Given("channels"), external_id__among=Given("names")
    ).values_list("pk", "channel_id", "external_id")
)
ALIASES = Prepared(
    lambda: Alias.objects.filter(number__among=Given("numbers")).values_list("number", "ticket_id")
)
CURRENT_CONVERSATIONS = Prepared(
    lambda: Conversation.objects.filter(identity__among=Given("people"), is_current=True)
)
SURVIVORS = Prepared(
    lambda: Ticket.objects.filter(pk__among=Given("ids"), merged_into__isnull=False).values_list(
        "merged_into_id"
    )
)
CORRECTIONS = Prepared(
    lambda: Move.objects.filter(
        kind=MoveKind.CORRECTION, source__among=Given("ids"), undone_at__isnull=True
    ).values_list("source_id")
)
WRITTEN_BY_AGENTS = Prepared(
    lambda: Message.objects.filter(
        conversation__ticket__among=Given("ids"), author__isnull=False
    ).values_list("conversation__ticket_id")
)
CHANGED_BY_AGENTS = Prepared(
    lambda: History.objects.filter(
        ticket__among=Given("ids"), actor_user__isnull=False
    ).values_list("ticket_id")
)
OWED = Prepared(
    lambda: Acknowledgement.objects.filter(
        identity__among=Given("people"), state=AcknowledgementState.DUE
    )
)


def _participants() -> QuerySet[Conversation, Any]:
    """Whoever wrote in person: a machine's mail that brought a number takes no part."""
    inbound = Message.objects.filter(conversation=OuterRef("pk"), direction=Direction.INBOUND)
    people = inbound.exclude(automatic__in=_MACHINES)
    conversations = Conversation.objects.filter(ticket__among=Given("ids"))
    return conversations.annotate(is_personal=Exists(people) | ~Exists(inbound)).values_list(
        "ticket_id", "identity__contact_id", "claim", "is_personal"
    )


def _latest_words() -> QuerySet[Message, Any]:
    said = Message.objects.filter(conversation__ticket__among=Given("ids"))
    said = said.exclude(direction=Direction.OUTBOUND, automatic__gt="").order_by("-pk")
    return said.values_list("conversation__ticket_id", Left("text", 1000))


def _open_tickets() -> QuerySet[Ticket, Any]:
    first_words = (
        Message.objects.filter(conversation__ticket=OuterRef("pk"), direction=Direction.INBOUND)
        .order_by("pk")
        .values(words=Left("text", 1000))[:1]
    )
    standing = Ticket.objects.filter(contact__among=Given("contacts"), merged_into__isnull=True)
    return (
        standing.exclude(state=State.CLOSED)
        .filter(created_at__gte=Given("since"))
        .annotate(words=Subquery(first_words))
        .values_list("pk", "contact_id", "subject", "words")
    )


PARTICIPANTS = Prepared(_participants)
LATEST_WORDS = Prepared(_latest_words)
OPEN_TICKETS = Prepared(_open_tickets)
