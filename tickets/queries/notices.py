"""Service notices for the help centre: what goes on now, and all of them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q, QuerySet

from ..models import Notice, NoticeKind, NoticeState, NoticeUpdate
from ..models.knowledge import in_language

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Said:
    """An update in the reader's language."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class ReadNotice:
    """A notice in the reader's language, its updates latest first."""

    notice: Notice
    title: str
    body: str
    updates: tuple[Said, ...]
    goes_on: bool
    is_to_come: bool

    @property
    def pk(self) -> int:
        return self.notice.pk

    @property
    def kind(self) -> str:
        return self.notice.kind

    @property
    def latest(self) -> str:
        """What is known by now."""
        return self.updates[0].text if self.updates else self.body


def public_notices() -> QuerySet[Notice]:
    """The notices that customers may read."""
    return Notice.objects.filter(state=NoticeState.PUBLISHED)


def read_notices(language: str, *, now: datetime, limit: int = MOST_SHOWN) -> list[ReadNotice]:
    """The newest notices. Two queries."""
    newest = public_notices().prefetch_related("updates").order_by("-starts_at", "-pk")
    return [_read(each, language, now) for each in newest[:limit]]


def current_notices(language: str, *, now: datetime, limit: int = 3) -> list[ReadNotice]:
    """What customers should know now: what goes on or is to come, then the latest. Two queries."""
    over = Q(ends_at__lt=now)
    standing = public_notices().prefetch_related("updates").exclude(over)
    newest = standing.order_by("-starts_at", "-pk")[: limit * 4]
    found = [_read(each, language, now) for each in newest]
    return sorted(found, key=lambda each: not each.goes_on)[:limit]


def read_notice(pk: int, language: str, *, now: datetime) -> ReadNotice:
    """One public notice. Raises Notice.DoesNotExist."""
    return _read(public_notices().prefetch_related("updates").get(pk=pk), language, now)


def last_notice_change() -> datetime | None:
    """When anything that customers read of notices was last changed, or taken from them."""
    found: datetime | None = Notice.objects.aggregate(at=Max("changed_at"))["at"]
    return found


def _read(notice: Notice, language: str, now: datetime) -> ReadNotice:
    updates = sorted(notice.updates.all(), key=lambda each: (each.at, each.pk), reverse=True)
    begun = notice.starts_at <= now
    over = notice.ends_at is not None and notice.ends_at <= now
    return ReadNotice(
        notice=notice,
        title=in_language(notice.titles, language),
        body=in_language(notice.bodies, language),
        updates=tuple(_said(each, language) for each in updates),
        goes_on=notice.kind != NoticeKind.NEWS and begun and not over,
        is_to_come=not begun,
    )


def _said(update: NoticeUpdate, language: str) -> Said:
    return Said(update.at, in_language(update.texts, language))
