"""Plain text as Markdown that shows it as it was typed."""

import re

ADDRESS = re.compile(r"https?://[^\s<>]+")
SPECIAL = re.compile(r"([\\`*_\[\]<>~|&])")
LINE_START = re.compile(r"^(\s*)(#+|[-+=]|\d{1,9}(?=[.)]))", re.MULTILINE)


def as_markdown(text: str) -> str:
    """Write plain text so that the forum shows it as typed; web addresses stay links."""
    parts: list[str] = []
    start = 0
    for address in ADDRESS.finditer(text):
        parts += (_escaped(text[start : address.start()]), address[0])
        start = address.end()
    parts.append(_escaped(text[start:]))
    # At the start of a line these would make headings, lists and, indented, blocks of code.
    return LINE_START.sub(_plain_start, _without_indent("".join(parts)))


def _escaped(text: str) -> str:
    return SPECIAL.sub(r"\\\1", text)


def _without_indent(text: str) -> str:
    return re.sub(
        r"^[ \t]+", lambda space: "\u2003" * (len(space[0]) // 2), text, flags=re.MULTILINE
    )


def _plain_start(match: re.Match[str]) -> str:
    space, sign = match.groups()
    return f"{space}{sign}\\" if sign.isdigit() else f"{space}\\{sign}"
