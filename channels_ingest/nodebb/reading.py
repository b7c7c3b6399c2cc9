"""What is new in a forum: posts by paging back through the latest, chats room by room."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from channels_ingest.connectors.base import FetchFailure, RawEnvelope
from channels_ingest.nodebb import posts
from channels_ingest.nodebb.api import Forum
from channels_ingest.nodebb.posts import Entry

OVERLAP = 10 * 60 * 1000  # ms; offsets shift while people write, so the last minutes are re-read
LEAST_PAGES = 3  # read every time, so that edits and deletions among these posts are seen
MOST_PAGES = 200  # of twenty posts
EMPTY_PAGES = 3  # posts that we may not see leave holes: one empty page is not yet the end
REMEMBERED = 200
AT_ONCE = 10  # posts of one committed step
WEEK = 6 * 24 * 3600 * 1000
ROOMS, MESSAGES, MOST_OFFSET = 100, 50, 1000
REMEMBERED_MESSAGES = 20

State = dict[str, Any]
Step = tuple[list[RawEnvelope], State]


@dataclass(frozen=True, slots=True)
class Posts:
    """The posts of a forum: `wants` tells which, `now` which list reaches back far enough."""

    forum: Forum
    wants: Callable[[Entry], bool]
    now: datetime

    def since(self, state: State | None) -> Iterator[Step]:
        """Steps of what is new, changed or gone, oldest first. Raises FetchFailure."""
        if state is None:  # the first look: what stands there already is history
            newest = max((each["timestamp"] for each in self._page("month", 1)), default=-1)
            yield [], {"at": newest + 1, "floor": newest + 1, "known": {}}
            return
        seen, known = self._seen(state), dict(state["known"])
        at, envelopes = state["at"], list(self._gone(seen, known))
        fresh = [each for each in seen if known.get(each["pid"], {}).get("look") != each["look"]]
        for number, each in enumerate(fresh, start=1):
            envelopes += self._changed(each, known)
            at = max(at, each["timestamp"])
            if number % AT_ONCE == 0:
                yield envelopes, _state(state, at, known)
                envelopes = []
        yield envelopes, _state(state, at, known)

    def _seen(self, state: State) -> list[Entry]:
        """The latest posts down to where we stopped, oldest first."""
        horizon, floor = max(state["at"] - OVERLAP, state["floor"]), state["floor"]
        age = int(self.now.timestamp() * 1000) - horizon
        term = "week" if age < WEEK else "month"
        seen: dict[str, Entry] = {}
        empty = 0
        for number in range(1, MOST_PAGES + 1):
            page = self._page(term, number)
            seen |= {each["pid"]: each for each in page}
            empty = 0 if page else empty + 1
            oldest = min((each["timestamp"] for each in page), default=horizon)
            if (
                empty == EMPTY_PAGES
                or oldest < floor
                or (number >= LEAST_PAGES and oldest < horizon)
            ):
                break
        wanted = [each for each in seen.values() if each["timestamp"] >= floor]
        return [each for each in sorted(wanted, key=_age) if self.wants(each)]

    def _page(self, term: str, number: int) -> list[Entry]:
        page = self.forum.read(f"/recent/posts/{term}", {"page": number})
        if not isinstance(page, list):
            raise FetchFailure("refused", "the answer is no list of posts")
        return _understood(page, posts.listed)

    def _changed(self, listed: Entry, known: dict[str, Entry]) -> Iterator[RawEnvelope]:
        """What the full post says that we did not know: its mark-up is only told there."""
        before = known.get(listed["pid"])
        post = self._post(listed["pid"])
        is_gone = post is None or bool(post.get("deleted"))
        edited = posts.stamp(post.get("edited")) if post else 0
        known[listed["pid"]] = listed | {"edited": edited, "gone": is_gone}
        if post is None or is_gone:
            if before and not before["gone"]:
                yield posts.post_envelope("delete", listed, {})
        elif before is None:
            yield posts.post_envelope("create", listed, post)
        elif before["gone"] or edited != before["edited"]:  # else a preview, or an emoji
            yield posts.post_envelope("edit", listed, post)

    def _gone(self, seen: list[Entry], known: dict[str, Entry]) -> Iterator[RawEnvelope]:
        """Posts that we know and that are missing among their neighbours, if they were deleted."""
        present = {each["pid"] for each in seen}
        oldest = min((each["timestamp"] for each in seen), default=0)
        for pid, entry in list(known.items()):
            if pid in present or entry["gone"] or entry["timestamp"] < oldest:
                continue
            post = self._post(pid)
            if post is None or post.get("deleted"):
                known[pid] = entry | {"gone": True, "look": ""}
                yield posts.post_envelope("delete", entry, {})

    def _post(self, pid: str) -> Entry | None:
        try:
            return self.forum.read_v3(f"/posts/{quote(pid, safe='')}")
        except FetchFailure as failure:
            if failure.code == "missing":
                return None
            raise


def _state(state: State, at: int, known: dict[str, Entry]) -> State:
    latest = sorted(known.items(), key=lambda each: _age(each[1]))[-REMEMBERED:]
    return {"at": at, "floor": state["floor"], "known": dict(latest)}


def _age(entry: Entry) -> tuple[int, int, str]:
    """What entries are ordered by; of one millisecond, the lower id is the older."""
    own = entry.get("pid") or entry["mid"]
    return entry["timestamp"], len(own), own


@dataclass(frozen=True, slots=True)
class Chats:
    """The private rooms of the desk's user, whose number is `own_uid`."""

    forum: Forum
    own_uid: str

    def since(self, state: State | None) -> Iterator[Step]:
        """Steps of what is new or changed, room by room, oldest first. Raises FetchFailure."""
        rooms = self._rooms()
        if state is None:
            floor = max((each["at"] for each in rooms), default=-1) + 1
            looks = {each["room"]: {"look": each["look"], "known": {}} for each in rooms}
            yield [], {"floor": floor, "rooms": looks}
            return
        kept: State = dict(state["rooms"])
        for each in sorted(rooms, key=lambda room: room["at"]):
            before = kept.get(each["room"], {"look": "", "known": {}})
            if before["look"] == each["look"]:
                continue
            envelopes, known = self._changed(each["room"], before["known"], state["floor"])
            kept[each["room"]] = {"look": each["look"], "known": known}
            listed = {room["room"]: kept[room["room"]] for room in rooms if room["room"] in kept}
            yield envelopes, {"floor": state["floor"], "rooms": listed}

    def _rooms(self) -> list[Entry]:
        found = self.forum.read_v3("/chats", {"start": 0, "perPage": ROOMS}).get("rooms")
        if not isinstance(found, list):
            raise FetchFailure("refused", "the answer has no rooms")
        private = [each for each in found if isinstance(each, dict) and not each.get("public")]
        return _understood(private, _room)

    def _changed(
        self, room: str, known: dict[str, list[int]], floor: int
    ) -> tuple[list[RawEnvelope], dict[str, list[int]]]:
        """The envelopes of a room, and what is now known of it: when each was edited, if gone."""
        entries = self._entries(room, known, floor)
        envelopes = []
        for each in entries:
            now, before = [each["edited"], int(each["deleted"])], known.get(each["mid"])
            if before == now or (before is None and each["deleted"]):
                continue
            event = "create" if before is None else "delete" if each["deleted"] else "edit"
            envelopes.append(posts.chat_envelope(event, each))
        latest = entries[-REMEMBERED_MESSAGES:]
        return envelopes, {each["mid"]: [each["edited"], int(each["deleted"])] for each in latest}

    def _entries(self, room: str, known: dict[str, list[int]], floor: int) -> list[Entry]:
        """The messages of others in a room, oldest first, back to one that we know."""
        found: dict[str, Entry] = {}
        path = f"/chats/{quote(room, safe='')}/messages"
        for start in range(0, MOST_OFFSET, MESSAGES):
            page = self.forum.read_v3(path, {"start": start}).get("messages")
            if not isinstance(page, list):
                raise FetchFailure("refused", "the answer has no messages")
            entries = _understood(page, lambda message: posts.chat_entry(message, room))
            found |= {each["mid"]: each for each in entries}
            reached = any(each["mid"] in known or each["timestamp"] < floor for each in entries)
            if reached or len(entries) < MESSAGES:
                break
        new = (each for each in found.values() if each["timestamp"] >= floor)
        return [each for each in sorted(new, key=_age) if each["uid"] != self.own_uid]


def _room(room: Entry) -> Entry:
    teaser = posts.part(room, "teaser")
    at = posts.stamp(teaser.get("timestamp"))
    look = posts.fingerprint(f"{at} {teaser.get('content')}")
    return {"room": posts.ident(room.get("roomId")), "at": at, "look": look}


def _understood(page: list[Any], read: Callable[[Any], Entry]) -> list[Entry]:
    try:
        return [read(each) for each in page]
    except ValueError as error:
        raise FetchFailure("refused", str(error)) from None
