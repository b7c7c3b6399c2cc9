"""Undoing what other moves have built upon: chains, splits, claims and corrected numbers."""

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.tickets.cast import (
    account,
    ada,
    case,
    claim_on,
    codes,
    conversation_of,
    later,
    only_conversation,
    printed,
    says,
    standing,
)
from tickets.actions import claims, lifecycle, merging, splitting, undoing
from tickets.actions.refusals import Refused
from tickets.actions.replies import reply
from tickets.models import Alias, Conversation, Delivery, History, Move, Ticket

pytestmark = pytest.mark.django_db


def merged(source: Ticket, target: Ticket, **at: float) -> Move:
    return merging.merge(source=source, target=target, by=ada(), now=later(**(at or {"hours": 1})))


def undone(move: Move, **at: float) -> undoing.Undone:
    return undoing.undo(move=move, by=ada(), now=later(**(at or {"hours": 9})))


def speakers(ticket: Ticket) -> set[str]:
    return set(ticket.conversations.values_list("identity__external_id", flat=True))


def chain() -> tuple[list[Ticket], list[Move]]:
    """a merged into b, then b into c."""
    a, b, c = case("a"), case("b", "附件传不上去"), case("c", "发票怎么开")
    return [a, b, c], [merged(a, b, hours=1), merged(b, c, hours=2)]


def test_survivor_of_a_chain_gets_its_clock_and_its_notice_back() -> None:
    (a, _b, c), moves = chain()
    reply(conversation=only_conversation(c, "c"), text="请重试", by=ada(), now=later(hours=3))
    says("a", "还是收不到", at=later(hours=4))
    version = standing(c).version

    undone(moves[0])

    assert standing(c).version == version + 1
    assert codes(c)[-1] == "undone"
    assert standing(a).waiting_since == a.waiting_since


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_chain_is_undone_in_either_order(order: tuple[int, int]) -> None:
    tickets, moves = chain()
    says("a", "补充", at=later(hours=3))

    for index in order:
        undone(moves[index])

    assert [speakers(ticket) for ticket in tickets] == [{"a"}, {"b"}, {"c"}]
    assert not Ticket.objects.filter(merged_into__isnull=False).exists()


def test_conversation_that_came_by_a_chained_number_goes_to_that_case() -> None:
    (a, b, _c), moves = chain()
    newcomer = claim_on(a, "newcomer", at=later(hours=3))

    undone(moves[1])
    newcomer.refresh_from_db()
    assert newcomer.ticket == b

    undone(moves[0])
    newcomer.refresh_from_db()
    assert newcomer.ticket == a


def test_numbers_lead_home_again() -> None:
    (a, b, c), moves = chain()

    undone(moves[0])

    assert says("a", f"{printed(a)} 怎么样了", at=later(hours=10)).ticket == a
    assert says("b", f"{printed(b)} 怎么样了", at=later(hours=10)).ticket == c


def test_number_given_to_a_claim_goes_home_with_it() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    move = merged(source, target)
    claim = claim_on(source, at=later(hours=2))
    assert Alias.objects.get(number=claim.claim_number).ticket == target

    undone(move)

    assert Alias.objects.get(number=claim.claim_number).ticket == source


def test_answer_without_a_number_goes_home_with_its_author() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    kims = only_conversation(source)
    move = merged(source, target)
    sent = reply(conversation=kims, text="请重试", by=ada(), now=later(hours=2))
    Delivery.objects.filter(message=sent).update(state="sent", external_id="out-1")
    landing = says("kim", "还是不行", thread="new", in_reply_to=("out-1",), at=later(hours=3))
    assert landing.ticket == target
    by_survivors_number = says("kim", printed(target), thread="x", at=later(hours=4))

    undone(move)

    assert conversation_of(landing).ticket == source
    assert conversation_of(by_survivors_number).ticket == target


def test_what_went_out_to_either_customer_is_told() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    kims, lins = only_conversation(source), only_conversation(target)
    before = reply(conversation=lins, text="收到", by=ada(), now=later(minutes=1))
    move = merged(source, target)
    to_kim = reply(conversation=kims, text="已修复", by=ada(), now=later(hours=2))
    to_lin = reply(conversation=lins, text="已修复", by=ada(), now=later(hours=2))
    failed = reply(conversation=lins, text="没到", by=ada(), now=later(hours=2))
    Delivery.objects.filter(message=failed).update(state="failed")

    assert before not in undoing.sent_since(move)
    assert undoing.sent_since(move) == undone(move).already_sent == [to_kim, to_lin]


