"""Whose thread a chat window shows, and who has the word in it: machine, queue or a person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from tickets.models import Channel, Conversation, State, Team
from tickets.queries import queue
from tickets.queries.waiting import expected_wait


@dataclass(frozen=True, slots=True)
class Thread:
    """One visitor's place in a channel, and its newest conversation."""

    channel: Channel
    name: str
    newest: Conversation | None

    @property
    def is_theirs(self) -> bool:
        """Whether what is known of the case may be told here: of a claim nothing is."""
        return self.newest is not None and not self.newest.is_pending_claim


def thread_of(channel: Channel, name: str) -> Thread:
    newest = conversations(channel, name).order_by("-created_at", "-pk").first()
    return Thread(channel, name, newest)


def conversations(channel: Channel, name: str) -> QuerySet[Conversation]:
    """Every conversation of one visitor."""
    return Conversation.objects.filter(
        channel=channel, thread=name, identity__channel=channel, identity__external_id=name
    ).select_related("ticket__team")


def standing_of(thread: Thread, *, now: datetime) -> dict[str, Any]:
    """Who has the word: new, bot, queue, away, human or closed, and what the queue is like.

    Who is not known to belong to a case sees what they would see if there were none.
    """
    newest = thread.newest
    if newest is None:
        return {"standing": "new"}
    if not thread.is_theirs:
        since = newest.claim_waiting_since
        return _queue(thread.channel.team, since, now) if since else {"standing": "human"}
    ticket = newest.ticket
    if ticket.is_closed:
        return {"standing": "closed"}
    if ticket.first_replied_at is not None:
        return {"standing": "human"}
    handed_over = _handed_over(newest)
    if ticket.state == State.PENDING and handed_over is None:
        return {"standing": "bot"}
    standing = _queue(ticket.team, ticket.waiting_since or ticket.created_at, now)
    opens_at = str((handed_over or {}).get("opens_at", ""))
    if opens_at and datetime.fromisoformat(opens_at) > now:
        return {**standing, "standing": "away", "opens_at": opens_at}
    return standing


def _queue(team: Team | None, since: datetime, now: datetime) -> dict[str, Any]:
    """The place of somebody who has waited since then, and how long it takes at present."""
    wait = expected_wait(now=now, team=team)
    return {
        "standing": "queue",
        "team": team.name if team else "",
        "position": queue.position(team=team.pk if team else None, since=since),
        "wait_minutes": max(1, round(wait.total_seconds() / 60)) if wait else None,
    }


def _handed_over(conversation: Conversation) -> dict[str, Any] | None:
    said = conversation.messages.filter(automatic="bot", decision__bot__kind="hand_over")
    found = said.values_list("decision", flat=True).first()
    return dict(found["bot"]) if found else None
