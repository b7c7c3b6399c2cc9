"""QR codes in pictures that customers send: a hint for agents, and never a key."""

from io import BytesIO
from typing import Any

import pytest
import segno
from PIL import Image, ImageDraw

from channels_ingest import screenshots
from tests.tickets.cast import NOON, ada, case, codes, later, printed, says, standing
from tickets import files
from tickets.actions import lifecycle, notes, undoing, wording
from tickets.interchange import IncomingFile
from tickets.models import Attachment, Conversation, Link, Move, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def screenshot(*contents: str, noise: str = "554 DT:SPM") -> bytes:
    """A screen of 1200 by 800 with codes and some words on it."""
    screen = Image.new("RGB", (1200, 800), "#f3f3f3")
    ImageDraw.Draw(screen).text((40, 700), noise, fill="black")
    for n, content in enumerate(contents):
        drawn = BytesIO()
        segno.make(content, micro=False).save(drawn, kind="png", scale=5, border=4)
        screen.paste(Image.open(drawn).convert("RGB"), (60 + 500 * n, 80))
    out = BytesIO()
    screen.save(out, "PNG")
    return out.getvalue()


def sends(who: str, *, text: str, picture: bytes) -> Ticket:
    """A customer writes something new with a picture, which is then searched."""
    file = IncomingFile("screen.png", "image/png", sha256=files.store(picture), size=len(picture))
    landing = says(who, text, thread="other", at=later(hours=30), files=(file,))
    assert landing.ticket is not None
    screenshots.search_due(now=later(hours=30))
    return standing(landing.ticket)


@pytest.mark.parametrize("as_address", [True, False])
def test_number_is_read_from_a_screenshot(as_address: bool) -> None:
    ticket = case("kim")
    said = wording.page_of(ticket.number) if as_address else printed(ticket)

    assert screenshots.numbers_on(screenshot(said)) == [ticket.number]


def test_other_codes_bare_digits_and_broken_pictures_hold_no_number() -> None:
    assert screenshots.numbers_on(screenshot("https://shop.example/4821093710", "hello")) == []
    assert screenshots.numbers_on(b"\x89PNG\r\n\x1a\n broken") == []
    bomb = BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    assert screenshots.numbers_on(bomb.getvalue()) == []


def test_fresh_case_of_the_same_customer_joins_the_one_that_its_screenshot_shows() -> None:
    ticket = case("kim")

    fresh = sends("kim", text="看看这个截图", picture=screenshot(wording.page_of(ticket.number)))

    assert fresh.merged_into == ticket
    assert codes(ticket)[-1] == "code_joined_by"
    assert Conversation.objects.get(thread="other").ticket == ticket
    undoing.undo(move=Move.objects.get(), by=ada(), now=later(hours=31))
    assert not standing(fresh).is_merged
    assert Conversation.objects.get(thread="other").ticket == fresh


@pytest.mark.parametrize("who", ["lee", "kim"])
def test_otherwise_it_is_a_link_to_look_at(who: str) -> None:
    """A stranger's picture moves nothing, and neither does one that leads to a closed case."""
    ticket = case("kim")
    if who == "kim":
        lifecycle.resolve(ticket=ticket, by=ada(), now=NOON)

    fresh = sends(who, text="看看这个截图", picture=screenshot(wording.page_of(ticket.number)))

    assert fresh.merged_into is None
    link = Link.objects.get(ticket=fresh)
    assert (link.other, link.kind) == (ticket, "quoted")
    assert link.reason["screenshot"] == ticket.number
    assert codes(fresh)[-1] == "code_seen"


def test_case_on_which_somebody_acted_stays_where_it_is() -> None:
    ticket = case("kim")
    picture = screenshot(wording.page_of(ticket.number))
    file = IncomingFile("screen.png", "image/png", sha256=files.store(picture), size=len(picture))
    landing = says("kim", "看看这个截图", thread="other", at=later(hours=30), files=(file,))
    assert landing.ticket is not None
    notes.add_note(ticket=landing.ticket, text="我来看", by=ada(), now=later(hours=30))

    screenshots.search_due(now=later(hours=30))

    assert standing(landing.ticket).merged_into is None
    assert Link.objects.filter(ticket=landing.ticket, other=ticket).exists()


def test_every_picture_is_searched_once() -> None:
    ticket = case("kim")
    sends("lee", text="看看这个截图", picture=screenshot(wording.page_of(ticket.number)))

    assert screenshots.search_due(now=later(hours=31)) == 0
    assert Attachment.objects.get().searched_at == later(hours=30)
    assert Link.objects.count() == 1


def test_unknown_number_in_a_code_changes_nothing() -> None:
    fresh = sends("kim", text="看看这个截图", picture=screenshot("QM-4821-0937-10"))

    assert codes(fresh) == ["opened"]
