"""Merging, splitting and undoing re-point conversations and copy nothing."""

from collections.abc import Callable

import pytest

from tests.tickets.cast import (
    ada,
    agent,
    case,
    claim_on,
    conversation_of,
    later,
    printed,
    says,
    standing,
)
from tickets.actions import claims, lifecycle, merging, splitting, undoing
from tickets.actions.notes import add_note
from tickets.actions.refusals import Refused
from tickets.actions.replies import reply
from tickets.models import Conversation, History, Message, Move, Ticket

pytestmark = pytest.mark.django_db


def merged(source: Ticket, target: Ticket, **at: float) -> Move:
    return merging.merge(source=source, target=target, by=ada(), now=later(**(at or {"hours": 1})))


def conversations_on(ticket: Ticket) -> set[str]:
    return set(ticket.conversations.values_list("identity__external_id", flat=True))


def test_merge_points_the_conversations_and_keeps_every_message() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    before = list(Message.objects.order_by("pk").values_list("pk", "conversation_id"))

    merged(source, target)

    assert conversations_on(target) == {"kim", "lin"}
    assert not source.conversations.exists()
    assert list(Message.objects.order_by("pk").values_list("pk", "conversation_id")) == before


def test_both_histories_name_the_other_case_and_the_agent() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")

    merged(source, target)

    gone = History.objects.get(ticket=source, code="merged_into")
    kept = History.objects.get(ticket=target, code="merged_from")
    assert gone.data["number"] == target.number
    assert kept.data["number"] == source.number
    assert gone.actor_user == kept.actor_user == agent("ada")


def test_longer_wait_counts_after_a_merge() -> None:
    target = case("lin", "附件传不上去", at=later(minutes=30))
    source = case("kim", at=later(minutes=0))

    merged(source, target)

    assert standing(target).waiting_since == later(minutes=0)


def test_numbers_of_a_chain_lead_to_the_last_survivor() -> None:
    first, second, third = case("a"), case("b", "附件传不上去"), case("c", "发票怎么开")
    merged(first, second, hours=1)
    merged(second, third, hours=2)

    landing = says("a", f"{printed(first)} 怎么样了", at=later(hours=3))

    assert landing.ticket == third
    assert landing.message is not None
    assert landing.message.decision["review"] == "merged"


@pytest.mark.parametrize("code", ["same", "source_merged", "target_merged"])
def test_impossible_merge_is_refused_with_its_reason(code: str) -> None:
    a, b, c = case("a"), case("b", "附件传不上去"), case("c", "发票怎么开")
    merged(a, b)
    pairs = {"same": (c, c), "source_merged": (a, c), "target_merged": (c, a)}
    source, target = pairs[code]

    assert merging.preview(standing(source), standing(target)).refusal == code
    with pytest.raises(merging.MergeRefused, match=code):
        merged(source, target)


def test_preview_tells_what_would_move_and_changes_nothing() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")

    shown = merging.preview(source, target)

    assert [c.identity.external_id for c in shown.conversations] == ["kim"]
    assert shown.messages == 1
    assert not shown.same_contact
    assert not Move.objects.exists()


def test_undo_sends_each_conversation_home_with_what_it_received_since() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    move = merged(source, target)
    says("kim", "还是收不到", at=later(hours=2))
    says("lin", "还是传不上去", at=later(hours=2))

    undone = undoing.undo(move=move, by=ada(), now=later(hours=3))

    assert conversations_on(source) == {"kim"}
    assert conversations_on(target) == {"lin"}
    assert Message.objects.filter(conversation__ticket=source).count() == 2
    assert [c.identity.external_id for c in undone.returned] == ["kim"]
    assert not standing(source).is_merged


def test_conversation_opened_by_the_merged_number_goes_back_too() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    move = merged(source, target)
    newcomer = claim_on(source, "newcomer", at=later(hours=2))
    other = claim_on(target, "other", at=later(hours=2))

    undoing.undo(move=move, by=ada(), now=later(hours=3))

    newcomer.refresh_from_db()
    other.refresh_from_db()
    assert newcomer.ticket == source
    assert other.ticket == target


def test_undo_tells_what_had_been_sent_to_whom() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    move = merged(source, target)
    kims = Conversation.objects.get(identity__external_id="kim")
    sent = reply(conversation=kims, text="已修复", by=ada(), now=later(hours=2))

    undone = undoing.undo(move=move, by=ada(), now=later(hours=3))

    assert undone.already_sent == [sent]


def test_undo_gives_both_clocks_back() -> None:
    target = case("lin", "附件传不上去", at=later(minutes=30))
    source = case("kim", at=later(minutes=0))
    move = merged(source, target)

    undoing.undo(move=move, by=ada(), now=later(hours=3))

    assert standing(source).waiting_since == later(minutes=0)
    assert standing(target).waiting_since == later(minutes=30)


def test_answer_given_after_the_merge_still_counts_after_the_undo() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    move = merged(source, target)
    lins = Conversation.objects.get(identity__external_id="lin")
    reply(conversation=lins, text="请再试一次", by=ada(), now=later(hours=2))

    undoing.undo(move=move, by=ada(), now=later(hours=3))

    assert standing(target).waiting_since is None
    assert standing(target).first_replied_at == later(hours=2)
    assert standing(source).waiting_since is not None


