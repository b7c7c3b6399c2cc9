"""WeCom customer service (微信客服): customers write in WeChat, the desk answers.

To set it up: in the WeCom console make an app of your own, allow it to manage customer service
accounts (Customer Service > API), and put our server on its list of trusted IPs. Then
`manage.py channel add wecom --slug wecom --set corp_id=… secret=… token=… encoding_aes_key=…`,
and enter the printed address with the same token and key as the callback there.
docs/channels/wecom.md leads through it step by step.
"""

import hashlib
from collections.abc import Iterator
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
    PermanentFailure,
    Received,
    Request,
    StoredEnvelope,
    Token,
    setting,
)
from channels_ingest.connectors.base import mark as _
from channels_ingest.wecom import messages, sessions, wording
from channels_ingest.wecom.pulling import Pull
from channels_ingest.weixin import push
from channels_ingest.weixin.api import Api, token_in
from channels_ingest.weixin.crypto import opened
from channels_ingest.weixin.errors import (
    COMMON,
    Refusal,
    Table,
    Trouble,
    fetch_failure,
    send_failure,
)
from tickets.interchange import (
    Capabilities,
    IncomingFile,
    OutgoingFile,
    OutgoingMessage,
    Parsed,
    Sender,
    Sent,
)

WRONG_STATE = 95018
ERRORS: Table = {
    **COMMON,
    6000: ("later", "unavailable"),
    45009: ("limited", "limited"),
    45033: ("limited", "limited"),
    41001: ("stale", "bad_credentials"),
    40001: ("config", "bad_credentials"),
    40096: ("never", "recipient_gone"),
    40058: ("never", "content_refused"),
    95000: ("config", "bad_account"),
    95001: ("window", "window_closed"),
    95002: ("window", "window_closed"),
    95013: ("window", "window_closed"),
    95004: ("config", "not_allowed"),
    95007: ("config", "not_allowed"),
    WRONG_STATE: ("later", "wrong_state"),
    95017: ("config", "not_allowed"),
    48002: ("config", "not_allowed"),
    60011: ("config", "not_allowed"),
    60020: ("config", "address_not_listed"),
}
KINDS = {"image/jpeg": "image", "image/png": "image", "audio/amr": "voice", "video/mp4": "video"}
SEND = "/cgi-bin/kf/send_msg"
SMALLEST = 6  # bytes of a file
MEGABYTE = 1024 * 1024


