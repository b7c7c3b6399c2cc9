"""Ready texts: written, put away, and done to a case together with the send."""

from datetime import datetime

from django.utils import timezone

from ..actor import Actor
from ..macros import Actions, BadVariable, check
from ..models import Macro, MacroAudience, Team, Ticket
from ..spans import moment_after
from . import assignment, lifecycle
from .refusals import Refused

LONGEST_TEXT = 20_000


def save_macro(macro: Macro, *, now: datetime) -> Macro:
    """Write a macro down. Raises Refused: no_name, no_text, bad_variable, no_team."""
    macro.name = " ".join(macro.name.split())
    macro.texts = {code: text.strip() for code, text in macro.texts.items() if text.strip()}
    if not macro.name:
        raise Refused("no_name")
    if not macro.texts and not macro.actions:
        raise Refused("no_text")
    if macro.audience == MacroAudience.TEAM and macro.team is None:
        raise Refused("no_team")
    for text in macro.texts.values():
        try:
            check(text)
        except BadVariable as bad:
            raise Refused("bad_variable", name=bad.name) from bad
    if macro.audience != MacroAudience.TEAM:
        macro.team = None
    macro.changed_at = now
    macro.save()
    return macro


def archive(*, macro: Macro, now: datetime) -> Macro:
    """Offer it to nobody any more; what it has done stays done."""
    return _put_away(macro, now, now)


def return_to_use(*, macro: Macro, now: datetime) -> Macro:
    """Offer an archived macro again."""
    return _put_away(macro, None, now)


def perform(*, actions: Actions, ticket: Ticket, by: Actor, now: datetime) -> None:
    """Do to a case what a macro does, inside the caller's transaction. Raises Refused.

    What became of its state by `then` is done by the send itself.
    """
    if actions.team is not None:
        team = Team.objects.filter(pk=actions.team).first()
        if team is not None:
            assignment.move_to_team(ticket=ticket, team=team, by=by, now=now)
    if actions.assign == "me" and by.user is not None:
        assignment.assign(ticket=ticket, assignee=by.user, by=by, now=now)
    for tag in actions.tags:
        lifecycle.tag(ticket=ticket, tag=tag, by=by, now=now)
    if actions.priority:
        lifecycle.set_priority(ticket=ticket, priority=actions.priority, by=by, now=now)
    if actions.category:
        lifecycle.set_category(ticket=ticket, category=actions.category, by=by, now=now)
    if actions.snooze:
        until = moment_after(actions.snooze, timezone.localtime(now))
        lifecycle.snooze(ticket=ticket, until=until, by=by, now=now)


def _put_away(macro: Macro, at: datetime | None, now: datetime) -> Macro:
    macro.archived_at, macro.changed_at = at, now
    macro.save(update_fields=["archived_at", "changed_at"])
    return macro
