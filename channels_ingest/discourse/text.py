"""Forum mark-up as plain text with quotes recognisable."""

import re
from urllib.parse import unquote

QUOTE_TAG = re.compile(r"\[quote(?:=[^\]\n]{0,300})?\]|\[/quote\]", re.IGNORECASE)
DEEPEST_QUOTE = 5
UPLOAD = re.compile(
    r"!?\[(?P<name>[^\]|\n]{0,200})[^\]\n]{0,200}\]\(upload://(?P<path>[\w.%-]{1,120})\)"
)


def with_marked_quotes(raw: str) -> str:
    """Turn `[quote]…[/quote]` into lines that start with "> "; a tag without its pair stays text.

    Whatever reads the text afterwards can tell what the author wrote from what they quoted.
    """
    tags = _paired(list(QUOTE_TAG.finditer(raw)))
    lines: list[str] = []
    depth, start = 0, 0
    for tag, step in tags:
        lines += _at_depth(raw[start : tag.start()], depth)
        depth, start = depth + step, tag.end()
    lines += _at_depth(raw[start:], depth)
    return "\n".join(lines).strip("\n")


def _paired(tags: list[re.Match[str]]) -> list[tuple[re.Match[str], int]]:
    """The tags that have a partner, in order, with +1 where a quote opens and -1 where it ends."""
    steps: dict[int, int] = {}
    opened: list[int] = []
    for index, tag in enumerate(tags):
        if not tag[0].startswith("[/"):
            opened.append(index)
        elif opened:
            steps[opened.pop()], steps[index] = 1, -1
    return [(tags[index], steps[index]) for index in sorted(steps)]


def _at_depth(text: str, depth: int) -> list[str]:
    lines = text.strip("\n").split("\n") if text.strip() else []
    if depth == 0:
        return lines
    return ["> " * min(depth, DEEPEST_QUOTE) + line for line in lines]


def uploads_in(raw: str) -> list[tuple[str, str]]:
    """The files that a post refers to: name, and path below /uploads/short-url/."""
    found = {match["path"]: match["name"] for match in UPLOAD.finditer(raw)}
    return [(unquote(name) or path, path) for path, name in found.items()]
