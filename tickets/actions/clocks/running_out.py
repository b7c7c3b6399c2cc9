"""Say once that a clock is nearly out or has run out, and hand the case on where that is agreed."""

from datetime import datetime

from django.db.models import Q

from ...actor import RULE, SYSTEM
from ...models import Clock, EscalateOn, Priority, Role, ServicePolicy, Ticket, User
from ..chains import with_survivors
from ..changes import Change, changing
from ..escalating import raise_flag

_RANK = [Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.URGENT]


def tell_due(*, now: datetime, limit: int = 200) -> int:
    """Record what has come due since the last look; return how many clocks were told of.

    What was missed for long is told as late and not as nearly late too.
    """
    rows = Clock.objects.filter(_untold(now)).select_related("conversation")
    return sum(_tell(row, now) for row in rows.order_by("due_at", "pk")[:limit])


def _untold(now: datetime) -> Q:
    late = Q(due_at__lte=now, breached_at__isnull=True)
    return (late | Q(warn_at__lte=now, warned_at__isnull=True)) & Q(met_at__isnull=True)


def _tell(row: Clock, now: datetime) -> bool:
    tickets = with_survivors([row.conversation.ticket_id if row.conversation else row.ticket_id])
    with changing(*tickets, by=SYSTEM, now=now) as change:
        standing = next((each for each in change.tickets.values() if not each.is_merged), None)
        fresh = Clock.objects.filter(_untold(now), pk=row.pk).select_related("policy").first()
        if standing is None or fresh is None:
            return False
        _record(change, standing, fresh)
        return True


def _record(change: Change, ticket: Ticket, row: Clock) -> None:
    news = set() if row.warned_at else {EscalateOn.WARNED}
    row.warned_at = row.warned_at or change.now
    data = {
        "clock": row.kind,
        "due": row.due_at.isoformat() if row.due_at else "",
        "policy": row.why.get("policy", ""),
        "claim": row.conversation_id,
    }
    if row.due_at is not None and row.due_at <= change.now:
        row.breached_at = change.now
        news.add(EscalateOn.BREACHED)
        change.record(ticket, "clock_breached", **data)
    else:
        change.record(ticket, "clock_warned", **data)
    row.save(update_fields=["warned_at", "breached_at"])
    # A claim must not change the case of somebody else.
    if row.policy is not None and row.policy.escalate_on in news and not row.conversation_id:
        _escalate(change, ticket, row.policy)


def _escalate(change: Change, ticket: Ticket, policy: ServicePolicy) -> None:
    """Hand the case to whom the policy names. It gets no less urgent, and a lead keeps it."""
    team = policy.escalate_team
    if team is not None and ticket.team_id != team.pk:
        change.record(ticket, "moved_to_team", by=RULE, before=ticket.team_id, after=team.pk)
        ticket.team = team
    priority = policy.escalate_priority
    if priority and _RANK.index(Priority(priority)) > _RANK.index(Priority(ticket.priority)):
        before, ticket.priority = ticket.priority, priority
        change.record(ticket, "priority_set", by=RULE, before=before, after=priority)
    if policy.escalate_to_lead:
        _give_to_lead(change, ticket)
        raise_flag(change, ticket, source="clock", by=RULE, policy=policy.name)


def _give_to_lead(change: Change, ticket: Ticket) -> None:
    leads = User.objects.filter(role=Role.LEAD, is_active=True)
    if ticket.team_id is not None:
        leads = leads.filter(teams=ticket.team_id)
    lead = leads.order_by("pk").first()
    has_lead = ticket.assignee is not None and leads.filter(pk=ticket.assignee.pk).exists()
    if lead is None or has_lead:
        return
    change.record(ticket, "assigned", by=RULE, before=ticket.assignee_id, after=lead.pk)
    ticket.assignee = lead
