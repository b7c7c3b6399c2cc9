"""Tell open pages that a case has changed: its number and version, nothing of its content.

Notices go to one group per case and to those whose lists may hold it. Losing one costs latency:
a page asks for what it lacks whenever it connects.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.cache import cache

from tickets.events import people_notified, tickets_changed
from tickets.models import Conversation, Role, Ticket, User
from tickets.prepared import Given, Prepared

EVERYONE = "desk.everyone"  # every agent and lead: cases of no team
MANAGERS = "desk.managers"
HELPERS = "desk.helpers"
AUDIENCE_KEPT_SECONDS = 24 * 3600

_WORKERS = Prepared(
    lambda: Ticket.objects.filter(pk__among=Given("tickets")).values_list(
        "pk", "team_id", "assignee_id"
    )
)

Change = tuple[str, int, int]


def listen() -> None:
    """Send a notice for every change from now on, whichever process makes it."""
    tickets_changed.connect(_on_change, dispatch_uid="dashboard.live")
    people_notified.connect(_on_notified, dispatch_uid="dashboard.live.bell")


def ticket_group(ticket_id: int) -> str:
    return f"desk.ticket.{ticket_id}"


def team_group(team_id: int) -> str:
    return f"desk.team.{team_id}"


def person_group(user_id: int) -> str:
    return f"desk.person.{user_id}"


def bell_group(user_id: int) -> str:
    return f"desk.bell.{user_id}"


def groups_of(user: User) -> list[str]:
    """The groups whose notices may be about a case that stands in one of the user's lists."""
    bell = bell_group(user.pk)
    if user.role == Role.MANAGER:
        return [MANAGERS, bell]
    if user.role == Role.HELPER:
        return [HELPERS, bell]
    teams = user.teams.values_list("pk", flat=True)
    return [EVERYONE, person_group(user.pk), bell, *(team_group(pk) for pk in teams)]


def audience_of(ticket_id: int) -> list[str]:
    """The groups of all who may see a case, and of nobody else."""
    ticket = Ticket.objects.get(pk=ticket_id)
    groups = _audience(ticket.team_id, ticket.assignee_id) | {MANAGERS}
    if Conversation.objects.filter(ticket=ticket, is_public=True).exists():
        groups.add(HELPERS)
    return sorted(groups)


def _on_notified(*, user_ids: Sequence[int], **_kwargs: Any) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    for pk in user_ids:
        async_to_sync(layer.group_send)(bell_group(pk), {"type": "bell.rings"})


def _on_change(*, changes: Sequence[Change], **_kwargs: Any) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    async_to_sync(_send)(layer, _notices(changes))


async def _send(layer: Any, notices: dict[str, list[list[object]]]) -> None:
    for group, told in notices.items():
        await layer.group_send(group, {"type": "tickets.changed", "changes": told})


def _notices(changes: Sequence[Change]) -> dict[str, list[list[object]]]:
    """What each group is told; one message a group, however many cases a batch has changed."""
    notices: dict[str, list[list[object]]] = defaultdict(list)
    audiences = _audiences([pk for _number, pk, _version in changes])
    for number, pk, version in changes:
        for group in (ticket_group(pk), MANAGERS, HELPERS, *audiences.get(pk, ())):
            notices[group].append([number, version])
    return notices


def _audiences(ticket_ids: Sequence[int]) -> dict[int, set[str]]:
    """Whose lists each case stands in now, or stood in at its last change: those must let go."""
    now = {
        pk: _audience(team_id, assignee_id)
        for pk, team_id, assignee_id in _WORKERS.values(tickets=ticket_ids)
    }
    before = cache.get_many([_key(pk) for pk in now])
    cache.set_many({_key(pk): sorted(groups) for pk, groups in now.items()}, AUDIENCE_KEPT_SECONDS)
    return {pk: groups | set(before.get(_key(pk), ())) for pk, groups in now.items()}


def _audience(team_id: int | None, assignee_id: int | None) -> set[str]:
    groups = {EVERYONE if team_id is None else team_group(team_id)}
    if assignee_id is not None:
        groups.add(person_group(assignee_id))
    return groups


def _key(ticket_id: int) -> str:
    return f"audience:{ticket_id}"
