"""A mailbox: customers' mail is read by IMAP, replies are sent by SMTP.

To set it up: allow IMAP and SMTP in the mailbox's web settings, make an authorization code or app
password there, and give servers, user and that password:
`manage.py channel add email --slug mail --set imap_host=… --set imap_user=… …`
`manage.py channel test mail` signs in to both. docs/channels/email.md goes through it step by step.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from channels_ingest.connectors.base import (
    Account,
    Connector,
    Cursor,
    Fetched,
    FetchFailure,
    OutcomeUnknown,
    PermanentFailure,
    RawEnvelope,
    SendFailure,
    StoredEnvelope,
    TemporaryFailure,
    setting,
)
from channels_ingest.connectors.base import mark as _
from channels_ingest.mail import headers, imap, reading, smtp, writing
from tickets.interchange import Capabilities, OutgoingMessage, Parsed, Sent

CLOCK_SLACK = timedelta(minutes=10)  # by which the mail server's clock may be behind ours


class Email(Connector):
    """One mailbox; a mail thread is followed by the ids in its headers, never by its subject."""

    kind = "email"
    label = _("E-mail")
    # The same Message-ID at every attempt lets the receiving side recognise a repeat.
    capabilities = Capabilities(html=True, receipts=True, resend="idempotent", writes_first="email")
    poll_every: ClassVar[float | None] = 120.0  # large providers count sign-ins
    retry_minutes: ClassVar[tuple[int, ...]] = (1, 5, 15, 60, 180, 360, 720, 1440)

    @dataclass(frozen=True, slots=True)
    class Settings(Connector.Settings):
        """The two servers, how to sign in to them, and who we are to customers."""

        imap_host: str = setting(_("IMAP server, for example imap.qq.com."))
        imap_user: str = setting(_("Name to sign in with; mostly the whole address."))
        imap_password: str = setting(
            _("Authorization code or app password made in the mailbox's web settings."), secret=True
        )
        smtp_host: str = setting(_("SMTP server, for example smtp.qq.com."))
        address: str = setting(_("The address that customers write to and get answers from."))
        name: str = setting(_("The name that customers see beside the address."), "")
        imap_port: int = setting(_("993 for tls, 143 for starttls."), 993)
        imap_security: str = setting(_("tls, starttls, or plain (only on this machine)."), "tls")
        imap_folder: str = setting(_("The folder to read."), "INBOX")
        smtp_port: int = setting(_("465 for tls, 587 for starttls."), 465)
        smtp_security: str = setting(_("tls, starttls, or plain (only on this machine)."), "tls")
        smtp_user: str = setting(_("Name to sign in with; empty if it is that of IMAP."), "")
        smtp_password: str = setting(
            _("Password of SMTP; empty if it is that of IMAP."), "", secret=True
        )
        auth_results_host: str = setting(
            _("Name of your mail server in Authentication-Results headers; empty: trust none."), ""
        )
        since: str = setting(
            _("Also import mail from this day on (2026-11-01); empty: only what comes from now."),
            "",
        )
        poll_every: int = setting(
            _("Seconds between two looks into the mailbox; large providers count sign-ins."), 120
        )
        plus_addressing: bool = setting(
            _("Yes, if the mailbox also receives name+anything@…: replies then find their case."),
            False,
        )

    def __init__(self, account: Account, *, timeout: float = 30.0) -> None:
        super().__init__(account)
        self.timeout = timeout

    def fetch(self, cursor: Cursor) -> Iterator[Fetched]:
        """Give what is new in the folder, in pages; a changed UIDVALIDITY means: read all again.

        Mail that stood in the folder before the channel was connected stays where it is.
        """
        try:
            with imap.signed_in(self._imap) as mailbox:
                yield from self._pages(mailbox, cursor)
        except FetchFailure as failure:
            detail = self.without_secrets(failure.detail)
            raise FetchFailure(failure.code, detail, retry_after=failure.retry_after) from None

    def _pages(self, mailbox: imap.Mailbox, cursor: Cursor) -> Iterator[Fetched]:
        validity, following = mailbox.open(self.settings.imap_folder)
        now = self._position(cursor, validity, following)
        if now != cursor:
            yield Fetched((), now)
        since = datetime.fromisoformat(now["since"])
        for page in imap.paged(mailbox.newer_than(now["last_uid"])):
            wanted = [
                each
                for each in page
                if each.uid >= now["old_before"]
                or each.arrived_at is None
                or each.arrived_at >= since
            ]
            bodies = mailbox.bodies(wanted)
            envelopes = tuple(_envelope(bodies[uid]) for uid in sorted(bodies))
            now = {**now, "last_uid": page[-1].uid}
            yield Fetched(envelopes, now)

    def _position(self, cursor: Cursor, validity: int, following: int) -> Cursor:
        """Where to go on reading.

        `old_before`: below this UID a mail may be older than the channel, so its date decides.
        """
        if cursor and cursor.get("uidvalidity") == validity:
            return cursor
        since = cursor.get("since") or self._since().isoformat()
        reads_old = bool(cursor) or bool(self.settings.since)
        return {
            "uidvalidity": validity,
            "last_uid": 0 if reads_old else following - 1,
            "old_before": following,
            "since": since,
        }

    def _since(self) -> datetime:
        if not self.settings.since:
            return self.account.now() - CLOCK_SLACK
        try:
            day = datetime.fromisoformat(self.settings.since)
        except ValueError:
            raise FetchFailure("settings", "since is no day like 2026-11-01") from None
        return day if day.tzinfo else day.replace(tzinfo=UTC)

    def parse(self, envelope: StoredEnvelope) -> list[Parsed]:
        """Give the message of a mail, and before it the receipt that a bounce carries."""
        given = self.settings
        us = reading.Us(given.address, (given.imap_user, given.smtp_user), given.auth_results_host)
        return reading.read(envelope, us)

    def send(self, message: OutgoingMessage) -> Sent:
        """Hand the reply to the SMTP server; a repeat bears the same Message-ID."""
        recipient = writing.ascii_address(message.recipient)
        address = self.settings.address
        mail = writing.compose(
            message,
            name=self.settings.name,
            address=address,
            reply_to=self._reply_to(message),
            now=self.account.now(),
        )
        try:
            smtp.deliver(self._smtp, address, recipient, mail)
        except SendFailure as failure:
            raise self._told(failure) from None
        return Sent(writing.message_id(message.delivery_id, address))

    def _reply_to(self, message: OutgoingMessage) -> str:
        local, _at, domain = self.settings.address.rpartition("@")
        token = writing.message_id(message.delivery_id, self.settings.address).rpartition("@")[0]
        return f"{local}+{token}@{domain}" if self.settings.plus_addressing else ""

    def _told(self, failure: SendFailure) -> SendFailure:
        """The same failure without what a server may have echoed of our secrets."""
        detail = self.without_secrets(failure.detail)
        if isinstance(failure, TemporaryFailure):
            return TemporaryFailure(failure.code, detail, retry_after=failure.retry_after)
        kind = PermanentFailure if isinstance(failure, PermanentFailure) else OutcomeUnknown
        return kind(failure.code, detail)

    def test(self) -> str:
        """Sign in to both servers. Raises FetchFailure."""
        try:
            with imap.signed_in(self._imap) as mailbox:
                mailbox.open(self.settings.imap_folder)
            smtp.greet(self._smtp)
        except (FetchFailure, SendFailure) as failure:
            raise FetchFailure(failure.code, self.without_secrets(failure.detail)) from None
        return f"{self.settings.imap_host} and {self.settings.smtp_host}: signed in"

    @property
    def _imap(self) -> imap.Server:
        given = self.settings
        return imap.Server(
            given.imap_host,
            given.imap_port,
            given.imap_security,
            given.imap_user,
            given.imap_password,
            self.timeout,
        )

    @property
    def _smtp(self) -> imap.Server:
        given = self.settings
        return imap.Server(
            given.smtp_host,
            given.smtp_port,
            given.smtp_security,
            given.smtp_user or given.imap_user,
            given.smtp_password or given.imap_password,
            self.timeout,
        )


def _envelope(raw: bytes) -> RawEnvelope:
    key = headers.own_id(raw)
    lane = headers.thread_root(headers.read_headers(headers.split_head(raw)[0]), key)
    return RawEnvelope(key=key, lane=lane, body=raw)
