"""Read what our receiving server found out about a sender (Authentication-Results, RFC 8601)."""

import re
from collections.abc import Iterator

from channels_ingest.mail import headers
from channels_ingest.mail.headers import Headers, Mailbox

PASSED = re.compile(r"dmarc\s*=\s*pass\b", re.IGNORECASE)
ALIGNED = re.compile(r"\bheader\.from\s*=\s*@?([^\s;@]+)", re.IGNORECASE)


def is_proven(top: Headers, sender: Mailbox, trusted_host: str) -> bool:
    """Did the server that we trust see DMARC pass for the domain of this one sender?

    Anybody can write such a header, so every header that bears our server's name must say so:
    a forged one beside the true one then only harms its author.
    """
    senders = headers.values(top, "From")
    if not trusted_host or not sender.domain or len(senders) != 1 or not _names_one(senders[0]):
        return False
    verdicts = [
        _passes(findings, sender.domain)
        for host, findings in _results(top)
        if host == trusted_host.lower()
    ]
    return bool(verdicts) and all(verdicts)


def _names_one(raw: str) -> bool:
    """One plain address; where readers could differ about who it is, nobody is proven."""
    return headers.QUOTED.sub("", raw).count("@") == 1


def _results(top: Headers) -> Iterator[tuple[str, list[str]]]:
    for raw in headers.values(top, "Authentication-Results"):
        host, *findings = _plain(raw).split(";")
        yield (host.split() or [""])[0].lower(), findings


def _passes(findings: list[str], domain: str) -> bool:
    for finding in findings:
        if PASSED.match(finding.strip()):
            named = ALIGNED.search(finding)
            return named is None or named[1].lower() == domain
    return False


def _plain(raw: str) -> str:
    """The value without comments and quoted strings: senders can put words into either."""
    kept: list[str] = []
    depth = 0
    quoted = escaped = False
    for char in raw:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"' and not depth:
            quoted = not quoted
        elif quoted:
            continue
        elif char == "(":
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(char)
    return "".join(kept)
