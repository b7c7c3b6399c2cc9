"""One line over all conversations of a case, and a dashed one beside it for every claim."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby

from django.utils import timezone

from tickets.actions.doubting import VERIFIED
from tickets.actions.linking import LINKS
from tickets.models import ClaimState, Conversation, History, Message
from tickets.queries.case import CaseRead

from .entries import NO_LOOK, Branch, Day, End, Entry, Event, Item, Unread, entry
from .folding import folded
from .glyphs import look
from .panes import standing_links
from .words import SILENT_HISTORY, history_in_words


@dataclass(slots=True)
class ClaimLane:
    """The conversation of somebody who quoted the number and has not proved to be its owner."""

    conversation: Conversation
    look: str
    items: list[Item] = field(default_factory=list)
    has_question: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """`unread` is how much the customer has written since the reader last looked."""

    items: list[Item]
    claims: list[ClaimLane]
    unread: int = 0


def build(
    case: CaseRead,
    *,
    opened: Collection[int] = (),
    unread: tuple[int, int] = (0, 0),
    reaching: int = 0,
) -> Timeline:
    """Order what was read into lines; nothing is asked of the database here.

    Recalled messages are folded, but for those whose keys are `opened`. `unread` is after which
    version and up to which the customer's messages are marked as not read. The message `reaching`
    is never in a folded stretch.
    """
    pending = {c.pk: c for c in case.conversations if c.is_pending_claim}
    alone = case.shown.thread
    main = [m for m in case.messages if m.conversation_id not in pending or alone]
    lanes = [] if alone else [_lane(claim, case) for claim in pending.values()]
    items = _in_order(main, case)
    for item in chain(items, *(lane.items for lane in lanes)):
        if isinstance(item, Entry) and item.message.recalled_at and item.message.pk not in opened:
            item.is_folded = True
    marked = _unread(items, unread)
    items = list(_with_branches(items))
    if not case.shown.what:
        items = folded(list(_with_ends(list(_with_mark(items, marked)))), reaching)
    return Timeline(_with_days(items), lanes, len(marked))


def _in_order(messages: Iterable[Message], case: CaseRead) -> list[Item]:
    """Messages, notes and the changes worth telling, by time."""
    whole = case.shown.what == "thread"
    if whole:
        return [entry(m, case.enclosed[m.pk], whole=True) for m in messages]
    wanted = case.ticket.answer_by_id
    places = sorted(case.conversations, key=lambda place: place.identity_id != wanted)
    items: list[Item] = [entry(m, case.enclosed[m.pk], places) for m in messages]
    if case.shown.what not in {"talk", "notes", "files", "channel"}:
        items += _events(case, items)
    # What a change caused stands below it, so changes go first within one moment.
    return sorted(items, key=lambda item: (item.at, isinstance(item, Entry)))


def _events(case: CaseRead, items: Sequence[Item]) -> list[Event]:
    since = items[0].at if case.has_earlier and items else None
    ways = _ways_back(case)
    return [
        Event(
            at=row.at,
            look=NO_LOOK,
            text=history_in_words(row, case.names),
            undo=ways.get(row.pk),
        )
        for row in case.history
        if not _is_silent(row) and (since is None or row.at >= since)
    ]


def _ways_back(case: CaseRead) -> dict[int, tuple[str, int]]:
    """For the rows of history that can be taken back: the name of the page that does, and its
    key."""
    moves = {move.pk: move for move in case.moves if move.undone_at is None}
    verified = {c.pk for c in case.conversations if c.claim == ClaimState.VERIFIED}
    links = {row.pk for row in standing_links(case.history).values()}
    ways: dict[int, tuple[str, int]] = {}
    for row in case.history:
        move = moves.get(row.data.get("move", 0))
        if move is not None and move.merging_id is not None:
            ways[row.pk] = ("undo_merging", move.merging_id)
        elif move is not None:
            ways[row.pk] = ("undo", move.pk)
        elif row.code in LINKS and row.pk in links:
            ways[row.pk] = ("unlink", row.pk)
        elif row.code == VERIFIED and "after" in row.data and row.data["conversation"] in verified:
            ways[row.pk] = ("doubt", row.pk)
    return ways


def _is_silent(row: History) -> bool:
    """Whether a change is shown by what stands there anyway, or is the machine's own routine."""
    return row.code in SILENT_HISTORY or bool(row.data.get("quiet"))


def _with_branches(items: Iterable[Item]) -> Iterator[Item]:
    """Mark where a conversation joins and where the talk changes from one to another."""
    seen: set[int] = set()
    present: Conversation | None = None
    for item in items:
        conversation = item.message.conversation if isinstance(item, Entry) else None
        if conversation is not None and (present is None or conversation.pk != present.pk):
            yield Branch(
                at=item.at,
                look=item.look,
                conversation=conversation,
                is_first=not seen,
                is_joining=bool(seen) and conversation.pk not in seen,
            )
            seen.add(conversation.pk)
            present = conversation
        if conversation is None and present is not None:
            item.look = look(present.channel.kind)
        yield item


def _with_ends(items: Sequence[Item]) -> Iterator[Item]:
    """Close a rail with a tick after the last word of a conversation that is over."""
    last = {
        item.message.conversation.pk: place
        for place, item in enumerate(items)
        if isinstance(item, Entry) and item.message.conversation is not None
    }
    for place, item in enumerate(items):
        yield item
        talk = item.message.conversation if isinstance(item, Entry) else None
        if talk is not None and last[talk.pk] == place and not talk.is_current:
            yield End(at=item.at, look=item.look, conversation=talk)


def _unread(items: Iterable[Item], versions: tuple[int, int]) -> list[Entry]:
    after, until = versions
    return [
        item
        for item in items
        if isinstance(item, Entry)
        and item.message.is_inbound
        and after < item.message.version <= until
    ]


def _with_mark(items: Iterable[Item], unread: Sequence[Entry]) -> Iterator[Item]:
    for item in items:
        if unread and item is unread[0]:
            yield Unread(at=item.at, look=item.look, count=len(unread))
        yield item


def _with_days(items: Iterable[Item]) -> list[Item]:
    dated: list[Item] = []
    for _date, group in groupby(items, key=lambda item: timezone.localdate(item.at)):
        of_day = list(group)
        dated.append(Day(at=of_day[0].at, look=NO_LOOK))
        dated.extend(of_day)
    return dated


def _lane(claim: Conversation, case: CaseRead) -> ClaimLane:
    lane = ClaimLane(claim, look(claim.channel.kind))
    said = [message for message in case.messages if message.conversation_id == claim.pk]
    lane.items = [entry(message, case.enclosed[message.pk]) for message in said]
    lane.has_question = any(not question.answer for question in claim.questions.all())
    return lane
