"""Checks the JSON of the signed HTTP channel and says of each field what to mend.

No Django here: the connector imports it.
"""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from channels_ingest import wire

ACTIONS = ("create", "edit", "recall")
MOST_FILES = 20
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def errors_in(body: dict[str, Any]) -> dict[str, str]:
    """What is wrong with each field of a message; empty if all is well."""
    return _Checker(body).errors()


def moment(text: str) -> datetime:
    """The instant that a checked RFC 3339 text names, in UTC."""
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


class _Checker:
    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body
        self.found: dict[str, str] = {}

    def errors(self) -> dict[str, str]:
        body = self.body
        self._text(body, "id", 128, required=True)
        self._text(body, "thread", 255)
        self._sender(body.get("sender"))
        self._text(body, "html")
        self._check("sent_at", body.get("sent_at"), _is_moment, "must be RFC 3339 with an offset")
        self._files(body.get("attachments"))
        action = body.get("action", "create")
        if not isinstance(action, str) or action not in ACTIONS:
            self.found["action"] = f"must be one of {', '.join(ACTIONS)}"
        self._text(body, "target_id", 128, required=action in ("edit", "recall"))
        empty_is_fine = action == "recall" or bool(body.get("attachments"))
        self._text(body, "text", required=not empty_is_fine)
        return self.found

    def _sender(self, sender: object) -> None:
        if not isinstance(sender, dict):
            self.found["sender"] = "must be an object"
            return
        self._text(sender, "id", 128, required=True, within="sender.")
        for name, longest in (("name", 255), ("email", 254), ("phone", 64)):
            self._text(sender, name, longest, within="sender.")

    def _files(self, files: object) -> None:
        if files is None:
            return
        if not isinstance(files, list) or len(files) > MOST_FILES:
            self.found["attachments"] = f"must be a list of at most {MOST_FILES}"
            return
        for index, each in enumerate(files):
            self._file(each, f"attachments[{index}]")

    def _file(self, file: object, path: str) -> None:
        if not isinstance(file, dict):
            self.found[path] = "must be an object"
            return
        self._text(file, "name", 255, required=True, within=f"{path}.")
        self._text(file, "type", 255, within=f"{path}.")
        if (file.get("url") is None) == (file.get("data") is None):
            self.found[path] = "must have either url or data"
        self._check(f"{path}.url", file.get("url"), _is_address, "must be an http(s) address")
        self._check(f"{path}.data", file.get("data"), _is_base64, "must be base64")

    def _text(
        self,
        holder: dict[str, Any],
        name: str,
        longest: int | None = None,
        *,
        required: bool = False,
        within: str = "",
    ) -> None:
        value, path = holder.get(name), within + name
        if value is None and not required:
            return
        if not isinstance(value, str):
            self.found[path] = "is required" if value is None else "must be a string"
        elif required and not value.strip():
            self.found[path] = "must not be empty"
        elif longest is not None and len(value) > longest:
            self.found[path] = f"must have at most {longest} characters"
        elif not wire.is_storable(value):
            self.found[path] = "must have no NUL and no lone surrogates"

    def _check(
        self, path: str, value: object, is_good: Callable[[str], bool], otherwise: str
    ) -> None:
        if value is not None and not (isinstance(value, str) and is_good(value)):
            self.found[path] = otherwise


def _is_moment(text: str) -> bool:
    try:
        return bool(RFC_3339.fullmatch(text) and moment(text))
    except (ValueError, OverflowError):  # 30 February; year 1 at +14:00
        return False


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(text) <= 2048


def _is_base64(text: str) -> bool:
    try:
        return base64.b64decode(text, validate=True) is not None
    except ValueError:
        return False
