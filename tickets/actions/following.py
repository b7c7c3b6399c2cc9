"""Follow a case, call colleagues to it, and tell followers what has happened since."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from ..access import visible_tickets
from ..actor import Actor
from ..mentions import mentioned
from ..models import (
    Direction,
    Follower,
    History,
    Message,
    Notification,
    NotificationKind,
    Ticket,
    User,
)
from ..queries.together import colleagues, seeing
from .assignment import assign
from .notifying import notify

TELLING = ("resolved", "reopened", "woken", "snoozed", "waits_for_customer", "merged_from")


def follow(*, ticket: Ticket, user: User, now: datetime) -> Follower:
    """Let somebody hear of a case from now on; twice is once."""
    fields = {"version": ticket.version, "since": now}
    row, _new = Follower.objects.get_or_create(ticket=ticket, user=user, defaults=fields)
    return row


def unfollow(*, ticket: Ticket, user: User) -> None:
    """No more news of a case, nor of those that were merged into it."""
    for tree in (
        Follower.objects.filter(ticket=ticket),
        Follower.objects.filter(ticket__merged_into=ticket),
        Follower.objects.filter(ticket__merged_into__merged_into=ticket),
    ):
        tree.filter(user=user).delete()


def call_mentioned(*, note: Message, ticket: Ticket, now: datetime) -> None:
    """Tell whom a note calls by name, and let them follow the case; who cannot see it is not told.

    Nothing is asked of the database for a note without an @.
    """
    if "@" not in note.text:
        return
    people = {each.pk: each for each in colleagues().filter(seeing(ticket)).distinct()}
    called = [
        people[pk] for pk in mentioned(note.text, {pk: each.name for pk, each in people.items()})
    ]
    kind = NotificationKind.MENTION
    notify(users=called, kind=kind, ticket=ticket, message=note, actor=note.author, now=now)
    for user in called:
        follow(ticket=ticket, user=user, now=now)


def call_in(*, ticket: Ticket, user: User, note: Message | None, by: User, now: datetime) -> None:
    """Assign the case to somebody who could not see it, and tell them of the note that calls them.

    Raises Refused as `assign` does.
    """
    with transaction.atomic():
        assign(ticket=ticket, assignee=user, by=Actor.of(by), now=now)
        kind = NotificationKind.MENTION
        notify(users=[user], kind=kind, ticket=ticket, message=note, actor=by, now=now)
        follow(ticket=ticket, user=user, now=now)


def tell_followers(*, now: datetime, limit: int = 500) -> int:
    """Tell everybody what is new on the cases they follow; return how many were told something.

    Asked of the database and not pushed, so that intake need not know who follows what. Nobody
    is told of their own doing, and nobody of a case that they cannot see any more.
    """
    newest = Coalesce(
        "ticket__merged_into__merged_into__version",
        "ticket__merged_into__version",
        "ticket__version",
    )
    behind = Follower.objects.annotate(newest=newest).filter(newest__gt=F("version"))
    rows = behind.select_related("user", "ticket__merged_into__merged_into").order_by("pk")
    return sum(_tell(row, now) for row in rows[:limit])


def _tell(row: Follower, now: datetime) -> bool:
    ticket = row.ticket
    while ticket.merged_into is not None:
        ticket = ticket.merged_into
    before, newest = row.version, ticket.version
    # Whoever takes the row first tells; a second sweep beside this one finds it taken.
    taken = Follower.objects.filter(pk=row.pk, version=before).update(version=newest)
    if not taken or not visible_tickets(row.user).filter(pk=ticket.pk).exists():
        return False
    return _tell_of(row.user, ticket, before, now)


def _tell_of(user: User, ticket: Ticket, before: int, now: datetime) -> bool:
    wrote = Message.objects.filter(
        conversation__ticket=ticket, direction=Direction.INBOUND, version__gt=before
    )
    changes = History.objects.filter(ticket=ticket, code__in=TELLING, version__gt=before)
    said = wrote.order_by("-pk").first()
    change = changes.exclude(actor_user=user).order_by("-pk").first()
    if said is not None:
        kind, actor = NotificationKind.REPLIED, None
    elif change is not None:
        kind, actor = NotificationKind.CHANGED, change.actor_user
    else:
        return False
    if _is_waiting(user, ticket, kind):
        return False
    data = {"code": change.code} if change and said is None else {}
    notify(users=[user], kind=kind, ticket=ticket, message=said, actor=actor, now=now, **data)
    return True


def _is_waiting(user: User, ticket: Ticket, kind: NotificationKind) -> bool:
    """Whether the same is unread already: ten messages in a row are one notice."""
    return Notification.objects.filter(
        user=user, ticket=ticket, kind=kind, read_at__isnull=True
    ).exists()
