"""The intake journal: what a channel was sent, what became of it, and trying again what failed."""

import unicodedata

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from channels_ingest.api import health_of, journal
from dashboard import toasts
from dashboard.desk import DeskRequest
from dashboard.words import Fault, fault_in_words, ignored_in_words

from .guard import channel_named, channels_page, forbidden, manages_channels, note, watches_channels

OUTCOMES = {
    "matched": gettext_lazy("Taken in"),
    "ignored": gettext_lazy("Passed over"),
    "failed": pgettext_lazy("journal", "Failed"),
    "waiting": gettext_lazy("Waiting"),
    "conflict": gettext_lazy("Duplicate with other content"),
}
KEPT_CONTROLS = {"\n", "\t"}
MOST_DIGITS = 18


class Line:
    """One envelope as the journal shows it."""

    def __init__(self, entry: journal.Entry) -> None:
        self.entry = entry
        self.outcome = str(OUTCOMES[entry.outcome])
        self.reason = ignored_in_words(entry.reason)
        self.fault: Fault | None = fault_in_words(entry.error)


@require_GET
@watches_channels
def entries(request: DeskRequest, slug: str) -> HttpResponse:
    """The newest envelopes of a channel; `outcome` narrows them, `before` goes on."""
    channel = channel_named(slug)
    outcome = _outcome(request.GET.get("outcome", ""))
    page = journal.page(channel, reader=request.user, outcome=outcome, before=_before(request))
    context = {
        "channel": channel,
        "lines": [Line(each) for each in page.entries],
        "more": page.more,
        "outcome": outcome or "",
        "outcomes": OUTCOMES,
        "dead": health_of(channel).dead,
        "now": timezone.now(),
    }
    return channels_page(request, "journal", context)


@require_GET
@watches_channels
def entry(request: DeskRequest, slug: str, pk: int) -> HttpResponse:
    """One envelope and what was delivered, word for word and as plain text."""
    channel = channel_named(slug)
    try:
        opened = journal.opened(channel, pk, reader=request.user)
    except journal.NotReadable:
        return forbidden(request)
    if opened is None:
        raise Http404
    note(request, f"opened envelope {pk}", slug)
    context = {
        "channel": channel,
        "line": Line(opened.entry),
        "lane": opened.lane,
        "body": visible(opened.text),
        "is_cut": opened.is_cut,
        "now": timezone.now(),
    }
    return channels_page(request, "entry", context)


@require_POST
@manages_channels
def replay(request: DeskRequest, slug: str, pk: int | None = None) -> HttpResponse:
    """Put one dead letter back, or all of the channel, to be tried anew."""
    channel = channel_named(slug)
    many = journal.replay(channel, pk)
    note(request, f"replayed {many}", slug)
    words = ngettext(
        "%(n)d is tried again within seconds", "%(n)d are tried again within seconds", many
    )
    toasts.push_text(request, words % {"n": many} if many else _("There is nothing to try again."))
    return redirect("dashboard:channel_journal", slug)


def visible(text: str) -> str:
    """The text with what could hide or turn it round made visible; it is evidence."""
    return "".join(_visible(sign) for sign in text.replace("\r\n", "\n"))


def _visible(sign: str) -> str:
    if sign in KEPT_CONTROLS or unicodedata.category(sign) not in {"Cc", "Cf", "Co", "Cs"}:
        return sign
    return f"⟨{ord(sign):04X}⟩"


def _outcome(text: str) -> journal.Outcome | None:
    return next((name for name in journal.OUTCOMES if name == text), None)


def _before(request: DeskRequest) -> int | None:
    text = request.GET.get("before", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > MOST_DIGITS:
        raise Http404
    return int(text)
