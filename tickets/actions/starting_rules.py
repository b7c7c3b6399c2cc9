"""The rules to begin with: each kind of problem to the team that knows it."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from ..models import Category, Priority, RoutingRule, Team
from .routing import save_rule

_MAIL = (
    Category.SENDING_RECEIVING,
    Category.SPAM_BLOCKING,
    Category.ATTACHMENTS,
    Category.CLIENT_SETUP,
)


@dataclass(frozen=True, slots=True)
class Starter:
    """A rule by the usual slug of its team."""

    name: str
    team: str
    fields: dict[str, Any] = field(default_factory=dict)


STARTERS = (
    Starter(
        gettext_noop("Account security to those who check identities"),
        "security",
        {"categories": [Category.ACCOUNT_SECURITY], "priority": Priority.HIGH, "assigns": True},
    ),
    Starter(
        gettext_noop("Enterprise customers to their own team"),
        "enterprise",
        {"plans": ["enterprise", "api"], "assigns": True},
    ),
    Starter(
        gettext_noop("Contracts and interfaces to the enterprise team"),
        "enterprise",
        {"categories": [Category.BILLING_ENTERPRISE, Category.API_INTEGRATION]},
    ),
    Starter(
        gettext_noop("Mail problems to the mail team"),
        "mail",
        {"categories": list(_MAIL), "assigns": True},
    ),
    Starter(
        gettext_noop("Wishes and the rest to the general team"),
        "general",
        {
            "categories": [
                Category.FEATURES_SETTINGS,
                Category.FEEDBACK_SUGGESTION,
                Category.OTHER,
            ]
        },
    ),
)


def seed_rules() -> tuple[list[RoutingRule], list[str]]:
    """Make the starting rules whose teams there are; return them, and the teams that are missing.

    A rule of the same name is left as it is, so it may be done again.
    """
    teams = {team.slug: team for team in Team.objects.all()}
    made: list[RoutingRule] = []
    with override(settings.LANGUAGE_CODE):
        for starter in STARTERS:
            name = _(starter.name)
            if starter.team in teams and not RoutingRule.objects.filter(name=name).exists():
                row = RoutingRule(name=name, team=teams[starter.team], **starter.fields)
                made.append(save_rule(row))
    missing = {starter.team for starter in STARTERS} - teams.keys()
    return made, sorted(missing)
