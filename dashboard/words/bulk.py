"""Bulk actions put into words: what was asked for, and why a case was passed over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.models import BulkAction, BulkRun, Category, Priority, State

REFUSALS = {
    "none_chosen": gettext_lazy("No case is chosen."),
    "no_tag": gettext_lazy("Write the tag first."),
    "tag_too_long": gettext_lazy("A tag has at most %(limit)s characters."),
    "not_of_team": gettext_lazy("This person does not work for the case's team."),
    "team_gone": gettext_lazy("This team does not exist any more."),
    "nothing_to_repeat": gettext_lazy("There is nothing left to try again."),
    "nothing_to_undo": gettext_lazy("There is nothing left to take back."),
    "changed_since": gettext_lazy("Somebody has changed it since; it stays as it is."),
    "customer_wrote": gettext_lazy("The customer has written since; it stays as it is."),
    "merge_two": gettext_lazy("Choose at least two cases to merge."),
    "merge_few": gettext_lazy("At most %(limit)s cases can be merged at once."),
    "merge_chosen": gettext_lazy("Choose the cases to merge one by one."),
}
PASSED = {
    "already": gettext_lazy("It was so already."),
    "merged": gettext_lazy("It has been merged into %(number)s meanwhile."),
    "not_yours": gettext_lazy("You may not change this case, or not any more."),
    "typing": gettext_lazy("%(who)s is writing there, so it was left alone."),
    "stopped": gettext_lazy("Stopped before its turn."),
    "internal": gettext_lazy("Something went wrong on our side; the log says more."),
}
TITLES = {
    BulkAction.ASSIGN: gettext_lazy("Assign to %(value)s"),
    BulkAction.TEAM: gettext_lazy("Move to %(value)s"),
    BulkAction.PRIORITY: gettext_lazy("Priority %(value)s"),
    BulkAction.CATEGORY: gettext_lazy("Category %(value)s"),
    BulkAction.TAG: gettext_lazy("Add the tag “%(value)s”"),
    BulkAction.UNTAG: gettext_lazy("Remove the tag “%(value)s”"),
    BulkAction.SNOOZE: gettext_lazy("Snooze until %(value)s"),
    BulkAction.WAIT: gettext_lazy("Wait for the customer"),
    BulkAction.RESOLVE: gettext_lazy("Resolve"),
    BulkAction.REOPEN: gettext_lazy("Reopen"),
}
ANYWAY = {
    BulkAction.ASSIGN: gettext_lazy("Assign anyway"),
    BulkAction.TEAM: gettext_lazy("Move anyway"),
}


@dataclass(frozen=True, slots=True)
class BulkNames:
    """How the people and teams are called that runs mention by key."""

    users: Mapping[int, str]
    teams: Mapping[int, str]

    def person(self, pk: int | None) -> str:
        return self.users.get(pk, _("a former colleague")) if pk is not None else _("nobody")

    def team(self, pk: int | None) -> str:
        return self.teams.get(pk, _("a former team")) if pk is not None else _("no team")


def title_in_words(action: str, given: Mapping[str, Any], names: BulkNames) -> str:
    """What a run does: "Assign to Wu"."""
    return str(TITLES[BulkAction(action)]) % {"value": _value(action, given, names)}


def anyway_in_words(action: str) -> str:
    """What the button says that does it although somebody is writing."""
    return str(ANYWAY.get(BulkAction(action), _("Do it anyway")))


def change_in_words(
    run: BulkRun, before: Mapping[str, Any], after: Mapping[str, Any], names: BulkNames
) -> str:
    """What became of a case: "Zheng → Wu"; nothing where the title says it all."""
    match run.action:
        case BulkAction.ASSIGN:
            ends = [names.person(facts.get("assignee_id")) for facts in (before, after)]
        case BulkAction.TEAM:
            ends = [names.team(facts.get("team_id")) for facts in (before, after)]
        case BulkAction.PRIORITY:
            ends = [str(Priority(facts["priority"]).label) for facts in (before, after)]
        case BulkAction.CATEGORY:
            ends = [_category(facts["category"]) for facts in (before, after)]
        case BulkAction.SNOOZE | BulkAction.WAIT | BulkAction.RESOLVE | BulkAction.REOPEN:
            ends = [str(State(facts["state"]).label) for facts in (before, after)]
        case _:
            return ""
    return " → ".join(ends)


def _value(action: str, given: Mapping[str, Any], names: BulkNames) -> str:
    value = str(given.get("value", ""))
    match action:
        case BulkAction.ASSIGN:
            return names.person(given.get("id"))
        case BulkAction.TEAM:
            return names.team(given.get("id"))
        case BulkAction.PRIORITY:
            return str(Priority(value).label)
        case BulkAction.CATEGORY:
            return _category(value)
        case BulkAction.SNOOZE:
            until = localtime(datetime.fromisoformat(given["until"]))
            return date_format(until, "SHORT_DATETIME_FORMAT")
    return value


def _category(value: str) -> str:
    return str(Category(value).label) if value else _("none")
