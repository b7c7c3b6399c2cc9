"""Going on in private: one public reply, a link that proves nothing, a claim like any other."""

import re
from typing import Any

import pytest

from tests.tickets.cast import (
    NOON,
    account,
    ada,
    agent,
    bea,
    case,
    codes,
    conversation_of,
    door,
    last_sent,
    later,
    only_conversation,
    says,
    standing,
)
from tickets.actions import claims, lifecycle, merging, undoing
from tickets.actions.acknowledgements import send_due
from tickets.actions.identities import mark_compromised
from tickets.actions.inviting import invite, invited_conversation, private_link
from tickets.actions.refusals import Refused
from tickets.actions.replies import ReplyRefused
from tickets.actor import Actor
from tickets.interchange import Sender
from tickets.models import Conversation, Message, Role

pytestmark = pytest.mark.django_db

LINKING = {"invites": "link"}
GROUP = {**LINKING, "few_replies": True}


def post(**capabilities: object) -> Conversation:
    """A public post of Kim's."""
    door("forum", is_public=True, capabilities=capabilities)
    return only_conversation(case("kim", "规则保存不了，刷新后就没了", by="forum"))


def token_in(text: str) -> str:
    found = re.search(r"http://testserver/support/private/([^/\s]+)/", text)
    assert found, text
    return found[1]


def goes_on(
    public: Conversation, text: str = "我的手机 13812340192", **fields: Any
) -> Conversation:
    """Somebody opens the link and writes; returns where that stands."""
    who = str(fields.pop("who", "form-1"))
    door("web", kind="web_form")
    fields = {"by": "web", "at": later(hours=2), "thread": who, **fields}
    return conversation_of(says(who, text, invited_to=public.pk, **fields))


def test_invitation_is_one_public_reply_with_a_link() -> None:
    public = post(**LINKING)

    message = invite(conversation=public, by=ada(), now=later(hours=1))

    assert message.is_public
    assert message.author is None
    assert invited_conversation(token_in(message.text), now=later(hours=2)) == public
    assert message.deliveries.get().recipient == public.identity
    assert "invited" in codes(public.ticket)


def test_invitation_stops_no_clock() -> None:
    public = post(**LINKING)

    invite(conversation=public, by=ada(), now=later(hours=1))

    assert standing(public.ticket).waiting_since == NOON


def test_place_that_takes_no_links_gets_words_only() -> None:
    message = invite(conversation=post(), by=ada(), now=later(hours=1))

    assert "http" not in message.text


def test_second_invitation_is_refused_until_the_link_is_dead() -> None:
    public = post(**LINKING)
    invite(conversation=public, by=ada(), now=later(hours=1))

    with pytest.raises(Refused, match="invited_already"):
        invite(conversation=public, by=bea(), now=later(hours=2))

    assert invite(conversation=public, by=bea(), now=later(days=8)).pk


def test_private_conversation_needs_no_invitation() -> None:
    with pytest.raises(Refused, match="not_public"):
        invite(conversation=only_conversation(case()), by=ada(), now=later(hours=1))


def test_helper_may_invite_who_wrote_in_public() -> None:
    hal = Actor.of(agent("hal", role=Role.HELPER))

    assert invite(conversation=post(**LINKING), by=hal, now=later(hours=1)).pk


def test_stolen_account_is_not_invited() -> None:
    public = post(**LINKING)
    mark_compromised(identity=public.identity, by=ada(), now=later(minutes=5))

    with pytest.raises(ReplyRefused, match="compromised"):
        invite(conversation=public, by=ada(), now=later(hours=1))


@pytest.mark.parametrize("token", ["", "x", "e30:abc", "WzEsMl0:abc"])
def test_link_that_we_did_not_sign_is_dead(token: str) -> None:
    with pytest.raises(Refused, match="link_dead"):
        invited_conversation(token, now=NOON)


def test_link_dies_after_a_week() -> None:
    public = post(**LINKING)
    token = token_in(private_link(public, now=NOON))

    assert invited_conversation(token, now=later(days=6, hours=23)) == public
    with pytest.raises(Refused, match="link_dead"):
        invited_conversation(token, now=later(days=7, seconds=1))


def test_link_of_a_stolen_account_is_dead() -> None:
    public = post(**LINKING)
    mark_compromised(identity=public.identity, by=ada(), now=later(minutes=5))

    with pytest.raises(Refused, match="link_dead"):
        invited_conversation(token_in(private_link(public, now=NOON)), now=later(hours=1))


def test_whoever_opens_the_link_joins_as_a_claim_with_a_number_of_their_own() -> None:
    public = post(**LINKING)

    claim = goes_on(public)

    assert claim.ticket == public.ticket
    assert claim.is_pending_claim
    assert claim.claim_number != public.ticket.number
    message = claim.messages.get()
    assert message.decision["rule"] == "invitation"
    assert not message.is_public
    assert standing(public.ticket).contact == public.identity.contact
    assert account("form-1").contact != public.identity.contact


