"""The help centre as readers without JavaScript and search engines meet it."""

import gzip
import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

import channels_ingest
from channels_ingest import api
from channels_ingest.web import limits
from channels_ingest.web.help.marking import marked
from tests.own_cache import empty_cache
from tests.tickets import articles
from tests.tickets.articles import BOUNCE, PASSWORD, notice, published, writer
from tickets.actions import knowledge
from tickets.actions.notices import add_update
from tickets.models import ArticleVote, Channel

pytestmark = pytest.mark.django_db

HOME = "/support/en/"
ARTICLE = "/support/en/articles/bounce-554/"
STATIC = Path(channels_ingest.__path__[0]) / "static"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def surroundings() -> None:
    empty_cache()


@pytest.fixture
def door() -> Channel:
    made = api.create_channel(
        kind="web_form", slug="web", values={"brand": "Blue Plane Mail"}, now=timezone.now()
    )
    return made.channel


@pytest.fixture
def reader() -> Client:
    return Client(enforce_csrf_checks=True, headers={"accept-language": "en"})


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


class TestHome:
    def test_leads_to_topics_notices_and_the_form(self, reader: Client, door: Channel) -> None:
        published()
        notice(starts_at=timezone.now())

        page = text(reader.get(HOME))

        assert "What to do about 554 bounces" in page
        assert "/support/en/topics/sending_receiving/" in page
        assert "Sending is slow" in page
        assert "going on now" in page
        assert 'href="/support/new/"' in page
        assert "Blue Plane Mail" in page

    def test_stands_without_a_form_and_without_articles(self, reader: Client) -> None:
        page = reader.get("/support/")

        assert page.status_code == 200
        assert "No articles have been published yet" in text(page)
        assert "/support/new/" not in text(page)

    def test_speaks_the_visitor_s_language_where_the_address_names_none(self) -> None:
        page = Client(headers={"accept-language": "ja"}).get("/support/")

        assert '<html lang="ja">' in text(page)
        assert f'<link rel="canonical" href="{settings.PUBLIC_URL}/support/ja/">' in text(page)

    def test_what_helped_most_stands_first(self, reader: Client, door: Channel) -> None:
        published("other-one", {"en": BOUNCE["zh"]})
        version = published().versions.get(language="en")
        knowledge.vote(version=version, reader="a", helped=True, now=timezone.now())

        page = text(reader.get(HOME))

        assert page.index("What helps most people now") < page.rindex("What to do about 554")

    def test_takes_as_many_queries_for_seventy_articles_as_for_one(
        self, reader: Client, door: Channel, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        articles.starters()
        reader.get(HOME)
        with django_assert_num_queries(6):
            reader.get(HOME)

    def test_weighs_less_than_a_hundred_kilobytes_with_all_that_it_loads(
        self, reader: Client, door: Channel
    ) -> None:
        articles.starters()
        notice()

        page = reader.get(HOME).content.decode()

        loaded = set(re.findall(r'(?:href|src)="/static/([^"#]+)', page))
        weights = [len(page.encode()), *((STATIC / each).stat().st_size for each in loaded)]
        assert {Path(each).suffix for each in loaded} == {".css", ".js", ".svg"}
        assert sum(weights) < 100_000
        assert len(gzip.compress(page.encode())) < 10_000
        assert set(re.findall(r'(?:src|href)="(https?://[^/"]+)', page)) <= {settings.PUBLIC_URL}


class TestArticle:
    def test_shows_for_whom_it_is_and_what_to_do(self, reader: Client, door: Channel) -> None:
        published()

        page = text(reader.get(ARTICLE))

        assert "<h1>What to do about 554 bounces</h1>" in page
        assert "<span>It has attachments</span>" in page
        assert "<h3>Keep each message under 20 MB</h3>" in page

    def test_without_translation_says_so_and_shows_the_original(self, reader: Client) -> None:
        published("reset-password", PASSWORD, category="account_security")

        page = text(reader.get("/support/en/articles/reset-password/"))

        assert "has not been translated yet" in page
        assert '<article lang="zh-Hans">' in page
        assert "Simplified Chinese" in page
        canonical = f"{settings.PUBLIC_URL}/support/zh/articles/reset-password/"
        assert f'<link rel="canonical" href="{canonical}">' in page
        assert 'hreflang="ja" href="http' not in page

    def test_that_is_archived_or_never_was_is_not_found(self, reader: Client) -> None:
        knowledge.archive(article=published(), by=writer(), now=timezone.now())

        assert reader.get(ARTICLE).status_code == 404
        assert reader.get("/support/en/articles/nothing/").status_code == 404
        assert reader.get("/support/fr/articles/nothing/").status_code == 404

    def test_short_address_leads_to_the_reader_s_language(self, reader: Client) -> None:
        answer = reader.get("/support/articles/bounce-554/")

        assert answer.headers["Location"] == ARTICLE

    def test_names_its_other_languages_to_engines(self, reader: Client) -> None:
        published()

        page = text(reader.get(ARTICLE))

        for tag, code in (("zh-Hans", "zh"), ("en", "en"), ("x-default", "zh")):
            url = f"{settings.PUBLIC_URL}/support/{code}/articles/bounce-554/"
            assert f'<link rel="alternate" hreflang="{tag}" href="{url}">' in page
        assert '<meta name="description" content="Your message comes back with 554' in page

    def test_structured_data_cannot_be_ended_by_a_text(self, reader: Client) -> None:
        sly = knowledge.Texts("A </script><b>", "s", "Do <b>this</b> & that")
        published(texts={"en": sly})

        page = reader.get(ARTICLE).content.decode()

        (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
        found = json.loads(data)
        assert found["name"] == sly.title
        assert found["step"][0]["text"] == "Do <b>this</b> & that"

    def test_is_not_sent_again_to_who_has_it(self, reader: Client, door: Channel) -> None:
        article = published()
        first = reader.get(ARTICLE)
        again = reader.get(ARTICLE, headers={"if-none-match": first.headers["ETag"]})
        by_date = reader.get(ARTICLE, headers={"if-modified-since": first.headers["Last-Modified"]})
        text_now = knowledge.Texts("New title", "s", "New step")
        later = timezone.now() + timedelta(seconds=2)
        knowledge.save_draft(article=article, language="en", texts=text_now, by=writer(), now=later)
        knowledge.publish(article=article, by=writer(), now=later)
        changed = reader.get(ARTICLE, headers={"if-none-match": first.headers["ETag"]})

        assert (again.status_code, by_date.status_code) == (304, 304)
        assert again.content == b""
        assert changed.status_code == 200
        assert "New title" in text(changed)

    def test_pages_that_follow_speak_the_language_that_was_read(
        self, reader: Client, door: Channel
    ) -> None:
        published()

        reader.get("/support/zh/articles/bounce-554/")

        assert '<html lang="zh-hans">' in text(reader.get("/support/new/"))

    def test_takes_few_queries(
        self, reader: Client, door: Channel, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        published()
        reader.get(ARTICLE)

        with django_assert_num_queries(4):
            reader.get(ARTICLE)

    def test_has_no_inline_script_style_or_handler(self, reader: Client, door: Channel) -> None:
        published()
        notice()

        for path in (HOME, ARTICLE, "/support/en/search/?q=554", "/support/en/notices/"):
            page = reader.get(path).content.decode()
            scripts = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page)
            assert set(scripts) <= {'<script type="application/ld+json">'}
            assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", page) == []


class TestFeedback:
    def say(self, reader: Client, helped: str, **more: str) -> Any:
        page = text(reader.get(f"{ARTICLE}?q=554+again"))
        version = re.findall(r'name="version" value="(\d+)"', page)
        fields = {"version": version[0], "helped": helped, "q": "554 again", **more}
        return reader.post(f"{ARTICLE}feedback/", fields)

    def test_no_leads_to_the_form_with_the_question(self, reader: Client, door: Channel) -> None:
        published()

        answer = self.say(reader, "no")
        page = text(reader.get(answer.headers["Location"]))

        assert answer.status_code == 302
        assert "What was missing?" in page
        (link,) = re.findall(r'href="(/support/new/\?article[^"]*)"', page)
        assert "554 again</textarea>" in text(reader.get(link)).replace("\n", "")

    def test_reader_counts_once_and_only_a_hash_of_them_is_kept(
        self, reader: Client, door: Channel
    ) -> None:
        published()

        self.say(reader, "yes")
        self.say(reader, "no", words="It says 15 MB.")

        (vote,) = ArticleVote.objects.all()
        assert (vote.helped, vote.words) == (False, "It says 15 MB.")
        token = reader.cookies["help-reader"].value
        assert token not in vote.reader
        assert len(vote.reader) == 64

    def test_readers_count_each(self, door: Channel) -> None:
        published()

        for _each in range(2):
            self.say(Client(headers={"accept-language": "en"}), "yes")

        assert ArticleVote.objects.filter(helped=True).count() == 2

    def test_other_site_cannot_vote(self, reader: Client, door: Channel) -> None:
        version = published().versions.get(language="en")

        answer = reader.post(
            f"{ARTICLE}feedback/",
            {"version": version.pk, "helped": "yes"},
            headers={"sec-fetch-site": "cross-site"},
        )

        assert answer.status_code == 403
        assert not ArticleVote.objects.exists()

    def test_machine_that_goes_on_voting_is_stopped(
        self, reader: Client, door: Channel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "VOTE_LIMIT", 1)
        published()

        self.say(reader, "yes")
        answer = self.say(reader, "yes")

        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0

    @pytest.mark.parametrize("fields", [{}, {"helped": "yes"}, {"helped": "x", "version": "1"}])
    def test_nonsense_is_not_found(self, reader: Client, fields: dict[str, str]) -> None:
        published()

        assert reader.post(f"{ARTICLE}feedback/", fields).status_code == 404

    def test_draft_takes_no_vote(self, reader: Client) -> None:
        article = published()
        draft = knowledge.save_draft(
            article=article, language="en", texts=PASSWORD["zh"], by=writer(), now=timezone.now()
        )
        assert draft is not None

        answer = reader.post(f"{ARTICLE}feedback/", {"version": draft.pk, "helped": "yes"})

        assert answer.status_code == 404


class TestSearch:
    def test_finds_without_javascript(self, reader: Client, door: Channel) -> None:
        published()

        page = text(reader.get("/support/en/search/", {"q": "message comes back 554"}))

        assert "1 answer to “message comes back 554”" in page
        assert "<mark>554</mark>" in page
        assert f"{ARTICLE}?q=message%20comes%20back%20554" in page
        assert '<meta name="robots" content="noindex">' in page

    def test_finds_nothing_and_says_what_next(self, reader: Client, door: Channel) -> None:
        published()

        page = text(reader.get("/support/en/search/", {"q": "xyzzy plugh"}))

        assert "No article fits" in page
        assert "/support/new/?q=xyzzy%20plugh" in page

    def test_knows_a_case_number_when_it_sees_one(self, reader: Client, door: Channel) -> None:
        page = text(reader.get("/support/en/search/", {"q": "qm 4821 0937 10"}))

        assert "looks like a case number" in page

    def test_offers_options_while_typing_in_one_query(
        self, reader: Client, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        published()
        reader.get(HOME)

        with django_assert_num_queries(1):
            answer = reader.get("/support/en/search/hits/", {"q": "comes back 554"})

        assert text(answer).count('role="option"') == 2
        assert f'data-href="{ARTICLE}?q=comes%20back%20554"' in text(answer)

    def test_shows_no_markup_of_a_question(self, reader: Client) -> None:
        published()

        for path in ("/support/en/search/", "/support/en/search/hits/"):
            answer = reader.get(path, {"q": "554 <script>alert(1)</script>"})
            assert b"<script>alert" not in answer.content

    @pytest.mark.parametrize(
        ("words", "question", "shown"),
        [
            ("邮件被退回", "被退", "邮件<mark>被退</mark>回"),
            ("Support the port", "port", "Support the <mark>port</mark>"),
            ("a <b> 554", "554 b", "a &lt;b&gt; <mark>554</mark>"),
            ("Nothing", "", "Nothing"),
        ],
    )
    def test_marks_what_is_shared(self, words: str, question: str, shown: str) -> None:
        assert marked(words, question) == shown


class TestNotices:
    def test_page_tells_what_became_known_latest_first(self, reader: Client) -> None:
        made = notice(starts_at=timezone.now() - timedelta(hours=2))
        for minutes, said in ((60, "Found it."), (30, "Mended **it**.")):
            at = timezone.now() - timedelta(minutes=minutes)
            add_update(notice=made, texts={"en": said, "zh": "好"}, by=writer(), now=at)

        page = text(reader.get(f"/support/en/notices/{made.pk}/"))

        assert page.index("Mended <strong>it</strong>.") < page.index("Found it.")
        assert "We are <em>on it</em>." in page

    def test_draft_and_what_was_withdrawn_are_seen_by_nobody(self, reader: Client) -> None:
        hidden = [notice(state="draft"), notice(state="withdrawn")]

        assert "Sending is slow" not in text(reader.get("/support/en/notices/"))
        for each in hidden:
            assert reader.get(f"/support/en/notices/{each.pk}/").status_code == 404

    def test_feed_is_atom_in_the_language_of_its_address(
        self, reader: Client, door: Channel
    ) -> None:
        made = notice()
        add_update(notice=made, texts={"zh": "已恢复。"}, by=writer(), now=timezone.now())

        answer = reader.get("/support/zh/notices/feed/")

        root = ET.fromstring(answer.content)  # noqa: S314  # our own answer
        (entry,) = root.findall(f"{ATOM}entry")
        assert answer.headers["Content-Type"].startswith("application/atom+xml")
        assert entry.findtext(f"{ATOM}title") == "发信变慢"
        assert "已恢复" in (entry.findtext(f"{ATOM}summary") or "")
        assert (entry.findtext(f"{ATOM}id") or "").startswith(settings.PUBLIC_URL)


class TestEngines:
    def test_robots_may_read_the_help_and_nothing_private(self, client: Client) -> None:
        lines = client.get("/robots.txt").content.decode().splitlines()

        assert "Allow: /support/" in lines
        assert "Disallow: /" in lines
        assert "Disallow: /support/case/" in lines
        assert f"Sitemap: {settings.PUBLIC_URL}/sitemap.xml" in lines

    def test_sitemap_names_each_page_in_the_languages_that_it_has(
        self, client: Client, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        published()
        published("reset-password", PASSWORD, category="account_security")
        made = notice()

        with django_assert_num_queries(2):
            answer = client.get("/sitemap.xml")

        root = ET.fromstring(answer.content)  # noqa: S314  # our own answer
        found = {each.text for each in root.iter() if each.tag.endswith("}loc")}
        base = f"{settings.PUBLIC_URL}/support"
        assert f"{base}/en/articles/bounce-554/" in found
        assert f"{base}/zh/articles/reset-password/" in found
        assert f"{base}/ja/articles/reset-password/" not in found
        assert f"{base}/ja/notices/{made.pk}/" in found
