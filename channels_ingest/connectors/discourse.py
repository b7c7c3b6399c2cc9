"""Discourse: posts of a forum become messages, replies become posts in the same topic.

To set it up: in the forum's admin pages create a user for the desk and an API key for that user
(Admin > API > New key, "single user"), then `manage.py channel add discourse --slug forum --set
base_url=https://forum.example --set api_key=… --set api_username=desk`. Posts are fetched every
minute, the private messages of that user too. For faster answers add a webhook (Admin > Webhooks)
with the printed address and secret, content type application/json, and the post event.
docs/channels/discourse.md leads through it step by step.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests

from channels_ingest import wire
from channels_ingest.connectors.base import (
    Answer,
    BadRequest,
    BadSignature,
    Connector,
    Cursor,
    Fetched,
    FetchFailure,
    PermanentFailure,
    Received,
    Request,
    StoredEnvelope,
    TemporaryFailure,
    setting,
)
from channels_ingest.connectors.base import mark as _
from channels_ingest.discourse import moderating, posts, writing
from channels_ingest.discourse.api import Forum
from channels_ingest.discourse.posts import Post
from channels_ingest.discourse.pulling import Mailbox, Stream
from tickets.interchange import Capabilities, IncomingFile, OutgoingMessage, Parsed, Sent

LATEST_OF_TOPIC = 20


class Discourse(Connector):
    """A forum is asked for new posts; its webhook, if set up, brings the same ones sooner."""

    kind = "discourse"
    label = "Discourse"
    capabilities = Capabilities(
        is_public=True,
        text_limit=32_000,
        resend="lookup",
        moderates=True,
        invites="link",
        links=True,
    )
    poll_every = 60.0

    @dataclass(frozen=True, slots=True)
    class Settings(Connector.Settings):
        """What a forum needs: its address, a user and that user's key."""

        base_url: str = setting(_("The address of the forum, with its folder if it has one."))
        api_key: str = setting(_("Admin > API > New key: a key for this user."), secret=True)
        api_username: str = setting(_("The forum user who answers for the desk."))
        webhook_secret: str = setting(
            _("Made for you; enter it at Admin > Webhooks. Unused without a webhook."),
            "",
            secret=True,
            generated=True,
        )
        webhook_previous_secret: str = setting(
            _("While you change the webhook secret: the old one, still accepted."), "", secret=True
        )
        category_ids: tuple[int, ...] = setting(
            _("Numbers of the categories to read, with commas, subcategories too; empty for all."),
            (),
        )
        since_post: int = setting(
            _("Number of the oldest post to import; 0 starts with the next post."), 0
        )
        poll_every: int = setting(_("Seconds between two looks; a webhook wakes us earlier."), 60)
        private_messages: bool = setting(
            _("Whether to read the user's private messages too."), True
        )
        inbox_groups: tuple[str, ...] = setting(
            _("Groups of the user whose private messages are read too, with commas."), ()
        )
        hide_as: int = setting(
            _("The type of flag by which a moderator hides a post; 4 is “inappropriate”."), 4
        )
        largest_file: int = setting(_("Largest file that is fetched, in bytes."), 20 * 1024 * 1024)

    @property
    def forum(self) -> Forum:
        given = self.settings
        return Forum(given.base_url, given.api_key, given.api_username, self.account.http)

    # Pushed

    def verify(self, request: Request) -> None:
        given = request.headers.get("x-discourse-event-signature", "").encode("utf-8", "replace")
        secrets = (self.settings.webhook_secret, self.settings.webhook_previous_secret)
        expected = [
            b"sha256="
            + hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest().encode()
            for secret in secrets
            if secret
        ]
        if not any(hmac.compare_digest(ours, given) for ours in expected):
            raise BadSignature("signature refused")

    def receive(self, request: Request) -> Received:
        self.check_size(request)
        self.verify(request)
        event = request.headers.get("x-discourse-event", "")
        if event not in posts.EVENTS:
            return Received(answer=Answer())  # ping, topics, users, likes …
        try:
            post = posts.kept(wire.json_object(request.body).get("post"))
            envelope = posts.envelope_of(event, post)
        except ValueError as error:
            raise BadRequest(400, {"body": f"not a post in JSON: {error}"}) from None
        if post.get("topic_archetype") == "private_message":
            # A webhook tells of everybody's; asking brings those that are addressed to us.
            return Received(answer=Answer(), pull_now=self.settings.private_messages)
        wanted = (envelope,) if self._is_wanted(post) else ()
        return Received(wanted, Answer(), pull_now=bool(wanted))

    # Asked

    def fetch(self, cursor: Cursor) -> Iterator[Fetched]:
        private = cursor.get("private", {})
        public = {name: value for name, value in cursor.items() if name != "private"}
        for page in self._public.pages(public):
            public = page.cursor
            yield Fetched(page.envelopes, public | {"private": private})
        if not self.settings.private_messages:
            return
        mailbox = Mailbox(self.forum, self.settings.inbox_groups, dict(private.get("topics", {})))
        for page in self._private(mailbox, public.get("post", 0)).pages(private):
            private = page.cursor | {"topics": mailbox.known}
            yield Fetched(page.envelopes, public | {"private": private})

    @property
    def _public(self) -> Stream:
        since, now = self.settings.since_post, self.account.now()
        return Stream(self.forum, "/posts.json", "latest_posts", self._is_wanted, since, now)

    def _private(self, mailbox: Mailbox, ahead: int) -> Stream:
        since, now = self.settings.since_post, self.account.now()
        place, field = "/private-posts.json", "private_posts"
        return Stream(self.forum, place, field, mailbox.holds, since, now, ahead)

    def _is_wanted(self, post: Post) -> bool:
        chosen = self.settings.category_ids
        return not chosen or post.get("category_id") in chosen

    def test(self) -> str:
        newest = self._public.latest()
        return (
            f"{self.forum.base_url} answered; newest post {newest[-1]['id'] if newest else 'none'}"
        )

    # Understood

    def parse(self, envelope: StoredEnvelope) -> list[Parsed]:
        our_name = self.settings.api_username
        return [posts.understood(envelope, base_url=self.forum.base_url, our_name=our_name)]

    def download(self, address: str) -> IncomingFile:
        """Files of the forum itself are asked for by our user: some are not for everybody."""
        forum, most = self.forum, self.settings.largest_file
        if not address.startswith(f"{forum.base_url}/"):
            return self.account.fetch_media(address)
        found = forum.download(address, most=most)
        return found if isinstance(found, IncomingFile) else self.account.fetch_media(found)

    def link_to(self, external_id: str, thread: str) -> str:
        if ours := re.fullmatch(r"topic:(\d+):(\d+)", external_id):
            return f"{self.forum.base_url}/t/{ours[1]}/{ours[2]}"
        theirs = re.match(r"post:(\d+)", external_id)
        return f"{self.forum.base_url}/p/{theirs[1]}" if theirs else ""

    # Answered

    def send(self, message: OutgoingMessage) -> Sent:
        body = self._where(message)
        files = [writing.upload(self.forum, each) for each in message.files]
        body["raw"] = writing.raw(message, files)
        try:
            response = self.forum.call("POST", "/posts.json", json=body)
        except requests.RequestException as error:
            raise wire.broken_send(error) from None
        return writing.outcome(self.forum, response, message.thread)

    def _where(self, message: OutgoingMessage) -> dict[str, Any]:
        """The topic and the post that we answer, or a new private topic with somebody."""
        if not message.thread and message.recipient_name and not message.is_public:
            return writing.private_topic(message)
        if not re.fullmatch(r"[0-9]{1,18}", message.thread):
            raise PermanentFailure("recipient", "no topic to answer in")
        number = self._number_of(message.in_reply_to)
        answered = {"reply_to_post_number": number} if number else {}
        return {"topic_id": int(message.thread)} | answered

    def _number_of(self, external_id: str) -> int | None:
        """The place in its topic of the post that we answer; its author is then notified."""
        if not re.fullmatch(r"post:[0-9]{1,18}", external_id):
            return None
        try:
            post = self.forum.read(f"/posts/{external_id.removeprefix('post:')}.json")
            return posts.number(post, "post_number")
        except ValueError:
            return None
        except FetchFailure as error:
            if error.code == "missing":
                return None  # deleted since: the answer still belongs into the topic
            wait_for = error.retry_after
            raise TemporaryFailure(error.code, error.detail, retry_after=wait_for) from None

    def look_up(self, message: OutgoingMessage) -> Sent | None:
        """Look for the trace of this delivery in our own latest posts of the topic."""
        if not message.thread:
            return writing.private_topic_begun(self.forum, message)
        stream = self.forum.read(f"/t/{message.thread}.json").get("post_stream")
        ids = stream.get("stream") if isinstance(stream, dict) else None
        if not isinstance(ids, list):
            raise FetchFailure("not_discourse", "the answer is no topic")
        query = {"post_ids[]": ids[-LATEST_OF_TOPIC:], "include_raw": "true"}
        for post in self.forum.posts_in(f"/t/{message.thread}/posts.json", query):
            if writing.is_ours(self.forum, post, message):
                return Sent(writing.external_id(post))
        return None

    def hide(self, external_id: str) -> None:
        """Hide a post; with the first one of a topic its title leaves the lists, too."""
        found = re.match(r"post:(\d{1,18})", external_id)
        if not found:
            raise PermanentFailure("gone_there", "no post of the forum")
        moderating.hide(self.forum, found[1], flag=self.settings.hide_as)