@pytest.mark.parametrize("state", ["pending", "snoozed"])
def test_case_put_aside_before_the_merge_opens_if_its_customer_wrote_since(state: str) -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    if state == "pending":
        lifecycle.wait_for_customer(ticket=source, by=ada(), now=later(minutes=1))
    else:
        lifecycle.snooze(ticket=source, until=later(days=9), by=ada(), now=later(minutes=1))
    move = merged(source, target)
    says("kim", "补充一下", at=later(hours=2))

    undone(move)

    assert standing(source).state == "open"
    assert standing(source).snoozed_until is None


@pytest.mark.parametrize("state", ["closed", "pending", "snoozed"])
def test_case_put_aside_before_the_merge_stays_so_if_nothing_came(state: str) -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    if state == "closed":
        lifecycle.resolve(ticket=source, by=ada(), now=later(minutes=1))
    elif state == "pending":
        lifecycle.wait_for_customer(ticket=source, by=ada(), now=later(minutes=1))
    else:
        lifecycle.snooze(ticket=source, until=later(days=9), by=ada(), now=later(minutes=1))
    before = standing(source)
    move = merged(source, target)

    undone(move)

    after = standing(source)
    for field in ("state", "waiting_since", "closed_at", "snoozed_until"):
        assert getattr(after, field) == getattr(before, field), field


def test_thanks_for_a_solved_case_do_not_open_it_by_way_of_an_undo() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    lifecycle.resolve(ticket=source, by=ada(), now=later(minutes=30))
    says("kim", "谢谢", at=later(minutes=40))
    assert standing(source).is_closed
    move = merged(source, target)

    undone(move)

    assert standing(source).is_closed


def test_case_that_was_reopened_by_hand_does_not_wait_since_before_it_was_solved() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    lifecycle.resolve(ticket=target, by=ada(), now=later(minutes=10))
    lifecycle.reopen(ticket=target, by=ada(), now=later(minutes=20))
    move = merged(source, target)

    undone(move)

    assert standing(target).waiting_since is None


def test_answer_of_an_agent_who_has_left_still_counts() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    sent = reply(conversation=only_conversation(source), text="好", by=ada(), now=later(minutes=1))
    assert sent.author is not None
    move = merged(source, target)
    sent.author.delete()

    undoing.undo(move=move, by=ada(), now=later(hours=2))

    assert standing(source).waiting_since is None
    assert standing(source).first_replied_at == later(minutes=1)


def split_case() -> tuple[Ticket, Conversation, Ticket, Move]:
    """Kim's case, her phone's conversation, and the case that this was split off to."""
    ticket = case("kim")
    phone = claim_on(ticket, "kims phone")
    claims.verify(conversation=phone, by=ada(), now=later(minutes=1))
    fresh = splitting.split(conversation=phone, by=ada(), now=later(hours=1))
    return ticket, phone, fresh, Move.objects.latest("pk")


def test_undone_split_brings_back_what_joined_the_new_case_since() -> None:
    ticket, _phone, fresh, move = split_case()
    later_claim = claim_on(fresh, "newcomer", by="chat", at=later(hours=2))

    undone(move)

    later_claim.refresh_from_db()
    assert speakers(ticket) == {"kim", "kims phone", "newcomer"}
    assert later_claim.is_pending_claim
    assert standing(fresh).merged_into == ticket


def test_split_off_case_that_was_merged_since_is_taken_apart_first() -> None:
    _ticket, _phone, fresh, move = split_case()
    other = case("lin", "附件传不上去")
    merge = merged(fresh, other, hours=2)

    with pytest.raises(Refused, match="merged_since"):
        undone(move)
    undone(merge)
    undone(move)

    assert standing(fresh).merged_into_id is not None


def test_split_off_case_that_another_was_merged_into_is_taken_apart_first() -> None:
    _ticket, _phone, fresh, move = split_case()
    merged(case("lin", "附件传不上去"), fresh, hours=2)

    with pytest.raises(Refused, match="merged_since"):
        undone(move)

    assert not standing(fresh).is_merged


