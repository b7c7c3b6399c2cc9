"""What is composed put into words: sends taken back, replies for later, what macros do."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.macros import Actions
from tickets.models import Category, Priority

HISTORY = {
    "reply_taken_back": gettext_lazy("%(actor)s took back a reply before it left"),
    "reply_scheduled": gettext_lazy("%(actor)s wrote a reply for %(until)s"),
    "reply_unscheduled": gettext_lazy("%(actor)s took back a reply that was to leave later"),
    "reply_stopped": gettext_lazy("A reply for later was stopped"),
}
REFUSALS = {
    "left": gettext_lazy("It has left already and cannot be taken back."),
    "not_yours": gettext_lazy("Only who wrote it can take it back."),
    "written_elsewhere": gettext_lazy("You have written on here on another device."),
    "no_name": gettext_lazy("It needs a name."),
    "no_text": gettext_lazy("It needs a text, or something that it does."),
    "no_team": gettext_lazy("Say for which team it is."),
    "bad_variable": gettext_lazy("There is no variable “%(name)s”."),
}
STOPS = {
    "customer_wrote": gettext_lazy("the customer has written since"),
    "somebody_answered": gettext_lazy("a colleague has answered since"),
}
THEN = {
    "pending": gettext_lazy("wait for the customer"),
    "closed": gettext_lazy("resolve the case"),
}
SPANS = {
    "hour": gettext_lazy("in one hour"),
    "evening": gettext_lazy("this evening"),
    "tomorrow": gettext_lazy("tomorrow morning"),
    "monday": gettext_lazy("Monday morning"),
}


def stop_in_words(reason: str) -> str:
    """Why a reply for later was stopped; "" for one that was not."""
    if not reason:
        return ""
    known = STOPS.get(reason)
    return str(known) if known else _("it can no longer be sent like this")


def actions_in_words(actions: Actions, teams: dict[int, str]) -> str:
    """What a macro does beside its text, as one line; "" for nothing."""
    return _(", ").join(_said(actions, teams))


def _said(actions: Actions, teams: dict[int, str]) -> Iterator[str]:
    if actions.team in teams:
        yield _("hand over to %(team)s") % {"team": teams[actions.team]}
    if actions.assign:
        yield _("assign to me")
    for tag in actions.tags:
        yield _("tag %(tag)s") % {"tag": tag}
    if actions.priority in Priority.values:
        yield _("priority %(priority)s") % {"priority": Priority(actions.priority).label}
    if actions.category in Category.values:
        yield _("category %(category)s") % {"category": Category(actions.category).label}
    if actions.then:
        yield str(THEN[actions.then])
    if actions.snooze:
        yield _("snooze: %(span)s") % {"span": SPANS[actions.snooze]}
