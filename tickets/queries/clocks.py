"""The clocks of one case that still run, those that a merge brought along too."""

from django.db.models import F, Q, QuerySet

from tickets.models import Clock, Ticket


def running_clocks(ticket: Ticket) -> QuerySet[Clock]:
    """What is promised on a standing case and not kept yet, soonest due first, paused last.

    Claims are left out: what is promised to their authors is no matter of the case's owner.
    """
    merged = Q(ticket__merged_into=ticket) | Q(ticket__merged_into__merged_into=ticket)
    counted = Q(ticket=ticket) | Q(merged, due_at__isnull=False)
    running = Clock.objects.filter(counted, conversation__isnull=True, met_at__isnull=True)
    return running.order_by(F("due_at").asc(nulls_last=True), "pk")
