"""Identity reviews on the desk: agents see how they stand, reviewers the material, on record."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage

from tests import factories
from tests.dashboard.conftest import Desk
from tests.tickets.test_proofs import code_in
from tests.tickets.test_reviews import PLACES, photo
from tickets.actions import own_case, proofs, reviews
from tickets.actor import Actor
from tickets.case_numbers import format_number
from tickets.models import Approval, Message, Review, ReviewView, Role, Ticket, User

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Desk]


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def case() -> Ticket:
    return factories.ticket(text="My account was stolen.", category="account_security")


@pytest.fixture
def review(case: Ticket, ada: User) -> Review:
    opened = reviews.open_review(ticket=case, by=Actor.of(ada), now=factories.NOW)
    return reviews.add_material(
        review=opened,
        identity=case.contact.identities.get(),
        photos=[photo()],
        places=PLACES,
        now=factories.NOW,
    )


def rea() -> User:
    return factories.person("Rea", Role.AGENT, factories.team("Mail"), reviews_identity=True)


def url(case: Ticket, below: str = "") -> str:
    return f"/tickets/{format_number(case.number)}/{below}"


def photo_url(case: Ticket, review: Review) -> str:
    return url(case, f"reviews/{review.pk}/photos/{review.files.get().pk}/")


def test_agent_opens_a_review_and_sees_how_it_stands_but_no_material(
    desk: Desk, case: Ticket
) -> None:
    assert "Ask for an identity check" in desk.get(url(case)).content.decode()

    desk.send(url(case, "review/"))

    page = desk.get(url(case)).content.decode()
    assert "Waiting for material" in page
    assert "Look at the material" not in page


def test_material_does_not_exist_for_who_is_no_reviewer(
    sign_in: SignIn, desk: Desk, case: Ticket, review: Review
) -> None:
    otto = factories.person("Oda", Role.AGENT, factories.team("Billing"), reviews_identity=True)
    for each in (desk, sign_in(factories.lea()), sign_in(factories.hal()), sign_in(otto)):
        assert each.get(url(case, f"reviews/{review.pk}/")).status_code == 404
        assert each.get(photo_url(case, review)).status_code == 404
        for below in ("decision/", "more/"):
            told = each.send(url(case, f"reviews/{review.pk}/{below}"), {"agrees": "yes"})
            assert told.status_code == 404
    assert not ReviewView.objects.exists()
    assert Review.objects.get().state == "checking"


def test_reviewer_sees_it_marked_and_every_look_is_listed(
    sign_in: SignIn, case: Ticket, review: Review
) -> None:
    desk = sign_in(rea())

    page = desk.get(url(case, f"reviews/{review.pk}/"))
    shown = desk.get(photo_url(case, review))

    assert PLACES in page.content.decode()
    assert shown["Content-Type"] == "image/jpeg"
    assert "no-store" in shown["Cache-Control"]
    file = review.files.get()
    with default_storage.open(file.path) as kept:
        assert kept.read() != shown.content
    assert file.size != len(shown.content)
    listed = desk.get(url(case, f"reviews/{review.pk}/")).content.decode()
    assert listed.count("Rea ·") == 3
    assert ReviewView.objects.count() == 3


def test_material_is_in_no_other_answer_of_the_desk(
    sign_in: SignIn, case: Ticket, review: Review
) -> None:
    desk = sign_in(factories.mia())

    for path in (url(case), "/open/", f"/search/?q={case.number}", "/search/?q=杭州"):
        assert PLACES not in desk.get(path).content.decode()


def test_two_people_decide(sign_in: SignIn, case: Ticket, review: Review) -> None:
    first, second = sign_in(rea()), sign_in(factories.lea())
    first.send(url(case, f"reviews/{review.pk}/decision/"), {"agrees": "yes"})
    approval = Approval.objects.get()
    decision = url(case, f"approvals/{approval.pk}/decision/")

    first.send(decision, {"agrees": "yes"})
    assert "Somebody else must decide" in first.get(url(case)).content.decode()
    assert Review.objects.get().state == "second"
    assert ">Agree<" in second.get(url(case)).content.decode()
    second.send(decision, {"agrees": "yes"})

    assert Review.objects.get().state == "approved"
    page = second.get(url(case)).content.decode()
    assert "Lea agreed as the second person: Unlock the account" in page


def test_agent_asks_for_a_refund_and_cannot_agree_to_it(
    sign_in: SignIn, desk: Desk, case: Ticket
) -> None:
    desk.send(url(case, "refund/"), {"note": "180 yuan, double payment"})
    approval = Approval.objects.get()

    assert "180 yuan" in desk.get(url(case)).content.decode()
    told = desk.send(url(case, f"approvals/{approval.pk}/decision/"), {"agrees": "yes"})
    assert told.status_code == 404
    sign_in(factories.lea()).send(url(case, f"approvals/{approval.pk}/decision/"), {"agrees": "no"})

    approval.refresh_from_db()
    assert approval.state == "refused"


def test_helper_sees_neither_rating_nor_approvals_nor_review(
    sign_in: SignIn, case: Ticket, review: Review
) -> None:
    board = factories.kim(factories.channel("discourse", is_public=True))
    factories.conversation(case, board)

    page = sign_in(factories.hal()).get(url(case)).content.decode()

    assert "Identity check" not in page
    assert "Approvals" not in page


def test_rating_and_the_wish_where_to_be_answered_stand_beside_the_case(
    desk: Desk, case: Ticket
) -> None:
    kim = case.contact.identities.get()
    own_case.answer_by(ticket=case, identity=kim, place=kim, now=factories.NOW)
    own_case.close(ticket=case, identity=kim, now=factories.NOW)
    own_case.rate(ticket=case, identity=kim, score=4, word="quick", now=factories.NOW)

    page = desk.get(url(case)).content.decode()

    assert "4 / 5" in page
    assert "quick" in page
    assert "Wants answers at" in page
    assert "Kim rated the case: 4 of 5" in page


def test_composer_answers_where_the_customer_wants_it(desk: Desk, case: Ticket) -> None:
    kim = case.contact.identities.get()
    wechat = factories.kim(factories.channel("wechat"), "Kim2")
    wechat.contact = case.contact
    wechat.save()
    newer = factories.conversation(case, wechat, at=factories.NOW + factories.minutes(5))
    mail = case.conversations.get(identity=kim)
    checked = 'value="{}" checked'.format
    assert checked(newer.pk) in desk.get(url(case)).content.decode()

    own_case.answer_by(ticket=case, identity=kim, place=kim, now=factories.NOW)

    assert checked(mail.pk) in desk.get(url(case)).content.decode()


def test_agent_cannot_read_the_code_that_a_customer_was_sent(desk: Desk, case: Ticket) -> None:
    proofs.ask(number=case.number, browser="the agent's own", now=factories.NOW)
    proofs.settle_due(now=factories.NOW)
    code = code_in(Message.objects.get(automatic="proof"))

    page = desk.get(url(case)).content.decode()

    assert code not in page
    assert "••••••" in page
