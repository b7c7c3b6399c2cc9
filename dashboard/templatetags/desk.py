"""Small marks that templates place: icons, channels, case numbers, people, times."""

from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from dashboard import durations, glyphs, triage_words, words
from dashboard.entries import Entry, Item
from dashboard.kept import Kept
from dashboard.promised import PromisePane
from dashboard.rows import chain
from dashboard.views.accounts import THEMES
from dashboard.views.lookup import ticket_url
from tickets.models import Channel, Conversation, User
from tickets.preferences import HOLDS, Preferences

register = template.Library()
register.simple_tag(glyphs.icon, name="icon")
register.simple_tag(glyphs.channel_mark, name="channel_mark")
register.filter("caseno", words.case_number)
register.filter("plain_number", words.plain_number)
register.filter("look", glyphs.look)
register.filter("review_words", words.review_in_words)
register.filter("cause_words", triage_words.cause_in_words)
register.filter("exposed_words", words.exposed_in_words)

_drawn = Kept()


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
    url += _here(context)
    return format_html('method="post" action="{}" hx-post="{}"', url, url)


@register.simple_tag(takes_context=True)
def case_url(context: dict[str, Any], number: str) -> str:
    """The address of a case, opened beside the list that is on screen."""
    return ticket_url(number) + _beside(context)


@register.simple_tag(takes_context=True)
def holds(context: dict[str, Any]) -> list[tuple[int, bool]]:
    """For how many seconds a sent reply may be taken back, and which of them is chosen."""
    user = context["request"].user
    chosen = Preferences.read(user.preferences).undo_send_seconds if user.is_authenticated else 0
    return [(seconds, seconds == chosen) for seconds in HOLDS]


@register.simple_tag(takes_context=True)
def preferred(context: dict[str, Any]) -> Preferences:
    """How the person who looks wants their desk."""
    return Preferences.read(getattr(context["request"].user, "preferences", {}))


@register.simple_tag(takes_context=True)
def here_url(context: dict[str, Any]) -> str:
    """The address of this page's case as it is looked at now, for bringing it up to date."""
    return ticket_url(context["ticket"].number) + _here(context)


@register.simple_tag(takes_context=True)
def shown_url(context: dict[str, Any], what: str = "", name: object = "") -> str:
    """The address under which the case shows all, or only some of what is on its line."""
    shown = f"{what}-{name}" if name else what
    return ticket_url(context["ticket"].number) + _beside(context, show=shown)


@register.simple_tag(takes_context=True)
def more_url(context: dict[str, Any], messages: int) -> str:
    """The address under which the case goes further back."""
    kept = context.get("kept", {})
    return ticket_url(context["ticket"].number) + _beside(context, **{**kept, "messages": messages})


@register.simple_tag(takes_context=True)
def cases_url(context: dict[str, Any], cases: int) -> str:
    """The address under which the side pane shows more of the customer's cases."""
    kept = context.get("kept", {})
    return ticket_url(context["ticket"].number) + _beside(context, **{**kept, "cases": cases})


@register.simple_tag
def marks(through: list[dict[str, str]]) -> SafeString:
    """Every channel of a case, in order of arrival, from their kinds and labels."""
    return chain(tuple(dict.fromkeys((each["kind"], each["label"]) for each in through)))


@register.simple_tag
def message_url(number: str, message: int) -> str:
    """The address that leads to one message of a case, however far back it stands."""
    return f"{ticket_url(number)}?message={message}#message-{message}"


@register.simple_tag(takes_context=True)
def undo_url(context: dict[str, Any], undo: tuple[str, int]) -> str:
    """The address at which something is taken back, once one has seen what that means."""
    name, key = undo
    number = words.plain_number(context["ticket"].number)
    return reverse(f"dashboard:{name}", args=[number, key]) + _beside(context)


def _promises(context: Context, item: Entry) -> bool:
    """Whether a time that runs is shown beside a message."""
    pane: PromisePane | None = context.get("promised")
    return pane is not None and any(
        each.promise.message_id == item.message.pk for each in pane.owed
    )


@register.simple_tag(takes_context=True)
def line(context: Context, item: Item) -> SafeString:
    """One thing on the line of a case; what looks the same to everybody is drawn once."""

    def draw() -> SafeString:
        engine = context.template.engine if context.template else None
        assert engine is not None
        with context.push(item=item, message=getattr(item, "message", None)):
            drawn: SafeString = engine.get_template("dashboard/_timeline_item.html").render(context)
            return drawn

    stamp = item.stamp if isinstance(item, Entry) and not _promises(context, item) else None
    if stamp is None:
        return draw()
    here = (get_language(), timezone.get_current_timezone_name(), context["ticket"].number)
    return _drawn.get((*here, stamp), draw)


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


@register.simple_tag
def days_ago(at: datetime, now: datetime) -> str:
    """How many days lie between two moments, as people count them."""
    days = (localtime(now).date() - localtime(at).date()).days
    if days < 2:
        return _("yesterday") if days == 1 else _("earlier today")
    return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}


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


def _here(context: dict[str, Any]) -> str:
    return _beside(context, **context.get("kept", {}))


def _beside(context: dict[str, Any], **more: object) -> str:
    """The query that keeps the list on screen, and `more` where it says something."""
    query = {"view": context.get("from_view"), **more}
    said = {name: str(value) for name, value in query.items() if value}
    return f"?{urlencode(said)}" if said else ""
