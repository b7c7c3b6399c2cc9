"""Tell customers of incidents, maintenance and news. Leads and managers decide what they read."""

from datetime import datetime

from ..access import may_publish, may_write_articles
from ..models import Notice, NoticeKind, NoticeState, NoticeUpdate, User
from ..models.knowledge import LANGUAGES, ORIGINAL
from .refusals import Refused

LONGEST_TITLE = 120
LONGEST_BODY = 5_000


def save_notice(*, notice: Notice, by: User, now: datetime) -> Notice:
    """Keep a notice; what is public already only leads and managers may change.

    Raises Refused: not_allowed, no_title, text_too_long, unknown_value or ends_early.
    """
    allowed = may_publish(by) if notice.state == NoticeState.PUBLISHED else may_write_articles(by)
    if not allowed:
        raise Refused("not_allowed")
    _check(notice)
    if notice._state.adding:
        notice.created_at, notice.author = now, by
    notice.changed_at = now
    notice.save()
    return notice


def publish_notice(*, notice: Notice, by: User, now: datetime) -> Notice:
    """Let customers read it. Raises Refused("not_allowed")."""
    return _enter(notice, NoticeState.PUBLISHED, by, now)


def withdraw_notice(*, notice: Notice, by: User, now: datetime) -> Notice:
    """Take it from customers. Raises Refused("not_allowed")."""
    return _enter(notice, NoticeState.WITHDRAWN, by, now)


def add_update(
    *, notice: Notice, texts: dict[str, str], by: User, now: datetime, is_over: bool = False
) -> NoticeUpdate:
    """Say what is known by now, and perhaps that it is over.

    Raises Refused: not_allowed, empty or text_too_long.
    """
    if not may_publish(by):
        raise Refused("not_allowed")
    texts = _known(texts)
    if not texts:
        raise Refused("empty")
    _check_lengths(texts, LONGEST_BODY)
    update = NoticeUpdate.objects.create(notice=notice, texts=texts, author=by, at=now)
    if is_over:
        notice.ends_at = max(now, notice.starts_at)
    notice.changed_at = now
    notice.save(update_fields=["ends_at", "changed_at"])
    return update


def _enter(notice: Notice, state: NoticeState, by: User, now: datetime) -> Notice:
    if not may_publish(by):
        raise Refused("not_allowed")
    notice.state, notice.changed_at = state, now
    notice.save(update_fields=["state", "changed_at"])
    return notice


def _check(notice: Notice) -> None:
    if notice.kind not in NoticeKind.values:
        raise Refused("unknown_value", value=notice.kind)
    notice.titles, notice.bodies = _known(notice.titles), _known(notice.bodies)
    if not notice.titles.get(ORIGINAL):
        raise Refused("no_title")
    _check_lengths(notice.titles, LONGEST_TITLE)
    _check_lengths(notice.bodies, LONGEST_BODY)
    if notice.ends_at is not None and notice.ends_at < notice.starts_at:
        raise Refused("ends_early")


def _known(texts: dict[str, str]) -> dict[str, str]:
    return {code: texts[code].strip() for code in LANGUAGES if texts.get(code, "").strip()}


def _check_lengths(texts: dict[str, str], limit: int) -> None:
    if any(len(text) > limit for text in texts.values()):
        raise Refused("text_too_long", limit=limit)
