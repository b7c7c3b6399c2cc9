"""What came with messages, shown only to those who may read them and never trusted."""

from urllib.parse import quote

import nh3
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from dashboard.desk import DeskRequest, desk
from tickets import files
from tickets.access import readable_messages, visible_attachments
from tickets.models import Attachment, Message

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
    """A file: pictures show in the page, everything else is only ever downloaded."""
    found = get_object_or_404(visible_attachments(request.user), pk=pk)
    try:
        content = files.read(found.sha256)
    except (FileNotFoundError, ValueError) as error:
        raise Http404 from error
    response = HttpResponse(content, content_type=_content_type(found))
    place = "inline" if found.is_image else "attachment"
    response["Content-Disposition"] = f"{place}; filename*=UTF-8''{quote(found.name, safe='')}"
    response["Content-Security-Policy"] = SEALED
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
@desk
def formatted(request: DeskRequest, pk: int) -> HttpResponse:
    """A message as its author laid it out, cleaned, on a page that can do nothing."""
    message: Message = get_object_or_404(readable_messages(request.user).exclude(html=""), pk=pk)
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


def _content_type(found: Attachment) -> str:
    """Only what shows as a picture keeps its type; a page or a script is bytes."""
    return found.content_type if found.is_image else "application/octet-stream"
