"""Identity reviews: sealed, seen by few and on record, decided by two, deleted for good."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from PIL import Image

from tests.tickets.cast import NOON, account, agent, case, codes, later, standing
from tickets import pictures, sealing
from tickets.access import NotAllowed
from tickets.actions import approvals, identities, lifecycle, merging, reviews
from tickets.actions.refusals import Refused
from tickets.actor import Actor
from tickets.models import (
    Approval,
    Attachment,
    Message,
    Review,
    ReviewFile,
    ReviewView,
    Role,
    Ticket,
    User,
)

pytestmark = pytest.mark.django_db

PLACES = "杭州，家里，2022 年至今"


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def ticket() -> Ticket:
    stolen = case("kim", "账号被盗了，密码和手机都被改掉")
    return lifecycle.set_category(
        ticket=stolen, category="account_security", by=Actor.of(agent("ada")), now=NOON
    )


@pytest.fixture
def review(ticket: Ticket) -> Review:
    return reviews.open_review(ticket=ticket, by=Actor.of(agent("ada")), now=NOON)


def rea() -> User:
    return agent("rea", reviews_identity=True)


def mia() -> User:
    return agent("mia", role=Role.MANAGER)


def photo(width: int = 320, colour: str = "white", kind: str = "JPEG") -> bytes:
    drawn = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "A camera that tells"
    Image.new("RGB", (width, 200), colour).save(drawn, kind, exif=exif)
    return drawn.getvalue()


def with_material(review: Review) -> Review:
    return reviews.add_material(
        review=review, identity=account("kim"), photos=[photo()], places=PLACES, now=NOON
    )


def test_only_cases_of_account_security_have_reviews() -> None:
    with pytest.raises(Refused, match="not_security"):
        reviews.open_review(ticket=case("kim"), by=Actor.of(agent("ada")), now=NOON)


def test_open_review_stays_the_only_one(ticket: Ticket, review: Review) -> None:
    again = reviews.open_review(ticket=ticket, by=Actor.of(agent("ada")), now=later(hours=1))

    assert again == review


def test_material_lies_sealed_and_among_no_attachments(review: Review) -> None:
    with_material(review)

    file = ReviewFile.objects.get()
    with default_storage.open(file.path) as kept:
        raw = kept.read()
    assert b"JFIF" not in raw
    assert not raw.startswith(b"\xff\xd8")
    fresh = Review.objects.get()
    assert PLACES.encode() not in bytes(fresh.places)
    assert Attachment.objects.count() == 0
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(raw, place="review:0:places")


def test_pictures_are_drawn_anew_without_what_the_camera_told(review: Review) -> None:
    clean = pictures.redrawn(photo(width=5000))

    picture = Image.open(BytesIO(clean))
    assert max(picture.size) == pictures.LONGEST_SIDE
    assert b"camera" not in clean


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"<svg/>", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, b""])
def test_what_is_no_picture_is_refused_and_nothing_is_kept(review: Review, data: bytes) -> None:
    with pytest.raises(Refused, match="not_a_picture"):
        reviews.add_material(
            review=review, identity=account("kim"), photos=[photo(), data], now=NOON
        )

    assert not ReviewFile.objects.exists()


def test_picture_that_unpacks_to_far_more_is_refused_by_its_header() -> None:
    bomb = BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG")

    with pytest.raises(pictures.Unreadable):
        pictures.opened(bomb.getvalue())


def test_first_material_starts_48_hours_which_asking_for_more_stops(review: Review) -> None:
    assert review.due_at is None
    assert with_material(review).due_at == later(hours=48)

    reviews.ask_for_more(review=review, wanted="请补背面", by=Actor.of(rea()), now=later(hours=1))
    waiting = Review.objects.get()
    assert (waiting.state, waiting.wanted, waiting.due_at) == ("waiting", "请补背面", None)
    more = reviews.add_material(
        review=review, identity=account("kim"), places="苏州，公司", now=later(hours=5)
    )

    assert (more.state, more.due_at) == ("checking", later(hours=53))


def test_desk_is_reminded_twelve_hours_before_and_told_at_the_end_once(
    ticket: Ticket, review: Review
) -> None:
    with_material(review)

    told = [reviews.remind_due(now=later(hours=hours)) for hours in (35, 36, 40, 48, 60)]

    assert told == [0, 1, 0, 1, 0]
    assert codes(ticket)[-2:] == ["review_due_soon", "review_overdue"]


@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD, Role.HELPER])
def test_material_is_for_reviewers_only(review: Review, role: str) -> None:
    with_material(review)
    other = agent("otto", role=role, reviews_identity=role == Role.HELPER)

    with pytest.raises(NotAllowed):
        reviews.look_at_file(file=ReviewFile.objects.get(), viewer=other, now=NOON)
    with pytest.raises(NotAllowed):
        reviews.look_at_places(review=review, viewer=other, now=NOON)
    with pytest.raises(NotAllowed):
        reviews.decide(review=review, agrees=True, by=Actor.of(other), now=NOON)

    assert not ReviewView.objects.exists()


def test_every_look_is_recorded_and_marked_with_who_looks(review: Review) -> None:
    review = with_material(review)
    file = ReviewFile.objects.get()

    seen = reviews.look_at_file(file=file, viewer=rea(), now=NOON)
    other = reviews.look_at_file(file=file, viewer=mia(), now=NOON)
    words = reviews.look_at_places(review=review, viewer=rea(), now=later(hours=1))

    assert words == PLACES
    with default_storage.open(file.path) as kept:
        clean = sealing.unseal(kept.read(), place=f"review:{review.pk}:{file.pk}")
    assert len({seen, other, clean}) == 3
    assert len(Image.open(BytesIO(seen)).convert("L").getcolors() or ()) > 2
    looks = ReviewView.objects.order_by("pk").values_list("viewer__name", "file")
    assert list(looks) == [("Rea", file.pk), ("Mia", file.pk), ("Rea", None)]


def test_unlock_takes_a_second_person(ticket: Ticket, review: Review) -> None:
    with_material(review)
    reviews.decide(review=review, agrees=True, by=Actor.of(rea()), now=NOON)
    approval = Approval.objects.get()

    with pytest.raises(Refused, match="same_person"):
        approvals.decide(approval=approval, agrees=True, by=Actor.of(rea()), now=NOON)
    with pytest.raises(NotAllowed):
        approvals.decide(approval=approval, agrees=True, by=Actor.of(agent("ada")), now=NOON)
    assert Review.objects.get().state == "second"
    approvals.decide(approval=approval, agrees=True, by=Actor.of(mia()), now=later(hours=1))

    decided = Review.objects.get()
    assert (decided.state, decided.decided_by) == ("approved", mia())
    assert codes(ticket)[-1] == "approval_given"
    with pytest.raises(Refused, match="decided_already"):
        approvals.decide(approval=approval, agrees=False, by=Actor.of(mia()), now=NOON)


def test_database_itself_refuses_one_person_for_both(ticket: Ticket) -> None:
    approval = approvals.ask_for_refund(ticket=ticket, note="180 元", by=Actor.of(mia()), now=NOON)

    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(
            state="approved", decided_by=mia(), decided_at=NOON
        )


def test_refused_unlock_goes_back_to_be_checked(review: Review) -> None:
    with_material(review)
    reviews.decide(review=review, agrees=True, by=Actor.of(rea()), now=NOON)

    approvals.decide(approval=Approval.objects.get(), agrees=False, by=Actor.of(mia()), now=NOON)

    assert Review.objects.get().state == "checking"


def test_material_is_gone_for_good_seven_days_after_the_decision(
    ticket: Ticket, review: Review
) -> None:
    review = with_material(review)
    file = ReviewFile.objects.get()
    reviews.look_at_file(file=file, viewer=rea(), now=NOON)
    reviews.decide(review=review, agrees=False, by=Actor.of(rea()), now=NOON)
    assert reviews.delete_due(now=later(days=6)) == 0
    assert default_storage.exists(file.path)

    assert reviews.delete_due(now=later(days=7)) == 1

    gone = Review.objects.get()
    assert not default_storage.exists(file.path)
    assert not ReviewFile.objects.exists()
    assert bytes(gone.places) == b""
    assert gone.deleted_at == later(days=7)
    assert gone.views.count() == 1
    assert codes(ticket)[-1] == "review_deleted"
    assert reviews.delete_due(now=later(days=8)) == 0


def test_review_without_material_lapses(ticket: Ticket, review: Review) -> None:
    reviews.delete_due(now=later(days=31))

    assert Review.objects.get().state == "lapsed"
    assert codes(ticket)[-1] == "review_lapsed"


def test_thief_uploads_nothing(review: Review) -> None:
    identities.mark_compromised(identity=account("kim"), by=Actor.of(mia()), now=NOON)

    with pytest.raises(Refused, match="not_theirs"):
        with_material(review)


def test_merge_takes_the_review_along(ticket: Ticket, review: Review) -> None:
    other = case("kim", "发票抬头写错了，另外的事")
    merging.merge(source=ticket, target=other, by=Actor.of(mia()), now=NOON)

    with_material(review)

    assert codes(standing(other))[-1] == "review_material"
    assert Review.objects.get().due_at == NOON + timedelta(hours=48)


def told() -> list[str]:
    """What went out by itself about the review."""
    said = Message.objects.filter(automatic="review").order_by("pk")
    return list(said.values_list("text", flat=True))


def test_customer_is_told_once_that_there_is_a_decision_and_nothing_of_it(review: Review) -> None:
    with_material(review)
    reviews.decide(review=review, agrees=True, by=Actor.of(rea()), now=later(hours=1))
    assert told() == []

    unlock = Approval.objects.get()
    approvals.decide(approval=unlock, agrees=True, by=Actor.of(mia()), now=later(hours=2))

    (text,) = told()
    assert "/support/case/" in text
    assert PLACES not in text


def test_customer_is_reminded_of_the_time_once_and_a_stolen_account_is_told_nothing(
    review: Review,
) -> None:
    with_material(review)
    for hour in (37, 38):
        reviews.remind_due(now=later(hours=hour))
    assert len(told()) == 1

    identities.mark_compromised(identity=account("kim"), by=Actor.of(rea()), now=later(hours=39))
    reviews.decide(review=review, agrees=False, by=Actor.of(rea()), now=later(hours=40))
    assert len(told()) == 1
