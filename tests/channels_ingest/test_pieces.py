"""Files that come in pieces: a bad line loses and doubles nothing, and nothing is kept for ever."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from channels_ingest import receiving
from channels_ingest.models import Envelope
from channels_ingest.partial import Upload
from channels_ingest.receiving import OutOfStep
from channels_ingest.web import limits, uploads
from tests.channels_ingest.doors import drain
from tests.channels_ingest.test_web_pages import PNG, Visitor, aged, door, kim, surroundings
from tickets import files
from tickets.models import Attachment, Channel

__all__ = ["door", "kim", "surroundings"]
pytestmark = pytest.mark.django_db

BEGIN = "/support/uploads/"


class Sender:
    """A page that sends a file in pieces, as its script does."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.csrf = {"X-CSRFToken": visitor.opens().hidden("csrfmiddlewaretoken")}
        self.form = visitor.hidden("form")

    def begins(self, name: str = "mail.log", size: int = 10, **fields: Any) -> Any:
        said = {"form": self.form, "name": name, "size": size, "key": "one", **fields}
        return self.visitor.client.post(BEGIN, said, headers=self.csrf)

    def sends(self, address: str, offset: int | str, piece: bytes) -> Any:
        return self.visitor.client.patch(
            address,
            piece,
            content_type="application/octet-stream",
            headers={**self.csrf, "Upload-Offset": str(offset)},
        )

    def whole(self, data: bytes, name: str = "mail.log", **fields: Any) -> Any:
        begun = self.begins(name, len(data), **fields).json()
        return self.sends(begun["address"], 0, data)


@pytest.fixture
def page(kim: Visitor) -> Sender:
    return Sender(kim)


def test_file_in_pieces_is_put_together_and_comes_with_the_form(page: Sender, kim: Visitor) -> None:
    address = page.begins(size=10).json()["address"]

    first = page.sends(address, 0, b"554 D")
    last = page.sends(address, 5, b"T:SPM")
    kim.follows(kim.posts({**kim.fields(), "form": _aged(page), "kept": last.json()["kept"]}))
    drain()

    assert (first["Upload-Offset"], "kept" in first.json()) == ("5", False)
    assert last["Upload-Offset"] == "10"
    attachment = Attachment.objects.get()
    assert (attachment.name, files.read(attachment.sha256)) == ("mail.log", b"554 DT:SPM")
    assert Upload.objects.get().pieces == []


def test_page_that_lost_the_answer_asks_where_to_go_on(page: Sender, kim: Visitor) -> None:
    address = page.begins(size=10).json()["address"]
    page.sends(address, 0, b"554 D")

    again = page.sends(address, 0, b"554 D")
    asked = kim.client.head(address)

    assert (again.status_code, again["Upload-Offset"]) == (409, "5")
    assert asked["Upload-Offset"] == "5"
    assert page.sends(address, 5, b"T:SPM").status_code == 200


def test_beginning_twice_begins_one_file(page: Sender) -> None:
    first, second = page.begins().json(), page.begins().json()

    assert Upload.objects.count() == 1
    assert page.sends(first["address"], 0, b"12345").status_code == 200
    assert page.sends(second["address"], 5, b"67890").json()["received"] == 10


def test_last_answer_may_be_asked_for_again(page: Sender, kim: Visitor) -> None:
    done = page.whole(b"line").json()

    assert kim.client.get(done["address"]).json()["kept"]


def test_piece_longer_than_the_file_is_not_taken(page: Sender) -> None:
    address = page.begins(size=4).json()["address"]

    assert page.sends(address, 0, b"too long").status_code == 409
    assert Upload.objects.get().received == 0


@pytest.mark.parametrize(
    ("name", "size"), [("a.exe", 5), ("a.log", 0), ("a.log", uploads.LARGEST + 1)]
)
def test_file_that_we_do_not_take_is_refused_before_it_is_sent(
    page: Sender, name: str, size: int
) -> None:
    answer = page.begins(name, size)

    assert answer.status_code == 422
    assert answer.json()["problem"]
    assert Upload.objects.count() == 0


