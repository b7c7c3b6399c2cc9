"""Mails as they come: mislabelled, nested, forged, endless; each gives what it holds."""

import base64
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.connectors.email import Email
from channels_ingest.html_text import to_text
from channels_ingest.mail import headers, parsing
from tests.channels_ingest.account import NOON, LocalAccount
from tests.channels_ingest.mails import (
    SENT_AT,
    SUPPORT,
    envelope,
    mail_of,
    message,
    multipart,
    parsed,
    raw_mail,
    settings,
)
from tickets.interchange import IncomingMessage, Receipt, Unknown

CHINESE = "收不到验证码邮件，朱镕基也一样"  # 镕 is in GB18030 and not in GB2312


def typed(content_type: str, body: bytes, encoding: str = "8bit") -> bytes:
    return raw_mail(body, Content_Type=content_type, Content_Transfer_Encoding=encoding)


class TestWords:
    @pytest.mark.parametrize(
        ("content_type", "body"),
        [
            ("text/plain; charset=utf-8", CHINESE.encode()),
            ("text/plain; charset=gb2312", CHINESE.encode("gb18030")),
            ("text/plain; charset=GBK", CHINESE.encode("gb18030")),
            ('text/plain; charset="x-gbk"', CHINESE.encode("gb18030")),
            ("text/plain", CHINESE.encode()),
            ("text/plain", CHINESE.encode("gb18030")),
            ("text/plain; charset=us-ascii", CHINESE.encode()),
            ("text/plain; charset=unknown-8bit", CHINESE.encode("gb18030")),
            ("text/plain; charset=utf-8", CHINESE.encode("gb18030")),
            ("text/plain; charset=gb2312", CHINESE.encode()),
            ("text/plain; charset=gb_2312-80", CHINESE.encode("gb18030")),
            ("text/plain; charset=base64", CHINESE.encode()),
            ("text/plain; charset=idna", CHINESE.encode()),
        ],
    )
    def test_text_is_read_whatever_its_label_says(self, content_type: str, body: bytes) -> None:
        assert message(typed(content_type, body)).text == CHINESE

    @pytest.mark.parametrize("charset", ["iso-2022-jp", "shift_jis", "euc-jp", "utf-8"])
    def test_japanese_text_is_read(self, charset: str) -> None:
        text = "メールが届きません"

        read = message(typed(f"text/plain; charset={charset}", text.encode(charset)))

        assert read.text == text

    @pytest.mark.parametrize(
        ("label", "charset", "text"),
        [
            ("shift_jis", "cp932", "①髙橋"),
            ("iso-2022-jp", "iso2022_jp_ext", "ﾃｽﾄ"),
            ("iso-8859-1", "cp1252", "10 €"),
            ("big5", "cp950", "碁銹"),
            ("ks_c_5601-1987", "cp949", "똠방각하"),
        ],
    )
    def test_label_that_promises_too_little_is_widened(
        self, label: str, charset: str, text: str
    ) -> None:
        read = message(typed(f"text/plain; charset={label}", text.encode(charset)))

        assert read.text == text

    def test_transfer_encodings_are_undone(self) -> None:
        coded = base64.encodebytes(CHINESE.encode())
        quoted = b"=E6=94=B6=E4=B8=\r\n=8D=E5=88=B0"

        assert message(typed("text/plain; charset=utf-8", coded, "base64")).text == CHINESE
        assert message(typed("text/plain", quoted, "quoted-printable")).text == "收不到"

    def test_broken_base64_gives_what_it_holds(self) -> None:
        coded = base64.b64encode(b"The inbox stays empty.")[:-3] + b"!?"

        assert message(typed("text/plain", coded, "base64")).text.startswith("The inbox stays")

    def test_what_the_database_cannot_keep_is_left_out(self) -> None:
        assert message(typed("text/plain", b"a\0b")).text == "ab"

    def test_flowed_lines_are_joined(self) -> None:
        body = b"A long \r\nline.\r\nNext.\r\n-- \r\nKim"

        read = message(typed("text/plain; format=flowed", body))

        assert read.text == "A long line.\nNext.\n-- \nKim"

    def test_endless_text_is_cut_and_kept_whole_as_a_file(self) -> None:
        read = message(raw_mail("x" * (parsing.LONGEST_TEXT + 5)))

        assert len(read.text) == parsing.LONGEST_TEXT
        assert [len(file.data or b"") for file in read.files] == [parsing.LONGEST_TEXT + 5]


