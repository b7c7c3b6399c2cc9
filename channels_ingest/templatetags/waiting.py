"""The line that says how long somebody waits, for any public page: `{% waiting_now channel %}`."""

from datetime import datetime

from django import template
from django.utils import timezone

from channels_ingest.web.waiting import after_words, hours_of, waiting_words
from tickets.models import Channel
from tickets.queries.waiting import waiting_now as figures

register = template.Library()


@register.inclusion_tag("channels_ingest/web/_waiting.html")
def waiting_now(channel: Channel | None = None) -> dict[str, object]:
    """How long one waits now and when it is usually shorter; nothing where nobody knows."""
    now = timezone.now()
    waiting = figures(now=now, channel=channel)
    return {
        "words": waiting_words(waiting, now=now),
        "hours": hours_of(waiting),
        "is_open": waiting.opens_at is None,
    }


@register.inclusion_tag("channels_ingest/web/_waiting_line.html")
def waiting_line(channel: Channel | None = None) -> dict[str, object]:
    """The same in one line, for narrow screens, where what stands beside a form stands below it."""
    now = timezone.now()
    return {"words": waiting_words(figures(now=now, channel=channel), now=now)}


@register.inclusion_tag("channels_ingest/web/_expected.html")
def answer_expected(
    channel: Channel | None = None, answer_after: datetime | None = None
) -> dict[str, object]:
    """When the sender of a case may expect the answer: as they chose, or as the figures are."""
    now = timezone.now()
    if answer_after is not None and answer_after > now:
        return {"chosen": after_words(answer_after, now=now)}
    return {"words": waiting_words(figures(now=now, channel=channel), now=now)}
