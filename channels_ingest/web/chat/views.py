"""What the chat window fetches and sends. No cookie counts here, only the visitor's token."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tickets import files
from tickets.models import Attachment, Category, Channel

from ... import accounts, wire
from ...connectors.chat import Guest
from ...own_page import PageFile
from .. import uploads
from ..limits import TooMany, count_chat
from ..signed import BadToken
from . import host_token, reading, sending, tokens
from .pages import LONGEST_TEXT, chat_channel

HEADER = "Anhao-Chat"
LARGEST_BODY = 64 * 1024
CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
MOST_RECEIPTS = 50
SAFE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})

View = Callable[..., HttpResponseBase]


class Unfit(Exception):
    """The request cannot be taken; `status` and `code` say why, to the window's script."""

    def __init__(self, status: int, code: str, *, wait: int = 0) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.wait = wait


def answers_json(view: View) -> View:
    """Tell the window's script what went wrong, in a word that it knows."""

    @csrf_exempt
    @never_cache
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Unfit as unfit:
            response = JsonResponse({"error": unfit.code}, status=unfit.status)
            if unfit.wait:
                response["Retry-After"] = str(unfit.wait)
            return response

    return answered


@answers_json
@require_POST
def session(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Give a visitor their token: the one whom the embedding site has signed in, or a stranger."""
    channel, now = chat_channel(slug), timezone.now()
    _count(request, channel, "session", now)
    signed = _body(request).get("host_token")
    guest = _signed_in(channel, str(signed), now) if signed else tokens.stranger()
    return JsonResponse({"token": tokens.guest_token(guest, channel, now=now), "name": guest.name})


@answers_json
@require_http_methods(["GET", "POST"])
def messages(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Show the window's content, or store a message; sent again, it is still one."""
    channel, now = chat_channel(slug), timezone.now()
    guest = _guest(request, channel, now)
    if request.method == "GET":
        since = request.GET.get("since", "")
        return JsonResponse(reading.read_window(channel, guest.thread, since=since, now=now))
    _count(request, channel, "message", now)
    body = _body(request)
    client_id, text = str(body.get("id", "")), body.get("text", "")
    named = _files(body, guest, now)
    is_text = isinstance(text, str) and len(text) <= LONGEST_TEXT
    if not (is_text and CLIENT_ID.fullmatch(client_id) and (text.strip() or named)):
        raise Unfit(422, "unfit")
    sending.store_message(
        channel=channel,
        guest=guest,
        client_id=client_id,
        text=wire.storable(text),
        files=named,
        language=_language(body),
        category=_category(body),
        now=now,
    )
    return JsonResponse({"id": client_id}, status=202)


@answers_json
@require_POST
def read(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Store that replies of ours have been on the screen."""
    channel, now = chat_channel(slug), timezone.now()
    guest = _guest(request, channel, now)
    _count(request, channel, "read", now)
    replies = _body(request).get("replies")
    if not isinstance(replies, list) or len(replies) > MOST_RECEIPTS:
        raise Unfit(422, "unfit")
    sending.note_read(
        channel=channel, thread=guest.thread, replies=[str(each) for each in replies], now=now
    )
    return JsonResponse({}, status=202)


@answers_json
@require_POST
def receive_file(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Take one file for a message still to be sent."""
    channel, now = chat_channel(slug), timezone.now()
    guest = _guest(request, channel, now)
    _count(request, channel, "file", now)
    taken, problems = uploads.take(request.FILES.getlist("file")[:1], (), "", now=now)
    if not taken:
        return JsonResponse({"error": "refused", "message": "; ".join(problems)}, status=422)
    file = PageFile(taken[0].name, taken[0].content_type, taken[0].size, taken[0].sha256)
    token = tokens.file_token(file, guest.thread, now=now)
    return JsonResponse({"file": token, "name": file.name, "size": file.size})


@answers_json
@require_GET
def give_file(request: HttpRequest, slug: str, pk: UUID) -> HttpResponseBase:
    """Give a file of the window; never for the browser to open as a page of ours."""
    channel = chat_channel(slug)
    guest = _guest(request, channel, timezone.now())
    try:
        attachment = reading.file_in_window(channel, guest.thread, pk)
        content = files.open_file(attachment.sha256)
    except (Attachment.DoesNotExist, FileNotFoundError):
        raise Http404 from None
    is_safe = attachment.content_type in SAFE_TYPES
    response = FileResponse(
        content,
        as_attachment=True,
        filename=attachment.name,
        content_type=attachment.content_type if is_safe else "application/octet-stream",
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _guest(request: HttpRequest, channel: Channel, now: datetime) -> Guest:
    try:
        return tokens.read_guest(request.headers.get(HEADER, ""), channel, now=now)
    except BadToken:
        raise Unfit(401, "token") from None


def _signed_in(channel: Channel, token: str, now: datetime) -> Guest:
    given = accounts.connect(channel.account).settings
    try:
        return host_token.read(token, secrets=(given.secret, given.previous_secret), now=now)
    except host_token.HostTokenRefused as refused:
        raise Unfit(403, f"host_token_{refused.code}") from None


def _count(request: HttpRequest, channel: Channel, what: str, now: datetime) -> None:
    try:
        count_chat(request, channel, what, now=now)
    except TooMany as refused:
        raise Unfit(429, "too_many", wait=refused.wait) from None


def _body(request: HttpRequest) -> Mapping[str, Any]:
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
        raise Unfit(413, "too_large")
    try:
        value = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        raise Unfit(400, "no_json") from None
    if not isinstance(value, dict):
        raise Unfit(400, "no_json")
    return value


def _files(body: Mapping[str, Any], guest: Guest, now: datetime) -> list[PageFile]:
    given = body.get("files") or []
    if not isinstance(given, list) or len(given) > uploads.MOST_FILES:
        raise Unfit(422, "unfit")
    try:
        return [tokens.read_file(str(each), guest.thread, now=now) for each in given]
    except BadToken:
        raise Unfit(422, "file") from None


def _category(body: Mapping[str, Any]) -> str:
    given = body.get("category")
    return given if isinstance(given, str) and given in Category.values else ""


def _language(body: Mapping[str, Any]) -> str:
    given = body.get("language")
    return given[:10] if isinstance(given, str) and given.isascii() else get_language() or ""
