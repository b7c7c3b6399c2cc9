"""What channels, teams, people and tags are called where filters are read and written."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain

from django.conf import settings

from tickets.access import channels_for, teams_of, visible_tickets
from tickets.filters import Book
from tickets.filters.terms import fold
from tickets.models import Role, Team, User

from .filtering import keys_for

LOOKED_AT = 2000  # the latest tagged cases


def book_for(user: User) -> Book:
    """What channels, teams and people are called, as far as `user` may filter by them."""
    channels = list(channels_for(user).order_by("pk").values_list("slug", "label", "kind"))
    # Whose cases are whose is no secret on the desk; a helper knows of their own teams only.
    teams = teams_of(user) if user.role == Role.HELPER else Team.objects.all()
    people = User.objects.filter(is_active=True).exclude(role=Role.HELPER).order_by("pk")
    return Book(
        {
            "channel": _distinct((slug, label) for slug, label, _kind in channels),
            "kind": {kind: kind for _slug, _label, kind in channels},
            "team": _distinct(teams.order_by("pk").values_list("slug", "name")),
            "assignee": _distinct(
                (str(pk), name or email)
                for pk, name, email in people.values_list("pk", "name", "email")
            ),
        },
        settings.CASE_NUMBER_PREFIX,
    )


def known_tags(user: User, most: int = 50) -> list[str]:
    """Tags of the latest cases that `user` may see, the most frequent first."""
    if "tag" not in keys_for(user):
        return []
    latest = visible_tickets(user).exclude(tags=[]).order_by("-last_activity_at", "-id")
    counted = Counter(chain.from_iterable(latest.values_list("tags", flat=True)[:LOOKED_AT]))
    return [tag for tag, _count in counted.most_common(most)]


def _distinct(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Labels by code, each told apart from the others and from every code."""
    pairs = list(named)
    taken = {fold(code): code for code, _label in pairs}
    labels = {}
    for code, label in pairs:
        shown = label if taken.setdefault(fold(label), code) == code else f"{label} ({code})"
        labels[code] = shown
    return labels
