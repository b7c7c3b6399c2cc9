"""What a real installation must have before it may start."""

from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from config.env import refuse

SHORTEST_SECRET = 50
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
EVERY_ADDRESS = frozenset({"0.0.0.0", "::", "[::]"})  # noqa: S104 - compared, not listened on


def checked_secret_key(key: str) -> str:
    """Return the key. Refuse one that is short, plain or known from a sample."""
    if len(key) < SHORTEST_SECRET or len(set(key)) < 10 or key.startswith("django-insecure-"):
        refuse(f"SECRET_KEY must be at least {SHORTEST_SECRET} random characters of your own.")
    return key


def checked_credential_keys(keys: str) -> list[str]:
    """Return the comma-separated keys. Refuse any that cannot encrypt."""
    found = [key.strip() for key in keys.split(",") if key.strip()]
    for key in found:
        try:
            Fernet(key)
        except ValueError:
            refuse("CREDENTIALS_KEY must be 32 random bytes in url-safe base64 (see settings.md).")
    if not found:
        refuse("CREDENTIALS_KEY holds no key.")
    return found


def refuse_debug(debug: bool) -> None:
    """Refuse DEBUG: its error pages show secrets to anybody."""
    if debug:
        refuse("DEBUG shows secrets to visitors and is for demos only; unset DEBUG or set DEMO=1.")


def hosts(public_url: str, allowed: list[str], *, demo_host: str | None) -> list[str]:
    """Return the host names under which we answer.

    The public address always counts. A demo also answers on this machine's own names and on the
    address it listens on; one that listens everywhere answers to every name, because it cannot
    know through which forwarded port or address it is reached.
    """
    public = urlsplit(public_url)
    if public.scheme not in {"http", "https"} or not public.hostname:
        refuse(f"PUBLIC_URL must look like https://support.example.org, not {public_url!r}.")
    found = [_as_host(public.hostname), *allowed]
    if demo_host in EVERY_ADDRESS:
        return ["*"]
    if demo_host is not None:
        found += [*LOCAL_HOSTS, _as_host(demo_host)]
    return list(dict.fromkeys(found))


def demo_url(host: str, port: int) -> str:
    """Return the address at which a demo is reached from its own machine."""
    return f"http://{'localhost' if host in EVERY_ADDRESS else _as_host(host)}:{port}"


def _as_host(name: str) -> str:
    """Put an IPv6 address into the brackets that it has in a Host header."""
    return f"[{name.strip('[]')}]" if ":" in name else name
