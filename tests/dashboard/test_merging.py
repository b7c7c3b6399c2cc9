"""Merging, splitting, deciding claims, and taking any of it back."""

from typing import Any

import pytest

from tests import factories
from tests.dashboard.conftest import Desk
from tests.factories import NOW
from tickets.case_numbers import format_number
from tickets.models import ClaimState, Conversation, IdentityStatus, Move, Ticket, User

pytestmark = pytest.mark.django_db


def url(ticket: Ticket, what: str = "") -> str:
    return f"/tickets/{format_number(ticket.number)}/{what}"


def merged(desk: Desk, source: Ticket, target: Ticket) -> Move:
    desk.send(url(target, "merge/"), {"number": source.number})
    return Move.objects.latest("pk")


def test_preview_says_what_moves_and_changes_nothing(desk: Desk) -> None:
    kept, other = factories.ticket(), factories.ticket(text="The very same")

    shown = desk.get(url(kept, f"merge/?number=qm{other.number}"))

    other.refresh_from_db()
    assert shown.context["page"].target == kept
    assert [column.ticket for column in shown.context["page"].sources] == [other]
    assert "1 message moves" in shown.content.decode()
    assert not other.is_merged


def test_preview_can_be_turned_round(desk: Desk) -> None:
    kept, other = factories.ticket(), factories.ticket()

    shown = desk.get(url(kept, f"merge/?number={other.number}&keep={other.number}"))

    assert shown.context["page"].target == other


@pytest.mark.parametrize("number", ["nonsense", "4821093710"])
def test_preview_of_a_case_that_is_not_there_says_so(desk: Desk, number: str) -> None:
    shown = desk.get(url(factories.ticket(), f"merge/?number={number}"))

    assert "There is no such case" in shown.content.decode()


def test_case_of_another_team_is_not_there_to_be_merged(desk: Desk) -> None:
    kept = factories.ticket()
    foreign = factories.ticket(team=factories.team("Billing"))

    answer = desk.send(url(kept, "merge/"), {"number": foreign.number})

    foreign.refresh_from_db()
    assert "There is no such case" in answer.content.decode()
    assert not foreign.is_merged


def test_merge_goes_on_to_the_survivor_and_offers_to_undo(desk: Desk) -> None:
    kept, other = factories.ticket(), factories.ticket()

    answer = desk.send(url(kept, "merge/"), {"number": other.number}, follow=True)

    other.refresh_from_db()
    assert other.merged_into == kept
    assert answer.redirect_chain[-1][0] == url(kept)
    assert answer.context["toast"].undo == Move.objects.get().merging_id


def test_merge_with_itself_is_refused_in_words(desk: Desk) -> None:
    case = factories.ticket()

    answer = desk.send(url(case, "merge/"), {"number": case.number})

    assert answer.status_code == 409
    assert "This is the same case." in answer.content.decode()


def test_undo_shows_what_went_out_and_gives_back_what_moved(desk: Desk, ada: User) -> None:
    kept, other = factories.ticket(), factories.ticket()
    moved = other.conversations.get()
    move = merged(desk, other, kept)
    moved.refresh_from_db()
    factories.answer(moved, "Said meanwhile", ada, at=move.moved_at)

    preview = desk.get(url(kept, f"moves/{move.pk}/undo/")).content.decode()
    undone = desk.send(url(kept, f"moves/{move.pk}/undo/"), follow=True).content.decode()

    moved.refresh_from_db()
    assert "Said meanwhile" in preview
    assert moved.ticket == other
    assert "1 message had already gone out" in undone


def test_undo_twice_says_that_it_was_done(desk: Desk) -> None:
    kept, other = factories.ticket(), factories.ticket()
    move = merged(desk, other, kept)
    desk.send(url(kept, f"moves/{move.pk}/undo/"))
    desk.get("/")

    again = desk.send(url(kept, f"moves/{move.pk}/undo/"), follow=True)

    assert "This has been taken back already." in again.content.decode()


def test_move_of_another_case_cannot_be_undone_from_here(desk: Desk) -> None:
    kept, other, third = factories.ticket(), factories.ticket(), factories.ticket()
    move = merged(desk, other, kept)

    assert desk.send(url(third, f"moves/{move.pk}/undo/")).status_code == 404


def test_conversation_is_split_off_and_comes_back(desk: Desk) -> None:
    case = factories.ticket()
    chat = factories.conversation(case, factories.kim(factories.channel("qq")))

    desk.send(url(case, f"conversations/{chat.pk}/split/"))
    chat.refresh_from_db()
    away = chat.ticket
    desk.send(url(case, f"moves/{Move.objects.get().pk}/undo/"))
    chat.refresh_from_db()

    assert away != case
    assert chat.ticket == case


def test_only_conversation_is_not_split_off(desk: Desk) -> None:
    case = factories.ticket()

    desk.send(url(case, f"conversations/{case.conversations.get().pk}/split/"))

    assert "the case&#x27;s only conversation" in desk.get("/").content.decode()
    assert not Move.objects.exists()


@pytest.fixture
def claim(db: None) -> Conversation:
    case = factories.ticket()
    stranger = factories.kim(factories.channel("qq"), "Lo")
    stranger.status = IdentityStatus.UNVERIFIED
    stranger.save()
    return factories.claim(case, stranger)


def decide(desk: Desk, claim: Conversation, what: str) -> Any:
    answer = desk.send(url(claim.opened_on, f"claims/{claim.pk}/{what}/"), follow=True)
    claim.refresh_from_db()
    return answer


def test_verified_claim_joins_the_line(desk: Desk, claim: Conversation) -> None:
    answer = decide(desk, claim, "verification")

    assert claim.claim == ClaimState.VERIFIED
    assert answer.context["timeline"].claims == []
    assert "verified" in answer.context["toast"].text


def test_rejected_claim_leaves_with_its_own_number_and_can_be_taken_back(
    desk: Desk, claim: Conversation
) -> None:
    answer = decide(desk, claim, "rejection")
    rejected = claim.ticket.number

    desk.send(url(claim.opened_on, f"moves/{answer.context['toast'].undo}/undo/"))
    claim.refresh_from_db()

    assert rejected == claim.claim_number
    assert (claim.ticket, claim.claim) == (claim.opened_on, ClaimState.PENDING)


def test_owner_is_asked_and_not_twice_in_an_hour(desk: Desk, claim: Conversation) -> None:
    asked = decide(desk, claim, "question")
    again = decide(desk, claim, "question")

    assert "has been asked" in asked.context["toast"].text
    assert "often enough" in again.context["toast"].text
    assert claim.questions.count() == 1


def test_decided_claim_is_not_decided_again(desk: Desk, claim: Conversation) -> None:
    decide(desk, claim, "verification")

    answer = decide(desk, claim, "rejection")

    assert answer.context["toast"].text == "This claim has been decided already."
    assert claim.claim == ClaimState.VERIFIED


def test_banner_offers_all_three_ways(desk: Desk, claim: Conversation) -> None:
    shown = desk.get(url(claim.opened_on)).content.decode()

    for what in ("verification", "question", "rejection"):
        assert f"claims/{claim.pk}/{what}/" in shown


def test_claim_on_a_closed_case_shows_that_it_stays_closed(desk: Desk) -> None:
    case = factories.ticket(state="closed", closed_at=NOW)
    factories.claim(case, factories.kim(factories.channel("qq")))

    assert "The case stays resolved." in desk.get(url(case)).content.decode()
