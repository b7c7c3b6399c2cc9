"""Black out keys, tokens and signatures in what developers paste. Pure; the page does the same.

`static/channels_ingest/js/secrets.js` holds the same patterns: what is hidden there never leaves
the browser, and this is for browsers without scripts.
"""

import re
from typing import Final

_NAMES: Final = (
    r"(?:x-)?(?:(?:access|refresh|id|auth|session|security|bot)[_-]?)?token"
    r"|(?:app|client|api|shared|link)?[_-]?secret(?:[_-]?key)?|pass(?:word|wd|phrase)?|pwd"
    r"|(?:x-)?(?:api|private|access|secret|encrypt(?:ion)?|aes)[_-]?key(?:[_-]?id)?"
    r"|(?:x-)?(?:[a-z]{2,12}-)?sign(?:ature)?|authorization|cookie|credentials?|jwt"
)
_VALUE: Final = re.compile(
    rf"""(?P<keep>(?<![A-Za-z0-9_])["']?(?:proxy-|set-)?(?:{_NAMES})["']?[ \t]*[:=][ \t]*["']?"""
    r"(?:(?:Bearer|Basic|Digest|Token)[ \t]+)?)(?P<secret>[^\s\"'&,;}{<>]{4,})",
    re.IGNORECASE,
)
_COOKIES: Final = re.compile(
    r"""(?P<keep>(?:^|["'])(?:set-)?cookie[ \t]*:[ \t]*)(?P<secret>[^"'\r\n]+)""",
    re.IGNORECASE | re.MULTILINE,
)
_BEARER: Final = re.compile(r"(?P<keep>\b(?:Bearer|Basic)[ \t]+)(?P<secret>[A-Za-z0-9._~+/=-]{8,})")
_JWT: Final = re.compile(
    r"(?P<keep>)(?P<secret>eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*)"
)
_PEM: Final = re.compile(
    r"(?P<keep>-----BEGIN [A-Z ]*PRIVATE KEY-----)(?P<secret>.*?)(?=-----END|\Z)", re.DOTALL
)
_PATTERNS: Final = (_PEM, _COOKIES, _VALUE, _BEARER, _JWT)


def hide_secrets(text: str) -> str:
    """The text with each secret replaced by its length; twice does no more than once."""
    for pattern in _PATTERNS:
        text = pattern.sub(_hidden, text)
    return text


def _hidden(found: re.Match[str]) -> str:
    secret = found["secret"]
    if not secret.strip() or "••••" in secret:
        return found[0]
    return f"{found['keep']}••••({len(secret)})"
