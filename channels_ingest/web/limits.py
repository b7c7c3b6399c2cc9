"""How often a visitor may press send: counted in Redis, and strictly by ourselves without it."""

import ipaddress
import threading
from collections import Counter
from datetime import datetime

import redis
from django.core.cache import cache
from django.http import HttpRequest

from tickets.models import Channel

NETWORK_LIMIT = 30
CHANNEL_LIMIT = 600
VOTE_LIMIT = 60
UPLOAD_LIMIT = 120  # files begun by a network
PIECE_LIMIT = 6000
TYPING_LIMIT = 300  # times that a network is helped while typing
# A chat is many short messages, and an office is one network.
CHAT_NETWORK_LIMITS = {"session": 60, "message": 300, "file": 60, "read": 600}
CHAT_CHANNEL_LIMIT = 12_000
WINDOW = 600  # seconds
SHARE_WITHOUT_REDIS = 10  # one process alone allows a tenth


class TooMany(Exception):
    """Come back after `wait` seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait


def count_submission(request: HttpRequest, channel: Channel, *, now: datetime) -> None:
    """Count one submission of a visitor's network and of the whole door. Raises TooMany."""
    network = network_of(request.META.get("REMOTE_ADDR", ""))
    if network:
        _count(f"network:{channel.pk}:{network}", NETWORK_LIMIT, now)
    _count(f"channel:{channel.pk}", CHANNEL_LIMIT, now)


def count_vote(request: HttpRequest, *, now: datetime) -> None:
    """Count one opinion about an article from a visitor's network. Raises TooMany."""
    _count_network(request, "votes", VOTE_LIMIT, now)


def count_upload(request: HttpRequest, *, now: datetime) -> None:
    """Count a file that a visitor's network begins to send. Raises TooMany."""
    _count_network(request, "uploads", UPLOAD_LIMIT, now)


def count_piece(request: HttpRequest, *, now: datetime) -> None:
    """Count a piece of a file. Raises TooMany."""
    _count_network(request, "pieces", PIECE_LIMIT, now)


def count_typing(request: HttpRequest, *, now: datetime) -> None:
    """Count that a visitor is helped while typing. Raises TooMany."""
    _count_network(request, "typing", TYPING_LIMIT, now)


def _count_network(request: HttpRequest, what: str, limit: int, now: datetime) -> None:
    network = network_of(request.META.get("REMOTE_ADDR", ""))
    _count(f"{what}:{network or 'all'}", limit if network else limit * 20, now)


def count_attempt(request: HttpRequest, what: str, *, limit: int, now: datetime) -> None:
    """Count one attempt at something that may be guessed, by network. Raises TooMany."""
    _count_network(request, what, limit, now)


def count_chat(request: HttpRequest, channel: Channel, what: str, *, now: datetime) -> None:
    """Count one request of a chat: session, message, file or read. Raises TooMany."""
    network = network_of(request.META.get("REMOTE_ADDR", ""))
    if network:
        _count(f"chat:{what}:{channel.pk}:{network}", CHAT_NETWORK_LIMITS[what], now)
    _count(f"chat:{what}:{channel.pk}", CHAT_CHANNEL_LIMIT, now)


def network_of(address: str) -> str:
    """What one household or office shares: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""  # behind a Unix socket nobody can be told apart; the door's own limit holds
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _count(name: str, limit: int, now: datetime) -> None:
    window, passed = divmod(int(now.timestamp()), WINDOW)
    key = f"web:{name}:{window}"
    try:
        cache.add(key, 0, timeout=WINDOW)
        is_over = cache.incr(key) > limit
    except (redis.RedisError, OSError, ValueError):
        is_over = _own_counts.add(key, window) > max(1, limit // SHARE_WITHOUT_REDIS)
    if is_over:
        raise TooMany(WINDOW - passed)


class _OwnCounts:
    """Counts of the present window in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._counts: Counter[str] = Counter()

    def add(self, key: str, window: int) -> int:
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, Counter()
            self._counts[key] += 1
            return self._counts[key]


_own_counts = _OwnCounts()
