"""The e-mail connector keeps the contract, tests its settings and has a provider to play with."""

import base64
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

import pytest

from channels_ingest.connectors.base import (
    Connector,
    Cursor,
    Fetched,
    FetchFailure,
    StoredEnvelope,
)
from channels_ingest.connectors.email import Email
from channels_ingest.mail import smtp
from channels_ingest.sandbox.email import MailServer
from tests.channels_ingest.account import NOON, LocalAccount
from tests.channels_ingest.contract import PullContract, SendContract, Trouble
from tests.channels_ingest.mails import (
    OUTGOING,
    SUPPORT,
    connected,
    envelope,
    message,
    raw_mail,
    settings,
)
from tickets.interchange import OutgoingMessage, Sent


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


class TestContract(PullContract, SendContract):
    connector: ClassVar[type[Connector]] = Email
    limited_for = smtp.PAUSE

    pull_troubles: ClassVar[dict[str, tuple[str, str]]] = {
        "timeout": ("imap fetch", "hang"),
        "reset": ("imap fetch", "drop"),
        "limited": ("imap login", "NO login frequency limited"),
        "broken": ("imap examine", "NO internal error"),
        "refused": ("imap login", "NO [AUTHENTICATIONFAILED] wrong: imap-secret"),
    }
    send_troubles: ClassVar[dict[str, tuple[str, str]]] = {
        "timeout": ("smtp end", "hang"),
        "reset": ("smtp end", "drop"),
        "limited": ("smtp mail", "550 Connection frequency limited"),
        "broken": ("smtp end", "451 internal error"),
        "refused": ("smtp rcpt", "550 5.1.1 no such user, smtp-secret"),
    }

    def settings(self) -> Email.Settings:
        return settings()

    def ordinary(self) -> StoredEnvelope:
        return envelope(raw_mail())

    def unknown(self) -> StoredEnvelope:
        return envelope(raw_mail(From=SUPPORT))

    def cursor_before(self) -> Cursor:
        return {"uidvalidity": 1, "last_uid": 0, "old_before": 1, "since": NOON.isoformat()}

    def outgoing(self) -> OutgoingMessage:
        return replace(super().outgoing(), recipient="kim@mail.example")

    def pull(self, cursor: Cursor, trouble: Trouble | None = None) -> list[Fetched]:
        with MailServer() as server:
            server.post.put(SUPPORT, raw_mail())
            connector = connected(server)
            if trouble in self.pull_troubles:
                server.post.fail(*self.pull_troubles[trouble])
            if trouble != "unreachable":
                return list(connector.fetch(cursor))
        return list(connector.fetch(cursor))

    def send(self, trouble: Trouble | None = None) -> Sent:
        with MailServer() as server:
            connector = connected(server)
            if trouble in self.send_troubles:
                server.post.fail(*self.send_troubles[trouble])
            if trouble != "unreachable":
                return connector.send(self.outgoing())
        return connector.send(self.outgoing())


class TestTrying:
    def test_test_signs_in_to_both_servers(self, server: MailServer) -> None:
        assert "signed in" in connected(server).test()
        assert server.post.logins == 2

    @pytest.mark.parametrize(
        ("stage", "code"),
        [("imap login", "login"), ("imap examine", "folder"), ("smtp auth", "login")],
    )
    def test_test_tells_what_failed_and_keeps_secrets(
        self, server: MailServer, stage: str, code: str
    ) -> None:
        word = "535" if stage.startswith("smtp") else "NO"
        server.post.fail(stage, f"{word} imap-secret smtp-secret", times=3)

        with pytest.raises(FetchFailure) as caught:
            connected(server).test()

        assert caught.value.code == code
        assert "secret" not in str(caught.value)

    def test_smtp_password_is_that_of_imap_unless_given(self) -> None:
        with MailServer(password="imap-secret") as server:
            assert "signed in" in connected(server, smtp_password="").test()
            with pytest.raises(FetchFailure):
                connected(server).test()

    def test_mail_sent_to_an_address_lies_in_its_mailbox(self, server: MailServer) -> None:
        customer = connected(server, address="kim@mail.example", imap_user="kim@mail.example")
        support = connected(server)
        cursor = list(support.fetch({}))[-1].cursor

        customer.send(replace(OUTGOING, recipient=SUPPORT, in_reply_to=""))
        (page,) = support.fetch(cursor)

        assert message(page.envelopes[0].body).text.startswith("请重启邮箱。")
        assert base64.b64encode("请重启邮箱。".encode())[:8] in page.envelopes[0].body

    def test_emulator_runs_by_itself(self) -> None:
        command = [sys.executable, "-m", "channels_ingest.sandbox.email"]
        ports = ["--imap-port", "0", "--smtp-port", "0", "--password", "imap-secret"]
        process = subprocess.Popen([*command, *ports], stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout
            _imap, imap_at, _smtp, smtp_at = process.stdout.readline().split()
            places = {
                "imap_port": int(imap_at.rpartition(":")[2]),
                "smtp_port": int(smtp_at.rpartition(":")[2]),
            }

            assert "signed in" in Email(LocalAccount(settings(smtp_password="", **places))).test()
        finally:
            process.terminate()
            process.communicate(timeout=10)

        assert process.returncode == 0
