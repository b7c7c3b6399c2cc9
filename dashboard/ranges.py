"""Answer with a part of a file where a player asks for one: some play nothing without it."""

import re

from django.http import HttpResponse

_ONE_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def response_for(content: bytes, content_type: str, asked: str) -> HttpResponse:
    """All of `content`, or the one range that the header `asked` names (206, 416)."""
    found = _ONE_RANGE.fullmatch(asked)
    if not found or found.groups() == ("", ""):
        response = HttpResponse(content, content_type=content_type)
    else:
        response = _part(content, content_type, *found.groups())
    response["Accept-Ranges"] = "bytes"
    return response


def _part(content: bytes, content_type: str, first: str, last: str) -> HttpResponse:
    size = len(content)
    if first:
        start, end = int(first), min(int(last or size), size - 1)
    else:
        start, end = max(0, size - int(last)), size - 1
    if not start <= end < size:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response = HttpResponse(content[start : end + 1], content_type=content_type, status=206)
    response["Content-Range"] = f"bytes {start}-{end}/{size}"
    return response
