"""Fold the older days of a long case, each into one line; what waits for somebody stays open."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from django.utils import timezone

from .entries import Entry, Item, Stretch, Unread

LONG_CASE = 40  # entries from which on it is worth it
TAIL = 20  # the latest entries, which always stay open
LEAST = 5  # fewer of a day are not worth a fold


def folded(items: Sequence[Item], reaching: int = 0) -> list[Item]:
    """The line with its older stretches folded by day; a short one stays as it is."""
    entries = [place for place, item in enumerate(items) if isinstance(item, Entry)]
    if len(entries) < LONG_CASE:
        return list(items)
    tail = entries[-TAIL]
    marks = (place for place, item in enumerate(items) if isinstance(item, Unread))
    tail = min([tail, *marks])
    return [*_fold_days(items[:tail], reaching), *items[tail:]]


def _fold_days(items: Iterable[Item], reaching: int) -> Iterator[Item]:
    for (_date, is_open), group in groupby(
        items, key=lambda item: (timezone.localdate(item.at), _stays_open(item, reaching))
    ):
        stretch = list(group)
        entries = [item for item in stretch if isinstance(item, Entry)]
        if is_open or len(entries) < LEAST:
            yield from stretch
        else:
            yield Stretch(
                at=stretch[0].at,
                look=stretch[-1].look,
                items=stretch,
                count=len(entries),
                marks=tuple(dict.fromkeys(_marks(entries))),
                first=entries[0].message.pk,
            )


def _stays_open(item: Item, reaching: int) -> bool:
    """What a person must act on, what is on its way and what a link leads to."""
    return isinstance(item, Entry) and (item.urgency < 2 or item.message.pk == reaching)


def _marks(entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    for each in entries:
        if each.message.conversation is not None:
            channel = each.message.conversation.channel
            yield channel.kind, channel.label