def test_program_under_another_name_is_told_at_the_end_and_not_kept(page: Sender) -> None:
    answer = page.whole(b"MZ...", "photo.png").json()

    assert "programs are not taken" in answer["problem"]
    assert "kept" not in answer
    assert Upload.objects.get().sha256 == ""


def test_picture_is_believed_by_its_content(page: Sender) -> None:
    page.whole(PNG, "a.png", type="text/html")

    assert Upload.objects.get().content_type == "image/png"


@pytest.mark.parametrize("form", ["", "x", "x:y"])
def test_form_that_we_never_showed_sends_no_files(page: Sender, form: str) -> None:
    assert page.begins(form=form).status_code == 400


def test_address_of_another_is_not_found_and_a_stranger_needs_the_csrf_token(page: Sender) -> None:
    address = page.begins().json()["address"]

    assert page.sends("/support/uploads/x:y/", 0, b"1").status_code == 404
    page.csrf = {"X-CSRFToken": "wrong"}
    assert page.sends(address, 0, b"1").status_code == 403


@pytest.mark.parametrize("offset", ["", "x", "-1"])
def test_offset_that_is_none_is_refused(page: Sender, offset: str) -> None:
    address = page.begins().json()["address"]

    assert page.sends(address, offset, b"1").status_code in {400, 409}
    assert Upload.objects.get().received == 0


def test_piece_that_is_too_large_is_refused(page: Sender) -> None:
    address = page.begins(size=9_000_000).json()["address"]

    assert page.sends(address, 0, b"x" * (receiving.LARGEST_PIECE + 1)).status_code == 413


def test_network_that_begins_too_many_files_is_told_when_to_come_back(
    page: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The real limit would take some hundred requests to reach.
    monkeypatch.setattr(limits, "UPLOAD_LIMIT", 2)

    codes = [page.begins(key=str(n)).status_code for n in range(3)]

    assert codes == [201, 201, 429]


def test_file_given_up_leaves_nothing(page: Sender, kim: Visitor) -> None:
    address = page.begins().json()["address"]
    page.sends(address, 0, b"12345")
    (piece,) = Upload.objects.get().pieces

    assert kim.client.delete(address, headers=page.csrf).status_code == 204

    assert Upload.objects.count() == 0
    assert not default_storage.exists(piece)


def test_old_files_that_nobody_sent_are_removed_and_those_sent_stay(
    page: Sender, kim: Visitor
) -> None:
    page.whole(b"never sent", key="one")
    sent = page.whole(b"sent with the form", key="two").json()
    kim.follows(kim.posts({**kim.fields(), "form": _aged(page), "kept": sent["kept"]}))
    unread = Envelope.objects.get()
    later = timezone.now() + timedelta(hours=26)
    never, was_sent = Upload.objects.order_by("client_key").values_list("sha256", flat=True)

    assert receiving.forget_old(now=timezone.now()) == 0
    assert receiving.forget_old(now=later) == 2

    # Of a form that lies unread nobody knows yet which files it names: all of them stay.
    assert files.read(was_sent) == b"sent with the form"
    assert files.read(never) == b"never sent"
    drain()
    unread.refresh_from_db()
    assert Attachment.objects.get().sha256 == was_sent


def test_content_that_no_message_holds_is_removed_with_its_upload(page: Sender) -> None:
    page.whole(b"never sent")
    upload = Upload.objects.get()

    receiving.forget_old(now=timezone.now() + timedelta(hours=26))

    with pytest.raises(FileNotFoundError):
        files.read(upload.sha256)


def test_same_content_on_its_way_elsewhere_is_not_taken_away(page: Sender, door: Channel) -> None:
    page.whole(b"same")
    upload = Upload.objects.get()
    Upload.objects.filter(pk=upload.pk).update(created_at=timezone.now() - timedelta(days=2))
    Sender(Visitor("198.51.100.9")).whole(b"same")

    receiving.forget_old(now=timezone.now())

    assert files.read(upload.sha256) == b"same"


def test_finished_file_takes_no_more(page: Sender) -> None:
    page.whole(b"line")

    with pytest.raises(OutOfStep):
        receiving.add(upload=Upload.objects.get(), offset=4, piece=b"")


def _aged(page: Sender) -> str:
    return aged(page.form, timedelta(minutes=2))
