"""What the search page shows: each case as a row, and below it where the words were found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tickets.models import Channel, Message, User
from tickets.queries.hits import Hit
from tickets.queries.search import Found
from tickets.searching import Piece

from .glyphs import channel_mark, icon
from .rows import RowOnScreen, on_screen


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was found: a mark for the sort of thing, by whom and when, the words around it."""

    mark: SafeString
    where: str
    at: datetime | None
    pieces: Sequence[Piece]
    url: str


@dataclass(frozen=True, slots=True)
class Result:
    """One case with the places in it where something was found."""

    row: RowOnScreen
    places: list[Place]


def results(
    found: Sequence[Found],
    user: User,
    channels: Mapping[int, Channel],
    seen_versions: Mapping[int, int],
    now: datetime,
) -> list[Result]:
    """Put what was found into the words and marks that `user` sees at `now`."""
    rows = [on_screen(each.row, user, channels, seen_versions, now) for each in found]
    return [
        Result(row, [_place(hit, row.url) for hit in _worth_showing(each.hits)])
        for row, each in zip(rows, found, strict=True)
    ]


def _worth_showing(hits: Sequence[Hit]) -> Sequence[Hit]:
    """What was said, where that is how it was found: the row tells subject and name already."""
    return [hit for hit in hits if hit.message is not None] or hits


def _place(hit: Hit, url: str) -> Place:
    if hit.message is None:
        is_person = hit.kind == "person"
        where = _("Customer") if is_person else _("Subject")
        return Place(icon("users" if is_person else "mark"), where, None, hit.pieces, url)
    return Place(
        mark=_mark(hit, hit.message),
        where=_where(hit.message),
        at=hit.message.created_at,
        pieces=hit.pieces,
        url=f"{url}#message-{hit.message.pk}",
    )


def _mark(hit: Hit, message: Message) -> SafeString:
    """A file, a note, or else the channel by which it was said."""
    if hit.kind == "file":
        return icon("clip")
    channel = message.channel
    return icon("note") if channel is None else channel_mark(channel.kind, channel.label)


def _where(message: Message) -> str:
    """Who says it, and that it is a note where it is one."""
    if message.is_note:
        return _("Note by %(name)s") % {"name": message.author or _("A former colleague")}
    if message.is_outbound:
        return str(message.author or _("Automatic answer"))
    conversation = message.conversation
    return conversation.identity.display_name if conversation else ""
