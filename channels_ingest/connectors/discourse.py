"""Discourse: posts of a forum become messages, replies become posts in the same topic.

To set it up: in the forum's admin pages create a user for the desk and an API key for that user
(Admin > API > New key, "single user"), then `manage.py channel add discourse --slug forum --set
base_url=https://forum.example --set api_key=… --set api_username=desk`. Posts are fetched every
minute. For faster answers add a webhook (Admin > Webhooks) with the printed address and secret,
content type application/json, and the post event.
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
    OutcomeUnknown,
    PermanentFailure,
    RawEnvelope,
    Received,
    Request,
    StoredEnvelope,
    TemporaryFailure,
    setting,
)
from channels_ingest.connectors.base import mark as _
from channels_ingest.discourse import posts
from channels_ingest.discourse.api import Forum, broken, wait
from channels_ingest.discourse.posts import Post
from channels_ingest.discourse.text import as_markdown
from tickets.interchange import (
    Capabilities,
    OutgoingFile,
    OutgoingMessage,
    Parsed,
    Sent,
)

OVERLAP = 50  # ids are given before they are committed, so the last ones are read again
WINDOW = 49  # ids that one page surely holds: old forums read `before` as "<=", new ones as "<"
MOST_WINDOWS = 15  # pages per pull; the smallest rate limit is 20 a minute
LATEST_OF_TOPIC = 20


class Discourse(Connector):
    """A forum is asked for new posts; its webhook, if set up, brings the same ones sooner."""

    kind = "discourse"
    label = "Discourse"
    capabilities = Capabilities(is_public=True, text_limit=32_000, resend="lookup")
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
        wanted = (envelope,) if self._is_wanted(post) else ()
        return Received(wanted, Answer(), pull_now=bool(wanted))

    # Asked

    def fetch(self, cursor: Cursor) -> Iterator[Fetched]:
        newest = self._latest()
        cursor = self._begun(cursor, newest)
        if "post" not in cursor:
            yield Fetched((), cursor)
            return
        bottom = max(cursor["floor"], cursor["post"] - OVERLAP)
        # Upwards in windows of ids, so that a pull that is cut short continues where it stopped
        # and a topic keeps its order however long we were away.
        for _page in range(MOST_WINDOWS):
            if not newest or newest[0]["id"] <= bottom + 1:
                yield self._fetched(newest, cursor, bottom)
                return
            top = bottom + WINDOW
            page = [post for post in self._latest(before=top + 1) if post["id"] <= top]
            fetched = self._fetched(page, cursor, bottom, top=min(top, newest[-1]["id"]))
            cursor, bottom = fetched.cursor, top
            yield fetched

    def _begun(self, cursor: Cursor, newest: list[Post]) -> Cursor:
        """The cursor, made at the first connection: what stands there already is history."""
        if "post" in cursor:
            return cursor
        if self.settings.since_post > 0:
            floor = self.settings.since_post - 1
        elif not newest:
            return {"since": cursor.get("since", self.account.now().isoformat())}
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
            if post["id"] > bottom and self._is_wanted(post) and recent.get(number) != content:
                if number not in recent:
                    envelopes.append(posts.envelope_of("post_created", post))
                # Besides, because a webhook may have brought the first version without this edit.
                if number in recent or post.get("version", 1) != 1:
                    envelopes.append(posts.envelope_of("post_edited", post))
                recent[number] = content
        newest = max(cursor["post"], top, *(post["id"] for post in page))
        kept = {number: seen for number, seen in recent.items() if int(number) > newest - OVERLAP}
        return Fetched(tuple(envelopes), cursor | {"post": newest, "recent": kept})

    def _is_wanted(self, post: Post) -> bool:
        chosen = self.settings.category_ids
        return not chosen or post.get("category_id") in chosen

    def _latest(self, before: int | None = None) -> list[Post]:
        """One page of the newest public posts, oldest first."""
        data = self.forum.read("/posts.json", {"before": before} if before else {})
        page = data.get("latest_posts")
        if not isinstance(page, list):
            raise FetchFailure("not_discourse", "the answer has no posts")
        try:
            kept = [posts.kept(post) for post in page]
        except ValueError as error:
            raise FetchFailure("not_discourse", str(error)) from None
        return sorted(kept, key=lambda post: int(post["id"]))

    def test(self) -> str:
        newest = self._latest()
        return (
            f"{self.forum.base_url} answered; newest post {newest[-1]['id'] if newest else 'none'}"
        )

    # Understood

    def parse(self, envelope: StoredEnvelope) -> list[Parsed]:
        our_name = self.settings.api_username
        return [posts.understood(envelope, base_url=self.forum.base_url, our_name=our_name)]

    # Answered

    def send(self, message: OutgoingMessage) -> Sent:
        if not re.fullmatch(r"[0-9]{1,18}", message.thread):
            raise PermanentFailure("recipient", "no topic to answer in")
        body: dict[str, Any] = {"topic_id": int(message.thread)}
        number = self._number_of(message.in_reply_to)
        if number:
            body["reply_to_post_number"] = number
        files = [self._upload(each) for each in message.files]
        body["raw"] = "\n\n".join((as_markdown(message.text), *files, _trace(message)))
        try:
            response = self.forum.call("POST", "/posts.json", json=body)
        except requests.RequestException as error:
            raise broken(error) from None
        return self._outcome(response, message.thread)

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

    def _upload(self, file: OutgoingFile) -> str:
        """Upload one file and return the Markdown that shows it; nothing is posted yet."""
        files = {"file": (file.name, file.data, file.content_type)}
        fields = {"upload_type": "composer", "synchronous": "true"}
        try:
            response = self.forum.call("POST", "/uploads.json", data=fields, files=files)
        except requests.RequestException as error:
            raise TemporaryFailure("unreachable", type(error).__name__) from None
        status, said = response.status_code, self.forum.said(response)
        if status == 429 or status >= 500:
            raise TemporaryFailure("unavailable", said, retry_after=wait(response))
        try:
            address = posts.text(wire.json_object(response.content), "short_url")
        except ValueError:
            raise PermanentFailure("file", said) from None
        name = re.sub(r"[\[\]|\\\s]+", " ", file.name)
        is_image = file.content_type.startswith("image/")
        return f"![{name}]({address})" if is_image else f"[{name}|attachment]({address})"

    def _outcome(self, response: requests.Response, topic: str) -> Sent:
        status, said = response.status_code, self.forum.said(response)
        if status == 200:
            return _posted(response)
        if status in (429, 503):
            code = "limited" if status == 429 else "unavailable"
            raise TemporaryFailure(code, said, retry_after=wait(response))
        if status >= 500:
            raise OutcomeUnknown("unavailable", said)
        if status in (401, 403):
            raise PermanentFailure("credentials", said)
        if status in (404, 410) or (status == 422 and self._is_closed(topic)):
            raise PermanentFailure("closed", said)
        raise PermanentFailure("content", said)

    def _is_closed(self, topic: str) -> bool:
        """Whether a refusal is about the topic: the forum's words are in the forum's language."""
        try:
            data = self.forum.read(f"/t/{topic}.json")
        except FetchFailure as error:
            return error.code == "missing"
        return bool(data.get("closed") or data.get("archived"))

    def look_up(self, message: OutgoingMessage) -> Sent | None:
        """Look for the trace of this delivery in our own latest posts of the topic."""
        stream = self.forum.read(f"/t/{message.thread}.json").get("post_stream")
        ids = stream.get("stream") if isinstance(stream, dict) else None
        if not isinstance(ids, list):
            raise FetchFailure("not_discourse", "the answer is no topic")
        query = {"post_ids[]": ids[-LATEST_OF_TOPIC:], "include_raw": "true"}
        for post in self.forum.posts_in(f"/t/{message.thread}/posts.json", query):
            is_ours = str(post.get("username")).lower() == self.settings.api_username.lower()
            if is_ours and _trace(message) in str(post.get("raw")):
                return Sent(_external_id(post))
        return None


def _posted(response: requests.Response) -> Sent:
    try:
        post = wire.json_object(response.content)
        if post.get("action") == "enqueued":
            return Sent()  # accepted; a moderator of the forum lets it through
        return Sent(_external_id(post))
    except ValueError:
        raise OutcomeUnknown("not_discourse", "the answer is no post") from None


def _external_id(post: dict[str, Any]) -> str:
    """How we name a post of our own: by topic and place, because answers point to it so."""
    return f"topic:{posts.number(post, 'topic_id')}:{posts.number(post, 'post_number')}"


def _trace(message: OutgoingMessage) -> str:
    """A comment that the forum does not show, by which `look_up` knows this very delivery."""
    return f"<!-- delivery {re.sub('[^0-9A-Za-z_]+', '-', message.delivery_id)} -->"