def test_everybody_who_read_along_has_a_claim_apart_from_the_others() -> None:
    public = post(**LINKING)

    first, second = goes_on(public), goes_on(public, who="form-2")

    assert first != second
    assert {first.is_pending_claim, second.is_pending_claim} == {True}


def test_more_words_stay_with_the_claim() -> None:
    claim = goes_on(post(**LINKING))

    more = says("form-1", "补充一下", by="web", thread="form-1", at=later(hours=3))

    assert conversation_of(more) == claim


def test_after_verification_both_accounts_are_one_customer() -> None:
    public = post(**LINKING)
    claim = goes_on(public)

    claims.verify(conversation=claim, by=ada(), now=later(hours=3))

    kim = public.identity.contact
    assert set(kim.identities.values_list("external_id", flat=True)) == {"kim", "form-1"}
    later_on = says("form-1", "还有一个问题", by="web", thread="form-1", at=later(hours=4))
    assert later_on.ticket == public.ticket
    assert not conversation_of(later_on).is_pending_claim


def test_number_written_behind_the_link_decides_before_the_link() -> None:
    public, other = post(**LINKING), case("lin", "附件上传失败，错误 12")

    claim = goes_on(public, f"案号 QM-{other.number}")

    assert claim.ticket == other
    assert claim.is_pending_claim


def test_number_that_leads_nowhere_does_not_cut_the_link() -> None:
    public = post(**LINKING)

    assert goes_on(public, "案号 QM-4821-0937-11").ticket == public.ticket


def test_known_other_customer_gets_a_case_of_their_own() -> None:
    public = post(**LINKING)
    case("max", "登录失败", sender=Sender("max", vouched="max"))

    claim = goes_on(public, sender=Sender("form-9", vouched="max"))

    assert claim.ticket != public.ticket


def test_resolved_case_stays_resolved() -> None:
    public = post(**LINKING)
    lifecycle.resolve(ticket=public.ticket, by=ada(), now=later(minutes=30))

    claim = goes_on(public)

    assert claim.ticket == public.ticket
    assert standing(public.ticket).is_closed


def test_claim_goes_home_with_the_post_when_a_merge_is_undone() -> None:
    public, other = post(**LINKING), case("lin", "附件上传失败，错误 12")
    home = public.ticket
    move = merging.merge(source=home, target=other, by=ada(), now=later(minutes=30))
    claim = goes_on(public)
    assert claim.ticket == other

    undoing.undo(move=move, by=ada(), now=later(hours=3))

    claim.refresh_from_db()
    assert claim.ticket == home


def test_invitation_from_a_private_conversation_is_no_way_in() -> None:
    private = only_conversation(case("kim"))

    landed = goes_on(private)

    assert landed.ticket != private.ticket


def test_in_a_crowd_the_acknowledgement_is_the_link_and_no_number() -> None:
    door("chat", capabilities=GROUP)
    landing = says("kim", "收不到邮件", thread="g", is_public=True, replies_left=5)
    public = conversation_of(landing)

    send_due(now=later(minutes=1))

    told = last_sent(public)
    assert told.automatic == "acknowledgement"
    assert invited_conversation(token_in(told.text), now=later(hours=1)) == public
    assert re.findall(r"\d{4,}", told.text.replace(token_in(told.text), "")) == []


def test_what_is_told_in_a_crowd_does_not_depend_on_what_exists() -> None:
    door("chat", capabilities=GROUP)
    ticket = case("max", by="mail")
    told = []
    for n, number in enumerate([ticket.number, "4821093710", "4821093711"]):
        text = f"案号 QM-{number} 有进展吗"
        landing = says(f"kim{n}", text, thread="g", is_public=True, replies_left=5)
        send_due(now=later(minutes=1))
        text = last_sent(conversation_of(landing)).text
        told.append(text.replace(token_in(text), ""))

    assert len(set(told)) == 1


def test_in_private_the_same_channel_gives_the_number() -> None:
    door("chat", capabilities=GROUP)
    ticket = case("kim", replies_left=5)

    send_due(now=later(minutes=1))

    (told,) = Message.objects.filter(automatic="acknowledgement")
    assert ticket.number[-2:] in told.text
    assert "http" not in told.text


def test_invitation_is_in_the_customers_language() -> None:
    door("forum", is_public=True, capabilities=LINKING)
    public = only_conversation(case("kim", "My rules are gone after a reload", by="forum"))

    message = invite(conversation=public, by=ada(), now=later(hours=1))

    assert message.text.startswith("Let us go on in private")
