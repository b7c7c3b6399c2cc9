"""RSS and Atom feeds: every new entry becomes a public message, to be answered by hand.

To set it up: find the feed's address (often a page's "RSS" link), then `manage.py channel add feed
--slug blog --set url=https://blog.example/comments/feed/`. Nothing can be sent to a feed: the
agent opens the entry's link and answers there.
docs/channels/feed.md leads through it step by step.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from channels_ingest.connectors.base import (
    Connector,
    Cursor,
    Fetched,
    FetchFailure,
    RawEnvelope,
    StoredEnvelope,
    setting,
)
from channels_ingest.connectors.base import mark as _
from channels_ingest.feed import reading
from channels_ingest.feed.fetching import Page, get
from channels_ingest.feed.reading import Entry, Feed
from tickets.interchange import Capabilities, Parsed

REMEMBERED = 2000  # entries that are known though they stand in the feed no more
MOST_PAGES = 5  # older pages that are read where the first holds nothing known
SURE_MOVES = 2  # looks that must agree on where a feed has moved to


class FeedReader(Connector):
    """A feed is asked whether it changed; what is new in it is read, what changed is edited."""

    kind = "feed"
    label = _("RSS or Atom feed")
    capabilities = Capabilities(is_public=True, writes=False, acknowledges=False, links=True)
    poll_every = 900.0

    @dataclass(frozen=True, slots=True)
    class Settings(Connector.Settings):
        """What a feed needs: its address."""

        url: str = setting(_("The address of the feed; it begins with https://."))
        since_days: int = setting(
            _("Days of history to import at first; 0 starts with the next entry."), 0
        )
        most_per_poll: int = setting(
            _("Messages made of one look; the rest follows in the next ones."), 50
        )
        poll_every: int = setting(
            _("Seconds between two looks; longer where the site asks for it."), 900
        )

    # Asked

    def fetch(self, cursor: Cursor) -> Iterator[Fetched]:
        url = self.settings.url
        if cursor.get("for") != url:
            cursor = {"for": url}  # another feed than before: nothing of it is known
        if self.account.now() < _moment(cursor.get("not_before")):
            return
        page = self._get(cursor.get("url") or url, cursor.get("validators"))
        cursor = cursor | _moved(cursor, page)
        if page.body is None:
            yield Fetched((), cursor)
            return
        feed = reading.read(page.body, page.url, page.headers)
        yield self._fetched(feed, page, cursor)

    def _get(self, url: str, validators: dict[str, str] | None = None) -> Page:
        return get(self.account.http, url, now=self.account.now(), validators=validators)

    def _fetched(self, feed: Feed, page: Page, cursor: Cursor) -> Fetched:
        """The envelopes of what is new or changed, and the cursor behind them."""
        known: dict[str, list[str]] = dict(cursor.get("known", {}))
        is_first, is_whole = "known" not in cursor, True
        envelopes: list[RawEnvelope] = []
        for entry in sorted(self._entries(feed, known), key=lambda each: str(each["published"])):
            event = "" if is_first and self._is_history(entry) else _event(entry, known)
            if event and len(envelopes) == self.settings.most_per_poll:
                is_whole = False
                continue
            if event:
                envelopes.append(reading.envelope_of(event, entry))
            known.pop(entry["name"], None)
            known[entry["name"]] = [entry["look"], entry["link"]]
        return Fetched(tuple(envelopes), cursor | self._state(feed, page, known, is_whole))

    def _state(
        self, feed: Feed, page: Page, known: dict[str, list[str]], is_whole: bool
    ) -> dict[str, Any]:
        latest = dict(list(known.items())[-max(REMEMBERED, len(feed.entries)) :])
        # While entries wait for the next look, "nothing changed" is not what we want to hear.
        validators = _validators(page) if is_whole else {}
        # A little less than was asked for: the next look must not come a moment too early.
        pause = timedelta(seconds=0.9 * feed.pause if is_whole else 0)
        not_before = (self.account.now() + pause).isoformat()
        return {"known": latest, "validators": validators, "not_before": not_before}

    def _entries(self, feed: Feed, known: dict[str, list[str]]) -> list[Entry]:
        """The entries of the feed, and of its older pages while nothing known is among them."""
        entries = {entry["name"]: entry for entry in feed.entries}
        for _page in range(MOST_PAGES):
            if not known or known.keys() & entries.keys() or not feed.next_page:
                break
            try:
                page = self._get(feed.next_page)
                feed = reading.read(page.body or b"", page.url, page.headers)
            except FetchFailure:
                break  # what the feed itself holds is not kept back for an archive that is broken
            entries = {entry["name"]: entry for entry in feed.entries} | entries
        return list(entries.values())

    def _is_history(self, entry: Entry) -> bool:
        oldest = self.account.now() - timedelta(days=self.settings.since_days)
        return not self.settings.since_days or _moment(entry["published"]) < oldest

    def parse(self, envelope: StoredEnvelope) -> list[Parsed]:
        return [reading.understood(envelope.body, envelope.key, envelope.received_at)]

    def link_to(self, external_id: str, thread: str) -> str:
        return thread if thread.startswith(("https://", "http://")) else ""

    def test(self) -> str:
        page = self._get(self.settings.url)
        feed = reading.read(page.body or b"", page.url, page.headers)
        host = urlsplit(page.url).hostname
        return f"{host} answered; {feed.title or 'no title'}, {len(feed.entries)} entries"


def _event(entry: Entry, known: dict[str, list[str]]) -> str:
    """What happened to an entry: "create", "edit", or "" for nothing."""
    before = known.get(entry["name"])
    if before:
        return "edit" if before[0] != entry["look"] else ""
    # Sites that move give everything new ids: the same words at the same link are nothing new.
    is_renamed = entry["link"] and [entry["look"], entry["link"]] in known.values()
    return "" if is_renamed else "create"


def _moved(cursor: Cursor, page: Page) -> dict[str, Any]:
    """Where to look from now on: a new address counts once two looks in a row were sent there."""
    if not page.moved_to:
        return {"moves": []}
    moves = [*cursor.get("moves", []), page.moved_to][-SURE_MOVES:]
    if len(moves) == SURE_MOVES and len(set(moves)) == 1:
        return {"url": page.moved_to, "moves": []}
    return {"moves": moves}


def _validators(page: Page) -> dict[str, str]:
    """What the next question carries, so that an unchanged feed need not be sent."""
    named = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
    return {ours: page.headers[theirs] for theirs, ours in named.items() if theirs in page.headers}


def _moment(written: str | None) -> datetime:
    return datetime.fromisoformat(written or "0001-01-01T00:00:00+00:00")
