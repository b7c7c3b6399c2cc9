"""Files behind an address: fetched, told apart by content, given up after a day."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from channels_ingest import media
from channels_ingest.connectors.base import FetchFailure
from channels_ingest.media import OCTETS, fetch_due, is_program, real_type
from tests.channels_ingest.desk import Desk
from tests.channels_ingest.doors import Obedient, drain, http_door
from tests.own_cache import empty_cache
from tickets import files
from tickets.actions.attachments import content_arrived, content_missing
from tickets.actions.merging import merge
from tickets.actor import SYSTEM
from tickets.events import tickets_changed
from tickets.interchange import IncomingFile
from tickets.models import Attachment, Ticket

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.mark.parametrize(
    ("data", "name", "claimed", "expected"),
    [
        (PNG, "a.png", "image/png", "image/png"),
        (PNG, "a.html", "text/html", "image/png"),
        (b"\xff\xd8\xff\xe0..", "a.png", "image/png", "image/jpeg"),
        (b"GIF89a..", "a", "", "image/gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "a.webp", "", "image/webp"),
        (b"<html><script>", "a.png", "image/png", OCTETS),
        (b"<svg onload=x>", "a.svg", "image/svg+xml", OCTETS),
        (b"<html>", "a.html", "text/html; charset=utf-8", OCTETS),
        (b"alert(1)", "a.js", "text/javascript", OCTETS),
        (b"<?xml", "a.xml", "application/xml", OCTETS),
        (b"%PDF-1.7", "a.pdf", "", "application/pdf"),
        (b"line", "a.log", "text/plain; charset=gbk", "text/plain"),
        (b"PK\x03\x04", "a.zip", "application/zip", "application/zip"),
        (b"x", "a", "", OCTETS),
        (b"x", "a", "no type\r\nX: y", OCTETS),
    ],
)
def test_type_comes_from_content_for_pictures_and_is_harmless_otherwise(
    data: bytes, name: str, claimed: str, expected: str
) -> None:
    assert real_type(data, name=name, claimed=claimed) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"MZ\x90\0", True),
        (b"\x7fELF\x02", True),
        (b"#!/bin/sh", True),
        (b"\xcf\xfa\xed\xfe", True),
        (PNG, False),
        (b"Message", False),
        (b"", False),
    ],
)
def test_program_is_told_by_how_it_begins(data: bytes, expected: bool) -> None:
    assert is_program(data) is expected


class Vendor:
    """Offers one file, or answers with a status that the test sets."""

    def __init__(self) -> None:
        self.status = 200
        self.asked = 0
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                vendor.asked += 1
                self.send_response(vendor.status)
                self.send_header("Content-Type", "image/png")
                self.end_headers()
                self.wfile.write(PNG)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/media/1"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    started = Vendor()
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def waiting(vendor: Vendor, db: None) -> Callable[[], Attachment]:
    """A customer's message came with the address of a file; read the attachment as it stands."""
    body = {
        "id": "m-1",
        "sender": {"id": "kim"},
        "text": "see the picture",
        "attachments": [{"name": "shot.png", "type": "image/png", "url": vendor.url}],
    }
    assert http_door().post(body).status_code == 202
    drain()
    return Attachment.objects.get


def later(**span: float) -> datetime:
    return timezone.now() + timedelta(**span)


def test_file_behind_an_address_is_fetched_and_kept_once(
    waiting: Callable[[], Attachment], vendor: Vendor
) -> None:
    assert fetch_due(10, timezone.now()) == 1

    attachment = waiting()
    assert files.read(attachment.sha256) == PNG
    assert (attachment.content_type, attachment.size) == ("image/png", len(PNG))
    assert fetch_due(10, later(hours=1)) == 0
    assert vendor.asked == 1


def test_vendor_in_trouble_is_asked_again_only_after_a_pause(
    waiting: Callable[[], Attachment], vendor: Vendor
) -> None:
    vendor.status = 503

    assert fetch_due(10, timezone.now()) == 0
    assert fetch_due(10, timezone.now()) == 0

    assert vendor.asked == 1
    assert (waiting().sha256, waiting().problem) == ("", "")


def test_file_comes_once_the_vendor_is_well_again(
    waiting: Callable[[], Attachment], vendor: Vendor
) -> None:
    vendor.status = 503
    fetch_due(10, timezone.now())
    vendor.status = 200
    empty_cache()  # the pause is over

    assert fetch_due(10, timezone.now()) == 1
    assert waiting().sha256


