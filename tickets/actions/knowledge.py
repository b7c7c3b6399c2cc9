"""Write, publish and archive articles; put on record whom they helped.

Agents write drafts; leads and managers decide what customers read.
"""

from collections.abc import Collection, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import Max

from ..access import may_publish, may_write_articles
from ..actor import Actor
from ..models import (
    ActorKind,
    Article,
    ArticleVersion,
    ArticleVote,
    Category,
    Solved,
    SolvedBy,
    Ticket,
    User,
    VersionState,
)
from ..models.knowledge import LANGUAGES
from .changes import changing, standing
from .refusals import Refused

LONGEST = {"title": 120, "symptoms": 2_000, "steps": 10_000, "body": 20_000}
LONGEST_WORDS = 1_000


@dataclass(frozen=True, slots=True)
class Texts:
    """What an article says in one language; symptoms and steps as `tickets.markup` reads them."""

    title: str = ""
    symptoms: str = ""
    steps: str = ""
    body: str = ""

    def __bool__(self) -> bool:
        return bool(self.title or self.symptoms or self.steps or self.body)

    @classmethod
    def of(cls, version: ArticleVersion) -> "Texts":
        return cls(version.title, version.symptoms, version.steps, version.body)

    @property
    def mark(self) -> str:
        """What tells these texts from others: by it a writer says what they had before them."""
        return sha256("\0".join(astuple(self)).encode()).hexdigest()[:16]


def create_article(*, slug: str, category: str, by: User, now: datetime) -> Article:
    """Make an article without any text yet. Raises Refused: not_allowed, taken, unknown_value."""
    _let_write(by)
    if category not in Category.values:
        raise Refused("unknown_value", value=category)
    place = (Article.objects.aggregate(last=Max("position"))["last"] or 0) + 1
    article, is_new = Article.objects.get_or_create(
        slug=slug,
        defaults={
            "category": category,
            "position": place,
            "created_at": now,
            "changed_at": now,
        },
    )
    if not is_new:
        raise Refused("taken", value=slug)
    return article


def set_article_category(*, article: Article, category: str, by: User, now: datetime) -> Article:
    """Move an article to another topic. Raises Refused: not_allowed or unknown_value."""
    _let_write(by)
    if category not in Category.values:
        raise Refused("unknown_value", value=category)
    if article.category != category:
        article.category, article.changed_at = category, now
        article.save(update_fields=["category", "changed_at"])
    return article


def save_draft(
    *,
    article: Article,
    language: str,
    texts: Texts,
    by: User,
    now: datetime,
    seen: str | None = None,
) -> ArticleVersion | None:
    """Keep what was written in one language; None where it says what the latest version says.

    A draft of somebody else stays as an archived version.
    `seen` marks the texts that the writer had before them: if somebody has written since,
    Refused("edited_since") is raised. Also raises not_allowed, unknown_value, no_title or
    text_too_long.
    """
    _let_write(by)
    if language not in LANGUAGES:
        raise Refused("unknown_value", value=language)
    _check(texts)
    with transaction.atomic():
        latest = _latest(_locked(article), language)
        if latest and Texts.of(latest) == texts:
            return None
        if seen is not None and seen != (Texts.of(latest) if latest else Texts()).mark:
            raise Refused("edited_since", language=language)
        if latest is None or not _is_own_draft(latest, by):
            latest = _next(article, language, latest, now)
        latest.title, latest.symptoms = texts.title, texts.symptoms
        latest.steps, latest.body = texts.steps, texts.body
        latest.author, latest.saved_at = by, now
        latest.save()
    return latest


def save_drafts(
    *,
    article: Article,
    texts: Mapping[str, Texts],
    seen: Mapping[str, str],
    by: User,
    now: datetime,
) -> list[str]:
    """Keep what was written in several languages, all of it or nothing; return which had changed.

    Who left a text as they saw it changes nothing there, even if others have. Raises as
    `save_draft` does.
    """
    changed = []
    with transaction.atomic():
        for language, each in texts.items():
            if each.mark == seen[language]:
                continue
            saved = save_draft(
                article=article, language=language, texts=each, by=by, now=now, seen=seen[language]
            )
            changed += [language] if saved else []
    return changed


def publish(
    *, article: Article, languages: Collection[str] = LANGUAGES, by: User, now: datetime
) -> list[str]:
    """Let customers read the drafts in these languages; return those that had one.

    Raises Refused: not_allowed, nothing_to_publish or no_steps (nothing to do in a language).
    """
    _let_publish(by)
    with transaction.atomic():
        drafts = _locked(article).versions.filter(state=VersionState.DRAFT, language__in=languages)
        published = [_publish(draft, now) for draft in drafts]
        if not published:
            raise Refused("nothing_to_publish")
    return sorted(published, key=LANGUAGES.index)


