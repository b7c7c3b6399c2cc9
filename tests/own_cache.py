"""Empty the cache of this test process: `cache.clear()` would empty all Redis, and with it the
queues of tests that run beside us.
"""

import redis
from django.conf import settings


def empty_cache() -> None:
    """Forget what this process has put into the cache, and nothing else."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        if keys := list(client.scan_iter(f"{settings.CACHES['default']['KEY_PREFIX']}:*")):
            client.delete(*keys)
