"""Ask somebody who wrote in public to go on in private, by a link that proves nothing.

Anybody in the public place can open it, so what is written behind it is a claim like any other.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing

from ..actor import Actor
from ..models import Conversation, Message
from . import wording
from .changes import changing
from .conversations import standing_conversation, ticket_of
from .refusals import Refused
from .replies import write_automatic

LINK_FOR = timedelta(days=7)
SALT = "tickets.invitation"


def invite(*, conversation: Conversation, by: Actor, now: datetime) -> Message:
    """Write one public reply that says how to go on in private; with a link where it may hold one.

    Raises Refused: not_public, invited_already (within the link's seven days), moved, or what
    forbids the message itself.
    """
    with changing(ticket_of(conversation), by=by, now=now) as change:
        conversation = standing_conversation(conversation, change)
        if not conversation.is_public:
            raise Refused("not_public")
        invited = conversation.messages.filter(automatic="invitation")
        if invited.filter(created_at__gt=now - LINK_FOR).exists():
            raise Refused("invited_already")
        link = private_link(conversation, now=now) if takes_link(conversation) else ""
        text = wording.invitation(conversation, link)
        message = write_automatic(change, conversation, text, kind="invitation")
        change.record(
            change.tickets[conversation.ticket_id], "invited", channel=conversation.channel.slug
        )
        return message


def acknowledgement(conversation: Conversation, number: str, quotes: bool, *, now: datetime) -> str:
    """The words of an acknowledgement: with the number, or in a crowd with the private link.

    Where replies are few and everybody reads along, the one that goes out by itself leads away.
    """
    if conversation.is_public and conversation.channel.has_few_replies and takes_link(conversation):
        return wording.public_acknowledgement(conversation, private_link(conversation, now=now))
    return wording.acknowledgement(conversation, number, quotes)


def takes_link(conversation: Conversation) -> bool:
    return bool(conversation.channel.capabilities.get("invites") == "link")


def private_link(conversation: Conversation, *, now: datetime) -> str:
    """The private form for the case of a public conversation; the token names nothing else."""
    token = signing.Signer(salt=SALT).sign_object([int(now.timestamp()), conversation.pk])
    return f"{settings.PUBLIC_URL}/support/private/{token}/"


def invited_conversation(token: str, *, now: datetime) -> Conversation:
    """The public conversation behind a private link. Raises Refused("link_dead")."""
    try:
        signed_at, pk = signing.Signer(salt=SALT).unsign_object(token)
        found = Conversation.objects.select_related("identity").get(pk=pk, is_public=True)
    except (signing.BadSignature, ValueError, Conversation.DoesNotExist):
        raise Refused("link_dead") from None
    if now.timestamp() > signed_at + LINK_FOR.total_seconds() or found.identity.is_compromised:
        raise Refused("link_dead")
    return found
