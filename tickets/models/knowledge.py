"""The help centre: articles in versions and languages, what readers thought, service notices."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .ticket import Category

# The languages of articles and notices; the first is the original, the others follow it.
LANGUAGES = ("zh", "en", "ja")
ORIGINAL = LANGUAGES[0]


class Article(models.Model):
    """One solution, whatever languages it is written in; its texts are its versions."""

    slug = models.SlugField(max_length=60, unique=True)
    category = models.CharField(max_length=20, choices=Category)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(category__in=Category.values), name="article_category_is_known"
            ),
        )

    def __str__(self) -> str:
        return self.slug


class VersionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    ARCHIVED = "archived", _("Archived")


class ArticleVersion(models.Model):
    """What an article said in one language from one publication to the next.

    Only a draft is ever changed. What was imported has no author. `checked_at` is when somebody
    last said that a translation still fits the original.
    """

    article = models.ForeignKey(Article, models.CASCADE, related_name="versions")
    language = models.CharField(max_length=2)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=VersionState, default=VersionState.DRAFT)
    title = models.CharField(max_length=120)
    symptoms = models.TextField(blank=True)
    steps = models.TextField(blank=True)
    body = models.TextField(blank=True)
    author = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="+")
    is_imported = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("article", "language", "number"), name="article_version_number_once"
            ),
            models.UniqueConstraint(
                fields=("article", "language"),
                condition=models.Q(state="published"),
                name="article_one_published_version",
            ),
            models.UniqueConstraint(
                fields=("article", "language"),
                condition=models.Q(state="draft"),
                name="article_one_draft",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=VersionState.values),
                name="article_version_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(language__in=LANGUAGES), name="article_language_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="published") | models.Q(published_at__isnull=False),
                name="article_published_has_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.article_id} {self.language} v{self.number}"


class ArticleVote(models.Model):
    """Whether a version helped a reader, of whom only the hash of a random token is known."""

    version = models.ForeignKey(ArticleVersion, models.CASCADE, related_name="votes")
    reader = models.CharField(max_length=64)
    helped = models.BooleanField()
    words = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("version", "reader"), name="article_vote_once"),
        )

    def __str__(self) -> str:
        return f"{self.version_id} {'+' if self.helped else '-'}"


class SolvedBy(models.TextChoices):
    CUSTOMER = "customer", _("The customer")
    BOT = "bot", _("The assistant")
    AGENT = "agent", _("An agent")


class Solved(models.Model):
    """An article that solved a case, and who said so."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="solved")
    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="solved_by")
    by = models.CharField(max_length=8, choices=SolvedBy)
    user = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("article", "ticket"), name="article_solved_once"),
            models.CheckConstraint(
                condition=models.Q(by__in=SolvedBy.values), name="article_solved_by_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.article_id} solved {self.ticket_id}"


class NoticeKind(models.TextChoices):
    INCIDENT = "incident", _("Incident")
    MAINTENANCE = "maintenance", _("Maintenance")
    NEWS = "news", _("News")


class NoticeState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Notice(models.Model):
    """What customers should know of the service: an incident, maintenance, or news.

    Titles and texts by language code; a language left out reads the original.
    """

    kind = models.CharField(max_length=11, choices=NoticeKind)
    state = models.CharField(max_length=9, choices=NoticeState, default=NoticeState.DRAFT)
    titles = models.JSONField(default=dict)
    bodies = models.JSONField(default=dict)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    author = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=NoticeKind.values), name="notice_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=NoticeState.values), name="notice_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True)
                | models.Q(ends_at__gte=models.F("starts_at")),
                name="notice_ends_after_it_starts",
            ),
        )

    def __str__(self) -> str:
        return in_language(self.titles, ORIGINAL)


class NoticeUpdate(models.Model):
    """What became known of a notice later, by language code."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="updates")
    texts = models.JSONField(default=dict)
    author = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return in_language(self.texts, ORIGINAL)


def in_language(texts: dict[str, str], code: str) -> str:
    """The text in a language, or else in the first one that it is written in."""
    known = (texts.get(each, "") for each in (code, *LANGUAGES))
    return next((text for text in known if text), "")
