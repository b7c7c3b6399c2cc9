"""When the clocks of a case stood still, read off its history."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from ...clocks import Pause
from ...models import ClockKind, State

PENDING, SNOOZED, PROMISED, CLOSED, OPEN = "pending", "snoozed", "promised", "closed", "open"
STANDINGS = {
    "waits_for_customer": PENDING,
    "snoozed": SNOOZED,
    "call_back": PROMISED,
    "resolved": CLOSED,
    "reopened": OPEN,
    "woken": OPEN,
    "call_back_due": OPEN,
    "split_from": OPEN,
}
MERGED = "merged_into"
CHOSEN = "answer_after"
CODES = (*STANDINGS, MERGED, CHOSEN, "corrected_into", "undone")
# Whoever puts a case off by themselves still owes the customer an answer; a promised call is one.
_STOPS_ANSWERS = frozenset({PENDING, PROMISED, CLOSED})
_STOPS_ALL = _STOPS_ANSWERS | {SNOOZED}


class Happening(NamedTuple):
    """A row of a case's history, as far as clocks care."""

    code: str
    at: datetime
    until: datetime | None = None


def stops(history: Iterable[Happening], kind: str, *, state: str, now: datetime) -> list[Pause]:
    """The stretches in which a clock of this kind did not run; the last one may still last.

    `history` is that of one case, in order; `state` is how the case stands at `now`.
    """
    stopping = _STOPS_ALL if kind == ClockKind.RESOLUTION else _STOPS_ANSWERS
    found: list[Pause] = []
    since: datetime | None = None
    standing = OPEN
    for row in history:
        standing = STANDINGS.get(row.code, standing)
        if since is None and standing in stopping:
            since = row.at
        elif since is not None and standing not in stopping:
            found.append((since, row.at))
            since = None
    if since is None and standing == OPEN and state in {State.PENDING, State.CLOSED}:
        since = now  # put aside before there was a history to tell of it
    if since is not None:
        found.append((since, now if state == State.OPEN else None))
    return found


def put_off(history: Iterable[Happening], began: datetime) -> list[Pause]:
    """The stretch in which the customer wants no answer to what they wrote at `began`.

    What they chose last counts. It is over with the answer: a later wait began after the choice.
    """
    chosen = [row for row in history if row.code == CHOSEN and row.at >= began and row.until]
    if not chosen:
        return []
    last = chosen[-1]
    return [(last.at, last.until)]


def merged_at(history: Iterable[Happening]) -> datetime | None:
    """When the case was merged, if a merge is the last that was done to its whereabouts."""
    at = None
    for row in history:
        if row.code in {MERGED, "corrected_into", "undone"}:
            at = row.at if row.code == MERGED else None
    return at


def cut(pauses: Iterable[Pause], *, before: datetime | None, after: datetime | None) -> list[Pause]:
    """The parts of pauses that lie before one moment or after another."""
    found: list[Pause] = []
    for begin, end in pauses:
        if before is not None and begin < before:
            found.append((begin, before if end is None else min(end, before)))
        if after is not None and (end is None or end > after):
            found.append((max(begin, after), end))
    return found
