"""The door for users of another program: its signed link is all the sign-in that they need."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tickets.models import Channel, Conversation, Direction, State

from .. import accounts
from ..connectors.web_form import Person, Section
from . import deep_link, sending, tokens
from .deep_link import LinkRefused
from .forms import KnownForm
from .pages import again, door, offer_times, page
from .signed import BadToken
from .submission import Submission
from .tokens import CaseKey

REASONS: dict[deep_link.Code, Promise] = {
    "off": _("This form takes no links from other programs yet. Please write to us here."),
    "wrong": _("This link was not made by a program that we know, or it is incomplete."),
    "audience": _("This link was made for another form."),
    "expired": _("This link was good for a few minutes, and they are over."),
    "used": _("This link has been opened before, and it is good for once."),
}


@never_cache
@require_GET
def enter(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Lead somebody to their newest open case, or to the form that knows them.

    With `to=new` it is always the form. A link is used up by this, so what it leads to has an
    address of its own that can be opened again.
    """
    channel, now = door(slug), timezone.now()
    try:
        person = _let_in(request.GET.get("token", ""), channel, now)
    except LinkRefused as refused:
        return _not_entered(request, channel, refused.code)
    key = None if request.GET.get("to") == "new" else newest_case(channel, person)
    if key:
        return redirect("channels_ingest:support_case", token=tokens.case_token(key, now=now))
    token = tokens.person_token(person, channel, now=now)
    return redirect("channels_ingest:support_entered", token=token)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def entered(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form to somebody who is known, or store what it brought."""
    now = timezone.now()
    try:
        person, channel_id = tokens.read_person(token, now=now)
        channel = Channel.objects.select_related("account").get(pk=channel_id)
    except (BadToken, Channel.DoesNotExist):
        return _not_entered(request, door(), "expired")
    if request.method != "POST":
        fresh = tokens.form_token(channel, now=now)
        form = KnownForm()
        offer_times(form, channel, now=now)
        return page(request, "new", channel, {"form": form, "token": fresh, "person": person})
    sent = Submission(request, KnownForm, now)
    if not sent.check(channel) or not isinstance(sent.form, KnownForm):
        offer_times(sent.form, channel, now=now)
        return again(request, "new", channel, sent, {"person": person})
    key = sending.open_case(
        channel=channel,
        form=sent.key.form,
        # The plan stands below the words, for the team that looks after it.
        sections=[*sent.form.sections(), Section(gettext("Plan:"), person.plan)],
        files=sent.files,
        name=person.name,
        language=get_language() or "",
        person=person,
        wishes=sent.form.wishes(),
        now=now,
    )
    return redirect("channels_ingest:support_case", token=tokens.case_token(key, now=now))


def newest_case(channel: Channel, person: Person) -> CaseKey | None:
    """The right to the newest case of somebody that is not resolved, where there is one."""
    conversations = Conversation.objects.filter(
        channel=channel, identity__external_id=person.external_id
    ).exclude(ticket__state=State.CLOSED)
    newest = conversations.select_related("ticket").order_by("-created_at", "-pk").first()
    if newest is None:
        return None
    first = newest.messages.filter(direction=Direction.INBOUND).order_by("pk").first()
    number = newest.claim_number if newest.is_pending_claim else newest.ticket.number
    external_id = first.external_id if first else ""
    return CaseKey(channel.pk, newest.thread, number, external_id, person.sub)


def _let_in(token: str, channel: Channel, now: datetime) -> Person:
    """Who comes by this link, which is then used up. Raises LinkRefused."""
    given = accounts.connect(channel.account).settings
    secrets = (given.link_secret, given.link_previous_secret)
    link = deep_link.read(token, secrets=secrets, audience=channel.slug, now=now)
    deep_link.spend(link, channel, now=now)
    return link.person


def _not_entered(request: HttpRequest, channel: Channel, code: deep_link.Code) -> HttpResponse:
    shown: dict[str, object] = {"reason": REASONS[code], "code": code}
    return page(request, "not_entered", channel, shown, status=403)
