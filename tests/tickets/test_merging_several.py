"""Several cases become one at once, with what was chosen for it, and one undo parts them again."""

import pytest

from tests.tickets.cast import (
    ada,
    agent,
    case,
    codes,
    later,
    only_conversation,
    says,
    standing,
)
from tickets.actions import assignment, lifecycle, merging, undo_preview, undoing
from tickets.actions.merging import Chosen, MergeRefused, merge_several
from tickets.actions.refusals import Refused
from tickets.models import Merging, Message, Move, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def three() -> list[Ticket]:
    """Three cases of three customers, each filed in its own way."""
    cases = [case("kim"), case("lin", "附件传不上去"), case("mo", "发票怎么开")]
    by, now = ada(), later(minutes=5)
    for each, priority, tag in zip(cases, ("low", "urgent", "high"), "abc", strict=True):
        lifecycle.set_priority(ticket=each, priority=priority, by=by, now=now)
        lifecycle.tag(ticket=each, tag=tag, by=by, now=now)
    assignment.assign(ticket=cases[2], assignee=agent("ada"), by=by, now=now)
    return [standing(each) for each in cases]


def together(cases: list[Ticket], chosen: Chosen | None = None) -> Merging:
    target, *sources = cases
    return merge_several(
        sources=sources, target=target, by=ada(), now=later(hours=1), chosen=chosen
    )


def test_all_conversations_come_together_and_every_number_leads_there(three: list[Ticket]) -> None:
    together(three)

    assert three[0].conversations.count() == 3
    assert [standing(each).merged_into for each in three[1:]] == [three[0], three[0]]
    assert codes(three[0]).count("merged_from") == 2


def test_chosen_values_are_taken_over_and_stand_in_the_history(three: list[Ticket]) -> None:
    kept, urgent, assigned = three

    together(
        three,
        Chosen(
            {"subject": urgent.pk, "priority": urgent.pk, "assignee_id": assigned.pk}, ["a", "c"]
        ),
    )

    now = standing(kept)
    assert (now.subject, now.priority, now.assignee, now.tags) == (
        urgent.subject, "urgent", agent("ada"), ["a", "c"],
    )  # fmt: skip
    assert {"subject_set", "priority_set", "assigned", "tagged"} <= set(codes(kept))


def test_what_is_not_chosen_stays(three: list[Ticket]) -> None:
    together(three)

    now = standing(three[0])
    assert (now.subject, now.priority, now.tags) == (three[0].subject, "low", ["a"])


def test_one_undo_parts_all_of_them_and_gives_the_values_back(three: list[Ticket]) -> None:
    kept, urgent, _assigned = three
    done = together(three, Chosen({"priority": urgent.pk, "subject": urgent.pk}, ["a", "b"]))
    says("mo", "发票还没有收到", at=later(hours=2))

    undoing.undo_merging(merging=done, by=ada(), now=later(hours=3))

    assert [each.conversations.count() for each in three] == [1, 1, 1]
    now = standing(kept)
    assert (now.subject, now.priority, now.tags) == (kept.subject, "low", ["a"])
    assert Message.objects.filter(conversation__ticket=three[2]).count() == 2
    with pytest.raises(Refused, match="already_undone"):
        undoing.undo_merging(merging=done, by=ada(), now=later(hours=4))


def test_undo_keeps_what_somebody_has_set_since(three: list[Ticket]) -> None:
    done = together(three, Chosen({"priority": three[1].pk}, ["a", "b"]))
    by, now = ada(), later(hours=2)
    lifecycle.set_priority(ticket=three[0], priority="normal", by=by, now=now)
    lifecycle.tag(ticket=three[0], tag="since", by=by, now=now)

    undoing.undo_merging(merging=done, by=by, now=later(hours=3))

    assert (standing(three[0]).priority, standing(three[0]).tags) == ("normal", ["a", "since"])


def test_one_case_alone_goes_home_and_the_rest_stays_merged(three: list[Ticket]) -> None:
    done = together(three, Chosen({"priority": three[1].pk}))
    move = Move.objects.get(source=three[1])

    undoing.undo(move=move, by=ada(), now=later(hours=2))

    assert not standing(three[1]).is_merged
    assert standing(three[2]).merged_into == three[0]
    assert standing(three[0]).priority == "urgent"
    undoing.undo_merging(merging=done, by=ada(), now=later(hours=3))
    assert standing(three[0]).priority == "low"


def test_impossible_merge_changes_nothing_at_all(three: list[Ticket]) -> None:
    kept, second, third = three
    merging.merge(source=third, target=case("zo", "登录不了"), by=ada(), now=later(hours=1))

    with pytest.raises(MergeRefused, match="source_merged"):
        merge_several(sources=[second, third], target=kept, by=ada(), now=later(hours=2))

    assert not standing(second).is_merged
    assert not Merging.objects.exists()


@pytest.mark.parametrize("sources", [[], [0], [0, 1]])
def test_case_cannot_join_itself(three: list[Ticket], sources: list[int]) -> None:
    with pytest.raises(MergeRefused, match="same"):
        merge_several(
            sources=[three[n] for n in sources], target=three[0], by=ada(), now=later(hours=1)
        )


def test_nobody_is_told_unless_it_is_the_same_customer() -> None:
    kept, other = case("kim"), case("lin", "附件传不上去")
    stranger = only_conversation(other)

    with pytest.raises(MergeRefused, match="not_their_place"):
        merge_several(sources=[other], target=kept, by=ada(), now=later(hours=1), tell=[stranger])

    assert not Move.objects.exists()


def test_customer_who_wrote_twice_is_told_once_and_no_clock_stops() -> None:
    kept, other = case("kim"), case("lin", "附件传不上去")
    Ticket.objects.filter(pk=other.pk).update(contact=kept.contact)
    theirs = only_conversation(other)
    theirs.identity.contact = kept.contact
    theirs.identity.save()

    merge_several(sources=[other], target=kept, by=ada(), now=later(hours=1), tell=[theirs])

    said = Message.objects.get(direction="outbound", automatic="merged")
    assert said.conversation == theirs
    assert standing(kept).waiting_since is not None


def test_preview_of_the_undo_tells_where_each_conversation_would_go(three: list[Ticket]) -> None:
    together(three)
    says("mo", "发票还没有收到", at=later(hours=2))

    lanes = undo_preview.lanes(list(Move.objects.order_by("pk")))

    assert [lane.ticket for lane in lanes] == three
    assert [(c.before, c.since) for c in lanes[2].conversations] == [(1, 1)]