def test_file_that_is_gone_is_not_asked_for_again(
    waiting: Callable[[], Attachment], vendor: Vendor
) -> None:
    vendor.status = 404
    fetch_due(10, timezone.now())
    empty_cache()

    fetch_due(10, later(minutes=10))

    assert waiting().problem == "http_404"
    assert vendor.asked == 1


def test_file_that_never_came_is_given_up_after_a_day(
    waiting: Callable[[], Attachment], vendor: Vendor
) -> None:
    vendor.status = 503

    fetch_due(10, later(hours=25))

    assert waiting().problem == "unreachable"
    assert vendor.asked == 0


def test_private_address_is_refused_where_the_installation_forbids_it(
    waiting: Callable[[], Attachment], vendor: Vendor, settings: Any
) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = False
    Attachment.objects.update(source_url=vendor.url.replace("http:", "https:"))

    fetch_due(10, timezone.now())

    assert waiting().problem == "address"
    assert vendor.asked == 0


def test_open_page_is_told_of_a_file_that_came(
    waiting: Callable[[], Attachment],
    django_capture_on_commit_callbacks: Any,
) -> None:
    before = Ticket.objects.get().version
    told: list[Any] = []

    def listen(changes: Any, **_: Any) -> None:
        told.extend(changes)

    tickets_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            fetch_due(10, timezone.now())
    finally:
        tickets_changed.disconnect(listen)

    ticket = Ticket.objects.get()
    assert ticket.version == before + 1
    assert waiting().message.version == ticket.version
    assert told == [(ticket.number, ticket.pk, ticket.version)]


def test_open_page_is_told_of_a_file_that_will_never_come(
    waiting: Callable[[], Attachment], vendor: Vendor
) -> None:
    before = Ticket.objects.get().version
    vendor.status = 404

    fetch_due(10, timezone.now())

    assert Ticket.objects.get().version == before + 1
    assert waiting().message.version == before + 1


def test_file_that_two_workers_fetched_changes_the_ticket_once(
    waiting: Callable[[], Attachment],
) -> None:
    attachment = waiting()
    before = Ticket.objects.get().version

    def arrives() -> bool:
        return content_arrived(
            attachment=attachment,
            sha256="0" * 64,
            size=1,
            content_type="image/png",
            now=timezone.now(),
        )

    first, second = arrives(), arrives()

    assert (first, second) == (True, False)
    assert Ticket.objects.get().version == before + 1


def test_file_whose_message_was_deleted_meanwhile_changes_nothing(
    waiting: Callable[[], Attachment],
) -> None:
    attachment = waiting()
    attachment.message.delete()

    assert not content_missing(attachment=attachment, problem="address", now=timezone.now())


def test_file_that_came_shows_on_the_case_that_its_own_was_merged_into(
    waiting: Callable[[], Attachment],
) -> None:
    http_door("other").says("another problem", key="m-2", sender="lou")
    drain()
    attachment = waiting()
    source = Ticket.objects.get(conversations__messages__attachments=attachment)
    target = Ticket.objects.exclude(pk=source.pk).get()
    merge(source=source, target=target, by=SYSTEM, now=timezone.now())
    before = Ticket.objects.get(pk=target.pk).version

    fetch_due(10, timezone.now())

    assert Ticket.objects.get(pk=target.pk).version == before + 1


def test_no_more_than_the_limit_is_begun(waiting: Callable[[], Attachment], vendor: Vendor) -> None:
    assert media.fetch_due(0, timezone.now()) == 0
    assert vendor.asked == 0


def test_file_whose_address_only_the_vendor_knows_is_fetched_by_the_connector(db: None) -> None:
    desk = Desk()
    Obedient.files["vendor-media:7"] = IncomingFile("voice.amr", "audio/amr", data=b"#!AMR\n12")
    desk.hears("media vendor-media:7")

    assert fetch_due(10, timezone.now()) == 1

    attachment = Attachment.objects.get()
    assert files.read(attachment.sha256) == b"#!AMR\n12"
    assert attachment.content_type == "audio/amr"


def test_file_that_the_vendor_has_dropped_is_not_asked_for_again(db: None) -> None:
    desk = Desk()
    Obedient.files["vendor-media:7"] = FetchFailure("gone")
    desk.hears("media vendor-media:7")

    assert fetch_due(10, timezone.now()) == 0
    assert Attachment.objects.get().problem == "gone"
