"""A new channel: choose its kind, give what it needs, then see once what was made for it."""

from collections.abc import Mapping
from itertools import count

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from channels_ingest import api
from dashboard.desk import DeskRequest
from dashboard.words import setting_name
from tickets.models import Channel

from .forms import ChannelForm
from .guard import channels_page, manages_channels, note
from .rows import kind_on_screen


@require_GET
@manages_channels
def kinds(request: DeskRequest) -> HttpResponse:
    """Every kind of channel that can be added, in the order of their names on screen."""
    offered = [kind_on_screen(each) for each in api.offered()]
    offered.sort(key=lambda each: each.label.casefold())
    return channels_page(request, "kinds", {"kinds": offered})


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@manages_channels
def new(request: DeskRequest, kind: str) -> HttpResponse:
    """Ask for what a channel of this kind needs, and make it."""
    known = _kind(kind)
    initial = {"slug": _free_slug(kind)}
    if request.method == "GET":
        return _page(request, ChannelForm(known, initial=initial, is_new=True))
    form = ChannelForm(known, request.POST, initial=initial, is_new=True)
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    try:
        created = api.create_channel(
            kind=kind,
            slug=given["slug"],
            label=given["label"],
            team=given["team"],
            values=form.values(),
            now=timezone.now(),
        )
    except (api.BadSetting, api.SlugTaken) as error:
        form.add_error(None, str(error))
        return _page(request, form, status=422)
    note(request, "added", created.channel.slug)
    return _created(request, known, created)


def made_secrets(generated: Mapping[str, str], address: str) -> list[tuple[str, str, str]]:
    """What was made for a channel: setting, its name on screen, value.

    What the address shows anyway is not among it.
    """
    return [
        (name, setting_name(name), value)
        for name, value in generated.items()
        if value not in address
    ]


def _created(request: DeskRequest, kind: api.KindOnOffer, created: api.Created) -> HttpResponse:
    """Answer the form itself: after a redirect the secrets would have to lie somewhere open."""
    context = {
        "channel": created.channel,
        "kind": kind_on_screen(kind),
        "address": created.address if kind.takes_pushes else "",
        "secrets": made_secrets(created.generated, created.address),
    }
    return channels_page(request, "created", context)


def _page(request: DeskRequest, form: ChannelForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "kind": kind_on_screen(form.kind)}
    return channels_page(request, "new", context, status=status)


def _kind(name: str) -> api.KindOnOffer:
    try:
        return api.described(name)
    except api.UnknownKind as error:
        raise Http404 from error


def _free_slug(kind: str) -> str:
    """A name in addresses that no channel has yet."""
    wanted = kind.replace("_", "-")
    taken = set(Channel.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    names = (wanted if n == 1 else f"{wanted}-{n}" for n in count(1))
    return next(name for name in names if name not in taken)