class TestHeaders:
    @pytest.mark.parametrize(
        ("written", "shown"),
        [
            (b"Plain", "Plain"),
            (b"=?utf-8?B?5pS25LiN5Yiw?=", "收不到"),
            (b"=?gb2312?B?" + base64.b64encode("镕基".encode("gb18030")) + b"?=", "镕基"),
            (b"=?utf-8?B?5pS25A==?= =?utf-8?B?uI3liLA=?=", "收不到"),
            (b"=?utf-8?q?Re:_caf=C3=A9?= next", "Re: café next"),
            (b"=?utf-8?B?5pS2?=\r\n =?utf-8?B?5LiN?=", "收不"),
            ("收不到".encode(), "收不到"),
            ("收不到".encode("gb18030"), "收不到"),
            ("图片".encode("gb18030"), "图片"),  # valid UTF-8 by chance
            ("Żółć café Ελλάδα Привет".encode(), "Żółć café Ελλάδα Привет"),
            (b"=?utf-8?B?###?= x", "x"),
            (b"C:\\users and =?broken", "C:\\users and =?broken"),
            (b"a\xe2\x80\xaegpj.exe", "a gpj.exe"),
        ],
    )
    def test_subject_is_decoded(self, written: bytes, shown: str) -> None:
        assert message(raw_mail(Subject=written)).subject == shown

    @pytest.mark.parametrize(
        ("written", "name", "address"),
        [
            ("kim@Mail.Example", "", "kim@mail.example"),
            ('"Kim, the one" <KIM@mail.example>', "Kim, the one", "kim@mail.example"),
            ('"help@bank.example" <kim@mail.example>', "help@bank.example", "kim@mail.example"),
            ("=?utf-8?B?5bCP6YeR?= <kim@mail.example>", "小金", "kim@mail.example"),
            ('"=?utf-8?B?5bCP6YeR?=" <kim@mail.example>', "小金", "kim@mail.example"),
            (
                "=?utf-8?Q?=3Ca=40evil=2Eexample=3E?= <kim@mail.example>",
                "<a@evil.example>",
                "kim@mail.example",
            ),
            ("Kim <kim@mail.example>, Ann <ann@mail.example>", "Kim", "kim@mail.example"),
            ("(((" * 3000 + " <kim@mail.example>", None, None),
        ],
    )
    def test_sender_is_read(self, written: str, name: str | None, address: str | None) -> None:
        if address is None:
            with pytest.raises(ValueError, match="no sender"):
                parsed(raw_mail(From=written))
            return

        sender = message(raw_mail(From=written)).sender

        assert (sender.name, sender.address, sender.external_id) == (name, address, address)

    def test_mail_without_a_sender_is_an_error_a_person_sees(self) -> None:
        with pytest.raises(ValueError, match="no sender"):
            parsed(raw_mail(From=None))

    def test_moment_of_writing_is_that_of_the_date(self) -> None:
        assert message(raw_mail()).sent_at == SENT_AT

    @pytest.mark.parametrize(
        "date",
        [
            None,
            "",
            "yesterday",
            "Mon, 99 Foo 2026",
            "Sun, 01 Jan 2090 00:00:00 +0000",
            "Thu, 01 Jan 1970 00:00:00 +0000",
            "Fri, 31 Dec 9999 23:59:00 -1400",
        ],
    )
    def test_wild_date_gives_way_to_the_moment_of_arrival(self, date: str | None) -> None:
        assert message(raw_mail(Date=date)).sent_at == NOON

    def test_date_without_a_zone_is_read_as_utc(self) -> None:
        at = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

        assert message(raw_mail(Date="Fri, 20 Nov 2026 08:00:00 -0000")).sent_at == at


