"""Who a customer may be besides: weighed once a minute for each state of a case, for it is dear."""

from django.core.cache import cache

from tickets.access import visible_tickets
from tickets.likeness import Reason
from tickets.models import Identity, Ticket, User
from tickets.queries.people import Suggestion, suggestions

KEPT_SECONDS = 60


def likely(ticket: Ticket, user: User) -> list[Suggestion]:
    """Suggestions as `user` may see them now, at most a minute old; any change of the case weighs
    them anew."""
    key = f"likely:{user.pk}:{ticket.pk}:{ticket.version}"
    kept = cache.get(key)
    if kept is not None:
        return _read(kept, ticket, user)
    found = suggestions(ticket, user)
    kept = [
        (each.identity.pk, each.ticket.pk, [(r.sign, r.value) for r in each.reasons])
        for each in found
    ]
    cache.set(key, kept, KEPT_SECONDS)
    return found


def _read(
    kept: list[tuple[int, int, list[tuple[str, str]]]], ticket: Ticket, user: User
) -> list[Suggestion]:
    """Read the accounts and cases again; nothing is shown that is not for `user` any more."""
    if not kept:
        return []
    identities = Identity.objects.select_related("channel", "contact")
    accounts = identities.exclude(contact=ticket.contact_id).in_bulk([each[0] for each in kept])
    cases = visible_tickets(user).in_bulk([each[1] for each in kept])
    return [
        Suggestion(accounts[identity], cases[case], [Reason(s, v) for s, v in reasons])  # type: ignore[arg-type]  # a sign comes back from the cache as plain text
        for identity, case, reasons in kept
        if identity in accounts and case in cases and not accounts[identity].is_compromised
    ]
