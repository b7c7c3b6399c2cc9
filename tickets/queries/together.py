"""Who may be called to a case, who follows it, and what a person was told."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from tickets.access import visible_tickets
from tickets.models import Follower, Notification, Role, Ticket, User

MOST_SHOWN = 100
UNREAD_CAP = 99


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may be mentioned; where they cannot see the case they will not hear of it."""

    user: User
    sees_it: bool
    is_away: bool


def colleagues() -> QuerySet[User]:
    """Everybody who can read notes."""
    people = User.objects.filter(is_active=True).exclude(role=Role.HELPER)
    return people.order_by("name", "email")


def seeing(ticket: Ticket) -> Q:
    """Those who see a case, as `access.visible_tickets` has it, for a query of people."""
    if ticket.team_id is None:
        return Q()
    return Q(role=Role.MANAGER) | Q(teams=ticket.team_id) | Q(pk=ticket.assignee_id)


def to_mention(ticket: Ticket, user: User, now: datetime) -> list[Colleague]:
    """Whom `user` may call to a case; who cannot see it comes last. Two queries."""
    sees = set(colleagues().filter(seeing(ticket)).values_list("pk", flat=True))
    people = [
        Colleague(each, each.pk in sees, each.is_away(now))
        for each in colleagues().exclude(pk=user.pk)
    ]
    return sorted(people, key=lambda each: (not each.sees_it, each.user.name))


def followers_of(ticket: Ticket) -> list[User]:
    """Who follows a case or one that was merged into it, in one query."""
    merged = Q(ticket__merged_into=ticket) | Q(ticket__merged_into__merged_into=ticket)
    rows = Follower.objects.filter(Q(ticket=ticket) | merged).select_related("user")
    return list({row.user_id: row.user for row in rows.order_by("since", "pk")}.values())


def notifications_for(user: User) -> QuerySet[Notification]:
    """What somebody was told of cases that they may still see."""
    seen = Q(ticket__isnull=True) | Q(ticket__in=visible_tickets(user))
    return Notification.objects.filter(seen, user=user)


def latest_notifications(user: User) -> list[Notification]:
    """The newest first, with all that their sentences name."""
    rows = notifications_for(user).select_related("ticket", "actor", "message")
    return list(rows.order_by("-at", "-pk")[:MOST_SHOWN])


def unread_count(user: User) -> int:
    """How much is unread, at most one above the cap."""
    unread = Notification.objects.filter(user=user, read_at__isnull=True)
    return unread[: UNREAD_CAP + 1].count()