class TestThreads:
    def test_answered_mails_are_named_nearest_first(self) -> None:
        raw = raw_mail(
            In_Reply_To="<c@x.example>", References="<a@x.example> <b@x.example>\r\n <c@x.example>"
        )

        read = message(raw)

        assert read.in_reply_to == ("c@x.example", "b@x.example", "a@x.example")
        assert read.thread == "a@x.example"

    def test_mail_that_answers_nothing_begins_its_own_thread(self) -> None:
        assert message(raw_mail()).thread == "m1@mail.example"

    def test_mail_that_came_by_two_ways_is_one_message(self) -> None:
        one = raw_mail(Received="from a by mx.shop.example")
        other = raw_mail(Received="from list by mx.shop.example")
        stored_apart = replace(envelope(other), key="m1@mail.example#ab12")

        assert Email(LocalAccount(settings())).parse(stored_apart) == parsed(one)

    def test_subject_never_makes_a_thread(self) -> None:
        one, two = (message(raw_mail(Message_ID=f"<{n}@x.example>")).thread for n in "12")

        assert one != two

    def test_endless_references_keep_the_root_and_the_newest(self) -> None:
        ids = [f"<{n}@x.example>" for n in range(5000)]

        read = message(raw_mail(References=" ".join(ids)))

        assert read.thread == "0@x.example"
        assert "0@x.example" in read.in_reply_to
        assert len(read.in_reply_to) <= headers.MOST_REFERENCES

    def test_reply_token_in_a_recipient_names_our_message(self) -> None:
        raw = raw_mail(To=f'"Shop" <help+D-77@shop.example>, other+x@shop.example, {SUPPORT}')

        assert message(raw).in_reply_to == ("d-77@shop.example",)

    @pytest.mark.parametrize("message_id", [None, "", "<>", "no id"])
    def test_mail_without_an_id_gets_one_from_its_content(self, message_id: str | None) -> None:
        one, again = (headers.own_id(raw_mail("one", Message_ID=message_id)) for _ in range(2))
        other = headers.own_id(raw_mail("two", Message_ID=message_id))

        assert one == again
        assert one.startswith("sha256:")
        assert one != other

    def test_id_too_long_to_keep_becomes_a_digest(self) -> None:
        key = headers.own_id(raw_mail(Message_ID=f"<{'x' * 900}@x.example>"))

        assert key.startswith("sha256:")
        assert len(key) < headers.LONGEST_ID


