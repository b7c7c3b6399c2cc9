"""What people have begun to write and not sent."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from tickets.models import Draft, DraftFile, LaterReply, LaterState, Ticket, User


def drafted_by(user: User, ticket_ids: Iterable[int]) -> set[int]:
    """Those of the cases for which `user` keeps an unsent draft."""
    return set(
        Draft.objects.filter(_says_something(), user=user, ticket__in=list(ticket_ids))
        .values_list("ticket_id", flat=True)
        .distinct()
    )


def drafts_of(user: User, ticket: Ticket) -> dict[str, Draft]:
    """What `user` has begun on a case, by mode; what was begun on one merged into it comes along.

    Two queries.
    """
    found = Draft.objects.filter(
        Q(ticket=ticket) | Q(ticket__merged_into=ticket), user=user
    ).prefetch_related("files")
    newest_last = sorted(found, key=lambda draft: (draft.ticket_id == ticket.pk, draft.changed_at))
    return {
        draft.mode: draft for draft in newest_last if draft.text or draft.ticket_id == ticket.pk
    }


def files_of_draft(user: User, ticket: Ticket) -> QuerySet[DraftFile]:
    """The files beside the reply that `user` writes on a case."""
    mine = Q(draft__ticket=ticket) | Q(draft__ticket__merged_into=ticket)
    return DraftFile.objects.filter(mine, draft__user=user).order_by("created_at", "pk")


def later_on(ticket: Ticket) -> list[LaterReply]:
    """The replies that wait for their moment on a case, and those that were stopped, next first."""
    standing = LaterReply.objects.filter(
        conversation__ticket=ticket, state__in=(LaterState.WAITING, LaterState.STOPPED)
    )
    related = ("author", "conversation__channel", "conversation__identity", "macro")
    return list(standing.select_related(*related).order_by("send_at", "pk"))


def _says_something() -> Q:
    return ~Q(text="") | Q(files__isnull=False)
