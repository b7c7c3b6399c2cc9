"""Feeds: the contract, every dialect and trouble, and a site on a real socket."""

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from channels_ingest.connectors.base import (
    Cursor,
    Fetched,
    FetchFailure,
    RawEnvelope,
    StoredEnvelope,
)
from channels_ingest.connectors.feed import FeedReader
from channels_ingest.safe_fetch import guarded_session
from channels_ingest.sandbox.feed import Site
from tests.channels_ingest.account import NOON, LocalAccount, Script, session
from tests.channels_ingest.contract import PullContract, Trouble, http_trouble, stored
from tickets.interchange import IncomingMessage

ENTRY = {
    "name": "5f1d",
    "look": "a0",
    "link": "https://blog.example/entries/1",
    "title": "Lost mail",
    "text": "Where is my mail?",
    "published": "2026-11-22T11:59:00+00:00",
    "author": {"name": "Kim", "email": "", "href": "https://blog.example/people/kim"},
    "files": [],
}


def configured(url: str = "https://blog.example/feed.atom", **changes: Any) -> FeedReader.Settings:
    return FeedReader.Settings(url=url, **changes)


def envelope(event: str = "create", **changes: Any) -> StoredEnvelope:
    body = json.dumps({"event": event, "entry": ENTRY | changes}).encode()
    return stored(RawEnvelope("entry:5f1d", "entry:5f1d", body))


def understood(event: str = "create", **changes: Any) -> IncomingMessage:
    (message,) = FeedReader(LocalAccount(configured())).parse(envelope(event, **changes))
    assert isinstance(message, IncomingMessage)
    return message


class TestFeed(PullContract):
    connector = FeedReader

    def settings(self) -> FeedReader.Settings:
        return configured()

    def ordinary(self) -> StoredEnvelope:
        return envelope()

    def cursor_before(self) -> Cursor:
        return {"for": "", "known": {}}

    def pull(self, cursor: Cursor, trouble: Trouble | None = None) -> list[Fetched]:
        if trouble:
            http = session(Script(http_trouble(trouble)))
            return list(self.connect(http=http).fetch(cursor))
        with Site(clock=lambda: NOON) as site:
            site.write("kim", "Where is my mail?")
            settings = configured(f"{site.url}/feed.atom")
            account = LocalAccount(settings, http=session())
            # Every look of the contract opens a site of its own, at another port.
            return list(FeedReader(account).fetch(cursor | {"for": settings.url}))

    def test_unknown_event_is_named_and_passed_over(self) -> None:
        """A feed holds entries and nothing else; what is none is an error to look at."""
        with pytest.raises(ValueError, match="no entry"):
            self.connect().parse(envelope("like"))

    def test_pull_repeated_from_the_same_cursor_has_the_same_keys_and_bodies(self) -> None:
        with Site(clock=lambda: NOON) as site:
            site.write("kim", "Where is my mail?")
            reader = FeedReader(LocalAccount(configured(f"{site.url}/feed.atom"), http=session()))
            cursor = {"for": f"{site.url}/feed.atom", "known": {}}

            first, second = (next(reader.fetch(cursor)).envelopes for _ in range(2))

        assert first
        assert first == second


class Reader:
    """The desk's reader of a site: it pulls, keeps its cursor, and knows what came."""

    def __init__(self, site: Site, path: str = "/feed.atom", **settings: Any) -> None:
        settings.setdefault("url", f"{site.url}{path}")
        self.account = LocalAccount(FeedReader.Settings(**settings), http=session())
        self.connector = FeedReader(self.account)
        self.cursor: Cursor = {}

    def pull(self) -> list[RawEnvelope]:
        pulled: list[RawEnvelope] = []
        for page in self.connector.fetch(self.cursor):
            self.cursor = json.loads(json.dumps(page.cursor))
            pulled += page.envelopes
        return pulled

    def messages(self) -> list[IncomingMessage]:
        parsed = [self.connector.parse(stored(each))[0] for each in self.pull()]
        return [item for item in parsed if isinstance(item, IncomingMessage)]

    def texts(self) -> list[str]:
        return [message.text for message in self.messages()]


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(clock=lambda: NOON) as running:
        yield running


@pytest.fixture
def reader(site: Site) -> Reader:
    reader = Reader(site)
    reader.pull()
    return reader


