"""Archives are read from their directory alone, and none of them does harm."""

import gzip
import io
import tarfile
import zipfile
from typing import Any

import pytest

from tickets import archives
from tickets.archives import MOST_ENTRIES, listing


def zipped(entries: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return made.getvalue()


def taped(entries: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, data in entries.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return made.getvalue()


def entries_of(found: dict[str, Any]) -> list[list[object]]:
    return list(found["entries"])


def test_zip_is_listed_with_names_and_sizes_and_without_folders() -> None:
    data = zipped({"logs/": b"", "logs/mail.log": b"x" * 1000, "截图.png": b"yy"})

    assert listing(data, name="a.zip") == {
        "kind": "zip",
        "entries": [["logs/mail.log", 1000], ["截图.png", 2]],
        "more": 0,
    }


def test_name_in_an_old_chinese_code_page_is_read() -> None:
    data = zipped({"AAAA.txt": b"1"}).replace(b"AAAA", "退信".encode("gb18030"))

    assert entries_of(listing(data, name="a.zip")) == [["退信.txt", 1]]


def test_archive_with_something_before_it_is_still_listed() -> None:
    data = b"PK\x03\x04 and what some program put first" + zipped({"a.log": b"1"})

    assert entries_of(listing(data, name="a.zip")) == [["a.log", 1]]


@pytest.mark.parametrize("name", ["logs.tar", "logs.tar.gz", "logs.tgz"])
def test_tape_is_listed_compressed_or_not(name: str) -> None:
    tape = taped({"mail.log": b"x" * 600, "notes.txt": b"y"})
    data = tape if name.endswith(".tar") else gzip.compress(tape)

    found = listing(data, name=name)

    assert found["kind"] == "tar"
    assert entries_of(found) == [["mail.log", 600], ["notes.txt", 1]]


def test_compressed_tape_that_grows_without_end_is_read_only_so_far() -> None:
    bomb = gzip.compress(taped({"a.log": b"1", "zeros": b"\0" * (64 * 1024 * 1024)}))

    found = listing(bomb, name="bomb.tgz")

    assert found["broken"] is True
    assert ["a.log", 1] in entries_of(found)


def test_zip_with_huge_promises_is_listed_and_not_unpacked() -> None:
    data = zipped({"zeros": b"\0" * (50 * 1024 * 1024)})

    assert len(data) < 100_000
    assert entries_of(listing(data, name="a.zip")) == [["zeros", 50 * 1024 * 1024]]


def test_only_the_first_entries_are_kept_and_the_others_counted() -> None:
    found = listing(zipped({f"{n}.txt": b"" for n in range(MOST_ENTRIES + 5)}), name="a.zip")

    assert (len(entries_of(found)), found["more"]) == (MOST_ENTRIES, 5)


def test_programs_inside_are_counted() -> None:
    assert listing(zipped({"a.EXE": b"", "b.txt": b""}), name="a.zip")["programs"] == 1


@pytest.mark.parametrize(
    ("start", "kind"),
    [(b"7z\xbc\xaf\x27\x1c...", "7z"), (b"Rar!\x1a\x07\x01\x00", "rar")],
)
def test_of_other_archives_the_kind_is_told(start: bytes, kind: str) -> None:
    assert listing(start, name=f"a.{kind}") == {"kind": kind}


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b broken", zipped({"a": b"1"})[:-30]],
    ids=["head of a zip", "end of a zip", "gzip", "cut zip"],
)
def test_broken_archive_is_called_so(data: bytes) -> None:
    assert listing(data, name="a.zip").get("broken") is True


def test_name_in_an_archive_loses_its_tricks() -> None:
    data = zipped({"a\u202egnp.exe": b""})

    assert entries_of(listing(data, name="a.zip")) == [["agnp.exe", 0]]


@pytest.mark.parametrize(("name", "data"), [("a.png", zipped({"a": b""})), ("a.zip", b"text")])
def test_what_is_no_archive_has_no_listing(name: str, data: bytes) -> None:
    assert listing(data, name=name) == {}
    assert archives.may_be_archive("A.ZIP")
