"""Undo a merge of two or of several, a split, a corrected number or a rejected claim.

Each conversation goes home with all that it received since.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from ..actor import Actor
from ..models import (
    Alias,
    AliasOrigin,
    ClaimState,
    Conversation,
    DeliveryState,
    Direction,
    Merging,
    Message,
    Move,
    MoveKind,
    Ticket,
)
from .chains import merged_tree, with_survivors
from .changes import Change, changing
from .conversations import point_at, unanswered_since
from .escalating import take_flag_back
from .merging import set_field, set_tags
from .numbers import reserve
from .refusals import Refused
from .settling import settle_clocks

_MERGES = (MoveKind.MERGE, MoveKind.CORRECTION)
_NOT_SENT = (DeliveryState.FAILED, DeliveryState.CANCELLED)
_MOST_TRIES = 5


@dataclass(frozen=True, slots=True)
class Undone:
    """What went back, what stayed because it had moved on, and what cannot be taken back."""

    move: Move
    returned: list[Conversation]
    stayed: list[Conversation]
    already_sent: list[Message]


class _MergedMeanwhile(Exception):
    """A ticket was merged on between reading and locking; start again."""


def undo(*, move: Move, by: Actor, now: datetime) -> Undone:
    """Take a move back, whatever its tickets were merged into since.

    Raises Refused: already_undone, or merged_since where a split-off case was itself merged.
    """
    return _undo_all([move], by, now)[0]


def undo_merging(*, merging: Merging, by: Actor, now: datetime) -> list[Undone]:
    """Take back all that is left of a merge of several cases, with the values chosen then.

    Raises Refused("already_undone").
    """
    moves = list(standing_moves(merging).order_by("-pk"))
    if not moves:
        raise Refused("already_undone")
    return _undo_all(moves, by, now)


def standing_moves(merging: Merging) -> QuerySet[Move]:
    """The moves of a merge of several that have not been taken back."""
    moves = Move.objects.filter(merging=merging, undone_at__isnull=True)
    return moves.select_related("source", "target", "moved_by", "merging")


def _undo_all(moves: Sequence[Move], by: Actor, now: datetime) -> list[Undone]:
    for _ in range(_MOST_TRIES):
        try:
            with changing(*_involved(moves), by=by, now=now) as change:
                locked = Move.objects.select_for_update(of=("self",)).select_related("merging")
                undone = [_undo(change, locked.get(pk=move.pk)) for move in moves]
                _give_back(change, undone[-1].move.merging)
                return undone
        except _MergedMeanwhile:
            continue
    raise Refused("merged_since")


def _give_back(change: Change, merging: Merging | None) -> None:
    """With the last of its moves a merge of several loses what was chosen for the survivor, but
    not what somebody has set since."""
    if merging is None or standing_moves(merging).exists():
        return
    target = change.tickets[merging.target_id]
    for name, (before, after) in merging.chosen.items():
        if name == "tags":
            kept = [tag for tag in target.tags if tag in before or tag not in after]
            set_tags(change, target, [*kept, *(t for t in before if t not in {*kept, *after})])
        elif getattr(target, name) == after:
            set_field(change, target, name, before)


def sent_since(move: Move) -> list[Message]:
    """The answers that went out since the move in the conversations that would go back and, after
    a merge, in those that were taken to be about the same problem."""
    told = Q(conversation__in=going_back(move).values("pk"))
    if move.kind in _MERGES:
        told |= Q(conversation__ticket__in=[t.pk for t in with_survivors([move.target_id])])
    return list(
        Message.objects.filter(told, direction=Direction.OUTBOUND, created_at__gte=move.moved_at)
        .exclude(deliveries__state__in=_NOT_SENT)
        .select_related("conversation__identity", "conversation__channel", "author")
        .order_by("pk")
    )


def _involved(moves: Iterable[Move]) -> list[Ticket]:
    return with_survivors({pk for move in moves for pk in (move.source_id, move.target_id)})


def _undo(change: Change, move: Move) -> Undone:
    if move.undone_at:
        raise Refused("already_undone")
    home, gone = change.tickets[move.source_id], change.tickets[move.target_id]
    if move.kind in _MERGES:
        survivor = _survivor(change, gone)
    elif _is_part_of_a_merge(gone):
        raise Refused("merged_since")
    else:
        survivor = gone
    already_sent, going = sent_since(move), going_back(move)
    if move.kind in _MERGES:
        home.merged_into = None
    destination = _survivor(change, home)
    change.level(home, gone, destination, survivor)
    returned, stayed = [], []
    for conversation in going.select_related("channel", "identity"):
        if conversation.ticket_id in {gone.pk, survivor.pk}:
            _send_home(change, conversation, destination, move)
            returned.append(conversation)
        else:
            stayed.append(conversation)
    if move.kind not in _MERGES:
        gone.merged_into = destination
        survivor = destination
    take_flag_back(gone, survivor, move=move.pk)
    _tell(change, move, {gone: home, home: gone, survivor: home, destination: gone})
    for ticket in {destination, survivor}:
        settle_clocks(change, ticket)
    move.undone_at, move.undone_by = change.now, change.by.user
    move.save()
    return Undone(move, returned, stayed, already_sent)


def _is_part_of_a_merge(ticket: Ticket) -> bool:
    merges = Move.objects.filter(kind__in=_MERGES, undone_at__isnull=True)
    return merges.filter(Q(source=ticket) | Q(target=ticket)).exists()


def _tell(change: Change, move: Move, others: dict[Ticket, Ticket]) -> None:
    """Record it on every ticket that gained or lost something, survivors of both too."""
    for ticket, other in others.items():
        change.record(ticket, "undone", move=move.pk, kind=move.kind, number=other.number)


def _survivor(change: Change, ticket: Ticket) -> Ticket:
    while ticket.merged_into_id:
        if ticket.merged_into_id not in change.tickets:
            raise _MergedMeanwhile
        ticket = change.tickets[ticket.merged_into_id]
    return ticket


def going_back(move: Move) -> QuerySet[Conversation]:
    """What was moved, and what came later because of it.

    After a merge that is what came by one of the merged numbers, or without any number from
    somebody who was known by the merged conversations only. A split-off case goes back whole.
    """
    moved = Q(pk__in=move.conversations)
    if move.kind in _MERGES:
        later = Q(created_at__gte=move.moved_at) & ~Q(pk__in=move.conversations)
        numbers = Alias.objects.filter(ticket__in=merged_tree(move.source_id))
        by_number = Q(via_number__in=numbers.values("number"))
        moved |= later & (by_number | Q(via_number="", identity__in=_known_by(move)))
    else:
        moved |= Q(ticket=move.target_id)
    return Conversation.objects.filter(moved).order_by("pk")


def _known_by(move: Move) -> set[int]:
    """The identities of the moved conversations, without those that the other case knew too."""
    people = Conversation.objects.filter(pk__in=move.conversations)
    others = Conversation.objects.filter(
        ticket__in=with_survivors([move.target_id]), created_at__lt=move.moved_at
    ).exclude(pk__in=move.conversations)
    return set(people.values_list("identity", flat=True)) - set(
        others.values_list("identity", flat=True)
    )


def _send_home(change: Change, conversation: Conversation, destination: Ticket, move: Move) -> None:
    if move.kind == MoveKind.CLAIM:
        _claim_again(change, conversation, destination)
    elif move.kind == MoveKind.CORRECTION:
        _claim_no_more(conversation, destination)
    point_at(conversation, destination)


def _claim_again(change: Change, conversation: Conversation, destination: Ticket) -> None:
    """Whatever its author wrote on the split-off case is as unproven as the claim itself."""
    conversation.claim = ClaimState.PENDING
    conversation.claim_waiting_since = unanswered_since(conversation)
    if not conversation.claim_number:
        conversation.claim_number = reserve()[0]
        Alias.objects.create(
            number=conversation.claim_number,
            ticket=destination,
            origin=AliasOrigin.CLAIM,
            created_at=change.now,
        )


def _claim_no_more(conversation: Conversation, destination: Ticket) -> None:
    """Back on its own case nothing is claimed; the number given to its author stays good."""
    if conversation.claim_number:
        Alias.objects.filter(number=conversation.claim_number).update(
            ticket=destination, origin=AliasOrigin.CORRECTED
        )
    conversation.claim = conversation.claim_number = conversation.via_number = ""
    conversation.claim_waiting_since = None
