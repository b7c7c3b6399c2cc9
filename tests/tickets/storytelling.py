"""Write stories of customers' messages with what should become of each, and judge a prediction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Review = Literal["", "must", "may"]


@dataclass(frozen=True)
class Event:
    """One thing that happens, and for a message the ticket it belongs on.

    `lands` names that ticket by a label that is the same wherever the ticket is; an empty one
    leaves the landing open. `review` tells whether a person must, may or must not look.
    """

    row: Mapping[str, Any]
    lands: str = ""
    review: Review = ""


@dataclass(frozen=True)
class Story:
    """A title, what is known of the customers beforehand, and the events in order."""

    kind: str
    title: str
    events: Sequence[Event]
    tickets: int
    tickets_min: int = 0
    links: Mapping[str, str] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """The story as the predictor is told it, without what should become of it."""
        events = [{"n": n, **event.row} for n, event in enumerate(self.events, start=1)]
        return {"id": self.title, "kind": self.kind, "links": dict(self.links), "events": events}


def story(
    kind: str,
    title: str,
    *events: Event,
    tickets: int = 1,
    tickets_min: int = 0,
    links: Mapping[str, str] | None = None,
) -> Story:
    return Story(kind, title, events, tickets, tickets_min or tickets, links or {})


def says(
    minutes: int,
    place: str,
    text: str,
    *files: str,
    lands: str = "T1",
    review: Review = "",
) -> Event:
    """A message of `place` ("qq:somebody") with the names of its files."""
    channel, _, sender = place.partition(":")
    row = {"type": "message", "channel": channel, "sender": sender, "text": text}
    return Event({"minutes": minutes, **row, "attachments": list(files)}, lands, review)


def agent_replies(minutes: int, ticket: str, text: str) -> Event:
    return Event({"minutes": minutes, "type": "agent_reply", "ticket": ticket, "text": text})


def agent_closes(minutes: int, ticket: str) -> Event:
    return Event({"minutes": minutes, "type": "close", "ticket": ticket})


def agent_merges(minutes: int, ticket: str, into: str) -> Event:
    return Event({"minutes": minutes, "type": "merge", "ticket": ticket, "into": into})


def complaints(story: Story, prediction: Mapping[str, Any]) -> list[str]:
    """What a prediction got wrong, in words; empty where all is as the story wants it."""
    return [
        *_wrong_landings(story, prediction["lands_on"]),
        *_wrong_reviews(story, set(prediction["review"])),
        *_wrong_count(story, prediction["tickets"]),
    ]


def _wrong_landings(story: Story, lands_on: Mapping[str, str]) -> list[str]:
    """Tickets have no names of their own: two messages are to share one, or not to."""
    said = {n: event.lands for n, event in enumerate(story.events, start=1) if event.lands}
    return [
        f"{second} should {'' if together else 'not '}be where {first} is"
        for second in said
        for first in said
        if first < second
        and (together := said[first] == said[second])
        != (lands_on[str(first)] == lands_on[str(second)])
    ]


def _wrong_reviews(story: Story, reviewed: set[int]) -> list[str]:
    missing = [n for n, event in enumerate(story.events, 1) if event.review == "must"]
    allowed = [n for n, event in enumerate(story.events, 1) if event.review]
    return [
        *(f"{n} should be looked at" for n in missing if n not in reviewed),
        *(f"{n} needs no look" for n in sorted(reviewed) if n not in allowed),
    ]


def _wrong_count(story: Story, tickets: int) -> list[str]:
    if story.tickets_min <= tickets <= story.tickets:
        return []
    return [f"{tickets} tickets instead of {story.tickets_min} to {story.tickets}"]
