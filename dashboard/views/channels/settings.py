"""One channel: what it was given, whether that works, and how its secrets are replaced."""

from collections.abc import Mapping
from time import monotonic
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from channels_ingest import api
from dashboard import toasts
from dashboard.desk import DeskRequest, is_fragment_request
from dashboard.words import fault_in_words, setting_name
from tickets.access import may_manage_channels
from tickets.models import Channel

from .adding import made_secrets
from .forms import ChannelForm
from .guard import channel_named, channels_page, forbidden, manages_channels, note, watches_channels
from .rows import channel_row, kind_on_screen


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@watches_channels
def settings(request: DeskRequest, slug: str) -> HttpResponse:
    """What a channel was given, to be changed by managers and seen by leads."""
    channel = channel_named(slug)
    if request.method == "GET":
        return _page(request, channel)
    if not may_manage_channels(request.user):
        return forbidden(request)
    form = _form(request, channel, request.POST)
    if form is None or not form.is_valid():
        return _page(request, channel, form=form, status=422)
    try:
        made = api.change_channel(
            channel, values=form.values(), keep_old=form.go_on_with(), now=timezone.now()
        )
    except api.BadSetting as error:
        form.add_error(None, str(error))
        return _page(request, channel, form=form, status=422)
    api.relabel(channel, label=form.cleaned_data["label"], team=form.cleaned_data["team"])
    note(request, "changed", slug)
    if made:
        return _page(request, channel, made=made)
    toasts.push_text(request, _("Saved. Test the connection to see whether it works."))
    return redirect("dashboard:channel_settings", slug)


@require_POST
@manages_channels
def test(request: DeskRequest, slug: str) -> HttpResponse:
    """Call the vendor for real and show what answered."""
    channel = channel_named(slug)
    result = _tested(channel)
    note(request, "tested", slug)
    if is_fragment_request(request):
        return render(request, "dashboard/channels/_test.html", {"test": result})
    return _page(request, channel, test=result)


@require_POST
@manages_channels
def rotation(request: DeskRequest, slug: str, name: str) -> HttpResponse:
    """Make a new secret, shown once; the one before is still accepted."""
    channel = channel_named(slug)
    try:
        made = api.rotate_secret(channel, name=name, now=timezone.now())
    except api.BadSetting as error:
        raise Http404 from error
    note(request, f"new {name}", slug)
    return _page(request, channel, made={name: made})


@require_POST
@manages_channels
def retirement(request: DeskRequest, slug: str, name: str) -> HttpResponse:
    """Accept the secret before this one no longer."""
    channel = channel_named(slug)
    try:
        api.retire_secret(channel, name=name, now=timezone.now())
    except api.BadSetting as error:
        raise Http404 from error
    note(request, f"retired old {name}", slug)
    toasts.push_text(request, _("The old secret is no longer accepted."))
    return redirect("dashboard:channel_settings", slug)


@require_POST
@manages_channels
def removal(request: DeskRequest, slug: str) -> HttpResponse:
    """Delete a channel that was never used."""
    channel = channel_named(slug)
    try:
        api.remove_channel(channel)
    except api.InUse:
        words = _("It has received or sent something; pause it instead.")
        toasts.push_text(request, words)
        return redirect("dashboard:channel_settings", slug)
    note(request, "removed", slug)
    toasts.push_text(request, _("%(channel)s is removed") % {"channel": channel})
    return redirect("dashboard:channels")


def _page(
    request: DeskRequest,
    channel: Channel,
    *,
    form: ChannelForm | None = None,
    made: Mapping[str, str] | None = None,
    test: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    kind = api.described(channel.kind)
    manages = may_manage_channels(request.user)
    form = form or _form(request, channel)
    address = api.webhook_address(channel) if form and manages else ""
    now = timezone.now()
    context = {
        "channel": channel,
        "kind": kind_on_screen(kind),
        "row": channel_row(api.health_of(channel), now),
        "form": form,
        "address": address if kind.takes_pushes else "",
        "secrets": made_secrets(made or {}, address),
        "retiring": _retiring(channel, kind) if form and manages else [],
        "test": test,
        "now": now,
    }
    return channels_page(request, "settings", context, status=status)


def _form(request: DeskRequest, channel: Channel, data: Any = None) -> ChannelForm | None:
    """The channel's form; None where no key opens what it was given."""
    try:
        given = api.given(channel)
    except api.Unreadable:
        return None
    return ChannelForm(
        api.described(channel.kind),
        data,
        initial={"label": channel.label, "team": channel.team_id},
        given=given.shown,
        kept=given.secrets,
        is_locked=not may_manage_channels(request.user),
    )


def _retiring(channel: Channel, kind: api.KindOnOffer) -> list[tuple[str, str]]:
    """The secrets whose predecessor is still accepted, with their names on screen."""
    kept = api.given(channel).secrets
    return [(each.name, setting_name(each.name)) for each in kind.fields if each.previous in kept]


def _tested(channel: Channel) -> dict[str, Any]:
    begun = monotonic()
    try:
        said = api.test_channel(channel)
    except api.FetchFailure as failure:
        return {"fault": fault_in_words({"code": failure.code, "detail": failure.detail})}
    except api.Unreadable:
        return {"fault": fault_in_words({"code": "key_lost"})}
    return {"said": said, "milliseconds": round((monotonic() - begun) * 1000)}