class WeCom(Connector):
    """The vendor calls to say "ask now"; the messages themselves are asked for."""

    kind = "wecom"
    label = _("WeCom customer service")
    capabilities = Capabilities(
        text_limit=2048,
        text_unit="bytes",
        splits=True,
        files_apart=True,
        few_replies=True,
        receipts=True,
        resend="never",
    )
    poll_every = 60.0
    max_body = 64 * 1024

    @dataclass(frozen=True, slots=True)
    class Settings(Connector.Settings):
        """What a corporation's app needs; the numbers are the vendor's and may change."""

        corp_id: str = setting(_("My Company > Company Information: the CorpID."))
        secret: str = setting(_("The page of the app: its Secret."), secret=True)
        token: str = setting(
            _("The Token of the callback; the page there makes one for you."), secret=True
        )
        encoding_aes_key: str = setting(
            _("The EncodingAESKey of the callback, 43 characters; made there as well."), secret=True
        )
        open_kfids: tuple[str, ...] = setting(
            _("Ids of the customer service accounts to serve, with commas; empty for all."), ()
        )
        history: bool = setting(
            _("Yes: import what was written in the three days before the first connection."), False
        )
        hook_key: str = setting(
            _("Made for you; it stands in the address that WeCom calls."),
            "",
            secret=True,
            generated=True,
        )
        previous_token: str = setting(
            _("While you change the token: the old one, still accepted."), "", secret=True
        )
        previous_encoding_aes_key: str = setting(
            _("While you change the EncodingAESKey: the old one, still accepted."), "", secret=True
        )
        poll_every: int = setting(
            _("Seconds between two looks where no callback comes; the vendor limits them."), 60
        )
        token_minutes: int = setting(_("Minutes for which the word of a callback is good."), 10)
        reply_hours: int = setting(_("Hours after a message in which replies are possible."), 48)
        replies_per_message: int = setting(_("Replies that one message allows."), 5)
        image_megabytes: int = setting(_("Largest picture that can be sent."), 2)
        voice_megabytes: int = setting(_("Largest voice recording that can be sent."), 2)
        video_megabytes: int = setting(_("Largest video that can be sent."), 10)
        file_megabytes: int = setting(_("Largest other file that can be sent."), 20)
        host: str = setting(_("The address of the API."), "https://qyapi.weixin.qq.com")

    @property
    def _api(self) -> Api:
        return Api(self.account, self.settings.host, self._renew, ERRORS)

    def _renew(self, api: Api) -> Token:
        given = self.settings
        return token_in(
            api.plain("/cgi-bin/gettoken", corpid=given.corp_id, corpsecret=given.secret)
        )

    # Pushed

    def receive(self, request: Request) -> Received:
        self.check_size(request)
        if request.method == "GET":
            echo = self._opened(request, request.query.get("echostr", ""))
            return Received(answer=Answer(body=echo))
        try:
            sealed = push.fields(request.body).get("Encrypt", "")
        except ValueError:
            raise BadSignature("signature refused") from None  # nothing here proves anything
        plain = self._opened(request, sealed)
        try:
            fields = push.fields(plain)
        except ValueError as error:
            raise BadRequest(400, {"body": str(error)}) from None
        return self._told(fields)

    def _opened(self, request: Request, sealed: str) -> bytes:
        """What was sealed, once its signature is proven. Raises BadSignature or BadRequest."""
        given, now = self.settings, self.account.now()
        tokens = (given.token, given.previous_token)
        push.check(request, tokens, now, name="msg_signature", sealed=sealed)
        try:
            keys = (given.encoding_aes_key, given.previous_encoding_aes_key)
            return opened(sealed, keys, given.corp_id)
        except ValueError as error:
            raise BadRequest(400, {"Encrypt": str(error)}) from None

    def _told(self, fields: dict[str, str]) -> Received:
        """The callback holds no message: it says in which account there is one, and gives a word
        with which it may be asked for at once."""
        answer = Answer(body=b"success")
        if fields.get("Event") != "kf_msg_or_event":
            return Received(answer=answer)
        account, word = fields.get("OpenKfId", ""), fields.get("Token", "")
        now = self.account.now().timestamp()
        hint = {"open_kfid": account, "token": word, "told_at": now}
        return Received(answer=answer, pull_now=True, hint=hint)

    # Asked

    def fetch(self, cursor: Cursor) -> Iterator[Fetched]:
        pull = Pull(self._api, self.settings, self.account.now())
        try:
            yield from pull.pages(cursor)
        except Trouble as trouble:
            raise self._fetch_failure(trouble) from None

    def test(self) -> str:
        found = self._asked("/cgi-bin/kf/account/list", {"offset": 0, "limit": 100})
        accounts = found.get("account_list")
        known = accounts if isinstance(accounts, list) else []
        ids = {str(each.get("open_kfid")) for each in known if isinstance(each, dict)}
        if missing := sorted(set(self.settings.open_kfids) - ids):
            raise FetchFailure("bad_account", f"not among this app's accounts: {missing[0]}")
        return f"{self.settings.host} answered; accounts: {', '.join(sorted(ids)) or 'none'}"

    def profile(self, external_id: str) -> Sender | None:
        asked = {"external_userid_list": [external_id]}
        found = self._asked("/cgi-bin/kf/customer/batchget", asked).get("customer_list")
        for each in found if isinstance(found, list) else ():
            if isinstance(each, dict) and each.get("external_userid") == external_id:
                union_id, name = str(each.get("unionid") or ""), str(each.get("nickname") or "")
                vouched = f"unionid:{union_id}" if union_id else ""
                return Sender(external_id, name, vouched=vouched)
        return None

    def download(self, address: str) -> IncomingFile:
        if not address.startswith(wording.MEDIA):
            return self.account.fetch_media(address)
        try:
            return self._api.media(address.removeprefix(wording.MEDIA))
        except Trouble as trouble:
            raise self._fetch_failure(trouble) from None

    def _asked(self, path: str, body: object) -> dict[str, Any]:
        try:
            return self._api.ask(path, body)
        except Trouble as trouble:
            raise self._fetch_failure(trouble) from None

    def _fetch_failure(self, trouble: Trouble) -> FetchFailure:
        return fetch_failure(trouble, ERRORS, self.account.now())

    # Understood

    def parse(self, envelope: StoredEnvelope) -> list[Parsed]:
        window = timedelta(hours=self.settings.reply_hours)
        replies = self.settings.replies_per_message
        return [messages.understood(envelope, window=window, replies=replies)]

    # Answered

    def send(self, message: OutgoingMessage) -> Sent:
        try:
            return self._sent(message)
        except Trouble as trouble:
            raise send_failure(trouble, ERRORS, self.account.now()) from None

    def _sent(self, message: OutgoingMessage) -> Sent:
        api, chat = self._api, (message.thread, message.recipient)
        body = {
            "touser": message.recipient,
            "open_kfid": message.thread,
            # Ours, by which a later word about a failure is known.
            "msgid": hashlib.sha256(message.delivery_id.encode()).hexdigest()[:32],
            **self._content(message),
        }
        if message.sequence == 1:
            sessions.welcome(api, *chat)
        try:
            answer = api.ask(SEND, body)
        except Refusal as refusal:
            if refusal.errcode != WRONG_STATE:
                raise
            sessions.take_back(api, *chat)
            answer = api.ask(SEND, body)
        return Sent(str(answer.get("msgid") or body["msgid"]))

    def _content(self, message: OutgoingMessage) -> dict[str, Any]:
        """The text, or the one file, of a part; the outbox never gives both."""
        if not message.files:
            return {"msgtype": "text", "text": {"content": message.text}}
        (file,) = message.files
        kind = self._kind_of(file)
        return {"msgtype": kind, kind: {"media_id": self._api.upload(kind, file)}}

    def _kind_of(self, file: OutgoingFile) -> str:
        """What the vendor calls a file. Raises PermanentFailure for one that it does not take."""
        kind = KINDS.get(file.content_type.partition(";")[0].strip().lower(), "file")
        if kind != "file" and len(file.data) > self._most(kind):
            kind = "file"  # shown less nicely, but it arrives
        if not SMALLEST <= len(file.data) <= self._most(kind):
            most = self._most(kind) // MEGABYTE
            raise PermanentFailure("content_refused", f"a file may have {SMALLEST} B to {most} MB")
        return kind

    def _most(self, kind: str) -> int:
        return int(getattr(self.settings, f"{kind}_megabytes")) * MEGABYTE
