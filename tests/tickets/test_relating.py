"""Related cases, parents and children, dismissed suggestions, notes that follow their customer."""

import pytest

from tests.tickets.cast import (
    account,
    ada,
    agent,
    bea,
    case,
    claim_on,
    codes,
    later,
    standing,
)
from tickets.actions import claims, contact_notes, doubting, lifecycle, linking, merging, relating
from tickets.actions.refusals import Refused
from tickets.actor import Actor
from tickets.models import ContactNote, Conversation, History, Link, Role, Team, Ticket, User
from tickets.queries.duplicates import Elsewhere, elsewhere
from tickets.queries.relations import read_relations

pytestmark = pytest.mark.django_db
NOW = later(hours=1)


def answered_elsewhere(ticket: Ticket, user: User) -> list[Elsewhere]:
    return elsewhere(read_relations(ticket, user).suggested, user)


def under(child: Ticket, parent: Ticket) -> Link:
    return relating.adopt(child=child, parent=parent, by=ada(), now=NOW)


def test_related_cases_know_each_other_once_and_both_histories_tell_it() -> None:
    one, other = case("kim"), case("lin", "附件传不上去")

    relating.relate(ticket=one, other=other, by=ada(), now=NOW)
    relating.relate(ticket=other, other=one, by=ada(), now=NOW)

    mia = agent("mia", role=Role.MANAGER)
    assert [each.other for each in read_relations(one, mia).related] == [other]
    assert [each.other for each in read_relations(other, mia).related] == [one]
    assert codes(one).count("related") == codes(other).count("related") == 1


def test_parent_shows_how_its_children_stand_and_stays_open_when_they_close() -> None:
    parent, child, second = case("kim"), case("lin", "附件传不上去"), case("mo", "发票怎么开")
    under(child, parent)
    under(second, parent)

    lifecycle.resolve(ticket=child, by=ada(), now=NOW)

    shown = read_relations(parent, agent("mia", role=Role.MANAGER))
    assert [each.other.state for each in shown.children] == ["closed", "open"]
    assert shown.open_children == 1
    assert standing(parent).state == "open"
    assert "got_child" in codes(parent)
    assert "got_parent" in codes(child)


def test_families_hold_no_circle_and_nobody_has_two_parents() -> None:
    a, b, c = case("a"), case("b", "附件传不上去"), case("c", "发票怎么开")
    under(b, a)
    under(c, b)

    with pytest.raises(Refused, match="circle"):
        under(a, c)
    with pytest.raises(Refused, match="has_parent"):
        under(c, a)
    with pytest.raises(Refused, match="same"):
        under(a, a)


def test_relation_is_taken_back_and_follows_a_merge() -> None:
    one, other, third = case("a"), case("b", "附件传不上去"), case("c", "发票怎么开")
    link = relating.relate(ticket=one, other=other, by=ada(), now=NOW)
    mia = agent("mia", role=Role.MANAGER)
    merging.merge(source=other, target=third, by=ada(), now=NOW)

    followed = [each.other for each in read_relations(one, mia).related]
    relating.part(link=link, by=ada(), now=NOW)

    assert followed == [third]
    assert read_relations(one, mia).related == []
    assert "unrelated" in codes(one)


def test_case_of_another_team_is_told_of_to_nobody_who_may_not_see_it() -> None:
    one, other = case("kim"), case("lin", "附件传不上去")
    foreign = Team.objects.create(slug="billing", name="Billing")
    Ticket.objects.filter(pk=other.pk).update(team=foreign)
    relating.relate(ticket=one, other=other, by=ada(), now=NOW)

    assert read_relations(one, agent("otto")).related == []
    assert read_relations(one, agent("hal", role=Role.HELPER)).related == []


def suggested(one: Ticket, other: Ticket) -> None:
    Link.objects.create(ticket=one, other=other, kind="duplicate", created_at=NOW)


def test_both_cases_of_a_suggestion_say_that_the_other_was_answered() -> None:
    one, other = case("kim"), case("lin", "附件传不上去")
    suggested(one, other)
    talk = Conversation.objects.get(ticket=other)
    talk.messages.create(
        channel=talk.channel, direction="outbound", author=agent("bea"), text="看看设置",
        version=2, sent_at=NOW, created_at=NOW,
    )  # fmt: skip

    (seen,) = answered_elsewhere(one, agent("ada"))
    (back,) = answered_elsewhere(other, agent("ada"))
    (own,) = answered_elsewhere(one, agent("bea"))

    assert seen.answer is not None
    assert seen.answer.author == agent("bea")
    assert (back.ticket, back.answer, back.is_open) == (one, None, True)
    assert own.answer is None  # what I said myself is no news to me


def test_not_a_duplicate_is_said_for_both_and_once() -> None:
    one, other = case("kim"), case("lin", "附件传不上去")
    suggested(one, other)

    relating.dismiss(ticket=other, other=one, by=ada(), now=NOW)
    relating.dismiss(ticket=one, other=other, by=ada(), now=NOW)

    assert answered_elsewhere(one, agent("ada")) == answered_elsewhere(other, agent("ada")) == []
    assert codes(one).count("not_duplicate") == codes(other).count("not_duplicate") == 1


def test_note_is_its_authors_and_a_leads_to_change() -> None:
    ticket = case("kim")
    note = contact_notes.write_contact_note(ticket=ticket, text=" 说话慢些 ", by=ada(), now=NOW)

    with pytest.raises(Refused, match="not_allowed"):
        contact_notes.edit_contact_note(note=note, ticket=ticket, text="x", by=bea(), now=NOW)
    lea = Actor.of(agent("lea", role=Role.LEAD))
    contact_notes.edit_contact_note(note=note, ticket=ticket, text="请慢点说", by=lea, now=NOW)

    assert (note.text, note.edited_at) == ("请慢点说", NOW)
    contact_notes.remove_contact_note(note=note, ticket=ticket, by=ada(), now=NOW)
    assert not ContactNote.objects.exists()


def test_notes_join_with_their_customer_and_part_again() -> None:
    one, other = case("kim"), case("lin", "附件传不上去")
    note = contact_notes.write_contact_note(ticket=other, text="VIP", by=ada(), now=NOW)
    before = other.contact

    linking.link_identity(identity=account("lin"), contact=one.contact, by=ada(), now=NOW, on=one)
    note.refresh_from_db()
    joined = note.contact
    row = History.objects.filter(ticket=one, code="identity_linked").get()
    linking.unlink_identity(link=row, by=ada(), now=later(hours=2))
    note.refresh_from_db()

    assert (joined, note.contact) == (one.contact, before)


def test_verified_claim_is_doubted_again_with_its_author_and_their_cases() -> None:
    ticket = case("kim")
    claim = claim_on(ticket, "stranger")
    earlier = case("stranger", "发票怎么开", by="mail")
    owner = earlier.contact
    claims.verify(conversation=claim, by=ada(), now=NOW)
    verified = History.objects.get(ticket=ticket, code="claim_verified")

    doubting.doubt(verified=verified, by=ada(), now=later(hours=2))

    claim.refresh_from_db()
    assert claim.is_pending_claim
    assert claim.claim_waiting_since is not None
    assert standing(earlier).contact == account("stranger").contact == owner
    assert not account("stranger").is_verified
    assert "claim_doubted" in codes(ticket)
    with pytest.raises(Refused, match="already_undone"):
        doubting.doubt(verified=verified, by=ada(), now=later(hours=3))
