"""Articles for the pages of the help centre and of the desk: one, lists, and whom they helped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q

from ..knowledge import Article as Findable
from ..models import Article, ArticleVersion, ArticleVote, Solved, Ticket, VersionState
from ..models.knowledge import LANGUAGES, ORIGINAL
from .knowledge import Shelf, Suggested

LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Read:
    """An article as a customer reads it: in their language, or else in that of `version`."""

    article: Article
    version: ArticleVersion
    languages: tuple[str, ...]
    solved_lately: int

    @property
    def updated_at(self) -> datetime:
        return self.version.published_at or self.version.saved_at


@dataclass(slots=True)
class Row:
    """An article as the desk lists it."""

    article: Article
    published: dict[str, ArticleVersion] = field(default_factory=dict)
    drafts: dict[str, ArticleVersion] = field(default_factory=dict)
    archived: set[str] = field(default_factory=set)
    solved: int = 0
    helped: int = 0
    votes: int = 0

    @property
    def title(self) -> str:
        """In the original's language where there is one."""
        known = (texts.get(code) for code in LANGUAGES for texts in (self.published, self.drafts))
        return next((each.title for each in known if each), self.article.slug)

    @property
    def behind(self) -> list[str]:
        return languages_behind(self.published.values())

    @property
    def percent(self) -> int | None:
        return round(100 * self.helped / self.votes) if self.votes else None

    @property
    def changed_at(self) -> datetime:
        versions = (*self.published.values(), *self.drafts.values())
        return max((each.saved_at for each in versions), default=self.article.created_at)

    @property
    def number(self) -> int:
        """How often the original was written anew."""
        versions = (*self.drafts.values(), *self.published.values())
        return max((each.number for each in versions), default=0)

    def state_of(self, code: str) -> str:
        """What customers see in a language: published, behind, draft, archived or missing."""
        if code in self.published:
            return "behind" if code in self.behind else "published"
        if code in self.drafts:
            return "draft"
        return "archived" if code in self.archived else "missing"


def read_article(slug: str, language: str, *, now: datetime) -> Read:
    """What a customer reads. Raises Article.DoesNotExist where nothing of it is published."""
    found = (
        ArticleVersion.objects.filter(article__slug=slug, state=VersionState.PUBLISHED)
        .select_related("article")
        .annotate(
            solved_lately=Count(
                "article__solved", filter=Q(article__solved__at__gte=now - LATELY), distinct=True
            )
        )
    )
    versions = {each.language: each for each in found}
    code = next((each for each in (language, *LANGUAGES) if each in versions), "")
    if not code:
        raise Article.DoesNotExist
    version = versions[code]
    languages = tuple(each for each in LANGUAGES if each in versions)
    return Read(version.article, version, languages, version.solved_lately)


def related(all_of_it: Shelf, slug: str, language: str, *, limit: int = 4) -> list[Suggested]:
    """Other articles that somebody who reads this one may need. No query."""
    found = all_of_it.articles.get(slug)
    if found is None:
        return []
    near = all_of_it.find(_about(found, language), language=language, limit=limit + 1)
    same_topic = [
        each for each in all_of_it.everything(language) if each.category == found.category
    ]
    others = {each.slug: each for each in (*near, *same_topic) if each.slug != slug}
    return list(others.values())[:limit]


def popularity(*, now: datetime) -> dict[str, int]:
    """How many readers and cases each article has helped lately, by slug. Two queries."""
    since = now - LATELY
    helped = ArticleVote.objects.filter(helped=True, at__gte=since)
    votes = helped.values_list("version__article__slug").annotate(n=Count("pk"))
    solved = Solved.objects.filter(at__gte=since).values_list("article__slug")
    counted: dict[str, int] = dict(votes)
    for slug, n in solved.annotate(n=Count("pk")):
        counted[slug] = counted.get(slug, 0) + n
    return counted


def solved_counts(slugs: Sequence[str], *, now: datetime) -> dict[str, int]:
    """How many cases each of these articles has solved lately."""
    lately = Solved.objects.filter(article__slug__in=slugs, at__gte=now - LATELY)
    return dict(lately.values_list("article__slug").annotate(n=Count("pk")))


def desk_rows(*, now: datetime) -> list[Row]:
    """Every article with its versions and figures, those that solved most first. Four queries."""
    rows = {each.pk: Row(each) for each in Article.objects.all()}
    versions = ArticleVersion.objects.filter(
        state__in=(VersionState.PUBLISHED, VersionState.DRAFT)
    ).defer("steps", "body")
    for each in versions:
        row = rows[each.article_id]
        kind = row.published if each.state == VersionState.PUBLISHED else row.drafts
        kind[each.language] = each
    _add_figures(rows, now)
    archived = ArticleVersion.objects.filter(state=VersionState.ARCHIVED)
    for pk, code in archived.values_list("article_id", "language").distinct():
        rows[pk].archived.add(code)
    order = sorted(rows.values(), key=lambda row: row.article.position)
    return sorted(order, key=lambda row: -row.solved)


def _add_figures(rows: dict[int, Row], now: datetime) -> None:
    votes = ArticleVote.objects.values_list("version__article_id").annotate(
        n=Count("pk"), helped=Count("pk", filter=Q(helped=True))
    )
    for pk, n, helped in votes:
        rows[pk].votes, rows[pk].helped = n, helped
    solved = Solved.objects.filter(at__gte=now - LATELY).values_list("article_id")
    for pk, n in solved.annotate(n=Count("pk")):
        rows[pk].solved = n


def words_of_readers(*, limit: int = 8, article: Article | None = None) -> list[ArticleVote]:
    """What readers lately missed, in their words."""
    said = ArticleVote.objects.exclude(words="").select_related("version__article")
    if article is not None:
        said = said.filter(version__article=article)
    return list(said.order_by("-at", "-pk")[:limit])


def solutions_of(ticket: Ticket) -> list[Solved]:
    """Which articles solved a case or one that was merged into it, first to last."""
    own_or_merged = Q(ticket=ticket) | Q(ticket__merged_into=ticket)
    found = Solved.objects.filter(own_or_merged).select_related("article", "user")
    return list(found.order_by("at", "pk"))


def solved_cases(article: Article, *, limit: int = 20) -> list[Solved]:
    """Which cases an article solved, latest first."""
    return list(article.solved.select_related("ticket", "user").order_by("-at", "-pk")[:limit])


def languages_behind(published: Iterable[ArticleVersion]) -> list[str]:
    """The translations of one article that nobody has looked at since the original changed."""
    by_language = {each.language: each for each in published}
    original = by_language.pop(ORIGINAL, None)
    if original is None or original.published_at is None:
        return []
    changed = original.published_at
    return [
        language
        for language, each in by_language.items()
        if max(filter(None, (each.published_at, each.checked_at)), default=changed) < changed
    ]


def _about(article: Findable, language: str) -> str:
    code = language if language in article.titles else next(iter(article.titles))
    return "\n".join((article.titles[code], *article.symptoms.get(code, ())))
