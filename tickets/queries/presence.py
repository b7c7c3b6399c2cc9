"""Who is at work on a case at this moment."""

from collections.abc import Sequence

from tickets import presence
from tickets.models import User


def typing_on(ticket_ids: Sequence[int], *, other_than: User) -> dict[int, str]:
    """The name of somebody else who writes there now, by case; cases without one are left out."""
    typists = {
        pk: user
        for pk, people in presence.at(ticket_ids).items()
        for user, doing in people.items()
        if doing != "view" and user != other_than.pk
    }
    names = dict(User.objects.filter(pk__in=typists.values()).values_list("pk", "name"))
    return {pk: names[user] for pk, user in typists.items() if user in names}
