"""Articles: drafts, versions, publishing, what readers say, whom they helped, and the import."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from tests import factories
from tests.tickets import articles, cast
from tests.tickets.articles import BOUNCE, PASSWORD, published, writer
from tickets.actions import knowledge
from tickets.actions.knowledge import Texts
from tickets.actions.refusals import Refused
from tickets.actions.starting_articles import import_articles
from tickets.actor import Actor
from tickets.knowledge import Article as Starter
from tickets.models import Article, ArticleVersion, Solved, SolvedBy
from tickets.queries import articles as reading
from tickets.queries.knowledge import suggested

pytestmark = pytest.mark.django_db

NOW = factories.NOW
LATER = NOW + timedelta(hours=1)
MORE = Texts("退信554的处理", "邮件被退回，提示 554", "换一种说法\n减小附件\n把退信发给我们")


def states(article: Article, language: str = "zh") -> list[tuple[int, str]]:
    versions = article.versions.filter(language=language).order_by("number")
    return list(versions.values_list("number", "state"))


def test_draft_is_read_by_nobody_until_it_is_published() -> None:
    article = published()

    knowledge.save_draft(article=article, language="zh", texts=MORE, by=writer("agent"), now=LATER)
    before = reading.read_article("bounce-554", "zh", now=LATER)
    knowledge.publish(article=article, by=writer(), now=LATER)
    after = reading.read_article("bounce-554", "zh", now=LATER)

    assert (before.version.number, after.version.number) == (1, 2)
    assert after.version.steps == MORE.steps
    assert states(article) == [(1, "archived"), (2, "published")]


def test_agent_writes_but_does_not_publish() -> None:
    article = published()

    for act in (
        lambda: knowledge.publish(article=article, by=writer("agent"), now=LATER),
        lambda: knowledge.archive(article=article, by=writer("agent"), now=LATER),
        lambda: knowledge.save_draft(
            article=article, language="zh", texts=MORE, by=writer("helper"), now=LATER
        ),
    ):
        with pytest.raises(Refused, match="not_allowed"):
            act()


def test_draft_written_twice_stays_one_version_and_same_text_is_no_version() -> None:
    article, by = published(), writer()

    first = knowledge.save_draft(article=article, language="zh", texts=MORE, by=by, now=LATER)
    same = knowledge.save_draft(article=article, language="zh", texts=MORE, by=by, now=LATER)
    other = Texts(MORE.title, MORE.symptoms, "只有一步")
    second = knowledge.save_draft(article=article, language="zh", texts=other, by=by, now=LATER)

    assert same is None
    assert first is not None
    assert second is not None
    assert (second.pk, second.steps) == (first.pk, "只有一步")


def test_who_did_not_see_the_latest_draft_does_not_write_over_it() -> None:
    article, by = published(), writer()
    seen = BOUNCE["zh"].mark
    knowledge.save_draft(
        article=article, language="zh", texts=MORE, by=writer("agent"), now=LATER, seen=seen
    )

    with pytest.raises(Refused, match="edited_since"):
        knowledge.save_draft(
            article=article, language="zh", texts=PASSWORD["zh"], by=by, now=LATER, seen=seen
        )

    assert article.versions.get(state="draft").title == MORE.title


def test_draft_of_somebody_else_stays_among_the_versions() -> None:
    article = published()
    for by, title in ((writer("agent"), "甲"), (writer(), "乙")):
        texts = Texts(title, "", "一")
        knowledge.save_draft(article=article, language="zh", texts=texts, by=by, now=LATER)

    assert states(article) == [(1, "published"), (2, "archived"), (3, "draft")]
    assert article.versions.get(number=2, language="zh").title == "甲"


def test_only_one_version_of_a_language_can_be_published() -> None:
    article = published()
    second = ArticleVersion(
        article=article,
        language="zh",
        number=2,
        state="published",
        created_at=NOW,
        saved_at=NOW,
        published_at=NOW,
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (Texts("", "", "step"), "no_title"),
        (Texts("t" * 121, "", "step"), "text_too_long"),
        (Texts("title", "", "s" * 10_001), "text_too_long"),
    ],
)
def test_text_that_does_not_fit_is_refused(texts: Texts, code: str) -> None:
    article = published()

    with pytest.raises(Refused, match=code):
        knowledge.save_draft(article=article, language="ja", texts=texts, by=writer(), now=NOW)


def test_article_without_anything_to_do_is_not_published() -> None:
    article = published()
    empty = Texts("タイトルだけ")
    knowledge.save_draft(article=article, language="ja", texts=empty, by=writer(), now=NOW)

    with pytest.raises(Refused, match="no_steps"):
        knowledge.publish(article=article, by=writer(), now=LATER)

    assert states(article, "ja") == [(1, "draft")]


def test_earlier_version_comes_back_as_a_draft_and_loses_nobody_s_draft() -> None:
    article, by = published(), writer()
    first = article.versions.get(language="zh")
    knowledge.save_draft(article=article, language="zh", texts=MORE, by=by, now=LATER)

    restored = knowledge.restore(version=first, by=by, now=LATER)

    assert Texts.of(restored) == BOUNCE["zh"]
    assert states(article) == [(1, "published"), (2, "archived"), (3, "draft")]


def test_translation_is_behind_until_it_is_written_or_confirmed() -> None:
    article, by = published(), writer()
    knowledge.save_draft(article=article, language="zh", texts=MORE, by=by, now=LATER)
    knowledge.publish(article=article, by=by, now=LATER)

    (row,) = reading.desk_rows(now=LATER)
    knowledge.confirm(article=article, language="en", by=by, now=LATER)
    (confirmed,) = reading.desk_rows(now=LATER)

    assert (row.behind, row.state_of("en"), row.state_of("ja")) == (["en"], "behind", "missing")
    assert confirmed.behind == []


def test_what_is_published_or_archived_shows_in_suggestions_at_once(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    assert suggested("邮件被退回 554", language="zh-hans") == []
    article = published()

    found = suggested("邮件被退回 554", language="zh-hans")
    with django_assert_num_queries(1):
        suggested("邮件被退回 554", language="en")
    knowledge.archive(article=article, by=writer(), now=LATER)

    assert [(each.slug, each.title, each.steps[0]) for each in found] == [
        ("bounce-554", "退信554的处理", "检查正文里有没有“发票”")
    ]
    assert suggested("邮件被退回 554", language="zh-hans") == []


def test_suggestion_speaks_the_reader_s_language_or_else_says_which() -> None:
    published()
    published("reset-password", PASSWORD, category="account_security")

    (english,) = suggested("message comes back with 554", language="en", limit=1)
    (fallback,) = suggested("忘记密码", language="ja", limit=1)

    assert (english.language, english.title) == ("en", "What to do about 554 bounces")
    assert (fallback.language, fallback.title) == ("zh", "忘记密码如何重置")


def test_last_word_of_a_reader_counts() -> None:
    version = published().versions.get(language="en")

    knowledge.vote(version=version, reader="a", helped=True, now=NOW)
    knowledge.vote(version=version, reader="a", helped=False, words=" It says 15 MB. ", now=NOW)
    knowledge.vote(version=version, reader="a", helped=False, now=NOW)
    knowledge.vote(version=version, reader="b", helped=True, now=NOW)

    (row,) = reading.desk_rows(now=NOW)
    assert (row.votes, row.helped, row.percent) == (2, 1, 50)
    assert [each.words for each in reading.words_of_readers()] == ["It says 15 MB."]


def test_article_that_solved_a_case_is_counted_and_stands_in_its_history() -> None:
    article, case, by = published(), cast.case(), cast.ada()

    for _twice in range(2):
        knowledge.mark_solved(article=article, ticket=case, said_by=SolvedBy.AGENT, by=by, now=NOW)

    (row,) = reading.desk_rows(now=NOW)
    assert row.solved == 1
    assert [each.article.slug for each in reading.solutions_of(case)] == ["bounce-554"]
    assert reading.popularity(now=NOW) == {"bounce-554": 1}
    assert cast.codes(case).count("solved_by_article") == 1

    knowledge.unmark_solved(article=article, ticket=case, by=by, now=LATER)
    assert not Solved.objects.exists()
    assert cast.codes(case)[-1] == "not_solved_by_article"


def test_import_is_repeated_without_a_trace_and_never_over_what_people_wrote() -> None:
    articles.starters()
    count = ArticleVersion.objects.count()
    mine = Article.objects.get(slug="reset-password")
    gone = Article.objects.get(slug="change-phone")
    text = Texts("忘记密码", "", "我们自己写的步骤")
    knowledge.save_draft(article=mine, language="zh", texts=text, by=writer(), now=LATER)
    knowledge.publish(article=mine, by=writer(), now=LATER)
    knowledge.archive(article=gone, by=writer(), now=LATER)

    out = StringIO()
    call_command("knowledge", "import", stdout=out)

    assert ArticleVersion.objects.count() == count + 1
    assert "0 texts new, 0 changed, 1 left" in out.getvalue()
    assert reading.read_article("reset-password", "zh", now=LATER).version.steps == text.steps
    with pytest.raises(Article.DoesNotExist):
        reading.read_article("change-phone", "zh", now=LATER)


def test_import_follows_its_source_where_nobody_wrote() -> None:
    def bring(*steps: str) -> None:
        given = Starter("a", "other", {"zh": "标题", "en": "Title"}, {}, {"zh": steps})
        import_articles(articles=[given], now=NOW)

    bring("一")
    bring("一", "二")

    article = Article.objects.get()
    assert states(article) == [(1, "archived"), (2, "published")]
    assert states(article, "en") == [], "a title alone is no translation"


def test_file_is_imported_in_one_language_or_in_several(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    row = {"slug": "mine", "category": "other", "title": {"zh": "甲", "en": "A"}}
    lines = [
        row | {"symptoms": ["现象"], "steps": ["一"]},
        row | {"slug": "two", "symptoms": {}, "steps": {"zh": ["一"], "en": ["One"]}},
    ]
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")

    call_command("knowledge", "import", str(file), stdout=StringIO())

    assert {(each.article.slug, each.language) for each in ArticleVersion.objects.all()} == {
        ("mine", "zh"),
        ("two", "zh"),
        ("two", "en"),
    }


@pytest.mark.parametrize("line", ["{", "[]", '{"slug": "no good", "category": "other"}'])
def test_file_that_cannot_be_read_changes_nothing(tmp_path: Path, line: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(line, encoding="utf-8")

    with pytest.raises(CommandError, match="line 1"):
        call_command("knowledge", "import", str(file))

    assert not Article.objects.exists()


def test_slug_is_taken_once() -> None:
    published()

    with pytest.raises(Refused, match="taken"):
        knowledge.create_article(slug="bounce-554", category="other", by=writer(), now=NOW)


def test_who_solved_by_hand_is_known() -> None:
    by = cast.ada()
    knowledge.mark_solved(
        article=published(),
        ticket=cast.case(),
        said_by=SolvedBy.AGENT,
        by=Actor.of(by.user) if by.user else by,
        now=NOW,
    )

    assert Solved.objects.get().user == by.user
