"""Which ready texts somebody is offered, and what their variables say on a case."""

from collections.abc import Mapping

from django.conf import settings
from django.db.models import Q, QuerySet

from tickets.case_numbers import format_number
from tickets.models import Conversation, Macro, MacroAudience, Role, Ticket, User


def macros_for(user: User, kind: str = "") -> QuerySet[Macro]:
    """The macros that `user` may use, on channels of this kind where one is named."""
    own = Q(audience=MacroAudience.PRIVATE, owner=user)
    of_team = Q(audience=MacroAudience.TEAM, team__in=user.teams.all())
    offered = Macro.objects.filter(
        own | of_team | Q(audience=MacroAudience.EVERYONE), archived_at__isnull=True
    )
    if kind:
        offered = offered.filter(Q(kinds=[]) | Q(kinds__contains=[kind]))
    return offered.order_by("name", "pk")


def macros_to_edit(user: User) -> QuerySet[Macro]:
    """The macros that `user` may change: their own, leads their teams', managers all shared."""
    if user.role == Role.HELPER:
        return Macro.objects.none()
    mine = Q(audience=MacroAudience.PRIVATE, owner=user)
    if user.role == Role.MANAGER:
        mine |= ~Q(audience=MacroAudience.PRIVATE)
    elif user.role == Role.LEAD:
        mine |= Q(audience=MacroAudience.TEAM, team__in=user.teams.all())
    found = Macro.objects.filter(mine).select_related("team", "owner")
    return found.order_by("archived_at", "name", "pk")


def text_for(macro: Macro, language: str) -> str:
    """The text of a macro in a customer's language, or else in the first that there is."""
    wanted = (language[:2], settings.LANGUAGE_CODE[:2], *macro.texts)
    return next((str(macro.texts[code]) for code in wanted if macro.texts.get(code)), "")


def values_on(ticket: Ticket, conversation: Conversation | None, user: User) -> Mapping[str, str]:
    """What each variable says on a case. To whom the case is not proved it is not told."""
    is_strange = conversation is not None and conversation.is_pending_claim
    is_public = conversation is not None and conversation.is_public
    name = conversation.identity.name if conversation else ""
    number = conversation.claim_number if conversation and is_strange else ticket.number
    return {
        "customer.name": name or ("" if is_strange or is_public else ticket.contact.name),
        "case.number": "" if is_public else format_number(number, prefix=_prefix()),
        "case.subject": "" if is_strange or is_public else ticket.subject,
        "agent.name": user.name,
        "team.name": ticket.team.name if ticket.team and not is_strange else "",
        "channel.name": conversation.channel.label if conversation else "",
    }


def _prefix() -> str:
    return str(settings.CASE_NUMBER_PREFIX)
