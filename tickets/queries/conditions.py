"""What each key of the filter language asks of a case, as conditions for a query."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from tickets.filters.measures import Measure, measure
from tickets.models import (
    Alias,
    Attachment,
    Channel,
    Conversation,
    Direction,
    Identity,
    Message,
    State,
    Team,
    Ticket,
    User,
)

from .drafts import drafted_by
from .rows import readable
from .windows import closing


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, when, and among which cases."""

    user: User
    now: datetime
    among: QuerySet[Ticket]

    def conversations(self) -> QuerySet[Conversation]:
        return readable(Conversation.objects.filter(ticket=OuterRef("pk")), self.user)


def _state(_asked: Asked, value: str) -> Q:
    return ~Q(state=State.CLOSED) if value == "unresolved" else Q(state=value)


def _channel(asked: Asked, value: str) -> Q:
    named = Channel.objects.filter(Q(slug=value) | Q(label__iexact=value))
    return Q(Exists(asked.conversations().filter(channel__in=named)))


def _kind(asked: Asked, value: str) -> Q:
    return Q(Exists(asked.conversations().filter(channel__kind__iexact=value)))


def _waiting(asked: Asked, value: str) -> Q:
    if value in {"any", "none"}:
        return Q(waiting_since__isnull=value == "none")
    sign, span = _span(value)
    since = asked.now - span
    return Q(waiting_since__lt=since) if sign == ">" else Q(waiting_since__gte=since)


def _due(asked: Asked, value: str) -> Q:
    """Less time left than that includes what is late already."""
    if value in {"any", "none"}:
        return Q(due_at__isnull=value == "none")
    if value == "overdue":
        return Q(due_at__lte=asked.now)
    if value == "today":
        return _between("due_at", *_days(_today(asked), _today(asked)))
    sign, span = _span(value)
    limit = asked.now + span
    return Q(due_at__gt=limit) if sign == ">" else Q(due_at__lte=limit)


def _assignee(asked: Asked, value: str) -> Q:
    if value == "me":
        return Q(assignee_id=asked.user.pk)
    if value == "none":
        return Q(assignee__isnull=True)
    if value.isascii() and value.isdigit():
        return Q(assignee_id=min(int(value), 2**63 - 1))
    return Q(assignee__in=User.objects.filter(Q(name__iexact=value) | Q(email__iexact=value)))


def _team(_asked: Asked, value: str) -> Q:
    if value == "none":
        return Q(team__isnull=True)
    return Q(team__in=Team.objects.filter(Q(slug=value) | Q(name__iexact=value)))


def _tag(_asked: Asked, value: str) -> Q:
    return Q(tags=[]) if value == "none" else Q(tags__overlap=[value, value.lower()])


def _category(_asked: Asked, value: str) -> Q:
    return Q(category="" if value == "none" else value)


def _language(_asked: Asked, value: str) -> Q:
    """Any writing of a language: zh holds zh-Hans, too."""
    return Q(language__iexact=value) | Q(language__istartswith=f"{value}-")


def _plan(_asked: Asked, value: str) -> Q:
    return Q(contact__plan="") if value == "none" else Q(contact__plan__iexact=value)


def _contact(_asked: Asked, value: str) -> Q:
    accounts = Identity.objects.filter(contact=OuterRef("contact"))
    known = accounts.filter(Q(name__icontains=value) | Q(address__iexact=value))
    return Q(contact__name__icontains=value) | Q(Exists(known))


def _company(_asked: Asked, value: str) -> Q:
    return Q(contact__company__icontains=value)


def _moment(field: str) -> "Maker":
    def within(asked: Asked, value: str) -> Q:
        found = measure(value)
        if found is None:
            return _between(field, *_days(*_stretch(value, _today(asked))))
        if found.span is not None:
            at = asked.now - found.span
            return Q(**{f"{field}__lt" if found.sign[0] == ">" else f"{field}__gte": at})
        return _compared(field, found)

    return within


