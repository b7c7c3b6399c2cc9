"""Small marks that templates place: icons, channels, case numbers, people, times."""

from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from dashboard import durations, glyphs, triage_words, words
from dashboard.rows import chain
from dashboard.views.accounts import THEMES
from dashboard.views.lookup import ticket_url
from tickets.models import Channel, Conversation, User

register = template.Library()
register.simple_tag(glyphs.icon, name="icon")
register.filter("caseno", words.case_number)
register.filter("plain_number", words.plain_number)
register.filter("look", glyphs.look)
register.filter("review_words", words.review_in_words)
register.filter("cause_words", triage_words.cause_in_words)
register.filter("exposed_words", words.exposed_in_words)


@register.simple_tag
def channel(found: Channel) -> SafeString:
    """The glyph of a channel; its label is read aloud and shown on hovering."""
    return glyphs.channel_mark(found.kind, found.label)


@register.simple_tag
def away(person: User) -> bool:
    """Whether somebody is given no cases now."""
    return person.is_away(timezone.now())


@register.simple_tag
def case_chain(conversations: list[Conversation]) -> SafeString:
    """Every channel that a case came through, in order of arrival."""
    marks = dict.fromkeys((c.channel.kind, c.channel.label) for c in conversations)
    return chain(tuple(marks))


@register.filter
def entry_count(listing: dict[str, Any]) -> int:
    """How many files lie in an archive, those too whose names were not kept."""
    return len(listing.get("entries", ())) + int(listing.get("more", 0))


@register.simple_tag(takes_context=True)
def theme(context: dict[str, Any]) -> str:
    """The theme that the visitor chose; "system" where none was."""
    request: HttpRequest = context["request"]
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in THEMES else "system"


@register.simple_tag(takes_context=True)
def post_to(context: dict[str, Any], name: str, *args: object) -> SafeString:
    """The attributes of a form that changes the case of this page, with and without script."""
    number = words.plain_number(context["ticket"].number)
    url = reverse(f"dashboard:{name}", args=[number, *args])
    url += _beside(context)
    return format_html('method="post" action="{}" hx-post="{}"', url, url)


@register.simple_tag(takes_context=True)
def case_url(context: dict[str, Any], number: str) -> str:
    """The address of a case, opened beside the list that is on screen."""
    return ticket_url(number) + _beside(context)


@register.simple_tag
def languages() -> list[tuple[str, str]]:
    """The languages of the desk, each by the name that its own speakers give it."""
    return [(code, str(name)) for code, name in settings.LANGUAGES]


@register.simple_tag
def spans() -> str:
    """The words of waiting times with a zero in each, longest first, for the clocks of the page."""
    return "|".join(durations.patterns())


@register.filter
def clock(at: datetime) -> SafeString:
    """A time of day whose whole date shows on hovering."""
    local = localtime(at)
    return _time(local, f"{local:%H:%M}")


@register.filter
def short_date(at: datetime, now: datetime) -> SafeString:
    """The time today, otherwise the day."""
    local = localtime(at)
    if local.date() == localtime(now).date():
        return _time(local, f"{local:%H:%M}")
    return _time(local, date_format(local, "MONTH_DAY_FORMAT"))


@register.filter
def day_name(at: datetime, now: datetime) -> str:
    """The day as people say it: with "today" where it is, without the year where it is this."""
    local, today = localtime(at), localtime(now).date()
    if local.date() == today:
        return _("Today, %(date)s") % {"date": date_format(local, "MONTH_DAY_FORMAT")}
    wanted = "MONTH_DAY_FORMAT" if local.year == today.year else "DATE_FORMAT"
    return date_format(local, wanted)


@register.filter
def remaining(until: datetime, now: datetime) -> str:
    """How long it is until a moment."""
    return durations.span(until - now)


@register.filter
def minutes(number: int | None) -> str:
    """What is promised, in whole hours where it is some; a dash where it is nothing."""
    return "–" if number is None else durations.promised(number)


@register.filter
def is_answerable(conversation: Conversation, now: datetime) -> bool:
    """Whether a reply written in it now could leave now."""
    return conversation.channel.writes and conversation.takes_replies(now)


@register.filter
def waited(since: datetime, now: datetime) -> str:
    return durations.since(since, now)


def _time(local: datetime, text: str) -> SafeString:
    # A page has hundreds of these, and formats of the language cost more than all else in them.
    whole = f"{local:%Y-%m-%d %H:%M:%S}"
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), whole, text)


def _beside(context: dict[str, Any]) -> str:
    view = context.get("from_view")
    return f"?{urlencode({'view': view})}" if view else ""