def test_first_look_takes_no_history(site: Site) -> None:
    site.write("kim", "Long ago.")
    reader = Reader(site)

    assert reader.texts() == []
    site.write("lin", "Now.")
    assert reader.texts() == ["Now."]
    assert reader.texts() == []


def test_history_of_some_days_is_imported_where_wanted(site: Site) -> None:
    site.write("kim", "Last week.", at=(NOON - timedelta(days=8)).isoformat())
    site.write("kim", "Yesterday.", at=(NOON - timedelta(days=1)).isoformat())

    assert Reader(site, since_days=7).texts() == ["Yesterday."]


@pytest.mark.parametrize("path", ["/feed.atom", "/feed.rss"])
def test_entry_becomes_a_public_message_with_its_link(site: Site, path: str) -> None:
    reader = Reader(site, path)
    reader.pull()
    entry = site.write("kim", "<p>邮件没到 QM-4821-0937-10</p>", "小金", title="丢信")

    (message,) = reader.messages()

    assert (message.text, message.subject) == ("邮件没到 QM-4821-0937-10", "丢信")
    assert message.sender.name == "小金"
    assert not message.sender.proven
    assert message.is_public
    assert message.sent_at == NOON
    assert reader.connector.link_to(message.external_id, message.thread) == entry["link"]


def test_quotation_in_an_entry_stays_one(site: Site, reader: Reader) -> None:
    site.write("kim", "<blockquote>QM-4821-0937-10</blockquote><p>Not mine.</p>")

    assert reader.texts() == ["> QM-4821-0937-10\n\nNot mine."]


def test_files_of_an_entry_are_offered(site: Site, reader: Reader) -> None:
    site.write("kim", "Look.", files=[{"name": "screen.png"}])

    (message,) = reader.messages()

    assert [(each.name, each.content_type) for each in message.files] == [
        ("screen.png", "image/png")
    ]
    assert message.files[0].url == f"{site.url}/files/screen.png"


def test_changed_entry_is_an_edit_and_told_once(site: Site, reader: Reader) -> None:
    site.write("kim", "Where is my mail?")
    (created,) = reader.messages()

    site.edit(1, "Where is my mail? QM-4821-0937-10")
    (edited,) = reader.messages()

    assert (edited.action, edited.target_id) == ("edit", created.external_id)
    assert edited.text.endswith("QM-4821-0937-10")
    assert reader.messages() == []


def test_entry_that_leaves_the_feed_is_not_recalled(site: Site, reader: Reader) -> None:
    site.write("kim", "Where is my mail?")
    reader.pull()

    site.remove(1)

    assert reader.messages() == []


def test_unchanged_feed_is_not_sent_again(site: Site, reader: Reader) -> None:
    etag = reader.cursor["validators"]["If-None-Match"]

    assert reader.pull() == []
    assert etag.startswith('W/"')
    assert site.calls[-1].headers["if-none-match"] == etag


def test_flood_comes_in_parts_and_nothing_is_lost(site: Site) -> None:
    reader = Reader(site, most_per_poll=4)
    site.write("kim", "Before.")
    reader.pull()
    for number in range(9):
        site.write("kim", f"Entry {number}")
        site.jump(1)

    parts = [reader.texts() for _ in range(4)]

    assert [len(each) for each in parts] == [4, 4, 1, 0]
    assert [text for part in parts for text in part] == [f"Entry {n}" for n in range(9)]


def test_entries_that_left_the_first_page_are_found_on_older_ones(
    site: Site, reader: Reader
) -> None:
    site.write("kim", "Known.")
    reader.pull()
    for number in range(25):
        site.write("kim", f"Entry {number}")
        site.jump(1)

    assert reader.texts() == [f"Entry {number}" for number in range(25)]


def test_archive_that_is_broken_holds_nothing_back(site: Site, reader: Reader) -> None:
    site.write("kim", "Known.")
    reader.pull()
    for number in range(25):
        site.write("kim", f"Entry {number}")
        site.jump(1)
    feed = site.atom(site.entries[:-11:-1], f"{site.url}/nowhere")
    site.fail(status=200, body=feed)

    assert reader.texts() == [f"Entry {number}" for number in range(15, 25)]


