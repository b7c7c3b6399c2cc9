"""Vendors are asked who has written: few at a time, rarely, and never at any price."""

from datetime import timedelta

import pytest

from channels_ingest import profiles
from channels_ingest.connectors.base import FetchFailure
from tests.channels_ingest.doors import NOON
from tests.channels_ingest.forum_with_rights import Moderated, moderated_channel
from tests.own_cache import empty_cache
from tests.tickets.cast import account, ada, door, says
from tickets.actions.identities import mark_compromised
from tickets.interchange import Sender
from tickets.models import Channel, Identity

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def board() -> Channel:
    empty_cache()
    return moderated_channel()


def writes(who: str = "kim", **span: float) -> Identity:
    at = NOON + timedelta(**span)
    says(who, "规则保存不了", by="board", at=at)
    return account(who)


def ask(**span: float) -> int:
    return profiles.ask_due(now=NOON + timedelta(**span))


def test_whoever_wrote_is_asked_about_and_linked_by_the_vendors_key() -> None:
    door("mail")
    says("kim-mail", "附件上传失败", by="mail", sender=Sender("kim-mail", vouched="u1"), at=NOON)
    writes("kim")
    Moderated.people["kim"] = Sender("kim", name="小金", vouched="u1")

    assert ask(minutes=1) == 1

    kim = account("kim")
    assert (kim.name, kim.vouched) == ("小金", "u1")
    assert kim.contact == account("kim-mail").contact


def test_nobody_is_asked_about_twice_in_a_week() -> None:
    writes()
    ask(minutes=1)
    writes(days=1)

    assert ask(days=1, minutes=1) == 0


def test_after_a_week_only_who_wrote_since_is_asked_about() -> None:
    writes("kim")
    writes("lin")
    ask(minutes=1)
    empty_cache()
    writes("kim", days=7)

    assert ask(days=7, minutes=2) == 1
    assert Moderated.asked[2:] == ["kim"]


def test_address_counts_only_where_the_vendor_has_proved_it() -> None:
    writes()
    Moderated.people["kim"] = Sender("kim", address="kim@example.com")

    ask(minutes=1)

    assert account("kim").address == ""


def test_vendor_that_fails_is_left_alone_for_a_while() -> None:
    for n in range(3):
        writes(f"k{n}")
        Moderated.people[f"k{n}"] = FetchFailure("busy")

    assert ask(minutes=1) == 1
    assert ask(minutes=2) == 1
    assert Identity.objects.filter(profiled_at__isnull=False).count() == 0


def test_fault_of_a_connector_stops_nothing() -> None:
    writes()
    Moderated.people["kim"] = KeyError("nonsense")

    assert ask(minutes=1) == 1
    assert account("kim").profiled_at is None


def test_few_are_asked_about_in_one_round() -> None:
    for n in range(8):
        writes(f"k{n}")

    assert [ask(minutes=1), ask(minutes=2)] == [5, 3]


def test_vendor_that_cannot_be_asked_is_not(board: Channel) -> None:
    door("chat")
    says("kim", "收不到邮件", at=NOON)

    assert ask(minutes=1) == 0


def test_paused_channel_and_stolen_account_are_not_asked_about(board: Channel) -> None:
    writes("kim")
    mark_compromised(identity=account("kim"), by=ada(), now=NOON)
    assert ask(minutes=1) == 0

    writes("lin")
    board.is_paused = True
    board.save()
    assert ask(minutes=2) == 0
