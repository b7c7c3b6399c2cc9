"""Identities: vouched for, stolen, given back."""

import pytest

from tests.tickets.cast import account, ada, agent, case, codes, later, only_conversation, standing
from tickets.actions.acknowledgements import send_due
from tickets.actions.identities import clear_compromised, mark_compromised, verify_identity
from tickets.actions.refusals import Refused
from tickets.actions.replies import reply
from tickets.models import Acknowledgement, Delivery, History, Identity, IdentityStatus

pytestmark = pytest.mark.django_db


def unverified(who: str = "kim") -> Identity:
    Identity.objects.filter(external_id=who).update(status=IdentityStatus.UNVERIFIED)
    return account(who)


def test_agent_verifies_an_identity_and_each_of_its_cases_tells() -> None:
    first = case("kim")
    second = case("kim", "发票怎么开", at=later(days=3))
    other = case("lin", "附件传不上去")

    verify_identity(identity=unverified(), by=ada(), now=later(days=4))

    assert account("kim").is_verified
    assert codes(first)[-1] == codes(second)[-1] == "identity_verified"
    assert "identity_verified" not in codes(other)
    assert History.objects.filter(code="identity_verified", actor_user=agent("ada")).count() == 2


def test_stolen_identity_is_not_verified_whatever_the_page_showed() -> None:
    case("kim")
    as_loaded = unverified()
    mark_compromised(identity=account("kim"), by=ada(), now=later(minutes=1))

    with pytest.raises(Refused, match="compromised"):
        verify_identity(identity=as_loaded, by=ada(), now=later(minutes=2))

    assert account("kim").is_compromised


def test_what_was_on_its_way_to_a_stolen_account_is_stopped() -> None:
    ticket = case("kim")
    kims = only_conversation(ticket)
    queued = reply(conversation=kims, text="一", by=ada(), now=later(minutes=1)).deliveries.get()
    sent = reply(conversation=kims, text="二", by=ada(), now=later(minutes=2)).deliveries.get()
    Delivery.objects.filter(pk=sent.pk).update(state="sent")

    mark_compromised(identity=account("kim"), by=ada(), now=later(minutes=3))

    queued.refresh_from_db()
    sent.refresh_from_db()
    assert (queued.state, queued.error) == ("cancelled", {"code": "compromised"})
    assert sent.state == "sent"


def test_stolen_account_gets_no_acknowledgement() -> None:
    case("kim")
    mark_compromised(identity=account("kim"), by=ada(), now=later(seconds=2))

    assert send_due(now=later(minutes=1)) == 0

    owed = Acknowledgement.objects.get()
    assert (owed.state, owed.reason) == ("skipped", "compromised")


def test_account_given_back_must_be_verified_anew() -> None:
    case("kim")
    mark_compromised(identity=account("kim"), by=ada(), now=later(minutes=1))

    clear_compromised(identity=account("kim"), by=ada(), now=later(minutes=2))

    assert account("kim").status == IdentityStatus.UNVERIFIED


def test_clearing_an_account_that_was_not_stolen_takes_nothing_from_it() -> None:
    ticket = case("kim")
    version = standing(ticket).version

    clear_compromised(identity=account("kim"), by=ada(), now=later(minutes=1))

    assert account("kim").is_verified
    assert standing(ticket).version == version


def test_judging_twice_is_recorded_once() -> None:
    ticket = case("kim")

    mark_compromised(identity=account("kim"), by=ada(), now=later(minutes=1))
    mark_compromised(identity=account("kim"), by=ada(), now=later(minutes=2))

    assert codes(ticket).count("identity_compromised") == 1
    assert standing(ticket).version == ticket.version + 1