def test_site_that_gives_new_ids_to_everything_makes_no_flood(site: Site, reader: Reader) -> None:
    for number in range(3):
        site.write("kim", f"Entry {number}")
    reader.pull()

    for entry in site.entries:
        entry["id"] += ":moved"

    assert reader.texts() == []


def test_entry_without_an_id_is_known_by_its_link(site: Site) -> None:
    site.gives_ids = False
    reader = Reader(site, "/feed.rss")
    reader.pull()
    site.write("kim", "Where is my mail?")
    (created,) = reader.messages()

    site.edit(1, "Found it.")

    assert reader.messages()[0].target_id == created.external_id


def test_two_entries_with_one_id_do_not_change_for_ever(site: Site, reader: Reader) -> None:
    for text in ("One.", "Two."):
        site.write("kim", text)["id"] = "urn:same"

    assert reader.texts() == ["Two."]
    assert reader.texts() == []


def test_date_in_the_future_is_not_believed(site: Site, reader: Reader) -> None:
    site.write("kim", "From tomorrow.", at=(NOON + timedelta(days=1)).isoformat())

    assert reader.messages()[0].sent_at == NOON


def test_other_alphabets_are_read(site: Site) -> None:
    site.encoding = "gb18030"
    reader = Reader(site)
    reader.pull()
    site.write("kim", "邮件没到")

    assert reader.texts() == ["邮件没到"]


SYNDICATION = "http://purl.org/rss/1.0/modules/syndication/"
EVERY_TWO_HOURS = (
    f'<sy:updatePeriod xmlns:sy="{SYNDICATION}">daily</sy:updatePeriod>'
    f'<sy:updateFrequency xmlns:sy="{SYNDICATION}">12</sy:updateFrequency>'
)


@pytest.mark.parametrize(
    ("extra", "headers", "seconds"),
    [
        ("<ttl>60</ttl>", {}, 3600),
        ("", {"Cache-Control": "public, max-age=7200"}, 7200),
        ("", {"Cache-Control": "max-age=99999999"}, 6 * 3600),
        (EVERY_TWO_HOURS, {}, 7200),
    ],
)
def test_site_is_left_alone_as_long_as_it_asks(
    site: Site, extra: str, headers: dict[str, str], seconds: float
) -> None:
    site.extra, site.headers = extra, headers
    reader = Reader(site, "/feed.rss")
    reader.pull()

    calls = []
    for wait in (0.89, 0.02):
        reader.account.advance(seconds=wait * seconds)
        reader.pull()
        calls.append(len(site.calls))

    assert calls == [1, 2]


def test_word_for_shared_caches_is_not_for_us(site: Site) -> None:
    site.headers = {"Cache-Control": "s-maxage=7200"}
    reader = Reader(site)

    reader.pull()
    reader.pull()

    assert len(site.calls) == 2


def test_move_for_good_counts_once_two_looks_agree(site: Site) -> None:
    site.moved["/old"] = (301, "/feed.atom")
    reader = Reader(site, "/old")

    for _look in range(3):
        reader.pull()

    assert [call.path for call in site.calls] == [
        "/old",
        "/feed.atom",
        "/old",
        "/feed.atom",
        "/feed.atom",
    ]


def test_move_for_now_is_followed_and_forgotten(site: Site) -> None:
    site.moved["/old"] = (302, "/feed.atom")
    reader = Reader(site, "/old")

    for _look in range(3):
        reader.pull()

    assert [call.path for call in site.calls] == ["/old", "/feed.atom"] * 3


@pytest.mark.parametrize("target", ["/old", "file:///etc/passwd", "ftp://127.0.0.1/", "http://["])
def test_redirect_to_nowhere_is_refused(site: Site, target: str) -> None:
    site.moved["/old"] = (302, target)

    with pytest.raises(FetchFailure) as caught:
        Reader(site, "/old").pull()

    assert caught.value.code in ("redirects", "address")


def test_reader_never_reaches_into_our_own_network(site: Site) -> None:
    site.moved["/old"] = (302, f"{site.url}/feed.atom")
    account = LocalAccount(configured(f"{site.url}/old"), http=guarded_session(allow_http=True))

    with pytest.raises(FetchFailure, match="address"):
        list(FeedReader(account).fetch({}))
    assert site.calls == []


