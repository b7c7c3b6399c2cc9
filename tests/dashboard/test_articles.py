"""The help centre on the desk: list, editor, versions, notices, and what solved a case."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests import factories
from tests.dashboard.conftest import Desk
from tests.tickets import articles
from tests.tickets.articles import BOUNCE, PASSWORD, notice, published
from tickets.actions import knowledge
from tickets.models import Article, ArticleVersion, Notice, Solved, User

pytestmark = pytest.mark.django_db

EDITOR = "/articles/bounce-554/"
NEW = "Look for words such as “invoice”"


@pytest.fixture
def lead(sign_in: Callable[[User], Desk]) -> Desk:
    return sign_in(factories.lea())


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def fields(desk: Desk, path: str = EDITOR) -> dict[str, str]:
    """What the editor's form would send as it stands."""
    page = text(desk.get(path))
    form = page.split('<form id="article"')[1].split("</form>")[0]
    found = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*?value="([^"]*)"', form))
    areas = re.findall(r'<textarea name="(\w+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL)
    for name in re.findall(r'<input[^>]*name="(\w+)"', form):
        found.setdefault(name, "")
    chosen = re.findall(r'<option value="(\w+)" selected', form)
    return {**found, **dict(areas), "category": chosen[0]}


def states(slug: str = "bounce-554", language: str = "en") -> list[str]:
    versions = ArticleVersion.objects.filter(article__slug=slug, language=language)
    return list(versions.order_by("number").values_list("state", flat=True))


def test_agent_keeps_a_draft_that_customers_do_not_read(desk: Desk) -> None:
    published()

    answer = desk.send(EDITOR, fields(desk) | {"steps_en": NEW})

    assert answer.status_code == 302
    assert states() == ["published", "draft"]
    assert states(language="zh") == ["published"], "what was not touched has no new version"
    assert NEW not in text(Client().get("/support/en/articles/bounce-554/"))


def test_lead_publishes_what_is_written_and_customers_read_it_at_once(lead: Desk) -> None:
    published()

    answer = lead.send(f"{EDITOR}publication/", fields(lead) | {"steps_en": NEW})

    assert answer.status_code == 302
    assert NEW in text(Client().get("/support/en/articles/bounce-554/"))
    assert "Published" in text(lead.get(EDITOR))


def test_agent_cannot_publish_archive_or_publish_a_notice(desk: Desk) -> None:
    published()
    draft = notice(state="draft")

    answer = desk.send(f"{EDITOR}publication/", fields(desk) | {"steps_en": NEW})
    desk.send(f"{EDITOR}archiving/")
    desk.send(f"/notices/{draft.pk}/publication/")

    assert answer.status_code == 403
    assert states() == ["published"]
    assert Notice.objects.get().state == "draft"
    assert "publication/" not in text(desk.get(EDITOR))


def test_helper_sees_none_of_it(sign_in: Callable[[User], Desk]) -> None:
    published()
    hal = sign_in(factories.hal())

    for path in ("/articles/", EDITOR, "/notices/"):
        assert hal.get(path).status_code == 403
    assert "/articles/" not in text(hal.get("/"))


def test_two_who_write_at_once_lose_nothing(
    desk: Desk, lead: Desk, sign_in: Callable[[User], Desk]
) -> None:
    published()
    mine = fields(desk) | {"steps_en": NEW}
    lead.send(EDITOR, fields(lead) | {"steps_en": "Theirs", "title_zh": "标题"})

    answer = desk.send(EDITOR, mine)

    assert answer.status_code == 422
    page = text(answer)
    assert "Somebody else has written here" in page
    assert NEW in page
    assert 'value="标题"' in page, "what was not touched here shows what the other wrote"
    assert ArticleVersion.objects.get(language="en", state="draft").steps == "Theirs"


def test_new_article_gets_its_short_name_then_its_text(desk: Desk) -> None:
    answer = desk.send("/articles/new/", {"slug": "Open-Mail", "category": "other"})
    again = desk.send("/articles/new/", {"slug": "open-mail", "category": "other"})
    reserved = desk.send("/articles/new/", {"slug": "new", "category": "other"})

    assert answer.headers["Location"] == "/articles/open-mail/"
    assert (again.status_code, reserved.status_code) == (422, 422)
    assert "Another article has the short name" in text(again)
    assert desk.get("/articles/open-mail/").status_code == 200


def test_article_without_a_title_is_not_saved(desk: Desk) -> None:
    published()

    answer = desk.send(EDITOR, fields(desk) | {"title_en": "", "steps_en": NEW})

    assert answer.status_code == 422
    assert "It needs a title." in text(answer)
    assert NEW in text(answer)


def test_look_at_another_language_leaves_the_desk_in_its_own(desk: Desk) -> None:
    published()

    desk.get("/support/zh/articles/bounce-554/")

    assert '<html lang="en"' in text(desk.get("/articles/"))


def test_preview_shows_what_is_being_written_and_keeps_nothing(desk: Desk) -> None:
    answer = desk.send(
        "/articles/preview/?language=en",
        {"title_en": "T", "steps_en": "Use **ssl**\n<script>x</script>"},
    )

    assert "Use <strong>ssl</strong>" in answer.content.decode()
    assert "<script>" not in answer.content.decode()
    assert not Article.objects.exists()


def test_version_is_compared_and_brought_back(lead: Desk) -> None:
    published()
    lead.send(f"{EDITOR}publication/", fields(lead) | {"steps_en": NEW})
    first = ArticleVersion.objects.get(language="en", number=1)

    page = text(lead.get(f"{EDITOR}versions/{first.pk}/"))
    lead.send(f"{EDITOR}versions/{first.pk}/return/")

    assert f"<del>{NEW}</del>" in page
    assert "<ins>Rephrase words the filter knows</ins>" in page
    assert states() == ["archived", "published", "draft"]
    draft = ArticleVersion.objects.get(language="en", state="draft")
    assert draft.steps == BOUNCE["en"].steps


def test_list_shows_what_is_behind_and_what_readers_missed(lead: Desk) -> None:
    article = published()
    version = article.versions.get(language="en")
    knowledge.vote(
        version=version, reader="a", helped=False, words="It says 15 MB.", now=timezone.now()
    )
    lead.send(f"{EDITOR}publication/", fields(lead) | {"steps_zh": "新的步骤"})

    page = text(lead.get("/articles/"))
    filtered = text(lead.get("/articles/?state=behind&language=en"))
    lead.send(f"{EDITOR}confirmation/?language=en")

    assert "English: behind the original" in page
    assert "It says 15 MB." in page
    confirmed = text(lead.get("/articles/?state=behind&language=en"))
    assert EDITOR in filtered.split("<aside")[0]
    assert EDITOR not in confirmed.split("<aside")[0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=554", {"bounce-554"}),
        ("q=忘记密码", {"reset-password"}),
        ("category=account_security", {"reset-password"}),
        ("state=missing&language=en", {"reset-password"}),
        ("state=missing&language=ja", {"bounce-554", "reset-password"}),
        ("state=draft", set()),
        ("language=en", {"bounce-554"}),
        ("q=zzz", set()),
    ],
)
def test_list_is_filtered(desk: Desk, query: str, found: set[str]) -> None:
    published()
    published("reset-password", PASSWORD, category="account_security")

    rows = text(desk.get(f"/articles/?{query}")).split('<aside class="pane"')[0]

    assert set(re.findall(r'href="/articles/([\w-]+)/"><b>', rows)) == found


