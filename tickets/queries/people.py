"""Which people of the desk may be chosen for something."""

from django.db.models import Q, QuerySet

from tickets.models import Role, Ticket, User


def assignable(ticket: Ticket) -> QuerySet[User]:
    """Who may take a case: people of its team, and those who see every team's cases."""
    people = User.objects.filter(is_active=True).exclude(role=Role.HELPER)
    if ticket.team_id is not None:
        people = people.filter(Q(teams=ticket.team_id) | Q(role=Role.MANAGER)).distinct()
    return people.order_by("name", "email")