def test_closed_case_that_got_a_message_while_merged_is_open_after_the_undo() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    lifecycle.resolve(ticket=source, by=ada(), now=later(minutes=30))
    move = merged(source, target)
    says("kim", "又坏了", at=later(hours=2))

    undoing.undo(move=move, by=ada(), now=later(hours=3))

    assert standing(source).state == "open"
    assert standing(source).waiting_since == later(hours=2)


def test_undo_after_the_survivor_was_merged_on_brings_the_case_home() -> None:
    first, second, third = case("a"), case("b", "附件传不上去"), case("c", "发票怎么开")
    move = merged(first, second, hours=1)
    merged(second, third, hours=2)

    undoing.undo(move=move, by=ada(), now=later(hours=3))

    assert conversations_on(first) == {"a"}
    assert conversations_on(third) == {"b", "c"}


def test_conversation_split_off_meanwhile_stays_where_it_is() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    move = merged(source, target)
    kims = Conversation.objects.get(identity__external_id="kim")
    own = splitting.split(conversation=kims, by=ada(), now=later(hours=2))

    undone = undoing.undo(move=move, by=ada(), now=later(hours=3))

    kims.refresh_from_db()
    assert kims.ticket == own
    assert undone.stayed == [kims]


def test_move_is_undone_once() -> None:
    move = merged(case("kim"), case("lin", "附件传不上去"))
    undoing.undo(move=move, by=ada(), now=later(hours=2))

    with pytest.raises(Refused, match="already_undone"):
        undoing.undo(move=move, by=ada(), now=later(hours=3))


def test_undone_merge_can_be_made_again() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    undoing.undo(move=merged(source, target), by=ada(), now=later(hours=2))

    merged(source, target, hours=3)

    assert conversations_on(target) == {"kim", "lin"}


def test_notes_stay_with_the_case_they_were_written_on() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    note = add_note(ticket=source, text="查日志", by=ada(), now=later(minutes=1))

    merged(source, target)

    note.refresh_from_db()
    assert note.ticket == source


def test_split_gives_a_conversation_a_case_and_a_number_of_its_own() -> None:
    ticket = case("kim")
    claim = claim_on(ticket)
    claims.verify(conversation=claim, by=ada(), now=later(minutes=1))

    fresh = splitting.split(conversation=claim, by=ada(), now=later(hours=1))

    claim.refresh_from_db()
    assert claim.ticket == fresh != ticket
    assert says("kim", f"QM{fresh.number}", at=later(hours=2)).ticket == fresh


def test_only_conversation_cannot_be_split_off() -> None:
    landing = says("kim", "收不到邮件")

    with pytest.raises(Refused, match="only_conversation"):
        splitting.split(conversation=conversation_of(landing), by=ada(), now=later(hours=1))


def test_undone_split_leads_the_new_number_home() -> None:
    ticket = case("kim")
    claim = claim_on(ticket)
    claims.verify(conversation=claim, by=ada(), now=later(minutes=1))
    fresh = splitting.split(conversation=claim, by=ada(), now=later(hours=1))

    undoing.undo(move=Move.objects.get(), by=ada(), now=later(hours=2))

    claim.refresh_from_db()
    assert claim.ticket == ticket
    assert says("kim", f"QM{fresh.number}", at=later(hours=3)).ticket == ticket


def test_mistyped_number_set_right_can_be_undone() -> None:
    ticket = case("kim")
    wrong = f"案号 QM-{ticket.number[:4]}-{ticket.number[4:8]}-01"
    fresh = says("kim", wrong, at=later(days=2)).ticket
    assert fresh is not None
    says("kim", f"打错了，{printed(ticket)}", at=later(days=2, minutes=1))
    assert standing(fresh).merged_into == ticket

    undoing.undo(move=Move.objects.get(kind="correction"), by=ada(), now=later(days=3))

    assert not standing(fresh).is_merged
    assert fresh.conversations.exists()


def test_every_action_raises_each_version_once() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    before = (source.version, target.version)

    move = merged(source, target)
    assert (standing(source).version, standing(target).version) == tuple(v + 1 for v in before)

    undoing.undo(move=move, by=ada(), now=later(hours=2))
    assert (standing(source).version, standing(target).version) == tuple(v + 2 for v in before)


@pytest.mark.parametrize("put_aside", [lifecycle.resolve, lifecycle.wait_for_customer])
def test_case_put_aside_opens_for_a_customer_who_waits_in_the_other(
    put_aside: Callable[..., Ticket],
) -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    put_aside(ticket=target, by=ada(), now=later(minutes=1))

    merged(source, target)

    assert standing(target).state == "open"
    assert standing(target).waiting_since == source.waiting_since


def test_case_put_aside_stays_so_when_nobody_waits() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    lifecycle.resolve(ticket=target, by=ada(), now=later(minutes=1))
    lifecycle.wait_for_customer(ticket=source, by=ada(), now=later(minutes=1))

    merged(source, target)

    assert standing(target).is_closed


def test_survivors_counter_is_ahead_of_all_that_it_took_in() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    for minute in range(5):
        says("kim", f"补充{minute}", at=later(minutes=minute))

    merged(source, target)

    newest = max(Message.objects.values_list("version", flat=True))
    assert newest < standing(target).version
