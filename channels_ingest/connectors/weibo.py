"""Weibo: private messages to a verified account, and the comments and posts that name it.

To set it up: in the account's management centre open fans service > developer mode, enter the
printed callback address and the AppKey of your app, and copy the access token shown there; then
`manage.py channel add weibo --slug weibo --set uid=… app_secret=… access_token=…`. Comments and
mentions are read, and answered in public, once `public_token` holds a token with those rights.
docs/channels/weibo.md leads through it step by step.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from channels_ingest.connectors.base import (
    Answer,
    BadRequest,
    BadSignature,
    Connector,
    Cursor,
    Fetched,
    FetchFailure,
    Misconfigured,
    PermanentFailure,
    Received,
    Request,
    StoredEnvelope,
    setting,
)
from channels_ingest.connectors.base import mark as _
from channels_ingest.weibo import posts, pushes
from channels_ingest.weibo.api import Api
from channels_ingest.weibo.posts import Item, Listing
from tickets.interchange import (
    Capabilities,
    IncomingFile,
    OutgoingMessage,
    Parsed,
    Sender,
    Sent,
)

PAGE = 50
MOST_PAGES = 20  # of one list in one pull; what lies below is read in the next
REMEMBERED = 100  # ids of a list: lower ones that come late are found among them
STATUS = re.compile(r"status:([0-9]{1,19})")
COMMENT = re.compile(r"comment:([0-9]{1,19})")
PRIVATE = re.compile(r"dm:([0-9]{1,19})")
EXTENSIONS = {"image/png": "png", "image/gif": "gif", "image/jpeg": "jpg", "audio/mpeg": "mp3"}


class Weibo(Connector):
    """Private messages are pushed; comments and mentions are asked for."""

    kind = "weibo"
    label = _("Weibo")
    # Comments hold 140 characters and private messages 300; a limit belongs to the whole channel.
    capabilities = Capabilities(
        files=False, text_limit=140, splits=True, invites="link", links=True
    )
    poll_every = 120.0
    max_body = 64 * 1024

    @dataclass(frozen=True, slots=True)
    class Settings(Connector.Settings):
        """What an account needs: its number, the secret of its app, its tokens."""

        uid: str = setting(_("The number of the account, as in weibo.com/u/…"))
        app_secret: str = setting(
            _("App Secret of your app: it signs what is pushed."), secret=True
        )
        app_previous_secret: str = setting(
            _("While you change the App Secret: the old one, still accepted."), "", secret=True
        )
        hook_key: str = setting(
            _("Made for you: the secret part of the callback address."),
            "",
            secret=True,
            generated=True,
        )
        access_token: str = setting(
            _("Fans service > developer mode: the token shown there. Empty: receive only."),
            "",
            secret=True,
        )
        public_token: str = setting(
            _("A token that may read and write comments and mentions. Empty: leave them alone."),
            "",
            secret=True,
        )
        rip: str = setting(
            _("The public address of this server, which Weibo wants with every comment."), ""
        )
        public_lists: tuple[str, ...] = setting(
            _("Lists to read, with commas: those that the token has rights for."),
            tuple(listing.path for listing in posts.LISTINGS),
        )
        poll_every: int = setting(_("Seconds between two looks at comments and mentions."), 120)
        reply_hours: int = setting(_("Hours in which a private message may be answered."), 48)
        mention_replies: int = setting(
            _("Private answers that one mention allows within these hours."), 1
        )
        window_codes: tuple[int, ...] = setting(
            _("Error numbers that say: no private answer is allowed now."), (20130,)
        )
        timestamp_seconds: int = setting(
            _("How old, or early, a signature may be, in seconds; at most 400."), 300
        )
        message_base: str = setting(_("Where answers are sent."), "https://m.api.weibo.com/2")
        public_base: str = setting(
            _("Where comments are read; https://c.api.weibo.com/2 with the commercial API."),
            "https://api.weibo.com/2",
        )
        public_suffix: str = setting(
            _("How its addresses end; /biz.json with the commercial API."), ".json"
        )
        upload_base: str = setting(
            _("Where pictures and voice messages lie."), "https://upload.api.weibo.com/2"
        )

    def _api(self, token: str) -> Api:
        return Api(self.account.http, token, self.account.now())

    def _public(self, path: str) -> str:
        return f"{self.settings.public_base.rstrip('/')}/{path}{self.settings.public_suffix}"

    # Pushed

    def verify(self, request: Request) -> None:
        given = request.query.get("signature", "").encode("utf-8", "replace")
        stamp, nonce = request.query.get("timestamp", ""), request.query.get("nonce", "")
        secrets = (self.settings.app_secret, self.settings.app_previous_secret)
        signatures = [_signature(secret, stamp, nonce) for secret in secrets if secret]
        if not any(hmac.compare_digest(ours.encode(), given) for ours in signatures):
            raise BadSignature("signature refused")
        if not re.fullmatch(r"[0-9]{10}|[0-9]{13}", stamp):
            raise BadSignature("no time")
        signed_at = int(stamp) / (1000 if len(stamp) == 13 else 1)
        allowed = min(self.settings.timestamp_seconds, 400)
        if abs(self.account.now().timestamp() - signed_at) > allowed:
            raise BadSignature("signed too long ago, or in the future")

    def receive(self, request: Request) -> Received:
        self.check_size(request)
        self.verify(request)
        # The signature leaves the body out, and cutting time and nonce elsewhere gives the same
        # one; so the signature itself is what may serve for one body only.
        nonce = request.query.get("signature", "")
        if request.method == "GET":
            echo = request.query.get("echostr", "")
            return Received(answer=Answer(body=echo.encode("utf-8", "replace")), nonce=nonce)
        try:
            envelope = pushes.envelope_of(request.body)
        except ValueError as error:
            raise BadRequest(400, {"body": f"not a message in JSON: {error}"}) from None
        is_mention = b'"mention"' in request.body and bool(self.settings.public_token)
        # An empty answer within five seconds keeps the vendor from pushing again.
        return Received((envelope,), Answer(), pull_now=is_mention, nonce=nonce)

    def parse(self, envelope: StoredEnvelope) -> list[Parsed]:
        if not envelope.key.startswith("push:"):
            return [posts.understood(envelope.body, self.settings.uid)]
        rules = pushes.Rules(
            own_uid=self.settings.uid,
            reply_for=timedelta(hours=self.settings.reply_hours),
            mention_replies=self.settings.mention_replies,
            reads_posts=bool(self.settings.public_token),
        )
        return [pushes.understood(envelope.body, envelope.key, rules)]

    def download(self, address: str) -> IncomingFile:
        if not address.startswith(pushes.MEDIA):
            return super().download(address)
        url = f"{self.settings.upload_base.rstrip('/')}/mss/msget"
        fid = address.removeprefix(pushes.MEDIA)
        data, content_type = self._api(self.settings.access_token).file(url, {"fid": fid})
        name = f"{re.sub('[^0-9A-Za-z]+', '-', fid)[:40]}.{EXTENSIONS.get(content_type, 'bin')}"
        return IncomingFile(name=name, content_type=content_type, data=data)

    def profile(self, external_id: str) -> Sender | None:
        token = self.settings.public_token or self.settings.access_token
        try:
            user = self._api(token).read(self._public("users/show"), {"uid": external_id})
        except FetchFailure as failure:
            if failure.code in ("not_allowed", "refused", "recipient_gone"):
                return None  # this app may not ask, or there is nobody: the name stays unknown
            raise
        return Sender(external_id, str(user.get("screen_name") or ""))

    # Asked

    def fetch(self, cursor: Cursor) -> Iterator[Fetched]:
        if not self.settings.public_token:
            return
        for listing in self._listings():
            for items, state in self._new_in(listing, cursor.get(listing.path)):
                cursor = cursor | {listing.path: state}
                yield Fetched(tuple(posts.envelope_of(listing, item) for item in items), cursor)

    def _listings(self) -> list[Listing]:
        return [each for each in posts.LISTINGS if each.path in self.settings.public_lists]

    def _new_in(
        self, listing: Listing, state: dict[str, Any] | None
    ) -> Iterator[tuple[list[Item], dict[str, Any]]]:
        """What is new in a list, oldest first, each with the state of the list behind it."""
        if state is None:  # the first look: what stands there already is history
            seen = [item["id"] for item in self._page(listing, 0, 0)]
            yield [], {"recent": sorted(seen), "gaps": []}
            return
        recent, gaps = state["recent"], [*state["gaps"]]
        found, gap = self._down(listing, recent)
        gaps += [gap] if gap else []
        recent = sorted({*recent, *(item["id"] for item in found)})[-REMEMBERED:]
        yield found, {"recent": recent, "gaps": gaps}
        while gaps:
            floor, top = gaps.pop()
            older = self._page(listing, floor, top)
            if older:
                gaps.append([floor, min(item["id"] for item in older) - 1])
            yield older, {"recent": recent, "gaps": [*gaps]}

    def _down(self, listing: Listing, recent: Sequence[int]) -> tuple[list[Item], list[int]]:
        """New entries from the newest down to a known one; and the span that was not reached."""
        floor, top, known = min(recent, default=1) - 1, 0, set(recent)
        found: dict[int, Item] = {}
        for _page in range(MOST_PAGES):
            page = self._page(listing, floor, top)
            found |= {item["id"]: item for item in page if item["id"] not in known}
            if not page or known & {item["id"] for item in page}:
                return _oldest_first(found), []
            top = min(item["id"] for item in page) - 1
        return _oldest_first(found), [floor, top]

    def _page(self, listing: Listing, since: int, most: int) -> list[Item]:
        """Entries with since < id <= most (0: no limit), oldest first. Raises FetchFailure."""
        query = {"since_id": since, "max_id": most, "count": PAGE}
        api = self._api(self.settings.public_token)
        page = api.read(self._public(listing.path), query).get(listing.name)
        if not isinstance(page, list):
            raise FetchFailure("refused", f"the answer has no {listing.name}")
        try:
            return _oldest_first(
                {item["id"]: item for item in (posts.kept(listing, i) for i in page)}
            )
        except ValueError as error:
            raise FetchFailure("refused", str(error)) from None

    def test(self) -> str:
        told = []
        if self.settings.access_token:
            api = self._api(self.settings.access_token)
            limits = api.read(self._public("account/rate_limit_status"))
            told.append(f"{limits.get('remaining_user_hits', '?')} calls left this hour")
        for listing in self._listings() if self.settings.public_token else ():
            newest = self._page(listing, 0, 0)
            told.append(f"newest in {listing.path}: {newest[-1]['id'] if newest else 'none'}")
        return f"Weibo answered; {', '.join(told)}" if told else super().test()

    # Answered

    def send(self, message: OutgoingMessage) -> Sent:
        if message.files:
            raise PermanentFailure("files_not_supported", "the vendor takes text only")
        if status := STATUS.fullmatch(message.thread):
            return self._comment(message, status[1])
        if not PRIVATE.fullmatch(message.thread) or not message.recipient.isdigit():
            raise PermanentFailure("recipient", "nobody to answer")
        return self._answer(message)

    def _answer(self, message: OutgoingMessage) -> Sent:
        """Answer in private."""
        form = {
            "type": "text",
            # The form layer encodes it once more; quoting it here would show %-signs.
            "data": json.dumps({"text": message.text}, ensure_ascii=False),
            "receiver_id": message.recipient,
        }
        url = f"{self.settings.message_base.rstrip('/')}/messages/reply.json"
        api = self._api(_given(self.settings.access_token))
        api.write(url, form, window_codes=self.settings.window_codes)
        return Sent()

    def _comment(self, message: OutgoingMessage, status: str) -> Sent:
        """Answer in public: to the comment, or below the post itself."""
        form = {"id": status, "comment": message.text, "rip": self.settings.rip}
        path = "comments/create"
        if comment := COMMENT.fullmatch(message.in_reply_to):
            path, form["cid"] = "comments/reply", comment[1]
        said = self._api(_given(self.settings.public_token)).write(self._public(path), form)
        number = said.get("id")
        return Sent(f"comment:{number}" if isinstance(number, int) else "")

    def link_to(self, external_id: str, thread: str) -> str:
        status = STATUS.fullmatch(thread)
        return f"https://m.weibo.cn/status/{status[1]}" if status else ""


def _signature(secret: str, stamp: str, nonce: str) -> str:
    joined = "".join(sorted((secret, stamp, nonce))).encode("utf-8", "replace")
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def _oldest_first(found: dict[int, Item]) -> list[Item]:
    return [found[number] for number in sorted(found)]


def _given(token: str) -> str:
    if not token:
        raise Misconfigured("bad_credentials", "no token was given for this")
    return token
