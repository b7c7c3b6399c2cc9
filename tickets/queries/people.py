"""Which people may be chosen for something: colleagues for a case, customers who may be one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left

from tickets.access import visible_tickets
from tickets.likeness import Person, Reason, reasons
from tickets.masking import house
from tickets.models import (
    Direction,
    Identity,
    Link,
    LinkKind,
    LinkState,
    Message,
    Role,
    Ticket,
    User,
)

LOOKED_AT = 100  # the latest cases in which the same person is sought
MOST_SUGGESTED = 5
_WORDS = 500


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An account of another customer who may be this one, and what speaks for it."""

    identity: Identity
    ticket: Ticket
    reasons: list[Reason]


def assignable(ticket: Ticket) -> QuerySet[User]:
    """Who may take a case: people of its team, and those who see every team's cases."""
    people = colleagues()
    if ticket.team_id is not None:
        people = people.filter(Q(teams=ticket.team_id) | Q(role=Role.MANAGER)).distinct()
    return people


def colleagues() -> QuerySet[User]:
    """Everybody who may have cases."""
    people = User.objects.filter(is_active=True).exclude(role=Role.HELPER)
    return people.order_by("name", "email")


def suggestions(ticket: Ticket, user: User) -> list[Suggestion]:
    """Accounts that may be the customer's of a case, of the latest cases that `user` may see.

    Nothing is linked by this: a person looks at the reasons. Compromised accounts are left out.
    """
    seen = visible_tickets(user).filter(merged_into__isnull=True).exclude(contact=ticket.contact_id)
    quoted, quoting = _quotes(ticket)
    linked = quoted.keys() | quoting
    latest = list(_with_words(seen).order_by("-last_activity_at", "-id")[:LOOKED_AT])
    latest += _with_words(seen).filter(pk__in=linked - {each.pk for each in latest})
    accounts = _accounts({ticket.contact_id, *(each.contact_id for each in latest)})
    itself = _with_words(Ticket.objects.filter(pk=ticket.pk)).get()
    own = _person(itself, accounts, quoted.values())
    found: dict[int, Suggestion] = {}
    for each in latest:
        trusted = [one for one in accounts[each.contact_id] if not one.is_compromised]
        other = _person(each, accounts, [ticket.number] if each.pk in quoting else ())
        if trusted and (why := reasons(own, other, house())):
            found.setdefault(each.contact_id, Suggestion(trusted[0], each, why))
    ranked = sorted(found.values(), key=lambda each: -len(each.reasons))
    return ranked[:MOST_SUGGESTED]


def _with_words(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Each case with the first thing that its customer wrote."""
    first = Message.objects.filter(
        conversation__ticket=OuterRef("pk"),
        conversation__identity__contact=OuterRef("contact"),
        direction=Direction.INBOUND,
        recalled_at__isnull=True,
    ).order_by("pk")
    return tickets.annotate(words=Subquery(first.values(said=Left("text", _WORDS))[:1]))


def _accounts(contacts: Iterable[int]) -> dict[int, list[Identity]]:
    found: dict[int, list[Identity]] = defaultdict(list)
    identities = Identity.objects.filter(contact__in=contacts).select_related("channel", "contact")
    for identity in identities.order_by("-last_inbound_at", "pk"):
        found[identity.contact_id].append(identity)
    return found


def _quotes(ticket: Ticket) -> tuple[dict[int, str], set[int]]:
    """The cases whose numbers this one quotes, and those that quote this one's."""
    links = Link.objects.filter(Q(ticket=ticket) | Q(other=ticket), kind=LinkKind.QUOTED)
    standing = links.exclude(state=LinkState.DISMISSED).values_list(
        "ticket", "other__number", "other"
    )
    quoted = {other: number for quoting, number, other in standing if quoting == ticket.pk}
    return quoted, {quoting for quoting, _number, _other in standing} - {ticket.pk}


def _person(ticket: Ticket, accounts: dict[int, list[Identity]], quotes: Iterable[str]) -> Person:
    known = accounts[ticket.contact_id]
    return Person(
        key=ticket.contact_id,
        names=[each.name for each in known] + ([known[0].contact.name] if known else []),
        phones=[each.phone for each in known],
        addresses=[each.address for each in known],
        words=getattr(ticket, "words", "") or "",
        numbers=[ticket.number],
        quotes=list(quotes),
    )