class TestBodies:
    def test_plain_form_is_preferred_and_html_is_kept(self) -> None:
        body = multipart(
            "alternative",
            "Content-Type: text/plain\r\n\r\nHello",
            "Content-Type: text/html\r\n\r\n<p>Hello <b>there</b></p>",
        )

        read = message(mail_of(body))

        assert read.text == "Hello"
        assert read.html == "<p>Hello <b>there</b></p>"
        assert read.files == ()

    def test_html_alone_is_turned_into_text(self) -> None:
        raw = raw_mail("<p>Hello</p><p>Bye</p>", Content_Type="text/html")

        assert message(raw).text == "Hello\n\nBye"

    def test_empty_plain_form_gives_way_to_html(self) -> None:
        body = multipart(
            "alternative",
            "Content-Type: text/plain\r\n\r\n \r\n",
            "Content-Type: text/html\r\n\r\n<p>Hello</p>",
        )

        assert message(mail_of(body)).text == "Hello"

    def test_footer_of_a_list_does_not_hide_the_html_before_it(self) -> None:
        body = multipart(
            "mixed",
            "Content-Type: text/html\r\n\r\n<p>Hello</p>",
            "Content-Type: text/plain\r\n\r\nfooter",
        )

        assert message(mail_of(body)).text == "Hello\n\nfooter"

    def test_inline_picture_keeps_the_id_by_which_html_names_it(self) -> None:
        body = multipart(
            "related",
            'Content-Type: text/html\r\n\r\n<img src="cid:p1@x">',
            "Content-Type: image/png\r\nContent-ID: <p1@x>\r\nContent-Disposition: inline\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\niVBORw==",
        )

        (file,) = message(mail_of(body)).files

        assert (file.content_id, file.content_type, file.data) == ("p1@x", "image/png", b"\x89PNG")

    @pytest.mark.parametrize(
        ("content_type", "name"),
        [
            ("application/ms-tnef", "winmail.dat"),
            ("text/calendar; method=REQUEST", "invite.ics"),
            ("application/pdf", "attachment.pdf"),
        ],
    )
    def test_part_without_a_name_becomes_a_named_file(self, content_type: str, name: str) -> None:
        body = multipart(
            "mixed",
            "Content-Type: text/plain\r\n\r\nHello",
            f"Content-Type: {content_type}\r\n\r\nraw bytes",
        )

        (file,) = message(mail_of(body)).files

        assert (file.name, file.data) == (name, b"raw bytes")

    def test_forwarded_mail_is_one_file_and_not_part_of_the_text(self) -> None:
        inner = b"Content-Type: message/rfc822\r\n\r\n" + raw_mail("inner", Subject="Old one")
        body = multipart("mixed", "Content-Type: text/plain\r\n\r\nSee below", inner)

        read = message(mail_of(body))

        assert read.text == "See below"
        assert [file.name for file in read.files] == ["Old one.eml"]
        assert (read.files[0].data or b"").endswith(b"inner")

    @pytest.mark.parametrize(
        ("disposition", "name"),
        [
            (b'filename="a.png"', "a.png"),
            (b'filename="=?gb2312?B?zbzGrC5wbmc=?="', "图片.png"),
            (b"filename*=utf-8''%E5%9B%BE%E7%89%87.png", "图片.png"),
            (b"filename*0*=utf-8''%E5%9B%BE; filename*1*=%E7%89%87.png", "图片.png"),
            (b'filename="' + "图片.png".encode("gb18030") + b'"', "图片.png"),
            (rb'filename="C:\\temp\\a.png"', "a.png"),
            (b'filename="../../etc/passwd"', "passwd"),
            (b'filename=".."', "attachment.png"),
            (b'filename="a\xe2\x80\xaegnp.exe"', "a gnp.exe"),
            (b'filename="' + b"x" * 300 + b'.png"', "x" * 100 + ".png"),
        ],
    )
    def test_file_name_is_read_and_made_harmless(self, disposition: bytes, name: str) -> None:
        part = b"Content-Type: image/png\r\nContent-Disposition: attachment; " + disposition
        body = multipart("mixed", part + b"\r\n\r\nx")

        assert [file.name for file in message(mail_of(body)).files] == [name]

    def test_text_that_is_attached_is_a_file(self) -> None:
        body = multipart(
            "mixed",
            "Content-Type: text/plain\r\n\r\nHello",
            'Content-Type: text/plain; name="log.txt"\r\n\r\nlines',
        )

        read = message(mail_of(body))

        assert (read.text, [file.name for file in read.files]) == ("Hello", ["log.txt"])

    def test_mail_cut_short_gives_what_arrived(self) -> None:
        body = multipart("mixed", "Content-Type: text/plain\r\n\r\nHello, I wrote mo")

        read = message(mail_of(body[: body.rindex(b"\r\n--b1--")]))

        assert read.text == "Hello, I wrote mo"


class TestHtml:
    @pytest.mark.parametrize(
        ("markup", "text"),
        [
            ("a<br>b<br/>c", "a\nb\nc"),
            ("<div>a</div><div>b</div>", "a\nb"),
            ("<ul><li>a<li>b</ul>", "- a\n- b"),
            ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
            ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n> > b\nc"),
            ("<style>p{}</style><script>x</script><p>a</p>", "a"),
            ("<p>a</p><!-- <p>b</p> --><p>c</p>", "a\n\nc"),
            ('<p style="display:none">code 1234</p>a', "a"),
            ('<p style="display:none">a', "a"),
            ("1 &lt; 2 &amp;&nbsp;3", "1 < 2 &\u00a03"),
            ("I <3 you", "I <3 you"),
            ('<img alt="a > b">c', "c"),
            ("<pre>a\n  b</pre>", "a\n  b"),
            ("<p>a\r\n  b</p>", "a b"),
            ("&#" + "9" * 9000 + ";a", "\ufffda"),
            ("<title>t</title>a", "a"),
            ("İ<script>x</script>a", "İa"),
        ],
    )
    def test_reader_sees_what_a_browser_shows(self, markup: str, text: str) -> None:
        assert to_text(markup) == text


