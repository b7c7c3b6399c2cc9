"""Slow down those who guess passwords, by account and by address."""

import hashlib
import ipaddress

from django.core.cache import cache

WINDOW_SECONDS = 15 * 60
FAILURES_PER_ACCOUNT = 5
FAILURES_PER_ADDRESS = 30


def is_blocked(email: str, address: str) -> bool:
    """Whether too many attempts failed lately, for this account from here or from here at all."""
    limits = {
        _account(email, address): FAILURES_PER_ACCOUNT,
        _network(address): FAILURES_PER_ADDRESS,
    }
    return any(failures >= limits[key] for key, failures in cache.get_many(limits).items())


def count_failure(email: str, address: str) -> None:
    for key in (_account(email, address), _network(address)):
        cache.add(key, 0, WINDOW_SECONDS)
        try:
            cache.incr(key)
        except ValueError:
            # It expired between the two calls; the next failure begins a new window.
            continue


def forget(email: str, address: str) -> None:
    """A right password ends the account's count, so that a typo yesterday harms nobody."""
    cache.delete(_account(email, address))


def _account(email: str, address: str) -> str:
    # Counted per account and network, so nobody can lock a colleague out from elsewhere.
    name = hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]
    return f"login:account:{name}:{_of(address)}"


def _network(address: str) -> str:
    return f"login:network:{_of(address)}"


def _of(address: str) -> str:
    """An IPv6 customer owns a whole /64, so that is what counts."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False).network_address)
