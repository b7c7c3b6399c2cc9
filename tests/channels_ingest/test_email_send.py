"""A reply by mail threads, says what it is, injects nothing, and every refusal is understood."""

import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from channels_ingest import screenshots
from channels_ingest.connectors.base import (
    OutcomeUnknown,
    PermanentFailure,
    SendFailure,
    TemporaryFailure,
)
from channels_ingest.connectors.email import Email
from channels_ingest.sandbox.email import MailServer
from tests.channels_ingest.account import NOON, LocalAccount
from tests.channels_ingest.mails import (
    KIM,
    OUTGOING,
    SUPPORT,
    connected,
    envelope,
    message,
    raw_mail,
    settings,
)
from tickets.interchange import OutgoingFile, OutgoingMessage, Sent


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


class TestSending:
    def sent(self, server: MailServer, outgoing: OutgoingMessage, **given: Any) -> Any:
        """Send, and return the mail as the receiving side parses it."""
        connected(server, **given).send(outgoing)
        (raw,) = server.post.wait_for_mail(outgoing.recipient, 1)
        return message_from_bytes(raw, policy=default)

    def test_reply_arrives_as_written(self, server: MailServer) -> None:
        mail = self.sent(server, OUTGOING)

        assert mail.get_content().replace("\r\n", "\n") == OUTGOING.text + "\n"
        assert mail["From"] == "Shop support <help@shop.example>"
        assert mail["To"] == "小金 <kim@mail.example>"
        assert mail["Subject"] == "Re: 收不到邮件 [QM-4821-0937-10]"
        assert mail["Date"].datetime == NOON
        assert mail["Auto-Submitted"] is None

    def test_acknowledgement_shows_the_code_of_its_number_and_asks_no_other_server(
        self, server: MailServer
    ) -> None:
        page = "https://desk.example/support/case/?number=QM-4821-0937-10"

        mail = self.sent(server, replace(OUTGOING, text="<b>Hello</b>", page=page, automatic=True))

        plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert plain.get_content().strip() == "<b>Hello</b>"
        assert "&lt;b&gt;Hello&lt;/b&gt;" in html.get_content()
        (picture,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
        assert f'src="cid:{picture["Content-ID"][1:-1]}"' in html.get_content()
        assert screenshots._codes(picture.get_content()) == [page]
        assert re.findall(r'(?:src|href)="(?!cid:)([^"]*)"', html.get_content()) == [page]

    def test_lines_that_begin_with_dots_arrive_whole(self, server: MailServer) -> None:
        text = "one\n.\n..two\n.three"

        mail = self.sent(server, replace(OUTGOING, text=text))

        assert mail.get_content().replace("\r\n", "\n") == text + "\n"

    def test_reply_threads_under_the_customers_mails(self, server: MailServer) -> None:
        mail = self.sent(server, OUTGOING)

        assert mail["Message-ID"] == "<d-1001@shop.example>"
        assert mail["In-Reply-To"] == "<m2@mail.example>"
        assert mail["References"] == "<m1@mail.example> <m2@mail.example>"

    def test_every_attempt_bears_the_same_id(self, server: MailServer) -> None:
        connector = connected(server)
        server.post.fail("smtp end", "drop", processed=True)

        with pytest.raises(OutcomeUnknown):
            connector.send(OUTGOING)
        sent = connector.send(OUTGOING)

        copies = server.post.wait_for_mail("kim@mail.example", 2)
        assert [message_from_bytes(raw)["Message-ID"] for raw in copies] == [
            "<d-1001@shop.example>"
        ] * 2
        assert sent == Sent("d-1001@shop.example")

    def test_references_of_an_endless_thread_keep_both_ends_unencoded(
        self, server: MailServer
    ) -> None:
        ids = tuple(f"{'x' * 80}{n}@mail.example" for n in range(300))

        connected(server).send(replace(OUTGOING, references=ids, in_reply_to=ids[-1]))
        (raw,) = server.post.wait_for_mail("kim@mail.example", 1)

        found = message_from_bytes(raw)["References"].split()
        assert found == [f"<{each}>" for each in (*ids[:20], *ids[-20:])]
        assert max(len(line) for line in raw.split(b"\r\n")) < 998

    def test_ids_that_are_none_are_left_out_of_references(self, server: MailServer) -> None:
        ids = ("sha256:abc", "a b@x", "evil>\r\nBcc: all@x.example", "m1@mail.example")

        mail = self.sent(server, replace(OUTGOING, references=ids, in_reply_to="sha256:abc"))

        assert mail["References"] == "<m1@mail.example>"
        assert mail["In-Reply-To"] is None
        assert mail["Bcc"] is None

    @pytest.mark.parametrize(
        ("written", "in_reply_to", "shown"),
        [
            ("No mail", "m1@x.example", "Re: No mail [QM-4821-0937-10]"),
            ("Re: RE: 回复：No mail", "m1@x.example", "Re: No mail [QM-4821-0937-10]"),
            ("Re: [QM-4821-0937-10] a", "m1@x.example", "Re: [QM-4821-0937-10] a"),
            ("Firmware: No mail", "m1@x.example", "Re: Firmware: No mail [QM-4821-0937-10]"),
            ("No mail", "", "No mail [QM-4821-0937-10]"),
            ("", "", "[QM-4821-0937-10]"),
            ("a\r\nBcc: all@x.example", "", "a Bcc: all@x.example [QM-4821-0937-10]"),
            ("a\u202egpj\x07b", "", "a gpj b [QM-4821-0937-10]"),
        ],
    )
    def test_subject_has_one_prefix_and_one_number(
        self, server: MailServer, written: str, in_reply_to: str, shown: str
    ) -> None:
        mail = self.sent(server, replace(OUTGOING, subject=written, in_reply_to=in_reply_to))

        assert mail["Subject"] == shown
        assert mail["Bcc"] is None

    def test_automatic_message_says_so_and_is_not_called_an_answer(
        self, server: MailServer
    ) -> None:
        mail = self.sent(server, replace(OUTGOING, automatic=True, subject="Received"))

        assert mail["Auto-Submitted"] == "auto-replied"
        assert mail["X-Auto-Response-Suppress"] == "All"
        assert mail["Subject"] == "Received [QM-4821-0937-10]"

    def test_two_installations_do_not_answer_each_other(self, server: MailServer) -> None:
        other = {"address": "care@other.example", "imap_user": "care@other.example"}
        connected(server, **other).send(replace(OUTGOING, recipient=SUPPORT, automatic=True))
        (raw,) = server.post.wait_for_mail(SUPPORT, 1)

        assert message(raw).automatic == "auto_reply"

    def test_our_own_mail_that_comes_back_is_recognised(self, server: MailServer) -> None:
        connected(server).send(OUTGOING)
        (raw,) = server.post.wait_for_mail("kim@mail.example", 1)

        resent = raw.replace(b"From: Shop support <help@shop.example>", b"From: " + KIM.encode())

        assert b"help@shop.example" not in resent.partition(b"Message-ID")[0].partition(b"From")[2]
        assert [
            type(item).__name__ for item in Email(LocalAccount(settings())).parse(envelope(resent))
        ] == ["Unknown"]

    def test_files_are_attached(self, server: MailServer) -> None:
        files = (
            OutgoingFile("图片\r\n.png", "image/png", b"\x89PNG"),
            OutgoingFile("old.eml", "message/rfc822", b"raw"),
            OutgoingFile("", "no type", b"x"),
        )

        mail = self.sent(server, replace(OUTGOING, files=files))

        found = [
            (part.get_filename(), part.get_content_type(), part.get_content())
            for part in mail.iter_attachments()
        ]
        assert found == [
            ("图片 .png", "image/png", b"\x89PNG"),
            ("old.eml", "application/octet-stream", b"raw"),
            ("attachment", "application/octet-stream", b"x"),
        ]

    def test_customer_can_reply_to_an_address_that_names_our_message(
        self, server: MailServer
    ) -> None:
        mail = self.sent(server, OUTGOING, plus_addressing=True)
        answer = raw_mail(To=str(mail["Reply-To"]))

        assert mail["Reply-To"] == "Shop support <help+d-1001@shop.example>"
        assert message(answer).in_reply_to == ("d-1001@shop.example",)

    def test_long_lines_are_folded_for_the_way(self, server: MailServer) -> None:
        text = "word " * 2000

        mail = self.sent(server, replace(OUTGOING, text=text))

        assert mail.get_content().strip() == text.strip()

    @pytest.mark.parametrize(
        "recipient",
        ["", "kim", "a b@x.example", "a@x.example\r\nRSET", "小金@x.example", "<a@x.example>"],
    )
    def test_what_is_no_address_is_refused_for_good(
        self, server: MailServer, recipient: str
    ) -> None:
        with pytest.raises(PermanentFailure) as caught:
            connected(server).send(replace(OUTGOING, recipient=recipient))

        assert caught.value.code == "recipient_gone"
        assert server.post.folders == {}

    @pytest.mark.parametrize(
        ("stage", "answer", "kind", "code"),
        [
            ("greeting", "554 no service", TemporaryFailure, "connect"),
            ("greeting", "421 too many connections", TemporaryFailure, "connect"),
            ("auth", "535 Login fail. Password or frequency", TemporaryFailure, "login"),
            ("mail", "553 Mail from must equal authorized user", PermanentFailure, "refused"),
            ("mail", "452 try later", TemporaryFailure, "busy"),
            ("rcpt", "450 4.2.1 busy", TemporaryFailure, "busy"),
            ("rcpt", "550 Mailbox not found", PermanentFailure, "recipient_gone"),
            ("rcpt", "550 5.1.1 unknown", PermanentFailure, "recipient_gone"),
            ("rcpt", "554 5.7.1 relay denied", PermanentFailure, "refused"),
            ("rcpt", "550 Mailbox unavailable or access denied", TemporaryFailure, "busy"),
            ("data", "550 Ip frequency limited", TemporaryFailure, "busy"),
            ("data", "250 nonsense", TemporaryFailure, "busy"),
            ("end", "550 Mail content denied", PermanentFailure, "content"),
            ("end", "554 5.7.1 looks like spam", PermanentFailure, "content"),
            ("end", "552 Message too large", PermanentFailure, "too_large"),
            ("end", "552 5.2.2 mailbox full", PermanentFailure, "recipient_gone"),
            ("end", "451 try later", TemporaryFailure, "busy"),
            ("mail", "drop", TemporaryFailure, "connect"),
            ("end", "drop", OutcomeUnknown, "no_answer"),
            ("end", "hang", OutcomeUnknown, "no_answer"),
        ],
    )
    def test_refusal_means_what_the_server_means(
        self, server: MailServer, stage: str, answer: str, kind: type[SendFailure], code: str
    ) -> None:
        server.post.fail(f"smtp {stage}", answer, times=3)

        with pytest.raises(SendFailure) as caught:
            connected(server).send(OUTGOING)

        assert (type(caught.value), caught.value.code) == (kind, code)

    def test_mail_too_large_for_the_server_is_not_tried(self, server: MailServer) -> None:
        server.post.largest = 5000
        file = OutgoingFile("a.bin", "application/octet-stream", b"x" * 9000)

        with pytest.raises(PermanentFailure) as caught:
            connected(server).send(replace(OUTGOING, files=(file,)))

        assert caught.value.code == "too_large"

    def test_unencrypted_server_elsewhere_is_never_spoken_to(self, server: MailServer) -> None:
        with pytest.raises(PermanentFailure) as caught:
            connected(server, smtp_host="mail.example").send(OUTGOING)

        assert caught.value.code == "settings"
