"""Pulling mail gets past the traps of real IMAP servers; the emulator plays them all."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from channels_ingest.connectors.base import (
    Cursor,
    FetchFailure,
    RawEnvelope,
)
from channels_ingest.connectors.email import Email
from channels_ingest.mail import imap
from channels_ingest.mail.imap import LONGEST_MAIL, PAGE, Listed
from channels_ingest.sandbox.email import MailServer
from tests.channels_ingest.account import NOON
from tests.channels_ingest.contract import stored
from tests.channels_ingest.mails import SUPPORT, connected, keys, message, raw_mail


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


class TestPulling:
    def begun(self, server: MailServer, **given: Any) -> tuple[Email, Cursor]:
        """A connector that has pulled once, and its cursor."""
        connector = connected(server, **given)
        return connector, list(connector.fetch({}))[-1].cursor

    def test_first_pull_leaves_old_mail_where_it_is(self, server: MailServer) -> None:
        server.post.put(SUPPORT, raw_mail("old"))

        connector, cursor = self.begun(server)
        server.post.put(SUPPORT, raw_mail("new", Message_ID="<new@mail.example>"))

        assert cursor["last_uid"] == 1
        assert keys(list(connector.fetch(cursor))) == ["new@mail.example"]

    def test_first_pull_imports_from_a_wanted_day_on(self, server: MailServer) -> None:
        for day in (19, 20, 21):
            raw = raw_mail(Message_ID=f"<{day}@mail.example>")
            server.post.put(SUPPORT, raw, NOON.replace(day=day))

        pages = list(connected(server, since="2026-11-20").fetch({}))

        assert keys(pages) == ["20@mail.example", "21@mail.example"]
        assert pages[-1].cursor["last_uid"] == 3

    def test_highest_mail_is_not_given_again_when_nothing_is_newer(
        self, server: MailServer
    ) -> None:
        server.post.put(SUPPORT, raw_mail())

        connector, cursor = self.begun(server)

        assert list(connector.fetch(cursor)) == []

    def test_mail_stays_unread(self, server: MailServer) -> None:
        connector, cursor = self.begun(server)
        server.post.put(SUPPORT, raw_mail())

        pages = list(connector.fetch(cursor))

        assert len(keys(pages)) == 1
        assert server.post.folder(SUPPORT).mails[0].flags == set()

    def test_raw_mail_is_kept_to_the_byte(self, server: MailServer) -> None:
        raw = raw_mail(b"caf\xe9 \x00 )\r\n* 9 FETCH (UID 9 {3}\r\n")
        connector, cursor = self.begun(server)
        server.post.put(SUPPORT, raw)

        (page,) = connector.fetch(cursor)

        assert page.envelopes == (RawEnvelope("m1@mail.example", "m1@mail.example", raw),)

    def test_long_absence_is_caught_up_in_pages_whose_cursors_go_on(
        self, server: MailServer
    ) -> None:
        connector, cursor = self.begun(server)
        wanted = [f"{n}@mail.example" for n in range(2 * PAGE + 7)]
        for key in wanted:
            server.post.put(SUPPORT, raw_mail(Message_ID=f"<{key}>"))

        pages = list(connector.fetch(cursor))
        rest = list(connector.fetch(pages[0].cursor))

        assert [len(page.envelopes) for page in pages] == [PAGE, PAGE, 7]
        assert keys(pages) == wanted
        assert keys(rest) == wanted[PAGE:]

    def test_page_is_cut_by_bytes_too(self) -> None:
        mails = [Listed(n, size, NOON) for n, size in enumerate((10**7, 10**7, 10**9, 10))]

        pages = list(imap.paged(mails))

        assert [[mail.uid for mail in page] for page in pages] == [[0, 1], [2, 3]]

    def test_renumbered_folder_is_read_again_but_not_what_was_there_before_us(
        self, server: MailServer
    ) -> None:
        server.post.put(SUPPORT, raw_mail(Message_ID="<old@x.example>"), NOON - timedelta(days=9))
        connector, cursor = self.begun(server)
        for key in ("a@x.example", "b@x.example"):
            server.post.put(SUPPORT, raw_mail(Message_ID=f"<{key}>"), NOON)
        before = list(connector.fetch(cursor))

        server.post.folder(SUPPORT).renumber()
        after = list(connector.fetch(before[-1].cursor))
        again = list(connector.fetch(after[-1].cursor))

        assert keys(after) == keys(before) == ["a@x.example", "b@x.example"]
        assert after[-1].cursor["uidvalidity"] == 2
        assert again == []

    def test_old_mail_moved_into_the_folder_later_is_taken(self, server: MailServer) -> None:
        connector, cursor = self.begun(server)
        server.post.put(SUPPORT, raw_mail(), NOON - timedelta(days=900))

        assert keys(list(connector.fetch(cursor))) == ["m1@mail.example"]

    def test_broken_literal_loses_and_repeats_nothing(self, server: MailServer) -> None:
        connector, cursor = self.begun(server)
        for n in range(PAGE + 1):
            server.post.put(SUPPORT, raw_mail(Message_ID=f"<{n}@x.example>"))
        pages = connector.fetch(cursor)
        first = next(pages)
        server.post.fail("imap body", "cut")

        with pytest.raises(FetchFailure) as caught:
            list(pages)
        rest = list(connector.fetch(first.cursor))

        assert caught.value.code == "connect"
        assert keys([first, *rest]) == [f"{n}@x.example" for n in range(PAGE + 1)]

    def test_oversize_mail_comes_with_its_headers_only(self, server: MailServer) -> None:
        connector, cursor = self.begun(server)
        server.post.put(SUPPORT, raw_mail(b"x" * (LONGEST_MAIL + 1)))

        (page,) = connector.fetch(cursor)
        read = message(page.envelopes[0].body)

        assert len(page.envelopes[0].body) < 1000
        assert (read.external_id, read.subject) == ("m1@mail.example", "No mail")
        assert read.text == "[25 MB: too large to import, left in the mailbox]"

    def test_forged_mark_of_an_oversize_mail_changes_nothing(self) -> None:
        assert message(raw_mail("Hello", X_Anhao_Omitted="9")).text == "Hello"

    def test_mail_that_the_server_cannot_give_does_not_stop_the_others(
        self, server: MailServer
    ) -> None:
        connector, cursor = self.begun(server)
        for n in range(1, 5):
            server.post.put(SUPPORT, raw_mail("body", Message_ID=f"<{n}@x.example>"))
        server.quirks.refused_uids = (2, 3)
        server.quirks.refused_heads = (3,)

        (page,) = connector.fetch(cursor)
        one, headers_only, unreadable, four = page.envelopes

        assert (one.key, headers_only.key, four.key) == (
            "1@x.example",
            "2@x.example",
            "4@x.example",
        )
        assert [b"body" in each.body for each in (one, headers_only, four)] == [True, False, True]
        with pytest.raises(ValueError, match="no sender"):
            connector.parse(stored(unreadable))

    def test_server_that_demands_an_id_gets_one(self, server: MailServer) -> None:
        server.quirks.demands_id = True

        assert self.begun(server)

    def test_server_that_demands_an_id_but_hides_it_is_a_sign_in_matter(
        self, server: MailServer
    ) -> None:
        server.quirks.demands_id = True
        server.quirks.knows_id = False

        with pytest.raises(FetchFailure) as caught:
            self.begun(server)

        assert caught.value.code == "login"

    @pytest.mark.parametrize("quirk", ["hides_uidnext", "uid_after_literal"])
    def test_sparse_servers_are_understood(self, server: MailServer, quirk: str) -> None:
        setattr(server.quirks, quirk, True)
        server.post.put(SUPPORT, raw_mail("old"))

        connector, cursor = self.begun(server)
        server.post.put(SUPPORT, raw_mail(Message_ID="<a@x.example>"))
        server.post.put(SUPPORT, raw_mail(Message_ID="<b@x.example>"))

        assert keys(list(connector.fetch(cursor))) == ["a@x.example", "b@x.example"]

    def test_refused_sign_in_is_asked_again_later_and_never_final(self, server: MailServer) -> None:
        server.post.login_limit = 1
        connector, cursor = self.begun(server)

        with pytest.raises(FetchFailure) as caught:
            list(connector.fetch(cursor))

        assert (caught.value.code, caught.value.retry_after) == ("login", imap.LOGIN_PAUSE)

    def test_same_id_with_another_body_is_given_with_the_same_key(self, server: MailServer) -> None:
        connector, cursor = self.begun(server)
        server.post.put(SUPPORT, raw_mail("one"))
        server.post.put(SUPPORT, raw_mail("two"))

        (page,) = connector.fetch(cursor)

        assert keys([page]) == ["m1@mail.example"] * 2
        assert page.envelopes[0].body != page.envelopes[1].body

    def test_lane_is_the_thread(self, server: MailServer) -> None:
        connector, cursor = self.begun(server)
        server.post.put(SUPPORT, raw_mail())
        answer = raw_mail(Message_ID="<m2@x.example>", References="<m1@mail.example>")
        server.post.put(SUPPORT, answer)

        (page,) = connector.fetch(cursor)

        assert {each.lane for each in page.envelopes} == {"m1@mail.example"}

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({"imap_host": "mail.example", "imap_security": "plain"}, "settings"),
            ({"imap_security": "none"}, "settings"),
            ({"since": "last week"}, "settings"),
            ({"imap_password": "密码"}, "login"),
            ({"imap_user": "a\r\nb"}, "login"),
            ({"imap_folder": "a\r\nb"}, "folder"),
        ],
    )
    def test_settings_that_cannot_work_are_named(
        self, server: MailServer, given: dict[str, Any], code: str
    ) -> None:
        with pytest.raises(FetchFailure) as caught:
            list(connected(server, **given).fetch({}))

        assert caught.value.code == code

    @pytest.mark.parametrize(
        ("folder", "coded"),
        [("INBOX", "INBOX"), ("客服 A&B", "&W6JnDQ- A&-B"), ("日本語", "&ZeVnLIqe-")],
    )
    def test_folder_is_named_as_imap_wants_it(self, folder: str, coded: str) -> None:
        assert imap.utf7(folder) == coded
