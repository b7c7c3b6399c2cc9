"""What somebody was told and has not read, by e-mail, as often as they want it."""

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Max
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.actions.notifying import note_mailed
from tickets.models import Notification, User
from tickets.preferences import Preferences
from tickets.queries.together import notifications_for

from .words.together import Notice, notices

logger = logging.getLogger(__name__)

EVERY = {"hourly": timedelta(hours=1), "daily": timedelta(days=1)}
QUIET = timedelta(minutes=10)  # what is read at the desk within this time needs no e-mail
MOST_LISTED = 50


def send_due(*, now: datetime) -> int:
    """Write to everybody for whom it is time, and who is not away; return how many letters left.

    One that cannot be sent is tried again the next time, and keeps nobody else waiting.
    """
    if not settings.EMAIL_HOST:
        return 0
    waiting = Notification.objects.filter(
        read_at__isnull=True, mailed_at__isnull=True, at__lte=now - QUIET
    )
    people = User.objects.filter(pk__in=waiting.values("user"), is_active=True)
    return sum(_send(user, now) for user in people.order_by("pk") if _is_time(user, now))


def _is_time(user: User, now: datetime) -> bool:
    every = EVERY.get(Preferences.read(user.preferences).digest)
    if every is None or user.is_away(now):
        return False
    last = user.notifications.aggregate(at=Max("mailed_at"))["at"]
    return last is None or last <= now - every


def _send(user: User, now: datetime) -> bool:
    unread = notifications_for(user).filter(read_at__isnull=True, mailed_at__isnull=True)
    rows = list(
        unread.filter(at__lte=now - QUIET)
        .select_related("ticket", "actor", "message")
        .order_by("at", "pk")[:MOST_LISTED]
    )
    if not rows:
        return False
    with (
        translation.override(user.language or settings.LANGUAGE_CODE),
        timezone.override(_zone(user)),
    ):
        letter = _letter(user, notices(rows))
    try:
        letter.send()
    except OSError:
        logger.exception("digest for user %s could not be sent", user.pk)
        return False
    note_mailed(rows, now=now)
    return True


def _letter(user: User, told: list[Notice]) -> EmailMessage:
    """Which cases and what happened, but nothing that a customer or colleague has written."""
    subject = ngettext("%(n)d thing you have not seen", "%(n)d things you have not seen", len(told))
    lines = [f"{each.text}\n{settings.PUBLIC_URL}{each.url}" for each in told]
    why = _("You chose this e-mail in your preferences and can turn it off there.")
    body = "\n\n".join([*lines, f"{why}\n{settings.PUBLIC_URL}/"])
    return EmailMessage(subject % {"n": len(told)}, body, to=[user.email])


def _zone(user: User) -> ZoneInfo:
    try:
        return ZoneInfo(user.time_zone or settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)
