"""A cast and a stage for the tests of the desk, made directly through the models.

Ada is an agent, Lea her team's lead, Otto works in another team, Mia manages, Hal helps out in
public places. Kim is a customer.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password

from tickets.actions.numbers import reserve
from tickets.models import (
    Alias,
    Attachment,
    Channel,
    Contact,
    Conversation,
    Delivery,
    Direction,
    Identity,
    IdentityStatus,
    Message,
    Promise,
    PromiseState,
    Role,
    Team,
    Ticket,
    User,
)

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PASSWORD = "a long enough pass phrase"
_serial = count(1)


def team(name: str = "Mail") -> Team:
    found, _made = Team.objects.get_or_create(slug=name.lower(), defaults={"name": name})
    return found


def person(name: str, role: str = Role.AGENT, *teams: Team, **fields: Any) -> User:
    # What tests send leaves at once, unless they are about taking it back.
    fields.setdefault("preferences", {"undo_send_seconds": 0})
    made = User.objects.create_user(
        f"{name.lower()}@desk.example", name=name, role=role, language="en", **fields
    )
    made.password = _hashed(settings.PASSWORD_HASHERS[0])
    made.save()
    made.teams.set(teams)
    return made


@cache
def _hashed(_hasher: str) -> str:
    """The password as it is kept; real hashing is slow on purpose, so each process does it once."""
    return make_password(PASSWORD)


def ada() -> User:
    return person("Ada", Role.AGENT, team("Mail"))


def lea() -> User:
    return person("Lea", Role.LEAD, team("Mail"))


def otto() -> User:
    return person("Otto", Role.AGENT, team("Billing"))


def mia() -> User:
    return person("Mia", Role.MANAGER)


def hal() -> User:
    return person("Hal", Role.HELPER)


def channel(kind: str = "email", label: str = "", **fields: Any) -> Channel:
    slug = fields.pop("slug", kind.replace("_", "-"))
    found, _made = Channel.objects.get_or_create(
        slug=slug, defaults={"kind": kind, "label": label or kind.title(), **fields}
    )
    return found


def kim(through: Channel | None = None, name: str = "Kim") -> Identity:
    """A customer with a verified account on one channel."""
    through = through or channel()
    return Identity.objects.create(
        contact=Contact.objects.create(name=name, created_at=NOW),
        channel=through,
        external_id=f"{name.lower()}-{next(_serial)}",
        name=name,
        status=IdentityStatus.VERIFIED,
        created_at=NOW,
    )


def ticket(
    identity: Identity | None = None,
    text: str = "My mail comes back with 554.",
    *,
    at: datetime = NOW,
    **fields: Any,
) -> Ticket:
    """A case of the Mail team that one message has opened."""
    identity = identity or kim()
    number = reserve(1)[0]
    values = {
        "number": number,
        "subject": text[:80],
        "contact": identity.contact,
        "team": team("Mail"),
        "version": 1,
        "created_at": at,
        "last_activity_at": at,
        "waiting_since": at,
        **fields,
    }
    made = Ticket.objects.create(**values)
    Alias.objects.create(number=made.number, ticket=made, created_at=at)
    message(conversation(made, identity, at=at), text, at=at)
    return made


def conversation(
    of: Ticket, identity: Identity, *, at: datetime = NOW, **fields: Any
) -> Conversation:
    values = {
        "thread": f"thread-{next(_serial)}",
        "last_inbound_at": at,
        "is_public": identity.channel.is_public,
        **fields,
    }
    return Conversation.objects.create(
        ticket=of,
        opened_on=of,
        channel=identity.channel,
        identity=identity,
        created_at=at,
        last_message_at=at,
        **values,
    )


def claim(of: Ticket, identity: Identity, *, at: datetime = NOW) -> Conversation:
    """Somebody quotes the case's number without being known as its contact."""
    number = reserve(1)[0]
    Alias.objects.create(number=number, ticket=of, origin="claim", created_at=at)
    made = conversation(
        of,
        identity,
        at=at,
        claim="pending",
        claim_number=number,
        claim_waiting_since=at,
        via_number=of.number,
    )
    message(made, f"What about {of.number}?", at=at)
    return made


def message(within: Conversation, text: str, *, at: datetime = NOW, **fields: Any) -> Message:
    values = {"direction": Direction.INBOUND, "version": within.ticket.version, **fields}
    return Message.objects.create(
        conversation=within,
        channel=within.channel,
        text=text,
        sent_at=at,
        created_at=at,
        external_id=fields.pop("external_id", f"m-{next(_serial)}"),
        **values,
    )


def answer(
    within: Conversation, text: str, by: User, *, at: datetime = NOW, state: str = "sent"
) -> Message:
    """An answer that has gone out, or is somewhere on its way."""
    made = message(within, text, at=at, direction=Direction.OUTBOUND, author=by)
    Delivery.objects.create(
        message=made,
        channel=within.channel,
        recipient=within.identity,
        state=state,
        created_at=at,
        changed_at=at,
    )
    return made


def promise(of: Message, *, minutes: int = 30, **fields: Any) -> Promise:
    """A time that an answer gave, confirmed unless told otherwise."""
    assert of.conversation is not None
    due = of.created_at + timedelta(minutes=minutes)
    values = {
        "words": of.text[:80],
        "state": PromiseState.OPEN,
        "by": of.author,
        "made_at": of.created_at,
        "due_at": due,
        "warn_at": due - timedelta(minutes=minutes) / 4,
        **fields,
    }
    return Promise.objects.create(message=of, conversation=of.conversation, **values)


def attachment(of: Message, name: str = "log.zip", **fields: Any) -> Attachment:
    values = {"content_type": "application/zip", "problem": "too_large", "created_at": NOW}
    return Attachment.objects.create(message=of, name=name, **{**values, **fields})


def minutes(n: int) -> timedelta:
    return timedelta(minutes=n)