def _compared(field: str, found: Measure) -> Q:
    """After a day means from its end on, and until a day up to its end."""
    assert found.day is not None
    begin, end = _days(found.day, found.until or found.day)
    match found.sign:
        case ">":
            return Q(**{f"{field}__gte": end})
        case ">=":
            return Q(**{f"{field}__gte": begin})
        case "<":
            return Q(**{f"{field}__lt": begin})
        case "<=":
            return Q(**{f"{field}__lt": end})
    return _between(field, begin, end)


def _claim(asked: Asked, value: str) -> Q:
    claims = asked.conversations()
    if value == "none":
        return ~Q(Exists(claims.exclude(claim="")))
    return Q(Exists(claims.filter(claim=value)))


def _has(asked: Asked, value: str) -> Q:
    if value == "draft":
        return Q(pk__in=drafted_by(asked.user, asked.among.values_list("pk", flat=True)))
    notes = Message.objects.filter(ticket=OuterRef("pk"), direction=Direction.NOTE)
    if value == "note":
        return Q(Exists(notes))
    said = Attachment.objects.filter(message__conversation__ticket=OuterRef("pk"))
    noted = Attachment.objects.filter(message__ticket=OuterRef("pk"))
    return Q(Exists(said)) | Q(Exists(noted))


def _window(asked: Asked, value: str) -> Q:
    windows = asked.conversations()
    if value == "closing":
        unanswered = closing(windows).filter(last_inbound_at__gte=OuterRef("waiting_since"))
        return Q(Exists(unanswered))
    has_reply = Q(replies_left__isnull=True) | Q(replies_left__gt=0)
    is_open = windows.filter(has_reply, reply_until__gt=asked.now)
    if value == "open":
        return Q(Exists(is_open))
    limited = windows.filter(reply_until__isnull=False)
    return Q(Exists(limited)) & ~Q(Exists(is_open))


def _escalated(_asked: Asked, value: str) -> Q:
    return Q(escalated_at__isnull=value == "no")


def _number(_asked: Asked, value: str) -> Q:
    """A case by any of its numbers, those of cases merged into it, too."""
    named = Ticket.objects.filter(pk__in=Alias.objects.filter(number=value).values("ticket"))
    merged = Ticket.objects.filter(pk__in=named.values("merged_into"))
    return (
        Q(pk__in=named.values("pk"))
        | Q(pk__in=merged.values("pk"))
        | Q(pk__in=merged.values("merged_into"))
    )


def _today(asked: Asked) -> date:
    return timezone.localdate(asked.now)


def _span(value: str) -> tuple[str, timedelta]:
    """Sign and length of a canonical length of time. Raises ValueError where it is none."""
    found = measure(value)
    if found is None or found.span is None:
        raise ValueError(value)
    return found.sign, found.span


def _stretch(value: str, today: date) -> tuple[date, date]:
    """First and last day of what is said by a word."""
    match value:
        case "yesterday":
            return today - timedelta(days=1), today - timedelta(days=1)
        case "week":
            return today - timedelta(days=today.weekday()), today
        case "month":
            return today.replace(day=1), today
    return today, today


def _days(first: date, last: date) -> tuple[datetime, datetime]:
    """When the first of some days begins and the last one has ended, where the viewer is."""
    zone = timezone.get_current_timezone()
    after = last + timedelta(days=1)
    return datetime.combine(first, time(), zone), datetime.combine(after, time(), zone)


def _between(field: str, begin: datetime, end: datetime) -> Q:
    return Q(**{f"{field}__gte": begin, f"{field}__lt": end})


Maker = Callable[[Asked, str], Q]
MAKERS: Mapping[str, Maker] = {
    "state": _state,
    "channel": _channel,
    "kind": _kind,
    "waiting": _waiting,
    "due": _due,
    "assignee": _assignee,
    "team": _team,
    "tag": _tag,
    "priority": lambda _asked, value: Q(priority=value),
    "category": _category,
    "language": _language,
    "plan": _plan,
    "contact": _contact,
    "company": _company,
    "created": _moment("created_at"),
    "updated": _moment("last_activity_at"),
    "resolved": _moment("closed_at"),
    "claim": _claim,
    "has": _has,
    "window": _window,
    "escalated": _escalated,
    "number": _number,
}
