"""Merge cases of one problem: conversations are re-pointed, nothing is copied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from ..actor import Actor
from ..models import Conversation, Merging, Message, Move, MoveKind, Ticket
from . import replies, wording
from .changes import Change, changing
from .escalating import carry_flag
from .refusals import Refused
from .settling import open_again

MOST_MERGED: Final = 10  # cases that join another one at once: more do not fit on a screen
_MOST_TAGS: Final = 20
_CODES: Final = {
    "subject": "subject_set",
    "priority": "priority_set",
    "category": "category_set",
    "team_id": "moved_to_team",
    "assignee_id": "assigned",
}
FIELDS: Final = tuple(_CODES)


class MergeRefused(Refused):
    """Not to be merged: same, source_merged, target_merged, too_many or unknown_value."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the survivor takes over: for each of `FIELDS` the key of the case whose value it gets.

    A field that is not named stays as it is; so do the tags unless they are chosen.
    """

    fields: Mapping[str, int] = field(default_factory=dict)
    tags: Sequence[str] | None = None


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
        change.level(source, target)
        return _lead(change, source, target)


def merge_several(
    *,
    sources: Sequence[Ticket],
    target: Ticket,
    by: Actor,
    now: datetime,
    chosen: Chosen | None = None,
    tell: Sequence[Conversation] = (),
) -> Merging:
    """Lead all `sources` into `target` at once, and give it the values that were chosen.

    Nobody is told but the authors of the conversations in `tell`, see `may_be_told`. All of it is
    one transaction, undone at once by `undoing.undo_merging`. Raises MergeRefused, and
    replies.ReplyRefused where somebody cannot be told.
    """
    joining = list({each.pk: each for each in sources}.values())
    if not joining or target.pk in {each.pk for each in joining}:
        raise MergeRefused("same")
    if len(joining) > MOST_MERGED:
        raise MergeRefused("too_many", limit=MOST_MERGED)
    with transaction.atomic():
        with changing(target, *joining, by=by, now=now) as change:
            merging = _merge_locked(change, change[target], [change[each] for each in joining])
            _take_over(change, merging, chosen or Chosen())
        if tell:
            _tell(merging, tell, by, now)
    return merging


def may_be_told(conversation: Conversation, target: Ticket, now: datetime) -> bool:
    """Whether its author may hear that their case is part of `target` now: only its own customer,
    in private, where an answer can leave."""
    return (
        conversation.identity.contact_id == target.contact_id
        and not conversation.identity.is_compromised
        and not conversation.is_pending_claim
        and not conversation.is_public
        and conversation.channel.writes
        and conversation.takes_replies(now)
    )


def _merge_locked(change: Change, target: Ticket, joining: Sequence[Ticket]) -> Merging:
    for source in joining:
        if code := _refusal(source, target):
            raise MergeRefused(code)
    change.level(target, *joining)
    merging = Merging.objects.create(target=target, merged_at=change.now, merged_by=change.by.user)
    for source in joining:
        _lead(change, source, target, merging)
    return merging


def _refusal(source: Ticket, target: Ticket) -> str:
    if source.pk == target.pk:
        return "same"
    if source.is_merged:
        return "source_merged"
    return "target_merged" if target.is_merged else ""


def _lead(change: Change, source: Ticket, target: Ticket, merging: Merging | None = None) -> Move:
    """Re-point all of a locked case whose counter is level with the other's."""
    moved = list(Conversation.objects.filter(ticket=source).values_list("pk", flat=True))
    move = Move.objects.create(
        kind=MoveKind.MERGE,
        source=source,
        target=target,
        conversations=moved,
        moved_at=change.now,
        moved_by=change.by.user,
        merging=merging,
    )
    Conversation.objects.filter(pk__in=moved).update(ticket=target)
    _join(change, source, target, move)
    return move


def _join(change: Change, source: Ticket, target: Ticket, move: Move) -> None:
    source.merged_into = target
    target.waiting_since = _earlier(source.waiting_since, target.waiting_since)
    target.last_activity_at = max(source.last_activity_at, target.last_activity_at)
    target.first_replied_at = _earlier(source.first_replied_at, target.first_replied_at)
    carry_flag(change, source, target, move=move.pk)
    change.record(source, "merged_into", number=target.number, move=move.pk)
    change.record(target, "merged_from", number=source.number, move=move.pk)
    if source.waiting_since:
        open_again(change, target)  # or whoever waits would wait in a case that nobody looks at


def _take_over(change: Change, merging: Merging, chosen: Chosen) -> None:
    target = change[merging.target]
    before = {name: getattr(target, name) for name in FIELDS}
    for name, pk in chosen.fields.items():
        if name not in _CODES or pk not in change.tickets:
            raise MergeRefused("unknown_value")
        set_field(change, target, name, getattr(change.tickets[pk], name))
    after = {name: getattr(target, name) for name in FIELDS}
    changed = {name: [before[name], after[name]] for name in FIELDS if before[name] != after[name]}
    if chosen.tags is not None:
        changed |= _take_tags(change, target, chosen.tags)
    if changed:
        merging.chosen = changed
        merging.save(update_fields=["chosen"])


def set_field(change: Change, ticket: Ticket, name: str, value: Any) -> None:
    """Give a field of a locked case another value, on record as if it had been set by hand."""
    before = getattr(ticket, name)
    if before != value:
        setattr(ticket, name, value)
        change.record(ticket, _CODES[name], before=before, after=value)


def set_tags(change: Change, ticket: Ticket, tags: Sequence[str]) -> None:
    """Give a locked case these tags, each change on record."""
    for tag in tags:
        if tag not in ticket.tags:
            change.record(ticket, "tagged", tag=tag)
    for tag in ticket.tags:
        if tag not in tags:
            change.record(ticket, "untagged", tag=tag)
    ticket.tags = list(tags)


def _take_tags(change: Change, target: Ticket, wanted: Sequence[str]) -> dict[str, Any]:
    """Only what one of the cases has can be kept. Raises MergeRefused("too_many")."""
    known = dict.fromkeys(tag for each in (target, *change.tickets.values()) for tag in each.tags)
    tags = [tag for tag in known if tag in wanted]
    if len(tags) > _MOST_TAGS:
        raise MergeRefused("too_many", limit=_MOST_TAGS)
    before = list(target.tags)
    set_tags(change, target, tags)
    return {"tags": [before, tags]} if before != tags else {}


def _tell(merging: Merging, tell: Sequence[Conversation], by: Actor, now: datetime) -> None:
    with changing(merging.target, by=by, now=now) as change:
        target = change[merging.target]
        told = Conversation.objects.filter(pk__in=[each.pk for each in tell], ticket=target)
        for each in told.select_related("channel", "identity__contact", "ticket").order_by("pk"):
            if not may_be_told(each, target, now):
                raise MergeRefused("not_their_place")
            text = wording.merged(each, target.number)
            replies.write_automatic(change, each, text, kind="merged")


def _earlier(a: datetime | None, b: datetime | None) -> datetime | None:
    return min(a, b) if a and b else a or b
