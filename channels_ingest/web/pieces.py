"""The addresses to which a page sends a file in pieces, and where it asks how far it has come.

POST begins, PATCH adds a piece at `Upload-Offset`, HEAD and GET tell the offset, DELETE gives up.
Every answer carries the offset; all of them may be repeated.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from .. import receiving
from ..own_page import PageFile
from ..partial import Upload
from . import limits, tokens, uploads
from .signed import BadToken

OFFSET = "Upload-Offset"
View = Callable[..., HttpResponse]


def _limited(view: View) -> View:
    """Answer 429 with the time to wait where a network asks too often."""

    @wraps(view)
    def limited(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except limits.TooMany as refused:
            return HttpResponse(status=429, headers={"Retry-After": str(refused.wait)})

    return limited


@never_cache
@require_POST
@_limited
def begin(request: HttpRequest) -> HttpResponse:
    """Make room for a file of a form that we showed: 201 with the address of its pieces."""
    now = timezone.now()
    limits.count_upload(request, now=now)
    try:
        shown = tokens.read_place(request.POST.get("form", ""), now=now)
        size = int(request.POST.get("size", ""))
    except (BadToken, ValueError):
        return HttpResponse(status=400)
    name = uploads.clean_name(request.POST.get("name", ""))
    try:
        uploads.check_promise(name, size)
    except uploads.Refused as refused:
        return JsonResponse({"problem": str(refused)}, status=422)
    upload = receiving.begin(
        channel=shown.channel,
        form=shown.form,
        lane=shown.lane,
        client_key=request.POST.get("key", "")[:64],
        name=name,
        content_type=request.POST.get("type", ""),
        size=size,
        now=now,
    )
    return _state(upload, now, status=201)


@never_cache
@require_http_methods(["GET", "HEAD", "PATCH", "DELETE"])
@_limited
def piece(request: HttpRequest, token: str) -> HttpResponse:
    """Add a piece of a file, say how much of it is here, or give it up."""
    now = timezone.now()
    upload = _upload(token, now)
    if upload is None:
        return HttpResponse(status=404)
    if request.method == "DELETE":
        receiving.forget(upload)
        return HttpResponse(status=204)
    if request.method != "PATCH":
        return _state(upload, now)
    limits.count_piece(request, now=now)
    return _add(request, upload, now)


def _add(request: HttpRequest, upload: Upload, now: datetime) -> HttpResponse:
    try:
        offset = int(request.headers.get(OFFSET, ""))
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        return HttpResponse(status=400)
    if length > receiving.LARGEST_PIECE:
        return HttpResponse(status=413)
    try:
        upload = receiving.add(upload=upload, offset=offset, piece=request.body)
    except receiving.OutOfStep:
        upload.refresh_from_db()
        return _state(upload, now, status=409)
    except UnreadablePostError:  # the line broke: nothing of the piece is kept
        return HttpResponse(status=400)
    return _state(_finished(upload), now)


def _finished(upload: Upload) -> Upload:
    """Judge and keep a file whose last piece has come."""
    if upload.received < upload.size or upload.sha256 or upload.problem:
        return upload
    data = receiving.whole(upload)
    try:
        content_type = uploads.judge(data, name=upload.name, claimed=upload.content_type)
    except uploads.Refused as refused:
        return receiving.refuse(upload=upload, problem=str(refused))
    return receiving.keep(upload=upload, data=data, content_type=content_type)


def _state(upload: Upload, now: datetime, *, status: int = 200) -> HttpResponse:
    """How far a file is; once it is here, the token by which the form brings it along."""
    address = reverse(
        "channels_ingest:support_upload",
        args=[tokens.upload_token(upload.pk, upload.form, now=now)],
    )
    said: dict[str, object] = {
        "address": address,
        "received": upload.received,
        "piece": receiving.PIECE,
    }
    if upload.problem:
        said["problem"] = upload.problem
    if upload.sha256:
        file = PageFile(upload.name, upload.content_type, upload.size, upload.sha256)
        said["kept"] = tokens.file_token(file, upload.form, now=now)
    return JsonResponse(said, status=status, headers={OFFSET: str(upload.received)})


def _upload(token: str, now: datetime) -> Upload | None:
    try:
        pk, form = tokens.read_upload(token, now=now)
    except BadToken:
        return None
    return Upload.objects.filter(pk=pk, form=form).first()