def confirm(*, article: Article, language: str, by: User, now: datetime) -> None:
    """Say that a translation fits the original as it is. Raises Refused("not_allowed")."""
    _let_publish(by)
    published = article.versions.filter(state=VersionState.PUBLISHED, language=language)
    published.update(checked_at=now)


def archive(
    *, article: Article, languages: Collection[str] = LANGUAGES, by: User, now: datetime
) -> None:
    """Take an article from customers in these languages; its versions stay.

    Raises Refused("not_allowed").
    """
    _let_publish(by)
    with transaction.atomic():
        standing_versions = _locked(article).versions.filter(
            state=VersionState.PUBLISHED, language__in=languages
        )
        if standing_versions.update(state=VersionState.ARCHIVED):
            Article.objects.filter(pk=article.pk).update(changed_at=now)


def restore(*, version: ArticleVersion, by: User, now: datetime) -> ArticleVersion:
    """Make a draft that says what an earlier version said; a draft in its way is archived.

    Raises Refused("not_allowed").
    """
    _let_write(by)
    with transaction.atomic():
        article = _locked(version.article)
        latest = _latest(article, version.language)
        draft = _next(article, version.language, latest, now)
        draft.title, draft.symptoms = version.title, version.symptoms
        draft.steps, draft.body = version.steps, version.body
        draft.author = by
        draft.save()
    return draft


def vote(
    *, version: ArticleVersion, reader: str, helped: bool, words: str = "", now: datetime
) -> ArticleVote:
    """Keep whether a version helped; the last word of a reader counts.

    `reader` is a hash of whatever tells readers apart. Words are kept until others replace them.
    """
    words = words.strip()[:LONGEST_WORDS]
    kept = {"words": words} if words else {}
    given, _is_new = ArticleVote.objects.update_or_create(
        version=version,
        reader=reader,
        defaults={"helped": helped, "at": now, **kept},
        create_defaults={"helped": helped, "at": now, "words": words},
    )
    return given


def mark_solved(
    *, article: Article, ticket: Ticket, said_by: SolvedBy, by: Actor, now: datetime
) -> Solved:
    """Put on record that an article solved a case; once for each pair. Raises Refused("merged")."""
    with changing(ticket, by=by, now=now) as change:
        locked = standing(change, ticket)
        user = by.user if by.kind == ActorKind.USER else None
        solved, is_new = Solved.objects.get_or_create(
            article=article, ticket=locked, defaults={"by": said_by, "user": user, "at": now}
        )
        if is_new:
            change.record(locked, "solved_by_article", article=article.slug, said_by=said_by)
    return solved


def unmark_solved(*, article: Article, ticket: Ticket, by: Actor, now: datetime) -> None:
    """Take it back. Raises Refused("merged")."""
    with changing(ticket, by=by, now=now) as change:
        locked = standing(change, ticket)
        gone, _each = Solved.objects.filter(article=article, ticket=locked).delete()
        if gone:
            change.record(locked, "not_solved_by_article", article=article.slug)


def _let_write(by: User) -> None:
    if not may_write_articles(by):
        raise Refused("not_allowed")


def _let_publish(by: User) -> None:
    if not may_publish(by):
        raise Refused("not_allowed")


def _check(texts: Texts) -> None:
    if not texts.title.strip():
        raise Refused("no_title")
    for name, limit in LONGEST.items():
        if len(getattr(texts, name)) > limit:
            raise Refused("text_too_long", limit=limit)


def _locked(article: Article) -> Article:
    """The article, so that two people who write it wait for each other."""
    return Article.objects.select_for_update().get(pk=article.pk)


def _latest(article: Article, language: str) -> ArticleVersion | None:
    return article.versions.filter(language=language).order_by("number").last()


def _is_own_draft(version: ArticleVersion, by: User) -> bool:
    return version.state == VersionState.DRAFT and version.author_id == by.pk


def _next(
    article: Article, language: str, latest: ArticleVersion | None, now: datetime
) -> ArticleVersion:
    """A fresh draft; one in its way is archived, so that nobody's words are lost."""
    article.versions.filter(state=VersionState.DRAFT, language=language).update(
        state=VersionState.ARCHIVED
    )
    number = latest.number + 1 if latest else 1
    return ArticleVersion(
        article=article, language=language, number=number, created_at=now, saved_at=now
    )


def _publish(draft: ArticleVersion, now: datetime) -> str:
    if not (draft.steps.strip() or draft.body.strip()):
        raise Refused("no_steps", language=draft.language)
    earlier = ArticleVersion.objects.filter(
        article_id=draft.article_id, language=draft.language, state=VersionState.PUBLISHED
    )
    earlier.update(state=VersionState.ARCHIVED)
    draft.state, draft.published_at = VersionState.PUBLISHED, now
    draft.save(update_fields=["state", "published_at"])
    return draft.language
