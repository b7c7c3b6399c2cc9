"""A vendor's word links accounts by itself; everything weaker does not."""

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.tickets.cast import (
    account,
    ada,
    case,
    claim_on,
    codes,
    conversation_of,
    later,
    printed,
    says,
    standing,
)
from tickets.actions.identities import mark_compromised
from tickets.actions.linking import unlink_identity
from tickets.actions.vouching import vouch
from tickets.interchange import Sender
from tickets.models import History, Identity, IdentityStatus

pytestmark = pytest.mark.django_db


def known(who: str = "kim", **fields: str) -> Identity:
    """A customer whose account the vendor has vouched for."""
    case(who)
    Identity.objects.filter(external_id=who).update(**(fields or {"vouched": "union-1"}))
    return account(who)


def say(who: str, at: int = 1, **said: str) -> Identity:
    return vouch(identity=account(who), now=later(hours=at), **said)


def test_same_key_makes_two_accounts_one_customer() -> None:
    kim = known()
    other = case("lin", "附件上传失败", by="mail")

    say("lin", vouched="union-1")

    assert account("lin").contact == kim.contact
    assert standing(other).contact == kim.contact
    assert codes(other)[-1] == "identity_vouched"


def test_same_proven_address_does_so_too() -> None:
    kim = known(address="kim@example.com")
    case("lin", "附件上传失败", by="mail")

    say("lin", address="Kim@Example.com")

    assert account("lin").contact == kim.contact


def test_address_of_an_unverified_account_links_nobody() -> None:
    kim = known(address="kim@example.com", status=IdentityStatus.UNVERIFIED)
    case("lin", "附件上传失败", by="mail")

    say("lin", address="kim@example.com")

    assert account("lin").contact != kim.contact


def test_pending_claims_on_the_contacts_cases_are_verified() -> None:
    known()
    ticket = case("kim", "发票怎么开，抬头写错了", at=later(days=2))
    claim = claim_on(ticket, "lin")

    say("lin", vouched="union-1")

    claim.refresh_from_db()
    assert claim.claim == "verified"
    verified = History.objects.get(ticket=ticket, code="claim_verified")
    assert verified.data["how"] == "vendor"


def test_same_word_again_does_not_undo_the_undoing() -> None:
    known()
    other = case("lin", "附件上传失败", by="mail")
    before = account("lin").contact
    say("lin", vouched="union-1")
    row = History.objects.get(ticket=other, code="identity_vouched")
    unlink_identity(link=row, by=ada(), now=later(hours=2))

    say("lin", 3, vouched="union-1", name="Lin")

    assert account("lin").contact == before
    assert account("lin").name == "Lin"


def test_stolen_account_vouches_for_nobody() -> None:
    kim = known()
    mark_compromised(identity=kim, by=ada(), now=later(minutes=1))
    case("lin", "附件上传失败", by="mail")

    say("lin", vouched="union-1")

    assert account("lin").contact != kim.contact


def test_of_a_stolen_account_nothing_is_taken() -> None:
    kim = known()
    case("lin", "附件上传失败", by="mail")
    mark_compromised(identity=account("lin"), by=ada(), now=later(minutes=1))

    say("lin", vouched="union-1", name="Kim")

    thief = account("lin")
    assert (thief.contact == kim.contact, thief.vouched, thief.name) == (False, "", "")
    assert thief.profiled_at == later(hours=1)


def test_nothing_said_is_noted_as_asked() -> None:
    known()

    say("kim")

    assert account("kim").profiled_at == later(hours=1)
    assert account("kim").vouched == "union-1"


def test_name_is_taken_where_the_contact_has_none() -> None:
    case("kim")

    say("kim", name="小金")

    assert account("kim").contact.name == "小金"


def test_key_that_comes_with_a_later_message_links_too(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    kim = known()
    other = case("lin", "附件上传失败", by="mail")

    with django_capture_on_commit_callbacks(execute=True):
        says("lin", "还有", by="mail", sender=Sender("lin", vouched="union-1"), at=later(hours=1))

    assert account("lin").contact == kim.contact
    assert standing(other).contact == kim.contact


def test_unproven_word_of_mouth_links_nobody(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    kim = known(address="kim@example.com", phone="13812340192", name="Kim")
    with django_capture_on_commit_callbacks(execute=True):
        sender = Sender("lin", "Kim", address="kim@example.com", phone="13812340192")
        case("lin", "附件上传失败", by="mail", sender=sender)
        says("lin", "我就是 Kim", by="mail", sender=sender, at=later(hours=1))

    assert account("lin").contact != kim.contact


def test_claim_of_a_stranger_stays_one_when_another_key_is_told() -> None:
    ticket = case("kim")
    landing = says("lin", f"案号 {printed(ticket)}", by="mail")

    say("lin", vouched="union-of-lin")

    assert conversation_of(landing).is_pending_claim
