"""QQ: people write to a bot, alone or by mentioning it in a group; answers go out as replies.

To set it up: create a bot at q.qq.com, note its AppID and AppSecret, then
`manage.py channel add qq --slug qq --set app_id=… app_secret=…`. Enter the printed webhook address
at the bot's developer settings (callback address), tick the events of private chats and of groups,
and list this server's address under "IP white list".
docs/channels/qq.md leads through it step by step.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

import requests

from channels_ingest import wire
from channels_ingest.connectors.base import (
    Accepted,
    Answer,
    BadRequest,
    BadSignature,
    Connector,
    FetchFailure,
    OutcomeUnknown,
    PermanentFailure,
    Received,
    Request,
    StoredEnvelope,
    WindowClosed,
    setting,
)
from channels_ingest.connectors.base import mark as _
from channels_ingest.qq import errors, messages, signing
from channels_ingest.qq.api import Api
from channels_ingest.qq.media import upload
from channels_ingest.qq.messages import Rules, Window
from tickets.interchange import Capabilities, OutgoingMessage, Parsed, Sent

EVENT, HEARTBEAT, HEARTBEAT_SEEN, EVENT_SEEN, ADDRESS_CHECK = 0, 1, 11, 12, 13  # op
TEXT, MEDIA = 0, 7  # msg_type
OPENID = re.compile(r"[0-9A-Za-z_-]{1,127}")
LINK = re.compile(r"https?://[^\s<>\"'，。；！？、（）《》]+", re.IGNORECASE)


class QQ(Connector):
    """QQ pushes what people write; it takes a few answers to each message, for a short while."""

    kind = "qq"
    label = "QQ"
    capabilities = Capabilities(
        text_limit=2000,
        splits=True,
        files_apart=True,
        few_replies=True,
        invites="link",
        sends_per_minute=6000,
        resend="idempotent",
    )

    @dataclass(frozen=True, slots=True)
    class Settings(Connector.Settings):
        """What a bot needs: its number and its secret. The rest are QQ's rules, which change."""

        app_id: str = setting(_("The AppID of the bot, at q.qq.com > Developer settings."))
        app_secret: str = setting(_("The AppSecret, on the same page."), secret=True)
        previous_app_secret: str = setting(
            _("While you change the AppSecret: the old one, still accepted."), "", secret=True
        )
        allowed_urls: tuple[str, ...] = setting(
            _("Addresses registered with the bot (message URLs), with commas; empty: QQ decides."),
            (),
        )
        proactive: bool = setting(_("Whether QQ lets this bot write unasked."), False)
        c2c_window_minutes: int = setting(_("Minutes in which a private message is answered."), 60)
        c2c_replies: int = setting(_("Answers that QQ takes to one private message."), 4)
        group_window_minutes: int = setting(_("Minutes in which a group message is answered."), 5)
        group_replies: int = setting(_("Answers that QQ takes to one group message."), 5)
        largest_file_mb: int = setting(_("Megabytes of the largest file that QQ takes."), 200)
        trust_union_openid: bool = setting(
            _("Take equal union_openid of two bots for one person; only if QQ confirms it to you."),
            False,
        )
        api_base: str = setting(_("The address of QQ's API."), "https://api.sgroup.qq.com")
        token_url: str = setting(
            _("The address at which QQ gives out access tokens."),
            "https://bots.qq.com/app/getAppAccessToken",
        )

    @property
    def api(self) -> Api:
        return Api(self.account)

    # Pushed

    def verify(self, request: Request) -> None:
        if not self._is_for_us(request, self.settings.app_id):
            raise BadSignature("another bot")
        secrets = (self.settings.app_secret, self.settings.previous_app_secret)
        signing.check_push(request.headers, request.body, self.account.now(), secrets)

    def _is_for_us(self, request: Request, unnamed: str) -> bool:
        given = request.headers.get("x-bot-appid", unnamed).encode("utf-8", "replace")
        return compare_digest(given, self.settings.app_id.encode())

    def receive(self, request: Request) -> Received:
        self.check_size(request)
        if "x-signature-ed25519" not in request.headers:
            return self._unsigned(request)
        self.verify(request)
        try:
            frame = wire.json_object(request.body)
        except ValueError as error:
            raise BadRequest(400, {"body": f"must be a JSON object: {error}"}) from None
        if frame.get("op") == ADDRESS_CHECK:
            return self._checked(frame)
        if frame.get("op") == HEARTBEAT:
            beat = frame.get("d")
            return Received(answer=_told(HEARTBEAT_SEEN, beat if isinstance(beat, int) else 0))
        if frame.get("op") != EVENT:
            return Received(answer=_told(EVENT_SEEN))
        return Received((messages.envelope_of(frame, request.body),))

    def _unsigned(self, request: Request) -> Received:
        """Only the check of our address may come unsigned: QQ is not known to sign it."""
        try:
            frame = wire.json_object(request.body)
        except ValueError:
            frame = {}
        if frame.get("op") != ADDRESS_CHECK or not self._is_for_us(request, ""):
            raise BadSignature("not signed")
        return self._checked(frame)

    def _checked(self, frame: dict[str, Any]) -> Received:
        body = signing.answer_check(frame.get("d"), self.account.now(), self.settings.app_secret)
        return Received(answer=Answer(body=body, content_type="application/json"))

    def acknowledge(self, accepted: Iterable[Accepted]) -> Answer:
        return _told(EVENT_SEEN)

    # Understood

    def parse(self, envelope: StoredEnvelope) -> list[Parsed]:
        given = self.settings
        rules = Rules(
            Window(given.c2c_window_minutes, given.c2c_replies),
            Window(given.group_window_minutes, given.group_replies),
            given.trust_union_openid,
        )
        return [messages.understood(envelope, rules)]

    # Answered

    def send(self, message: OutgoingMessage) -> Sent:
        place = _place(message)
        if not message.in_reply_to and not self.settings.proactive:
            raise WindowClosed("window_closed", "nothing to answer, and unasked messages are off")
        self._check_links(message.text)
        content = self._content(place, message)
        if not message.in_reply_to:
            return self._post_unasked(place, content)
        answer = {"msg_id": message.in_reply_to, "msg_seq": message.sequence}
        return self._post(place, content | answer)

    def _check_links(self, text: str) -> None:
        """Refuse what QQ would refuse: links to addresses that the bot has not registered."""
        listed = self.settings.allowed_urls
        for link in LINK.findall(text) if listed else ():
            if not any(_is_below(link, each) for each in listed):
                told = f"it links to an address that is not registered with QQ: {link[:200]}"
                raise PermanentFailure("content_refused", told)

    def _content(self, place: str, message: OutgoingMessage) -> dict[str, Any]:
        """The message as QQ wants it. A file is uploaded first. Raises SendFailure."""
        if not message.files:
            return {"msg_type": TEXT, "content": message.text}
        if len(message.files) > 1:
            raise PermanentFailure("content_refused", "QQ takes one file a message")
        (file,) = message.files
        if not file.data:
            raise PermanentFailure("content_refused", "the file is empty")
        if len(file.data) > self.settings.largest_file_mb * 1024 * 1024:
            told = f"the file is larger than {self.settings.largest_file_mb} MB"
            raise PermanentFailure("content_refused", told)
        info = upload(self.api, place, file, self.account.now())
        # Older rules want one blank where a medium has no text.
        return {"msg_type": MEDIA, "content": message.text or " ", "media": {"file_info": info}}

    def _post(self, place: str, content: dict[str, Any]) -> Sent:
        try:
            response = self.api.call("POST", f"{place}/messages", content)
        except FetchFailure as failure:
            raise errors.while_sending(failure) from None
        except requests.RequestException as error:
            raise wire.broken_send(error) from None
        if errors.code_of(response) == errors.ALREADY_SENT:
            return Sent()  # an earlier attempt arrived; QQ does not say under which id
        refusal = errors.failure_of(response, self.api.said(response), self.account.now())
        if refusal:
            raise refusal
        return Sent(_id_of(response))

    def _post_unasked(self, place: str, content: dict[str, Any]) -> Sent:
        """Send what answers nothing: only `msg_id` with `msg_seq` keeps a repeat from being shown.

        So an unknown outcome must not come back to us as one that may be tried again.
        """
        try:
            return self._post(place, content)
        except OutcomeUnknown as unknown:
            raise OutcomeUnknown(unknown.code, unknown.detail, resend=False) from None

    def test(self) -> str:
        try:
            response = self.api.call("GET", "/users/@me")
        except requests.RequestException as error:
            raise wire.broken_fetch(error) from None
        words = self.api.said(response)
        failure = errors.failure_of(response, words, self.account.now())
        if failure:
            raise errors.while_asking(failure)
        try:
            name = wire.json_object(response.content).get("username")
        except ValueError:
            raise FetchFailure("not_qq", words) from None
        return f"QQ answered: the bot {wire.storable(str(name))[:80]}, AppID {self.settings.app_id}"


def _told(op: int, data: int = 0) -> Answer:
    return Answer(body=json.dumps({"op": op, "d": data}).encode(), content_type="application/json")


def _place(message: OutgoingMessage) -> str:
    """The path of the chat. Raises PermanentFailure for what is no chat of QQ's."""
    kind, group = ("groups", message.thread.removeprefix("group:"))
    if not message.thread.startswith("group:"):
        kind, group = "users", message.recipient
    if not OPENID.fullmatch(group):
        raise PermanentFailure("recipient", "no chat of QQ's to answer in")
    return f"/v2/{kind}/{group}"


def _is_below(link: str, listed: str) -> bool:
    """Whether a link leads to a registered address, given with or without its scheme."""
    address, allowed = (
        re.sub(r"^https?://", "", each.strip(), flags=re.IGNORECASE).lower().rstrip("/")
        for each in (link, listed)
    )
    return bool(allowed) and re.match(rf"{re.escape(allowed)}(?:[/?#]|$)", address) is not None


def _id_of(response: requests.Response) -> str:
    try:
        value = wire.json_object(response.content).get("id")
    except ValueError:
        raise OutcomeUnknown("no_answer", "the answer is no message") from None
    return wire.storable(value)[:255] if isinstance(value, str) else ""