class TestMachines:
    @pytest.mark.parametrize(
        "marks",
        [
            {"Auto_Submitted": "auto-replied"},
            {"Auto_Submitted": "auto-generated; x=1"},
            {"X_Autoreply": "yes"},
            {"Precedence": "auto_reply"},
            {"X_Auto_Response_Suppress": "All"},
            {"Subject": "自动回复：Re: 已受理", "In_Reply_To": "<d@shop.example>"},
            {"Subject": "=?utf-8?B?6Ieq5Yqo5Zue5aSNOiBIaQ==?=", "Precedence": "bulk"},
            {"Subject": "Automatic reply: Received", "References": "<d@shop.example>"},
            {"Subject": "Out of office until Monday", "Return_Path": "<>"},
            {"Subject": "不在通知", "Return_Path": "< >"},
            {"From": "no-reply@mail.example"},
            {"From": "donotreply+x@mail.example"},
            {"Content_Type": "multipart/report; report-type=disposition-notification"},
        ],
    )
    def test_automatic_reply_is_recognised(self, marks: dict[str, str]) -> None:
        assert message(raw_mail(**marks)).automatic == "auto_reply"

    @pytest.mark.parametrize(
        "marks",
        [
            {"List_Id": "<news.mail.example>"},
            {"Precedence": "bulk"},
            {"Precedence": "List"},
            {"List_Unsubscribe": "<mailto:x@mail.example>"},
        ],
    )
    def test_mail_of_a_list_is_recognised(self, marks: dict[str, str]) -> None:
        assert message(raw_mail(**marks)).automatic == "list"

    @pytest.mark.parametrize(
        "marks",
        [
            {},
            {"Auto_Submitted": "no"},
            {"Subject": "自动回复怎么关闭"},
            {"Subject": "不在家收不到邮件", "In_Reply_To": "<d@shop.example>"},
            {"Subject": "Re: 自动回复：已受理", "In_Reply_To": "<d@shop.example>"},
            {"Subject": "Automatic reply is broken", "References": "<d@shop.example>"},
            {"Return_Path": "<kim@mail.example>"},
            {"X_Anhao_Loop": "help@other.example"},
        ],
    )
    def test_mail_of_a_person_is_not_automatic(self, marks: dict[str, str]) -> None:
        assert message(raw_mail(**marks)).automatic == ""

    @pytest.mark.parametrize("sender", [SUPPORT, "Help <HELP@shop.example>", "help+x@shop.example"])
    def test_our_own_mail_is_passed_over(self, sender: str) -> None:
        assert parsed(raw_mail(From=sender)) == [Unknown("own message")]

    def test_our_own_mail_sent_on_by_others_is_passed_over(self) -> None:
        assert parsed(raw_mail(X_Anhao_Loop=SUPPORT)) == [Unknown("loop")]


def bounce(status: str, original: bytes, **marks: str | None) -> bytes:
    body = multipart(
        'report; report-type="delivery-status"',
        "Content-Type: text/plain\r\n\r\nYour mail could not be delivered.",
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.mail.example\r\n\r\n"
        f"Final-Recipient: rfc822; kim@mail.example\r\nAction: failed\r\nStatus: {status}\r\n",
        original,
    )
    return mail_of(body, From="Mail Delivery <MAILER-DAEMON@mail.example>", **marks)


WHOLE = b"Content-Type: message/rfc822\r\n\r\n" + raw_mail(Message_ID="<d-1@shop.example>")
HEADERS_ONLY = b"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <d-1@shop.example>\r\n"


