"""NodeBB: posts of a forum become messages, replies become posts in the same topic.

To set it up: in the forum make a user for the desk and, in the admin pages (Settings > API
Access), a token for that user; then `manage.py channel add nodebb --slug board --set
base_url=https://board.example --set token=… --set uid=7`. Posts and the desk's private chats are
fetched every minute; NodeBB calls nobody.
docs/channels/nodebb.md leads through it step by step.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from channels_ingest.connectors.base import (
    Connector,
    Cursor,
    Fetched,
    FetchFailure,
    OutcomeUnknown,
    PermanentFailure,
    StoredEnvelope,
    TemporaryFailure,
    setting,
)
from channels_ingest.connectors.base import mark as _
from channels_ingest.markdown import as_markdown
from channels_ingest.nodebb import posts
from channels_ingest.nodebb.api import Forum
from channels_ingest.nodebb.posts import Entry
from channels_ingest.nodebb.reading import Chats, Posts
from tickets.interchange import (
    Capabilities,
    OutgoingFile,
    OutgoingMessage,
    Parsed,
    Sent,
)

TOPIC = re.compile(r"topic:(.{1,240})")
CHAT = re.compile(r"chat:(.{1,240})")
POST = re.compile(r"post:(.{1,240})")
LATEST_PAGES = 5  # of recent posts, among which one of ours is looked for


class NodeBB(Connector):
    """A forum is asked for new posts and for the private chats of the desk's user."""

    kind = "nodebb"
    label = "NodeBB"
    capabilities = Capabilities(
        is_public=True,
        text_limit=32_000,
        sends_per_minute=6,
        moderates=True,
        invites="link",
        links=True,
        resend="lookup",
    )
    poll_every = 60.0

    @dataclass(frozen=True, slots=True)
    class Settings(Connector.Settings):
        """What a forum needs: its address, a token, and the number of the token's user."""

        base_url: str = setting(_("The address of the forum, with its folder if it has one."))
        token: str = setting(
            _("Admin > Settings > API Access: a token for this user."), secret=True
        )
        uid: str = setting(_("The number of the forum user who answers for the desk."))
        is_master: bool = setting(
            _("Whether it is a master token, which speaks for the user named here."), False
        )
        category_ids: tuple[int, ...] = setting(
            _("Numbers of the categories to read, with commas, subcategories too; empty for all."),
            (),
        )
        chats: bool = setting(_("Whether private chats of this user are read and answered."), True)
        chat_limit: int = setting(_("Characters that the forum allows in a chat message."), 1000)
        poll_every: int = setting(_("Seconds between two looks."), 60)

    @property
    def forum(self) -> Forum:
        given = self.settings
        as_uid = given.uid if given.is_master else ""
        return Forum(given.base_url, given.token, self.account.http, as_uid=as_uid)

    # Asked

    def fetch(self, cursor: Cursor) -> Iterator[Fetched]:
        found = Posts(self.forum, self._is_wanted, self.account.now())
        for envelopes, state in found.since(cursor.get("posts")):
            cursor = cursor | {"posts": state}
            yield Fetched(tuple(envelopes), cursor)
        if self.settings.chats:
            rooms = Chats(self.forum, self.settings.uid)
            for envelopes, state in rooms.since(cursor.get("chats")):
                cursor = cursor | {"chats": state}
                yield Fetched(tuple(envelopes), cursor)

    def _is_wanted(self, listed: Entry) -> bool:
        chosen = [str(each) for each in self.settings.category_ids]
        return listed["uid"] != self.settings.uid and (not chosen or listed["cid"] in chosen)

    def parse(self, envelope: StoredEnvelope) -> list[Parsed]:
        base_url = self.forum.base_url
        return [posts.understood(envelope.body, envelope.key, envelope.received_at, base_url)]

    def test(self) -> str:
        found = self.forum.read("/self")
        uid = str(found.get("uid", "")) if isinstance(found, dict) else ""
        if uid != self.settings.uid:
            raise FetchFailure("bad_credentials", f"the token belongs to user {uid or 'nobody'}")
        return f"{self.forum.base_url} answered; the token is {found.get('username')}'s"

    # Answered

    def send(self, message: OutgoingMessage) -> Sent:
        if topic := TOPIC.fullmatch(message.thread):
            return self._post(message, topic[1])
        if room := CHAT.fullmatch(message.thread):
            return self._chat(message, room[1])
        raise PermanentFailure("recipient", "no topic to answer in")

    def _post(self, message: OutgoingMessage, topic: str) -> Sent:
        content: dict[str, Any] = {"content": self._content(message)}
        if answered := POST.fullmatch(message.in_reply_to):
            content["toPid"] = int(answered[1]) if answered[1].isdigit() else answered[1]
        try:
            done = self.forum.write("POST", f"/v3/topics/{_quoted(topic)}", json=content)
        except PermanentFailure as failure:
            # What we answer may be gone; the answer itself still belongs into the topic.
            if "toPid" not in content or "post id" not in failure.detail.lower():
                raise
            del content["toPid"]
            done = self.forum.write("POST", f"/v3/topics/{_quoted(topic)}", json=content)
        if done.get("queued"):
            return Sent()  # accepted; a moderator of the forum lets it through
        return _sent("post", done.get("pid"))

    def _chat(self, message: OutgoingMessage, room: str) -> Sent:
        content = self._content(message)
        if len(content) > self.settings.chat_limit:
            raise PermanentFailure("too_long", f"{len(content)} characters")
        done = self.forum.write("POST", f"/v3/chats/{_quoted(room)}", json={"message": content})
        return _sent("chat", done.get("messageId") or done.get("mid"))

    def _content(self, message: OutgoingMessage) -> str:
        files = [self._upload(each) for each in message.files]
        return "\n\n".join((as_markdown(message.text), *files, _trace(message)))

    def _upload(self, file: OutgoingFile) -> str:
        """Upload one file and return the Markdown that shows it; nothing is posted yet."""
        files = {"files[]": (file.name, file.data, file.content_type)}
        try:
            done = self.forum.write("POST", "/post/upload", files=files)
        except OutcomeUnknown as failure:
            raise TemporaryFailure("unavailable", failure.detail) from None
        except PermanentFailure as failure:
            raise PermanentFailure("file", failure.detail) from None
        images = done.get("images")
        first = images[0] if isinstance(images, list) and images else None
        url = first.get("url") if isinstance(first, dict) else None
        if not isinstance(url, str) or re.search(r"[\s()]", url):
            raise PermanentFailure("file", "the forum gave no address")
        name = re.sub(r"[\[\]|\\\s]+", " ", file.name)
        return f"{'!' if file.content_type.startswith('image/') else ''}[{name}]({url})"

    def look_up(self, message: OutgoingMessage) -> Sent | None:
        """Look for the trace of this delivery among what we wrote last."""
        if room := CHAT.fullmatch(message.thread):
            return self._look_in_chat(room[1], message)
        topic = TOPIC.fullmatch(message.thread)
        for number in range(1, LATEST_PAGES + 1):
            page = self.forum.read("/recent/posts/day", {"page": number})
            if not isinstance(page, list):
                raise FetchFailure("refused", "the answer is no list of posts")
            for each in map(_listed, page):
                is_ours = each["uid"] == self.settings.uid and topic and each["tid"] == topic[1]
                if is_ours and self._is_traced(f"/posts/{_quoted(each['pid'])}", message):
                    return _sent("post", each["pid"])
        return None

    def _look_in_chat(self, room: str, message: OutgoingMessage) -> Sent | None:
        path = f"/chats/{_quoted(room)}/messages"
        page = self.forum.read_v3(path, {"start": 0}).get("messages")
        for each in page if isinstance(page, list) else []:
            entry = posts.chat_entry(each, room)
            raw = f"{path}/{_quoted(entry['mid'])}/raw"
            if entry["uid"] == self.settings.uid and self._is_traced(raw, message):
                return _sent("chat", entry["mid"])
        return None

    def _is_traced(self, path: str, message: OutgoingMessage) -> bool:
        found = self.forum.read_v3(path)
        return _trace(message) in str(found.get("content"))

    def hide(self, external_id: str) -> None:
        post = POST.fullmatch(external_id)
        if not post:
            raise PermanentFailure("recipient", "no post to hide")
        self.forum.write("DELETE", f"/v3/posts/{_quoted(post[1])}/state")

    def link_to(self, external_id: str, thread: str) -> str:
        post = POST.fullmatch(re.sub(r":(e[0-9]+|deleted)$", "", external_id))
        if post and "://" in post[1]:
            return post[1]  # a post of another server
        return f"{self.forum.base_url}/post/{_quoted(post[1])}" if post else ""


def _sent(kind: str, number: object) -> Sent:
    try:
        return Sent(f"{kind}:{posts.ident(number)}")
    except ValueError:
        return Sent()


def _listed(summary: object) -> Entry:
    try:
        return posts.listed(summary)
    except ValueError as error:
        raise FetchFailure("refused", str(error)) from None


def _quoted(number: str) -> str:
    return quote(number, safe="")


def _trace(message: OutgoingMessage) -> str:
    """A definition that Markdown does not show, by which `look_up` knows this very delivery."""
    return f"[//]: # (delivery {re.sub('[^0-9A-Za-z_]+', '-', message.delivery_id)})"
