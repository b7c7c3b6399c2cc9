"""What customers do to their own cases, and that nobody does it to another's."""

import pytest

from tests.tickets.cast import (
    NOON,
    account,
    ada,
    case,
    codes,
    door,
    later,
    says,
    standing,
)
from tickets.actions import identities, lifecycle, linking, merging, own_case, undoing
from tickets.actions.refusals import Refused
from tickets.models import Conversation, Rating, State

pytestmark = pytest.mark.django_db


def test_customer_closes_their_case_and_takes_it_up_again() -> None:
    ticket, kim = case("kim"), account("kim")

    own_case.close(ticket=ticket, identity=kim, now=later(hours=1))
    assert standing(ticket).is_closed
    own_case.take_up(ticket=ticket, identity=kim, now=later(hours=2))

    fresh = standing(ticket)
    assert (fresh.state, fresh.waiting_since) == (State.OPEN, later(hours=2))
    assert codes(ticket)[-2:] == ["resolved", "reopened"]
    assert ticket.history.latest("pk").actor_identity == kim


def test_case_closed_long_ago_is_not_taken_up() -> None:
    ticket, kim = case("kim"), account("kim")
    own_case.close(ticket=ticket, identity=kim, now=NOON)

    with pytest.raises(Refused) as error:
        own_case.take_up(ticket=ticket, identity=kim, now=later(days=31))

    assert error.value.code == "too_late"


@pytest.mark.parametrize("who", ["lee", "stolen"])
def test_nobody_else_does_anything_to_it(who: str) -> None:
    ticket = case("kim")
    if who == "lee":
        case("lee", "登录不上，验证码错误")
        other = account("lee")
    else:
        other = account("kim")
        identities.mark_compromised(identity=other, by=ada(), now=NOON)
    lifecycle.resolve(ticket=ticket, by=ada(), now=NOON)

    for act in (own_case.close, own_case.take_up):
        with pytest.raises(Refused, match="not_theirs"):
            act(ticket=ticket, identity=other, now=NOON)
    with pytest.raises(Refused, match="not_theirs"):
        own_case.rate(ticket=ticket, identity=other, score=5, now=NOON)
    with pytest.raises(Refused, match="not_theirs"):
        own_case.answer_by(ticket=ticket, identity=other, place=None, now=NOON)


def test_rating_is_given_after_the_end_and_can_be_changed() -> None:
    ticket, kim = case("kim"), account("kim")
    with pytest.raises(Refused, match="not_closed"):
        own_case.rate(ticket=ticket, identity=kim, score=4, now=NOON)
    own_case.close(ticket=ticket, identity=kim, now=NOON)

    own_case.rate(ticket=ticket, identity=kim, score=2, word="慢", now=NOON)
    own_case.rate(ticket=ticket, identity=kim, score=5, word=" 后来 很好 ", now=later(hours=1))

    rating = Rating.objects.get()
    assert (rating.score, rating.word) == (5, "后来 很好")
    with pytest.raises(Refused, match="unknown_value"):
        own_case.rate(ticket=ticket, identity=kim, score=6, now=NOON)


def test_rating_survives_a_merge_and_its_undoing() -> None:
    ticket, other, kim = case("kim"), case("kim", "发票抬头写错了，另外的事"), account("kim")
    own_case.close(ticket=ticket, identity=kim, now=NOON)
    rating = own_case.rate(ticket=ticket, identity=kim, score=4, now=NOON)

    move = merging.merge(source=ticket, target=other, by=ada(), now=later(hours=1))
    assert own_case.standing_rating(other) == rating
    undoing.undo(move=move, by=ada(), now=later(hours=2))

    assert own_case.standing_rating(other) is None
    assert own_case.standing_rating(ticket) == rating


def test_answers_go_to_own_proven_private_accounts_only() -> None:
    ticket = case("kim")
    kim = account("kim")
    mail = says("kim-mail", f"案号 {ticket.number}", by="mail").ticket
    assert mail is not None
    other = account("kim-mail")
    with pytest.raises(Refused, match="not_their_place"):
        own_case.answer_by(ticket=ticket, identity=kim, place=other, now=NOON)
    linking.link_identity(identity=other, contact=ticket.contact, by=ada(), now=NOON)
    identities.verify_identity(identity=other, by=ada(), now=NOON)

    own_case.answer_by(ticket=ticket, identity=kim, place=other, now=NOON)

    assert standing(ticket).answer_by == other
    assert codes(ticket)[-1] == "answer_by_set"
    Conversation.objects.filter(identity=other).update(is_public=True)
    with pytest.raises(Refused, match="not_their_place"):
        own_case.answer_by(ticket=ticket, identity=kim, place=other, now=NOON)


def test_place_that_cannot_be_written_to_is_not_offered() -> None:
    door("read-only", capabilities={"writes": False})
    ticket = case("kim", by="read-only")

    assert own_case.places(ticket, account("kim")) == []