class TestBounces:
    @pytest.mark.parametrize("original", [WHOLE, HEADERS_ONLY], ids=["whole", "headers"])
    def test_bounce_gives_a_receipt_and_then_the_message(self, original: bytes) -> None:
        receipt, read = parsed(bounce("5.1.1", original))

        assert receipt == Receipt("d-1@shop.example", "failed", SENT_AT, "5.1.1")
        assert isinstance(read, IncomingMessage)
        assert (read.automatic, read.in_reply_to) == ("bounce", ("d-1@shop.example",))

    def test_delay_is_not_yet_a_failure(self) -> None:
        (read,) = parsed(bounce("4.4.1", WHOLE))

        assert isinstance(read, IncomingMessage)
        assert read.automatic == "bounce"

    def test_bounce_marked_as_automatic_reply_is_still_a_bounce(self) -> None:
        assert message(bounce("5.1.1", WHOLE, Auto_Submitted="auto-replied")).automatic == "bounce"

    @pytest.mark.parametrize(
        ("words", "reason"),
        [("550 Mailbox not found. http://x.example", "550"), ("smtp; 5.2.2 mailbox full", "5.2.2")],
    )
    def test_bounce_in_plain_words_is_understood(self, words: str, reason: str) -> None:
        body = multipart("mixed", f"Content-Type: text/plain\r\n\r\n{words}", WHOLE)

        receipt, _read = parsed(mail_of(body, From="postmaster@mail.example"))

        assert receipt == Receipt("d-1@shop.example", "failed", SENT_AT, reason)

    def test_bounce_that_names_no_mail_marks_nothing_failed(self) -> None:
        (read,) = parsed(raw_mail("550 no such user", From="MAILER-DAEMON (Mail Delivery)"))

        assert isinstance(read, IncomingMessage)
        assert (read.sender.external_id, read.automatic) == ("mailer-daemon", "bounce")

    def test_empty_return_path_alone_is_a_bounce(self) -> None:
        assert message(raw_mail(Return_Path="<>")).automatic == "bounce"


OUR_MX = "mx.shop.example"
PASS = f"{OUR_MX}; spf=pass; dmarc=pass (p=none) header.from=mail.example"


class TestProof:
    def results(self, *written: str, **given: str) -> bool:
        lines = "\r\nAuthentication-Results: ".join(written)
        sender = message(
            raw_mail(Authentication_Results=lines, **given), auth_results_host=OUR_MX
        ).sender
        assert sender.proven is sender.address_verified
        return sender.proven

    @pytest.mark.parametrize(
        "written",
        [PASS, f"{OUR_MX} 1; dkim=none;\r\n dmarc=pass", PASS.upper(), f"(x) {PASS}"],
    )
    def test_sender_is_proven_by_our_own_server(self, written: str) -> None:
        assert self.results(written)

    @pytest.mark.parametrize(
        "written",
        [
            f"{OUR_MX}; dmarc=fail header.from=mail.example",
            f"{OUR_MX}; dmarc=none",
            f"{OUR_MX}; spf=pass; dkim=pass",
            f"{OUR_MX}; dmarc=pass header.from=evil.example",
            f"{OUR_MX}; dmarc=passed",
            "mx.evil.example; dmarc=pass header.from=mail.example",
            f"evil.{OUR_MX}; dmarc=pass",
            f'{OUR_MX}; spf=pass smtp.mailfrom="x; dmarc=pass"@evil.example; dmarc=fail',
            f"{OUR_MX}; spf=pass (x; dmarc=pass; y); dmarc=fail",
        ],
    )
    def test_sender_is_not_proven_otherwise(self, written: str) -> None:
        assert not self.results(written)

    def test_forged_result_beside_the_true_one_proves_nothing(self) -> None:
        fail = f"{OUR_MX}; dmarc=fail"

        assert not self.results(PASS, fail)
        assert not self.results(fail, PASS)
        assert self.results(PASS, "mx.evil.example; dmarc=fail")

    def test_several_senders_are_nobody_in_particular(self) -> None:
        assert not self.results(PASS, From="<a@evil.example> <kim@mail.example>")
        assert not self.results(PASS, From="kim@mail.example\r\nFrom: boss@mail.example")

    def test_nobody_is_proven_while_no_server_is_trusted(self) -> None:
        sender = message(raw_mail(Authentication_Results=PASS)).sender

        assert not sender.proven
        assert not sender.address_verified


