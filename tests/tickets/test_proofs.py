"""Codes that open a case: who gets one, how often, and that nothing else opens anything."""

import re
from datetime import datetime, timedelta

import pytest

from tests.tickets.cast import (
    NOON,
    account,
    ada,
    case,
    claim_on,
    codes,
    door,
    last_sent,
    later,
    only_conversation,
    says,
    standing,
)
from tickets.actions import identities, merging, proofs
from tickets.actions.refusals import Refused
from tickets.models import CaseProof, Contact, Message, Ticket

pytestmark = pytest.mark.django_db

BROWSER = "the browser's own word"
HOME = "203.0.113.7"
UNKNOWN = "4821093710"


def asked(
    number: str, *, at: datetime = NOON, browser: str = BROWSER, network: str = ""
) -> CaseProof:
    proof = proofs.ask(number=number, browser=browser, network=network, now=at)
    proofs.settle_due(now=at)
    return CaseProof.objects.get(pk=proof.pk)


def code_for(ticket: Ticket) -> str:
    """The digits in the newest message to the owner."""
    return code_in(last_sent(only_conversation(ticket, "kim")))


def code_in(message: Message) -> str:
    found = re.search(r"(?<!\d)\d{6}(?!\d)", message.text)
    assert found
    return found[0]


def refused(proof: CaseProof, code: str, *, at: datetime = NOON) -> str:
    with pytest.raises(Refused) as error:
        proofs.open_case(proof=proof, code=code, now=at)
    return error.value.code


def test_right_code_opens_the_case_to_the_browser_that_asked() -> None:
    ticket = case("kim")
    proof = asked(ticket.number)

    proofs.open_case(proof=proof, code=code_for(ticket), now=later(minutes=1))

    mine = proofs.granted(browser=BROWSER, number=ticket.number, now=later(hours=1))
    assert mine is not None
    assert mine.ticket == ticket
    assert codes(ticket)[-2:] == ["proof_sent", "proof_opened"]
    assert proofs.granted(browser="another", number=ticket.number, now=later(hours=1)) is None
    assert proofs.granted(browser=BROWSER, number=ticket.number, now=later(hours=25)) is None


def test_code_is_good_for_once() -> None:
    ticket = case("kim")
    proof = asked(ticket.number)
    code = code_for(ticket)
    proofs.open_case(proof=proof, code=code, now=NOON)

    assert refused(proof, code) == "code_dead"


def test_code_does_not_open_what_another_browser_asked_for() -> None:
    ticket = case("kim")
    asked(ticket.number)
    theirs = code_for(ticket)
    own = asked(ticket.number, browser="a thief's")

    assert refused(own, theirs) == "wrong_code"
    with pytest.raises(CaseProof.DoesNotExist):
        proofs.proof_of(own.pk, browser=BROWSER)


def test_five_wrong_codes_end_it_even_for_the_right_one() -> None:
    ticket = case("kim")
    proof = asked(ticket.number)
    right = code_for(ticket)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"

    assert [refused(proof, wrong) for _ in range(5)] == ["wrong_code"] * 5
    assert refused(proof, right) == "code_dead"


def test_code_dies_after_fifteen_minutes() -> None:
    ticket = case("kim")
    proof = asked(ticket.number)

    assert refused(proof, code_for(ticket), at=later(minutes=15)) == "code_dead"


def test_number_that_does_not_exist_is_asked_and_tried_like_any_other() -> None:
    proof = asked(UNKNOWN)

    tries = [refused(proof, f"{n:06d}") for n in range(6)]

    assert tries == ["wrong_code"] * 5 + ["code_dead"]
    assert Message.objects.count() == 0


@pytest.mark.parametrize("exists", [True, False])
def test_fourth_wish_within_an_hour_is_refused_whether_the_number_exists_or_not(
    exists: bool,
) -> None:
    number = case("kim").number if exists else UNKNOWN
    for n in range(3):
        asked(number, browser=str(n), network=HOME)

    with pytest.raises(Refused) as error:
        asked(number, browser="3", network=HOME, at=later(minutes=59))

    assert error.value.code == "asked_enough"
    again = asked(number, browser="4", network=HOME, at=later(minutes=61))
    assert again.settled_at is not None


