"""What came with messages, shown only to those who may read them and never trusted."""

from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote, unquote

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
MOST_INLINE = 4_000_000  # bytes of pictures in one formatted mail
MAIL_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"alt", "title", "width", "height", "src"},
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
        attributes=MAIL_ATTRIBUTES,
        attribute_filter=_own_pictures(message),
        url_schemes={"http", "https", "mailto", "cid"},
        link_rel="noopener noreferrer nofollow",
    )
    context = {"message": message, "cleaned": cleaned}
    response = render(request, "dashboard/formatted.html", context)
    response["Content-Security-Policy"] = MAIL_POLICY
    return response


def _own_pictures(message: Message) -> Callable[[str, str, str], str | None]:
    """Show in a mail the pictures that came with it, put into the page itself: it may load nothing,
    not even from here, for it is nobody's page. Pictures from elsewhere are left out."""
    room = MOST_INLINE
    with_ids = message.attachments.exclude(content_id="").exclude(sha256="")
    pictures = {file.content_id.strip("<>"): file for file in with_ids if file.is_image}

    def source(tag: str, name: str, value: str) -> str | None:
        nonlocal room
        if (tag, name) != ("img", "src"):
            return None if value.startswith("cid:") else value
        file = pictures.get(unquote(value.removeprefix("cid:")))
        if file is None or not value.startswith("cid:") or file.size > room:
            return None
        room -= file.size
        try:
            content = b64encode(files.read(file.sha256)).decode()
        except (FileNotFoundError, ValueError):
            return None
        return f"data:{file.content_type};base64,{content}"

    return source


def _refuse_recalled(request: DeskRequest, message: Message) -> None:
    """What was taken back is only for those who have opened it, on record. Raises Http404."""
    if message.recalled_at is not None and message.pk not in opened(request):
        raise Http404


def _is_shown(found: Attachment) -> bool:
    return found.is_image or found.is_playable


def _content_type(found: Attachment) -> str:
    """Only what shows as a picture or plays keeps its type; a page or a script is bytes."""
    return found.content_type if _is_shown(found) else "application/octet-stream"
