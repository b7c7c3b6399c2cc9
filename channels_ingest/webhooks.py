"""The door for vendors that push: find the channel, verify, store, then answer."""

import asyncio
import logging
import time
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest

from channels.db import database_sync_to_async
from django.core.cache import cache
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from . import accounts, handout, store
from .connectors.base import Answer, BadRequest, BadSignature, Connector, Received, Request
from .models import ChannelAccount
from .waking import wake

logger = logging.getLogger(__name__)

REMEMBERED = 1500  # seconds for which a nonce is kept: longer than any signature may be old
RETRY_AFTER = 5  # seconds, told to a vendor while our database is away
NOTED_EVERY = timedelta(minutes=1)
LONG_POLL = 25.0  # seconds
LOOK_EVERY = 0.5

DATABASE_AWAY = (OperationalError, InterfaceError)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, slug: str, key: str = "") -> HttpResponse:
    """Take a push or a handshake for the channel `slug`; a paused one still stores.

    `key` is the last part of the address where the channel has an unguessable one.
    """
    try:
        account = _account(slug)
        return HttpResponse(status=404) if account is None else _answer(request, account, key)
    except DATABASE_AWAY as error:
        return _come_again(error)


def _answer(request: HttpRequest, account: ChannelAccount, key: str) -> HttpResponse:
    connector = accounts.connect(account)
    asked = _request(request, connector.max_body)
    try:
        if not compare_digest(connector.hook_key.encode(), key.encode()):
            raise BadSignature("another address")
        received = connector.receive(asked)
        _refuse_replay(account, received, asked.body)
    except BadSignature:
        return HttpResponse(status=401)
    except BadRequest as error:
        return JsonResponse({"errors": dict(error.errors)}, status=error.status)
    answer = _take_in(account, connector, received)
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)


def _take_in(account: ChannelAccount, connector: Connector, received: Received) -> Answer:
    now = timezone.now()
    accepted = store.store(channel=account.channel, envelopes=received.envelopes, now=now)
    if received.envelopes:
        _note_life(account)
    if received.pull_now:
        told = {"hint": dict(received.hint)} if received.hint else {}
        ChannelAccount.objects.filter(pk=account.pk).update(next_pull_at=now, **told)
        wake("channels_ingest.tasks.pull_channel", channel_id=account.pk)
    return received.answer or connector.acknowledge(accepted)


def _refuse_replay(account: ChannelAccount, received: Received, body: bytes) -> None:
    """Refuse another body under a signature that was used before. Raises BadSignature.

    The vendor's own repeat has the same body. With the cache lost, the signature still stands.
    """
    if not received.nonce:
        return
    place = f"nonce:{account.pk}:{sha256(received.nonce.encode()).hexdigest()}"
    digest = sha256(body).hexdigest()
    if not cache.add(place, digest, timeout=REMEMBERED) and cache.get(place) != digest:
        raise BadSignature("this nonce was used for something else")


def _note_life(account: ChannelAccount) -> None:
    """Note that the channel is alive, coarsely: parallel pushes must not queue for this row."""
    now = timezone.now()
    if account.last_received_at is None or now - account.last_received_at > NOTED_EVERY:
        ChannelAccount.objects.filter(pk=account.pk).update(last_received_at=now)


@require_GET
async def fetch_outbox(request: HttpRequest, slug: str) -> HttpResponse:
    """Hand the replies of a channel to its other side, which comes for them; wait for the next.

    The cursor acknowledges: what it was handed out with counts as sent.
    """
    try:
        account = await database_sync_to_async(_fetching_account)(request, slug)
        return await _replies(account, request.GET.get("cursor", ""))
    except ChannelAccount.DoesNotExist:
        return HttpResponse(status=404)
    except BadSignature:
        return HttpResponse(status=401)
    except DATABASE_AWAY as error:
        return _come_again(error)


def _fetching_account(request: HttpRequest, slug: str) -> ChannelAccount:
    """The account whose replies are fetched here. Raises DoesNotExist or BadSignature."""
    account = _account(slug)
    if account is None or not account.replies_are_fetched:
        raise ChannelAccount.DoesNotExist
    accounts.connect(account).verify(_request(request, 0))
    return account


async def _replies(account: ChannelAccount, cursor: str) -> HttpResponse:
    await database_sync_to_async(handout.acknowledge)(account, cursor, now=timezone.now())
    until = time.monotonic() + LONG_POLL
    while True:
        page = await database_sync_to_async(handout.page)(account, now=timezone.now())
        if page.messages or time.monotonic() >= until:
            return JsonResponse({"messages": page.messages, "cursor": page.cursor or cursor})
        await asyncio.sleep(LOOK_EVERY)


def _come_again(error: Exception) -> HttpResponse:
    """Nothing can be stored now; the vendor comes again."""
    logger.warning("push refused, database away: %s", type(error).__name__)
    return HttpResponse(status=503, headers={"Retry-After": str(RETRY_AFTER)})


def _account(slug: str) -> ChannelAccount | None:
    return ChannelAccount.objects.select_related("channel").filter(channel__slug=slug).first()


def _request(request: HttpRequest, most: int) -> Request:
    """The request as connectors know it; one byte too many is read, so that they can refuse it."""
    return Request(
        method=request.method or "",
        headers={name.lower(): value for name, value in request.headers.items()},
        query=request.GET.dict(),
        body=request.read(most + 1),
    )
