"""What came with messages, shown only to those who may read them and never trusted."""

from urllib.parse import quote

import nh3
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from dashboard.desk import DeskRequest, desk
from dashboard.ranges import response_for
from tickets import files
from tickets.access import readable_messages, visible_attachments
from tickets.models import Attachment, Message, Role

from .opened import opened

# Nothing in a file may run, load or be sent, whatever it claims to be.
SEALED = "default-src 'none'; sandbox"
MAIL_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox allow-popups"
)
MAIL_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"alt", "title", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}


@require_GET
@desk
def attachment(request: DeskRequest, pk: str) -> HttpResponse:
    """A file: pictures and sound show in the page, everything else is only ever downloaded."""
    visible = visible_attachments(request.user).select_related("message")
    found = get_object_or_404(visible, pk=pk)
    _refuse_recalled(request, found.message)
    try:
        content = files.read(found.sha256)
    except (FileNotFoundError, ValueError) as error:
        raise Http404 from error
    asked = request.headers.get("Range", "") if found.is_playable else ""
    response = response_for(content, _content_type(found), asked)
    place = "inline" if _is_shown(found) else "attachment"
    response["Content-Disposition"] = f"{place}; filename*=UTF-8''{quote(found.name, safe='')}"
    response["Content-Security-Policy"] = SEALED
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
@desk
def formatted(request: DeskRequest, pk: int) -> HttpResponse:
    """A message as its author laid it out, cleaned, on a page that can do nothing.

    A post that shows personal data is masked for helpers, and that only its plain text can be.
    """
    readable = readable_messages(request.user).exclude(html="")
    if request.user.role == Role.HELPER:
        readable = readable.filter(exposes=[])
    message: Message = get_object_or_404(readable, pk=pk)
    _refuse_recalled(request, message)
    cleaned = nh3.clean(
        message.html,
        tags=nh3.ALLOWED_TAGS - {"img"},
        attributes=MAIL_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    context = {"message": message, "cleaned": cleaned}
    response = render(request, "dashboard/formatted.html", context)
    response["Content-Security-Policy"] = MAIL_POLICY
    return response


def _refuse_recalled(request: DeskRequest, message: Message) -> None:
    """What was taken back is only for those who have opened it, on record. Raises Http404."""
    if message.recalled_at is not None and message.pk not in opened(request):
        raise Http404


def _is_shown(found: Attachment) -> bool:
    return found.is_image or found.is_playable


def _content_type(found: Attachment) -> str:
    """Only what shows as a picture or plays keeps its type; a page or a script is bytes."""
    return found.content_type if _is_shown(found) else "application/octet-stream"
