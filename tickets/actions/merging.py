"""Merge two cases of one problem: conversations are re-pointed, nothing is copied."""

from dataclasses import dataclass
from datetime import datetime

from ..actor import Actor
from ..models import Conversation, Message, Move, MoveKind, Ticket
from .changes import Change, changing
from .escalating import carry_flag
from .refusals import Refused
from .settling import open_again


class MergeRefused(Refused):
    """These two cannot be merged; codes: same, source_merged, target_merged."""


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would do, before it is done."""

    source: Ticket
    target: Ticket
    conversations: list[Conversation]
    messages: int
    same_contact: bool
    waiting_since: datetime | None
    refusal: str = ""


def preview(source: Ticket, target: Ticket) -> MergePreview:
    """What moves, whose clock counts, and why it cannot be done if it cannot."""
    moving = list(
        Conversation.objects.filter(ticket=source)
        .select_related("channel", "identity")
        .order_by("created_at", "pk")
    )
    return MergePreview(
        source=source,
        target=target,
        conversations=moving,
        messages=Message.objects.filter(conversation__ticket=source).count(),
        same_contact=source.contact_id == target.contact_id,
        waiting_since=_earlier(source.waiting_since, target.waiting_since),
        refusal=_refusal(source, target),
    )


def merge(*, source: Ticket, target: Ticket, by: Actor, now: datetime) -> Move:
    """Lead `source` into `target`: its conversations move and its numbers follow for ever.

    Raises MergeRefused. Undone by `undoing.undo`.
    """
    if source.pk == target.pk:
        raise MergeRefused("same")
    with changing(source, target, by=by, now=now) as change:
        source, target = change[source], change[target]
        if code := _refusal(source, target):
            raise MergeRefused(code)
        moved = list(Conversation.objects.filter(ticket=source).values_list("pk", flat=True))
        move = Move.objects.create(
            kind=MoveKind.MERGE,
            source=source,
            target=target,
            conversations=moved,
            moved_at=now,
            moved_by=by.user,
        )
        Conversation.objects.filter(pk__in=moved).update(ticket=target)
        _join(change, source, target, move)
        return move


def _refusal(source: Ticket, target: Ticket) -> str:
    if source.pk == target.pk:
        return "same"
    if source.is_merged:
        return "source_merged"
    return "target_merged" if target.is_merged else ""


def _join(change: Change, source: Ticket, target: Ticket, move: Move) -> None:
    change.level(source, target)
    source.merged_into = target
    target.waiting_since = _earlier(source.waiting_since, target.waiting_since)
    target.last_activity_at = max(source.last_activity_at, target.last_activity_at)
    target.first_replied_at = _earlier(source.first_replied_at, target.first_replied_at)
    carry_flag(change, source, target, move=move.pk)
    change.record(source, "merged_into", number=target.number, move=move.pk)
    change.record(target, "merged_from", number=source.number, move=move.pk)
    if source.waiting_since:
        open_again(change, target)  # or whoever waits would wait in a case that nobody looks at


def _earlier(a: datetime | None, b: datetime | None) -> datetime | None:
    return min(a, b) if a and b else a or b
