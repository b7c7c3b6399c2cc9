"""Senders are told apart and joined only where somebody vouches for them."""

import pytest

from tests.tickets.cast import NOON, ada, case, printed, says
from tickets.actions import identities
from tickets.interchange import Sender
from tickets.models import (
    Contact,
    Conversation,
    Identity,
)

pytestmark = pytest.mark.django_db


def test_newcomer_becomes_a_contact_with_the_language_of_their_words() -> None:
    says("kim", "メールが届きません", sender=Sender("kim", name="Kim"))

    contact = Contact.objects.get()
    assert (contact.name, contact.language) == ("Kim", "ja")


@pytest.mark.parametrize(("proven", "status"), [(True, "verified"), (False, "unverified")])
def test_identity_is_verified_where_the_channel_proves_it(proven: bool, status: str) -> None:
    says("kim", "hi", sender=Sender("kim", proven=proven))

    assert Identity.objects.get().status == status


def test_identity_that_the_vendor_vouches_for_joins_its_contact() -> None:
    ticket = case(sender=Sender("kim", vouched="union-1"))

    landing = says("k", f"案号{printed(ticket)}", by="app", sender=Sender("k2", vouched="union-1"))

    assert Contact.objects.count() == 1
    assert landing.number == ticket.number
    assert not Conversation.objects.filter(claim="pending").exists()


def test_verified_address_joins_its_contact_whatever_its_case() -> None:
    case(sender=Sender("kim", address="Kim@Shop.example", address_verified=True))

    says(
        "k",
        "hello",
        by="mail",
        sender=Sender("k", address="kim@shop.example", address_verified=True),
    )

    assert Contact.objects.count() == 1


@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True), (False, False)])
def test_address_that_somebody_only_typed_joins_nobody(first: bool, second: bool) -> None:
    typed = "kim@shop.example"
    case(sender=Sender("kim", address=typed, address_verified=first))

    says("eve", "hello", by="mail", sender=Sender("eve", address=typed, address_verified=second))

    assert Contact.objects.count() == 2


def test_address_verified_later_is_learnt() -> None:
    typed = "kim@shop.example"
    case(sender=Sender("kim", address=typed))
    says("kim", "again", sender=Sender("kim", address=typed, address_verified=True))

    says("k", "hello", by="mail", sender=Sender("k", address=typed, address_verified=True))

    assert Contact.objects.count() == 1


def test_compromised_identity_vouches_for_nobody() -> None:
    case(sender=Sender("kim", vouched="union-1"))
    identities.mark_compromised(identity=Identity.objects.get(), by=ada(), now=NOON)

    says("k", "hello", by="app", sender=Sender("k", vouched="union-1"))

    assert Contact.objects.count() == 2