def nested(depth: int) -> bytes:
    """Multipart in multipart, `depth` levels, with one text inside."""
    opening = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(depth)
    )
    return opening + b"Content-Type: text/plain\r\n\r\nHello\r\n"


class TestHostileMail:
    def test_text_in_a_reasonable_depth_is_found(self) -> None:
        assert message(mail_of(nested(15))).text.strip() == "Hello"

    def test_mail_nested_ten_thousand_deep_is_kept_as_a_file(self) -> None:
        read = message(mail_of(nested(10_000)))

        assert [file.name for file in read.files] == ["unread-parts.eml"]
        assert (read.files[0].data or b"").endswith(b"Hello\r\n")

    def test_parts_beyond_the_limit_stay_together_in_one_file(self) -> None:
        part = "Content-Disposition: attachment; filename=a.bin\r\n\r\n{}"
        body = multipart("mixed", *(part.format(n) for n in range(500)))

        files = message(mail_of(body)).files

        assert len(files) == parsing.MOST_PARTS
        assert b"499" in (files[-1].data or b"")

    @pytest.mark.parametrize(
        "raw",
        [
            raw_mail(Subject="=?utf-8?q?" * 100_000),
            raw_mail(From="(" * 100_000 + "kim@mail.example"),
            raw_mail(From='"\\"' * 50_000 + "<kim@mail.example>"),
            raw_mail(References="<a@" * 300_000),
            raw_mail(To="a" * 1_000_000),
            raw_mail(Content_Type="text/plain" + '; a="b' * 100_000),
            raw_mail(Authentication_Results="(" * 500_000),
            raw_mail(X="\r\nX: 1" * 200_000),
            mail_of(nested(20) + b"x\r\n" * 500_000),
            mail_of(multipart("mixed", b"--b1 x\r\n" * 200_000)),
            raw_mail("<!--" * 200_000, Content_Type="text/html"),
            raw_mail("<3" * 150_000 + ">", Content_Type="text/html"),
            raw_mail('<p style="display:none">' * 50_000, Content_Type="text/html"),
            raw_mail("<blockquote>" * 80_000 + "x", Content_Type="text/html"),
            raw_mail("</3" * 150_000, Content_Type="text/html"),
            raw_mail('<a "' * 200_000 + ">", Content_Type="text/html"),
            raw_mail("&#x" * 200_000, Content_Type="text/html"),
            raw_mail("\n" * 1_000_000),
        ],
        ids=lambda raw: f"{len(raw)}-{raw[-12:]!r}",
    )
    def test_hostile_mail_is_read_in_a_moment(self, raw: bytes) -> None:
        started = time.process_time()

        try:
            parsed(raw)
        except ValueError:
            assert b"From: (" in raw[:20] or b'From: "' in raw[:20]  # no sender can be made out

        assert time.process_time() - started < 4

    @given(st.binary(max_size=400), st.sampled_from(["From", "Content-Type", "Subject", "Date"]))
    def test_no_bytes_raise_anything_but_value_error(self, noise: bytes, name: str) -> None:
        for raw in (noise, raw_mail(noise), raw_mail(**{name: noise})):
            key = headers.own_id(raw)
            try:
                parsed(raw)
            except ValueError:
                continue
            assert key

    def test_envelope_is_read_the_same_at_every_replay(self) -> None:
        raw = raw_mail(In_Reply_To="<c@x.example>")

        assert message(raw).external_id == envelope(raw).key == "m1@mail.example"
        assert message(raw).sent_at < NOON + timedelta(seconds=1)
