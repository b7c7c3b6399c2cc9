"""`GET /healthz`: are web, database, Redis and a worker all up, and if not, which is missing?"""

from collections.abc import Callable
from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

from channels_ingest.models import Heartbeat

WORKER_SILENT_AFTER = timedelta(seconds=15)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part is up, else 503; the body names each part either way."""
    parts = {"web": True} | {name: check() for name, check in CHECKS.items()}
    body = {
        "status": "ok" if all(parts.values()) else "unavailable",
        **{name: "up" if up else "down" for name, up in parts.items()},
    }
    return JsonResponse(body, status=200 if all(parts.values()) else 503)


def _database_is_up() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis_is_up() -> bool:
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=2,
        socket_connect_timeout=2,
        retry=Retry(NoBackoff(), retries=0),
    )
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()


def _worker_is_up() -> bool:
    since = timezone.now() - WORKER_SILENT_AFTER
    try:
        return Heartbeat.objects.filter(beat_at__gt=since).exists()
    except DatabaseError:
        return False


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database_is_up,
    "redis": _redis_is_up,
    "worker": _worker_is_up,
}
