"""Service notices: what goes on, what went on, and a feed of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tickets.markup import to_html
from tickets.models import Notice
from tickets.queries.notices import (
    ReadNotice,
    last_notice_change,
    read_notice,
    read_notices,
)

from .languages import TAGS, address, help_page, public, stamp
from .pages import first_door, render_help

IN_FEED = 30

if TYPE_CHECKING:
    NoticeFeed = Feed[ReadNotice, str]  # at run time Django's feeds take no type
else:
    NoticeFeed = Feed


@require_safe
@help_page
def listing(request: HttpRequest, code: str) -> HttpResponse:
    """All notices, newest first."""
    context = {"notices": read_notices(code, now=timezone.now())}
    page = render_help(request, "notices", code, context, name="help_notices")
    return stamp(page, last_notice_change())


@require_safe
@help_page
def notice(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One notice and what became known since."""
    try:
        read = read_notice(pk, code, now=timezone.now())
    except Notice.DoesNotExist:
        raise Http404 from None
    context = {
        "read": read,
        "body": to_html(read.body),
        "updates": [(each.at, to_html(each.text)) for each in read.updates],
    }
    page = render_help(request, "notice", code, context, name="help_notice", args=[pk])
    return stamp(page, read.notice.changed_at)


class Notices(NoticeFeed):
    """The newest notices for feed readers. An update makes an entry new again."""

    feed_type = Atom1Feed

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        self.language = TAGS[kwargs["language"]]
        code: str = kwargs["language"]
        return code

    def title(self, code: str) -> str:
        channel = first_door()
        brand = channel.account.settings.get("brand") if channel else ""
        return " · ".join(filter(None, (_("Service notices"), brand)))

    def link(self, code: str) -> str:
        return public(address("help_notices", code))

    def feed_url(self, code: str) -> str:
        return public(address("help_feed", code))

    def items(self, code: str) -> Iterable[ReadNotice]:
        self._code = code
        return read_notices(code, now=timezone.now(), limit=IN_FEED)

    def item_title(self, item: ReadNotice) -> str:
        return item.title

    def item_description(self, item: ReadNotice) -> str:
        said = [*(each.text for each in item.updates), item.body]
        return "".join(to_html(each) for each in said if each)

    def item_link(self, item: ReadNotice) -> str:
        return public(address("help_notice", self._code, item.pk))

    def item_guid(self, item: ReadNotice) -> str:
        return self.item_link(item)

    def item_pubdate(self, item: ReadNotice) -> datetime:
        return item.notice.starts_at

    def item_updateddate(self, item: ReadNotice) -> datetime:
        return item.notice.changed_at


@require_safe
@help_page
def feed(request: HttpRequest, code: str) -> HttpResponse:
    """The feed, in the language of its address."""
    return Notices()(request, language=code)