def test_list_takes_as_many_queries_for_seventy_articles_as_for_one(
    desk: Desk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    published()
    with django_assert_num_queries(14):
        desk.get("/articles/")
    articles.starters()

    with django_assert_num_queries(14):
        desk.get("/articles/")


def test_agent_notes_which_article_solved_a_case(desk: Desk) -> None:
    published()
    case = factories.ticket(text="My message comes back with 554")
    path = f"/tickets/QM-{case.number[:4]}-{case.number[4:8]}-{case.number[8:]}/"

    page = text(desk.get(path))
    desk.send(f"{path}solutions/", {"article": "bounce-554"})
    after = text(desk.get(path))

    assert '<option value="bounce-554">What to do about 554 bounces</option>' in page
    assert "Ada noted that the article bounce-554 solved it" in after
    assert "<b>1</b>" in text(desk.get("/articles/"))

    desk.send(f"{path}solutions/bounce-554/removal/")
    assert not Solved.objects.exists()


def test_other_team_cannot_note_it(sign_in: Callable[[User], Desk]) -> None:
    published()
    case = factories.ticket()
    otto = sign_in(factories.otto())

    answer = otto.send(f"/tickets/{case.number}/solutions/", {"article": "bounce-554"})

    assert answer.status_code == 404


def test_notice_is_written_published_updated_and_over(lead: Desk) -> None:
    given = {
        "kind": "incident",
        "starts_at": "2026-11-20T09:00",
        "title_zh": "发信变慢",
        "title_en": "Sending is slow",
        "body_en": "We look into it.",
    }
    path = lead.send("/notices/new/", given).headers["Location"]
    before = text(Client().get("/support/en/notices/"))
    lead.send(f"{path}publication/")
    lead.send(f"{path}updates/", {"text_en": "Mended.", "text_zh": "已恢复。", "is_over": "on"})

    after = text(Client().get(f"/support/en{path}"))
    assert "Sending is slow" not in before
    assert "Mended." in after
    assert "over</span>" in after
    assert "Mended." not in text(Client().get(f"/support/zh{path}"))

    lead.send(f"{path}withdrawal/")
    assert Client().get(f"/support/en{path}").status_code == 404


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title_zh": ""}, "This field is required"),
        ({"ends_at": "2026-11-19T09:00"}, "It cannot end before it begins."),
        ({"starts_at": "soon"}, "Enter a valid date/time"),
    ],
)
def test_notice_that_cannot_be_is_given_back(
    lead: Desk, changed: dict[str, str], said: str
) -> None:
    given = {"kind": "news", "starts_at": "2026-11-20T09:00", "title_zh": "标题"}

    answer = lead.send("/notices/new/", given | changed)

    assert answer.status_code == 422
    assert said in text(answer)
    assert not Notice.objects.exists()
