"""The e-mail connector against servers that others wrote: Dovecot and aiosmtpd, over real TLS.

The tests against Dovecot exist where it is installed; CI installs it.
"""

import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from channels_ingest.connectors.base import (
    Cursor,
    FetchFailure,
    PermanentFailure,
    TemporaryFailure,
)
from channels_ingest.connectors.email import Email
from channels_ingest.mail.imap import utf7
from tests.channels_ingest import dovecot
from tests.channels_ingest.account import LocalAccount
from tests.channels_ingest.mails import OUTGOING, SUPPORT, keys, message, raw_mail, settings

PASSWORD = "imap-secret"


def connected(**given: Any) -> Email:
    return Email(LocalAccount(settings(**given), clock=datetime.now(UTC)), timeout=10)


if dovecot.program():

    @pytest.fixture(scope="module")
    def installed() -> Iterator[dovecot.Dovecot]:
        with dovecot.running(SUPPORT, PASSWORD) as server:
            yield server

    class TestDovecot:
        server: dovecot.Dovecot

        @pytest.fixture(autouse=True)
        def trusted(self, installed: dovecot.Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
            monkeypatch.setenv("SSL_CERT_FILE", str(installed.certificate))
            self.server = installed

        def email(self, **given: Any) -> Email:
            known = {"imap_host": "localhost", "imap_port": self.server.tls_port}
            return connected(**({"imap_security": "tls"} | known | given))

        def begun(self, **given: Any) -> tuple[Email, Cursor]:
            connector = self.email(**given)
            return connector, list(connector.fetch({}))[-1].cursor

        def test_new_mail_is_pulled_once_and_stays_unread(self) -> None:
            raw = raw_mail("收不到邮件", Message_ID="<once@mail.example>")
            connector, cursor = self.begun()
            self.server.put(raw)

            pages = list(connector.fetch(cursor))
            again = list(connector.fetch(pages[-1].cursor))

            assert [each.body for page in pages for each in page.envelopes] == [raw]
            assert again == []
            assert not any(b"\\Seen" in line for line in self.server.flags())

        def test_starttls_is_spoken(self) -> None:
            security = {"imap_security": "starttls", "imap_port": self.server.starttls_port}
            connector, cursor = self.begun(**security)
            self.server.put(raw_mail(Message_ID="<starttls@mail.example>"))

            assert keys(list(connector.fetch(cursor))) == ["starttls@mail.example"]

        def test_many_mails_come_in_order_and_in_pages(self) -> None:
            connector, cursor = self.begun()
            wanted = [f"{n}@many.example" for n in range(60)]
            for key in wanted:
                self.server.put(raw_mail(Message_ID=f"<{key}>"))

            pages = list(connector.fetch(cursor))

            assert [len(page.envelopes) for page in pages] == [50, 10]
            assert keys(pages) == wanted

        def test_renumbered_folder_is_read_again(self) -> None:
            connector, cursor = self.begun()
            self.server.put(raw_mail(Message_ID="<renumbered@mail.example>"))
            before = list(connector.fetch(cursor))[-1].cursor

            self.server.renumber()
            pages = list(connector.fetch(before))

            assert pages[0].cursor["uidvalidity"] != before["uidvalidity"]
            assert "renumbered@mail.example" in keys(pages)

        def test_folder_with_a_chinese_name_is_read(self) -> None:
            folder = "客服 & 售后"
            self.server.put(raw_mail(), f'"{utf7(folder)}"')
            connector, cursor = self.begun(imap_folder=folder)
            self.server.put(raw_mail(Message_ID="<zh@x.example>"), f'"{utf7(folder)}"')

            assert keys(list(connector.fetch(cursor))) == ["zh@x.example"]

        def test_wrong_password_is_a_sign_in_failure_that_hides_it(self) -> None:
            with pytest.raises(FetchFailure) as caught:
                list(self.email(imap_password="wrong-secret").fetch({}))

            assert caught.value.code == "login"
            assert caught.value.retry_after
            assert "wrong-secret" not in str(caught.value)

        def test_missing_folder_is_named(self) -> None:
            with pytest.raises(FetchFailure) as caught:
                list(self.email(imap_folder="Nowhere").fetch({}))

            assert caught.value.code == "folder"

        def test_certificate_that_nobody_signed_is_refused(
            self, monkeypatch: pytest.MonkeyPatch
        ) -> None:
            monkeypatch.delenv("SSL_CERT_FILE")

            with pytest.raises(FetchFailure) as caught:
                list(self.email().fetch({}))

            assert caught.value.code == "tls"


class Sink:
    """What aiosmtpd asks: it keeps every mail, and knows one password and one dead address."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        return AuthResult(success=data.password == b"smtp-secret", handled=False)

    async def handle_RCPT(  # noqa: N802 (the library's own name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address.startswith("gone@"):
            return "550 5.1.1 Mailbox not found"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 (the library's own name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.mails.append(envelope.original_content or b"")
        return "250 accepted"


class ImplicitTls(Controller):
    """Encrypted from the first byte, so signing in needs no STARTTLS."""

    def factory(self) -> SMTP:
        return SMTP(self.handler, authenticator=self.handler.authenticate, auth_require_tls=False)


class StartTls(Controller):
    """Plain at first; refuses everything until STARTTLS."""

    def __init__(self, sink: Sink, context: ssl.SSLContext) -> None:
        super().__init__(sink, hostname="127.0.0.1", port=dovecot.free_port())
        self.context = context

    def factory(self) -> SMTP:
        return SMTP(
            self.handler,
            authenticator=self.handler.authenticate,
            tls_context=self.context,
            require_starttls=True,
        )


class TestAiosmtpd:
    sink: Sink
    context: ssl.SSLContext

    @pytest.fixture(autouse=True)
    def trusted(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
        dovecot.write_certificate(certificate, key)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(certificate, key)
        self.sink = Sink()

    @pytest.fixture(params=["tls", "starttls"])
    def email(self, request: pytest.FixtureRequest) -> Iterator[Email]:
        controller: Controller
        if request.param == "tls":
            controller = ImplicitTls(
                self.sink,
                hostname="127.0.0.1",
                port=dovecot.free_port(),
                ssl_context=self.context,
            )
        else:
            controller = StartTls(self.sink, self.context)
        controller.start()
        try:
            host = {"smtp_host": "localhost", "smtp_port": controller.port}
            yield connected(smtp_security=request.param, **host)
        finally:
            controller.stop()

    def test_reply_is_sent_over_tls(self, email: Email) -> None:
        sent = email.send(OUTGOING)

        (raw,) = self.sink.mails
        mail = message_from_bytes(raw, policy=default)
        assert sent.external_id == "d-1001@shop.example"
        assert mail["Message-ID"] == "<d-1001@shop.example>"
        assert mail.get_content().replace("\r\n", "\n") == OUTGOING.text + "\n"

    def test_what_we_send_is_read_by_another_installation(self, email: Email) -> None:
        email.send(OUTGOING)

        read = message(self.sink.mails[0], address="kim@mail.example", imap_user="kim")

        assert read.text.strip() == OUTGOING.text
        assert read.subject == "Re: 收不到邮件 [QM-4821-0937-10]"
        assert read.sender.name == "Shop support"

    def test_dead_address_is_a_permanent_failure(self, email: Email) -> None:
        with pytest.raises(PermanentFailure) as caught:
            email.send(replace(OUTGOING, recipient="gone@mail.example"))

        assert caught.value.code == "recipient_gone"
        assert self.sink.mails == []

    def test_wrong_password_keeps_the_reply_waiting(self, email: Email) -> None:
        wrong = replace(email.settings, smtp_password="wrong-secret")

        with pytest.raises(TemporaryFailure) as caught:
            Email(LocalAccount(wrong), timeout=10).send(OUTGOING)

        assert caught.value.code == "login"
        assert "wrong-secret" not in str(caught.value)

    def test_certificate_that_nobody_signed_is_refused(
        self, email: Email, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("SSL_CERT_FILE")

        with pytest.raises(TemporaryFailure) as caught:
            email.send(OUTGOING)

        assert caught.value.code == "tls"
        assert self.sink.mails == []