def test_split_of_a_split_is_undone_step_by_step() -> None:
    ticket, phone, fresh, first = split_case()
    other = claim_on(fresh, "newcomer", by="chat", at=later(hours=2))
    claims.verify(conversation=other, by=ada(), now=later(hours=3))
    splitting.split(conversation=other, by=ada(), now=later(hours=4))

    undone(Move.objects.latest("pk"))
    undone(first)

    phone.refresh_from_db()
    other.refresh_from_db()
    assert phone.ticket == other.ticket == ticket


def rejected() -> tuple[Ticket, Conversation, Ticket, Move]:
    ticket = case("kim")
    claim = claim_on(ticket)
    fresh = claims.reject(conversation=claim, by=ada(), now=later(hours=1))
    return ticket, claim, fresh, Move.objects.get()


def test_rejection_that_was_undone_can_be_repeated() -> None:
    _ticket, claim, fresh, move = rejected()
    undone(move, hours=2)

    again = claims.reject(conversation=claim, by=ada(), now=later(hours=3))

    claim.refresh_from_db()
    assert again == fresh
    assert claim.ticket == fresh
    assert not standing(fresh).is_merged
    assert says("stranger", f"QM{fresh.number}", by="mail", at=later(hours=4)).ticket == fresh


def test_rejection_that_was_undone_can_be_followed_by_a_verification() -> None:
    ticket, claim, fresh, move = rejected()
    undone(move, hours=2)

    claims.verify(conversation=claim, by=ada(), now=later(hours=3))

    assert says("kim", f"QM{fresh.number}", at=later(hours=4)).ticket == ticket


def test_undone_rejection_proves_nothing_by_what_the_claimer_wrote_since() -> None:
    ticket, _claim, fresh, move = rejected()
    more = says("stranger", f"QM{fresh.number} 补充", by="mail", thread="t2", at=later(hours=2))
    assert conversation_of(more).claim == ""

    undone(move)

    mine = Conversation.objects.filter(ticket=ticket, identity=account("stranger"))
    assert {each.claim for each in mine} == {"pending"}
    assert mine.count() == len({each.claim_number for each in mine}) == 2
    numbers = [each.claim_number for each in mine]
    assert Alias.objects.filter(number__in=numbers, ticket=ticket).count() == 2


def test_claim_that_was_answered_meanwhile_waits_no_more() -> None:
    _ticket, claim, _fresh, move = rejected()
    reply(conversation=claim, text="您好", by=ada(), now=later(hours=2))

    undone(move)

    claim.refresh_from_db()
    assert claim.claim_waiting_since is None


def corrected(who: str) -> tuple[Ticket, Ticket, Conversation, Move]:
    """Somebody mistypes the number of kim's case, then gets it right."""
    ticket = case("kim")
    wrong = f"案号 QM-{ticket.number[:4]}-{ticket.number[4:8]}-01"
    fresh = says(who, wrong, by="mail", at=later(minutes=1)).ticket
    assert fresh is not None
    landing = says(who, f"打错了，{printed(ticket)}", by="mail", at=later(minutes=2))
    return ticket, fresh, conversation_of(landing), Move.objects.get(kind="correction")


def test_corrected_claim_is_no_claim_on_its_own_case() -> None:
    _ticket, fresh, claim, move = corrected("stranger")
    given = claim.claim_number
    assert claim.is_pending_claim

    undone(move)

    claim.refresh_from_db()
    assert claim.ticket == fresh
    assert (claim.claim, claim.claim_number, claim.claim_waiting_since) == ("", "", None)
    assert Alias.objects.get(number=given).ticket == fresh
    assert standing(fresh).waiting_since == later(minutes=1)


def test_undo_is_told_on_both_cases() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")

    undone(merged(source, target))

    told = History.objects.filter(code="undone").values_list("ticket__number", "data__number")
    assert set(told) == {(source.number, target.number), (target.number, source.number)}


def test_undo_costs_the_same_whatever_it_brings_home(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    for n in range(5):
        claim_on(source, f"s{n}")
    move = merged(source, target)
    by = ada()

    with django_assert_max_num_queries(60):
        undoing.undo(move=move, by=by, now=later(hours=9))