WITH_DOCTYPE = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "b">]>'
    '<rss version="2.0"><channel><item><title>&a;</title></item></channel></rss>'
)
IN_UTF_16 = WITH_DOCTYPE.replace("?>", ' encoding="utf-16"?>').encode("utf-16")


@pytest.mark.parametrize(
    ("fault", "code", "wait"),
    [
        ({"status": 410}, "gone", 86400),
        ({"status": 404}, "missing", 3600),
        ({"status": 401}, "not_allowed", None),
        ({"status": 429, "headers": {"Retry-After": "90"}}, "limited", 90),
        (
            {"status": 503, "headers": {"Retry-After": "Sun, 22 Nov 2026 12:10:00 GMT"}},
            "unavailable",
            600,
        ),
        ({"status": 500}, "unavailable", None),
        ({"status": 418}, "refused", None),
        ({"drop": True}, "no_answer", None),
        ({"status": 200, "body": "<html><p>Hello"}, "not_a_feed", None),
        ({"status": 200, "body": ""}, "not_a_feed", None),
        ({"status": 200, "body": WITH_DOCTYPE}, "not_a_feed", None),
        ({"status": 200, "body": IN_UTF_16}, "not_a_feed", None),
        (
            {
                "status": 200,
                "body": gzip.compress(b" " * 6 * 1024 * 1024),
                "headers": {"Content-Encoding": "gzip"},
            },
            "too_large",
            None,
        ),
        (
            {"status": 200, "body": b"no gzip", "headers": {"Content-Encoding": "gzip"}},
            "no_answer",
            None,
        ),
    ],
)
def test_failed_look_names_the_remedy(
    site: Site, fault: dict[str, Any], code: str, wait: float | None
) -> None:
    reader = Reader(site, "/feed.atom?key=private-key")
    site.fail(**fault)

    with pytest.raises(FetchFailure) as caught:
        reader.pull()

    assert (caught.value.code, caught.value.retry_after) == (code, wait)
    assert "private-key" not in str(caught.value)


def test_feed_cut_short_still_gives_what_is_whole(site: Site, reader: Reader) -> None:
    site.write("kim", "Whole.")
    body = site.atom(site.entries, "") + "<entry><id>2</id>"
    site.fail(status=200, body=body.replace("</feed>", ""))

    assert "Whole." in reader.texts()


def test_entry_with_a_very_long_link_carries_it_in_its_text() -> None:
    link = f"https://blog.example/{'x' * 300}"

    message = understood(link=link)

    assert message.text == f"Where is my mail?\n\n{link}"
    assert message.thread == "entry:5f1d"


def test_link_that_a_browser_would_run_is_dropped(site: Site, reader: Reader) -> None:
    site.write("kim", "Click.")["link"] = "javascript:alert(1)"

    (message,) = reader.messages()

    assert reader.connector.link_to(message.external_id, message.thread) == ""


def test_entries_without_an_author_are_not_one_person() -> None:
    nobody = {"name": "", "email": "", "href": ""}

    senders = {understood(author=nobody, name=name).sender.external_id for name in ("a", "b")}

    assert senders == {"entry:a", "entry:b"}


def test_address_of_an_author_is_not_verified() -> None:
    sender = understood(author={"name": "Kim", "email": "Kim@shop.example", "href": ""}).sender

    assert sender.external_id == "author:kim@shop.example"
    assert (sender.address, sender.address_verified) == ("Kim@shop.example", False)


def test_channel_is_read_only() -> None:
    assert not FeedReader.capabilities.writes
    assert not FeedReader.capabilities.acknowledges


def test_other_address_in_the_settings_begins_anew(site: Site, reader: Reader) -> None:
    site.write("kim", "Where is my mail?")
    other = Reader(site, "/feed.rss")
    other.cursor = reader.cursor

    assert other.pull() == []
    assert other.cursor["for"] == f"{site.url}/feed.rss"


def test_test_says_what_answered(site: Site) -> None:
    site.write("kim", "Where is my mail?")

    assert Reader(site).connector.test() == "127.0.0.1 answered; 邮件产品吐槽, 1 entries"
    site.is_gone = True
    with pytest.raises(FetchFailure, match="gone"):
        Reader(site).connector.test()
