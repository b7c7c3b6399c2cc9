"""What a person was told: the bell, the list, and colleagues by name."""

from typing import get_args

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dashboard import toasts
from dashboard.desk import DeskRequest, desk, desk_page
from dashboard.views.lookup import ticket_named
from dashboard.words.together import notices
from tickets.access import may_read_notes
from tickets.actions import notifying
from tickets.actions.preferences import prefer
from tickets.models import User
from tickets.preferences import Digest, Preferences
from tickets.queries.together import latest_notifications, to_mention


@require_GET
@desk
def listing(request: DeskRequest) -> HttpResponse:
    rows = notices(latest_notifications(request.user))
    context = {
        "notices": rows,
        "now": timezone.now(),
        "section": "notifications",
        "digest": Preferences.read(request.user.preferences).digest,
        "has_mail": bool(settings.EMAIL_HOST),
    }
    return desk_page(request, "dashboard/together/notifications.html", context, current=None)


@require_GET
@desk
def bell(request: DeskRequest) -> HttpResponse:
    """The bell with its count, to be refreshed in place."""
    return render(request, "dashboard/together/_bell.html")


@require_POST
@desk
def reading(request: DeskRequest) -> HttpResponse:
    """All of it is read."""
    notifying.read_all(user=request.user, now=timezone.now())
    return redirect("dashboard:notifications")


@require_POST
@desk
def digest(request: DeskRequest) -> HttpResponse:
    """How often one wants e-mail about what one has not read."""
    wanted = next((each for each in get_args(Digest) if each == request.POST.get("digest")), None)
    if wanted is None:
        raise Http404
    prefer(user=request.user, digest=wanted)
    toasts.push_text(request, _("Saved."))
    return redirect("dashboard:notifications")


@require_GET
@desk
def people(request: DeskRequest) -> HttpResponse:
    """How colleagues are called, by the ids that the socket speaks of."""
    named = User.objects.filter(is_active=True).values_list("pk", "name")
    return JsonResponse({str(pk): name for pk, name in named})


@require_GET
@desk
def mentionable(request: DeskRequest, number: str) -> HttpResponse:
    """The colleagues whom a note on this case may call."""
    if not may_read_notes(request.user):
        raise Http404
    ticket = ticket_named(request, number)
    found = to_mention(ticket, request.user, timezone.now())
    return render(request, "dashboard/together/_mentionable.html", {"colleagues": found})
