"""WeChat Official Account: what followers write becomes messages, and replies go back to them.

To set it up: at mp.weixin.qq.com open Settings and Development > Basic configuration, put our
server on the IP allow list, and note AppID and AppSecret. Then `manage.py channel add wechat
--slug wechat --set app_id=… app_secret=… token=… encoding_aes_key=…`, and enter the printed
address, the same token and key there, in safe mode, before you press Enable.
docs/channels/wechat.md leads through it step by step.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from channels_ingest.connectors.base import (
    Answer,
    BadRequest,
    BadSignature,
    Connector,
    FetchFailure,
    PermanentFailure,
    Received,
    Request,
    StoredEnvelope,
    Token,
    setting,
)
from channels_ingest.connectors.base import mark as _
from channels_ingest.wechat import messages
from channels_ingest.weixin import push
from channels_ingest.weixin.api import Api, token_in
from channels_ingest.weixin.crypto import opened
from channels_ingest.weixin.errors import (
    COMMON,
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

ERRORS: Table = {
    **COMMON,
    40001: ("stale", "bad_credentials"),
    40125: ("config", "bad_credentials"),
    40164: ("config", "address_not_listed"),
    48001: ("config", "not_allowed"),
    45009: ("day", "quota_used"),
    45011: ("limited", "limited"),
    45015: ("window", "window_closed"),
    45047: ("window", "window_closed"),
    40003: ("never", "recipient_gone"),
    43004: ("never", "recipient_gone"),
    43019: ("never", "recipient_gone"),
}
# By the first part of a file's type, or all of it: what the vendor calls it.
KINDS = {"image": "image", "audio/amr": "voice", "audio/mpeg": "voice", "video/mp4": "video"}
MEGABYTE = 1024 * 1024


class WeChat(Connector):
    """The vendor pushes what followers write; replies are possible for a while after it."""

    kind = "wechat"
    label = _("WeChat Official Account")
    capabilities = Capabilities(
        text_limit=2000,
        text_unit="bytes",
        splits=True,
        files_apart=True,
        few_replies=True,
        resend="never",
    )
    max_body = 256 * 1024

    @dataclass(frozen=True, slots=True)
    class Settings(Connector.Settings):
        """What an Official Account needs; the numbers are the vendor's and may change."""

        app_id: str = setting(_("Basic configuration: the AppID of the account."))
        app_secret: str = setting(_("Basic configuration: the AppSecret, shown once."), secret=True)
        token: str = setting(
            _("A word of 3 to 32 letters and digits that you choose; enter the same there."),
            secret=True,
        )
        encoding_aes_key: str = setting(
            _("The EncodingAESKey, 43 characters; the page there makes one for you."), secret=True
        )
        hook_key: str = setting(
            _("Made for you; it stands in the address that WeChat calls."),
            "",
            secret=True,
            generated=True,
        )
        encrypted: bool = setting(
            _("Yes: safe mode, as it should be. No: plain mode, which protects no content."), True
        )
        previous_token: str = setting(
            _("While you change the token: the old one, still accepted."), "", secret=True
        )
        previous_encoding_aes_key: str = setting(
            _("While you change the EncodingAESKey: the old one, still accepted."), "", secret=True
        )
        reply_hours: int = setting(_("Hours after a message in which replies are possible."), 48)
        replies_per_message: int = setting(_("Replies that one message allows."), 5)
        image_megabytes: int = setting(_("Largest picture that can be sent."), 2)
        voice_megabytes: int = setting(_("Largest voice recording that can be sent."), 2)
        video_megabytes: int = setting(_("Largest video that can be sent."), 10)
        host: str = setting(_("The address of the API."), "https://api.weixin.qq.com")

    @property
    def _api(self) -> Api:
        return Api(self.account, self.settings.host, self._renew, ERRORS)

    def _renew(self, api: Api) -> Token:
        """Ask for the token that is valid now; the vendor gives everybody the same one."""
        given = self.settings
        body = {
            "grant_type": "client_credential",
            "appid": given.app_id,
            "secret": given.app_secret,
        }
        return token_in(api.plain("/cgi-bin/stable_token", body))

    # Pushed

    @property
    def _tokens(self) -> tuple[str, str]:
        return self.settings.token, self.settings.previous_token

    def verify(self, request: Request) -> None:
        """Check what stands in the address: a signature of the time, not of the content."""
        now = self.account.now()
        push.check(request, self._tokens, now, name="signature", sealed=None)

    def receive(self, request: Request) -> Received:
        self.check_size(request)
        if request.method == "GET":
            self.verify(request)
            return Received(answer=Answer(body=request.query.get("echostr", "").encode()))
        fields = self._opened(request) if self.settings.encrypted else self._plain(request)
        try:
            envelope = messages.envelope_of(fields)
        except ValueError as error:
            raise BadRequest(400, {"body": str(error)}) from None
        nonce = "" if self.settings.encrypted else request.query.get("signature", "")
        return Received((envelope,), Answer(), nonce=nonce)

    def _plain(self, request: Request) -> dict[str, str]:
        self.verify(request)
        return _fields(request.body)

    def _opened(self, request: Request) -> dict[str, str]:
        """The fields of a push in safe mode, or of the closed half of one in compatible mode."""
        given = self.settings
        try:
            sealed = push.fields(request.body).get("Encrypt", "")
        except ValueError:
            raise BadSignature("signature refused") from None  # nothing here proves anything
        now = self.account.now()
        push.check(request, self._tokens, now, name="msg_signature", sealed=sealed)
        keys = (given.encoding_aes_key, given.previous_encoding_aes_key)
        try:
            plain = opened(sealed, keys, given.app_id)
        except ValueError as error:
            raise BadRequest(400, {"Encrypt": str(error)}) from None
        return _fields(plain)

    # Understood

    def parse(self, envelope: StoredEnvelope) -> list[Parsed]:
        window = timedelta(hours=self.settings.reply_hours)
        replies = self.settings.replies_per_message
        return [messages.understood(envelope, window=window, replies=replies)]

    def download(self, address: str) -> IncomingFile:
        if not address.startswith(messages.MEDIA):
            return self.account.fetch_media(address)
        try:
            file = self._api.media(address.removeprefix(messages.MEDIA))
        except Trouble as trouble:
            raise self._fetch_failure(trouble) from None
        if file.data is None:
            return self.account.fetch_media(file.url)
        return file

    def profile(self, external_id: str) -> Sender | None:
        answer = self._asked("/cgi-bin/user/info", openid=external_id, lang="zh_CN")
        union_id, name = str(answer.get("unionid") or ""), str(answer.get("nickname") or "")
        return Sender(external_id, name, vouched=f"unionid:{union_id}" if union_id else "")

    def test(self) -> str:
        found = self._asked("/cgi-bin/getcallbackip").get("ip_list")
        count = len(found) if isinstance(found, list) else 0
        return (
            f"{self.settings.host} answered for {self.settings.app_id}: {count} addresses call us"
        )

    def _asked(self, path: str, **query: str) -> dict[str, Any]:
        try:
            return self._api.ask(path, **query)
        except Trouble as trouble:
            raise self._fetch_failure(trouble) from None

    def _fetch_failure(self, trouble: Trouble) -> FetchFailure:
        return fetch_failure(trouble, ERRORS, self.account.now())

    # Answered

    def send(self, message: OutgoingMessage) -> Sent:
        try:
            content = self._content(message)
            self._api.ask("/cgi-bin/message/custom/send", {"touser": message.recipient, **content})
        except Trouble as trouble:
            raise send_failure(trouble, ERRORS, self.account.now()) from None
        return Sent()  # the vendor gives the message no name

    def _content(self, message: OutgoingMessage) -> dict[str, Any]:
        """The text, or the one file, of a part; the outbox never gives both."""
        if not message.files:
            return {"msgtype": "text", "text": {"content": message.text}}
        (file,) = message.files
        kind = self._kind_of(file)
        body = {"media_id": self._api.upload(kind, file)}
        if kind == "video":
            body |= {"title": file.name, "description": ""}
        return {"msgtype": kind, kind: body}

    def _kind_of(self, file: OutgoingFile) -> str:
        """What the vendor calls a file. Raises PermanentFailure for one that it does not take."""
        content_type = file.content_type.partition(";")[0].strip().lower()
        kind = KINDS.get(content_type) or KINDS.get(content_type.partition("/")[0])
        if kind is None:
            raise PermanentFailure("content_refused", "only pictures, AMR, MP3 and MP4 can be sent")
        most = getattr(self.settings, f"{kind}_megabytes")
        if len(file.data) > most * MEGABYTE:
            raise PermanentFailure("content_refused", f"a {kind} may have {most} MB")
        return kind


def _fields(body: bytes) -> dict[str, str]:
    """Raises BadRequest where the body cannot be read."""
    try:
        return push.fields(body)
    except ValueError as error:
        raise BadRequest(400, {"body": str(error)}) from None
