"""Ask a forum for what is new in one of its two streams of posts, the public or the private."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from channels_ingest.connectors.base import Cursor, Fetched, FetchFailure, RawEnvelope
from channels_ingest.discourse import posts
from channels_ingest.discourse.api import Forum
from channels_ingest.discourse.posts import Post

OVERLAP = 50  # ids are given before they are committed, so the last ones are read again
WINDOW = 49  # ids that one page surely holds: old forums read `before` as "<=", new ones as "<"
MOST_WINDOWS = 15  # pages per pull; the smallest rate limit is 20 a minute
MOST_TOPICS = 200  # private topics of which we remember whether they are ours


@dataclass(frozen=True, slots=True)
class Stream:
    """The posts at `path`, whose page calls them `field`, from `since_post` on (0: from now).

    The streams share one row of ids: where another of them was read up to `ahead` just before,
    this one need not look behind that again.
    """

    forum: Forum
    path: str
    field: str
    is_wanted: Callable[[Post], bool]
    since_post: int
    now: datetime
    ahead: int = 0

    def pages(self, cursor: Cursor) -> Iterator[Fetched]:
        """What is new behind `cursor`, page by page. Raises FetchFailure."""
        newest = self.latest()
        cursor = self._begun(cursor, newest)
        if "post" not in cursor:
            yield Fetched((), cursor)
            return
        bottom = max(cursor["floor"], cursor["post"] - OVERLAP)
        # Upwards in windows of ids, so that a pull that is cut short continues where it stopped
        # and a topic keeps its order however long we were away.
        for _page in range(MOST_WINDOWS):
            if not newest or newest[0]["id"] <= bottom + 1:
                yield self._fetched(newest, cursor, bottom, top=self.ahead)
                return
            top = bottom + WINDOW
            page = [post for post in self.latest(before=top + 1) if post["id"] <= top]
            fetched = self._fetched(page, cursor, bottom, top=min(top, newest[-1]["id"]))
            cursor, bottom = fetched.cursor, top
            yield fetched

    def latest(self, before: int | None = None) -> list[Post]:
        """One page of the newest posts, oldest first. Raises FetchFailure."""
        data = self.forum.read(self.path, {"before": before} if before else {})
        page = data.get(self.field)
        if not isinstance(page, list):
            raise FetchFailure("not_discourse", "the answer has no posts")
        try:
            kept = [posts.kept(post) for post in page]
        except ValueError as error:
            raise FetchFailure("not_discourse", str(error)) from None
        return sorted(kept, key=lambda post: int(post["id"]))

    def _begun(self, cursor: Cursor, newest: list[Post]) -> Cursor:
        """The cursor, made at the first connection: what stands there already is history."""
        if "post" in cursor:
            return cursor
        if self.since_post > 0:
            floor = self.since_post - 1
        elif not newest:
            return {"since": cursor.get("since", self.now.isoformat())}
        else:
            since = cursor.get("since", "9999")  # compares as text: both are ISO 8601 in UTC
            old = [each["id"] for each in newest if each.get("created_at", "") < since]
            floor = max(old, default=newest[0]["id"] - 1)
        return {"post": floor, "floor": floor, "recent": {}}

    def _fetched(self, page: list[Post], cursor: Cursor, bottom: int, *, top: int = 0) -> Fetched:
        """The page with the envelopes of what is new in it or was edited since we saw it."""
        recent: dict[str, str] = dict(cursor["recent"])
        envelopes: list[RawEnvelope] = []
        for post in page:
            number, content = str(post["id"]), posts.fingerprint(post)
            if post["id"] > bottom and recent.get(number) != content and self.is_wanted(post):
                if number not in recent:
                    envelopes.append(posts.envelope_of("post_created", post))
                # Besides, because a webhook may have brought the first version without this edit.
                if number in recent or post.get("version", 1) != 1:
                    envelopes.append(posts.envelope_of("post_edited", post))
                recent[number] = content
        newest = max(cursor["post"], top, *(post["id"] for post in page))
        kept = {number: seen for number, seen in recent.items() if int(number) > newest - OVERLAP}
        return Fetched(tuple(envelopes), cursor | {"post": newest, "recent": kept})


@dataclass(slots=True)
class Mailbox:
    """Which private topics are addressed to us; an administrator's key shows everybody's.

    `known` remembers the answers by topic. It goes into the cursor.
    """

    forum: Forum
    groups: tuple[str, ...]
    known: dict[str, bool]

    def holds(self, post: Post) -> bool:
        """Whether the topic of a private post is ours to read. Raises FetchFailure."""
        post["topic_archetype"] = "private_message"  # which this list leaves out
        topic = str(post["topic_id"])
        if topic not in self.known:
            self.known[topic] = self._is_ours(topic)
            self.known = dict(list(self.known.items())[-MOST_TOPICS:])
        return self.known[topic]

    def _is_ours(self, topic: str) -> bool:
        try:
            details = self.forum.read(f"/t/{topic}.json").get("details")
        except FetchFailure as error:
            if error.code in ("missing", "credentials"):
                return False  # deleted meanwhile, or not for us
            raise
        people = _names(details, "allowed_users", "username")
        return self.forum.username.lower() in people or bool(
            {each.lower() for each in self.groups} & _names(details, "allowed_groups", "name")
        )


def _names(details: object, field: str, name: str) -> set[str]:
    listed = details.get(field) if isinstance(details, dict) else None
    found = listed if isinstance(listed, list) else []
    return {str(each.get(name)).lower() for each in found if isinstance(each, dict)}
