"""Take the files of a form: judge them, store them, remember them while the form is mended."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from tickets import files

from .. import media
from ..own_page import PageFile
from . import tokens
from .signed import BadToken

MOST_FILES = 5
MEGABYTE = 1024 * 1024
LARGEST = settings.UPLOAD_MAX_MB * MEGABYTE
LONGEST_NAME = 200
ACCEPTED = frozenset(
    (
        *("png", "jpg", "jpeg", "gif", "webp", "bmp", "heic", "heif", "tif", "tiff", "pdf"),
        *("txt", "log", "md", "csv", "tsv", "json", "xml", "yaml", "yml", "eml", "msg", "rtf"),
        *("doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp", "har", "evtx"),
        *("zip", "7z", "rar", "gz", "tgz", "tar", "bz2", "xz"),
        *("mp4", "mov", "m4v", "webm", "avi", "mkv", "mp3", "m4a", "wav", "amr"),
    )
)
UNSEEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class Refused(Exception):
    """The file is not taken; the text says why and what to do, to the visitor."""


def take(
    uploads: Sequence["UploadedFile[Any]"], kept: Iterable[str], form: str, *, now: datetime
) -> tuple[list[PageFile], list[str]]:
    """Store the files that may be sent with `form`; return them and the words on the others.

    `kept` are tokens of files that the same form brought before.
    """
    taken = _kept(kept, form, now)
    problems: list[str] = []
    for upload in uploads:
        try:
            if len(taken) >= MOST_FILES:
                raise Refused(
                    _("at most {count} files; this one is too many.").format(count=MOST_FILES)
                )
            file = _take(upload)
        except Refused as refused:
            problems.append(f"{clean_name(upload.name or '')}: {refused}")
            continue
        if file not in taken:
            taken.append(file)
    return taken, problems


def clean_name(name: str) -> str:
    """A file's name without folders, invisible characters and tricks of writing direction."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(c for c in UNSEEN.sub("", last) if unicodedata.category(c)[0] != "C")
    path = PurePath(seen.strip().strip(".") or "file")
    return f"{path.stem[: LONGEST_NAME - len(path.suffix[:20])]}{path.suffix[:20]}"


def check_promise(name: str, size: int) -> None:
    """Whether a file of this name and size may come at all. Raises Refused."""
    if size > LARGEST:
        raise Refused(
            _("larger than {size} MB. Please compress it or send a part of it.").format(
                size=settings.UPLOAD_MAX_MB
            )
        )
    if size <= 0:
        raise Refused(_("the file is empty."))
    if PurePath(name).suffix[1:].lower() not in ACCEPTED:
        raise Refused(_("not a kind of file that we take. Put it into a zip archive."))


def judge(data: bytes, *, name: str, claimed: str) -> str:
    """The type to keep a file under. Raises Refused for what is taken from nobody."""
    if not data:
        raise Refused(_("the file is empty."))
    if media.is_program(data):
        raise Refused(_("programs are not taken. Send a screenshot or a log."))
    return media.real_type(data, name=name, claimed=claimed)


def _kept(kept: Iterable[str], form: str, now: datetime) -> list[PageFile]:
    found: list[PageFile] = []
    for token in list(kept)[:MOST_FILES]:
        try:
            file = tokens.read_file(token, form, now=now)
        except BadToken:
            continue
        if file not in found:
            found.append(file)
    return found


def _take(upload: "UploadedFile[Any]") -> PageFile:
    name = clean_name(upload.name or "")
    check_promise(name, upload.size or 0)
    data: bytes = upload.read()
    content_type = judge(data, name=name, claimed=upload.content_type or "")
    return PageFile(name, content_type, len(data), files.store(data))