@pytest.mark.parametrize("network", [HOME, ""], ids=["another network", "another browser"])
def test_whoever_uses_a_number_up_leaves_its_owner_a_code(network: str) -> None:
    ticket = case("kim")
    thief = {"browser": "a thief's", "network": "198.51.100.0" if network else ""}
    for hour in (0, 2):
        for _wish in range(3):
            asked(ticket.number, at=later(hours=hour), **thief)
    with pytest.raises(Refused):
        asked(ticket.number, at=later(hours=4), **thief)

    proof = asked(ticket.number, network=network, at=later(hours=4))

    proofs.open_case(proof=proof, code=code_for(ticket), now=later(hours=4))


def test_account_is_sent_so_many_codes_by_all_its_numbers_and_askers_together() -> None:
    ticket, other = case("kim"), case("kim", "另一个问题：发票抬头写错了")
    merging.merge(source=other, target=ticket, by=ada(), now=NOON)

    for n, number in enumerate([ticket.number, other.number] * 5):
        asked(number, browser=str(n))

    assert codes(ticket).count("proof_sent") == proofs.MOST_SENT_AN_HOUR


def test_browser_that_has_proved_to_be_the_owners_is_held_up_by_nobody() -> None:
    ticket = case("kim")
    proofs.open_case(proof=asked(ticket.number), code=code_for(ticket), now=NOON)
    for n in range(proofs.MOST_SENT_AN_HOUR):
        asked(ticket.number, browser=str(n))

    assert asked(ticket.number, browser="a stranger's").ticket is None
    assert asked(ticket.number).ticket == ticket


def test_stolen_account_gets_no_code_and_opens_nothing_with_an_older_one() -> None:
    ticket = case("kim")
    proof = asked(ticket.number)
    code = code_for(ticket)
    identities.mark_compromised(identity=account("kim"), by=ada(), now=NOON)

    assert refused(proof, code) == "wrong_code"
    asked(ticket.number, browser="the thief's")
    assert codes(ticket).count("proof_sent") == 1


def test_claims_number_opens_nothing_while_the_claim_is_not_decided() -> None:
    ticket = case("kim")
    claim = claim_on(ticket)

    proof = asked(claim.claim_number)

    assert proof.ticket is None
    assert "proof_sent" not in codes(ticket)


def test_public_place_gets_no_code() -> None:
    ticket = case("kim", by="board", is_public=True)

    assert asked(ticket.number).ticket is None


def test_page_of_our_own_gets_no_code_for_nobody_would_see_it_there() -> None:
    door("web", capabilities={"on_our_page": True})
    ticket = case("kim", by="web")

    assert asked(ticket.number).ticket is None


def test_merged_number_opens_the_survivor_only_for_the_same_customer() -> None:
    ticket, other = case("kim"), case("lee", "登录不上，验证码错误")
    own = case("kim", "另一个问题：发票抬头写错了")
    merging.merge(source=own, target=ticket, by=ada(), now=NOON)
    merging.merge(source=other, target=ticket, by=ada(), now=NOON)

    assert asked(own.number, browser="a").ticket == own
    assert asked(other.number, browser="b").ticket is None


def test_account_that_became_another_customers_opens_nothing() -> None:
    ticket = case("kim")
    proof = asked(ticket.number)
    code = code_for(ticket)
    kim = account("kim")
    kim.contact = Contact.objects.create(name="Somebody", created_at=NOON)
    kim.save()

    assert refused(proof, code) == "wrong_code"


def test_leaving_closes_what_was_open() -> None:
    ticket = case("kim")
    proof = asked(ticket.number)
    proofs.open_case(proof=proof, code=code_for(ticket), now=NOON)

    proofs.leave(browser=BROWSER, now=NOON)

    assert proofs.granted(browser=BROWSER, number=ticket.number, now=NOON) is None


def test_old_wishes_are_forgotten() -> None:
    asked(UNKNOWN)

    proofs.settle_due(now=NOON + timedelta(days=3))

    assert not CaseProof.objects.exists()


def test_code_that_comes_too_late_is_not_sent() -> None:
    ticket = case("kim")
    proofs.ask(number=ticket.number, browser=BROWSER, now=NOON)

    proofs.settle_due(now=later(minutes=16))

    assert "proof_sent" not in codes(standing(ticket))


def test_code_goes_where_the_owner_wrote_last() -> None:
    ticket = case("kim")
    says("kim", "还有一点要补充", at=later(minutes=1))

    asked(ticket.number, at=later(minutes=2))

    assert code_for(ticket)
