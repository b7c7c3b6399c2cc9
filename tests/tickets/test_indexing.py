"""Search knows what changes by itself, and nobody finds by what they may not read."""

import pytest
from django.db import connection

from tests import factories
from tests.factories import NOW
from tests.tickets import cast
from tickets.access import visible_tickets
from tickets.actions import lifecycle, merging, notes, splitting
from tickets.actions.indexing import index_due, is_due
from tickets.actor import Actor
from tickets.interchange import Sender
from tickets.models import CaseWords, Contact, Conversation, Identity, Message, Ticket, User
from tickets.queries.search import found, matching

pytestmark = pytest.mark.django_db


def finds(text: str, user: User | None = None) -> set[str]:
    """The numbers of the cases that somebody finds, once everything has been read."""
    while index_due():
        pass
    user = user or User.objects.filter(name="Boss").first() or cast.agent("boss", role="manager")
    standing = visible_tickets(user).filter(merged_into__isnull=True)
    return set(matching(standing, user, text).values_list("number", flat=True))


def test_everything_about_a_case_leads_to_it() -> None:
    ticket = cast.case("kim", "收不到邮件", subject="Inbox is empty", transcript="语音 里说 的")
    says = Message.objects.get(conversation__ticket=ticket)
    listing = {"kind": "zip", "entries": [["logs/relay-7.txt", 5]], "more": 0}
    factories.attachment(says, name="報價單.zip", listing=listing)
    Identity.objects.update(name="Kim K", address="kim@post.example", phone="+86 139 0000 1111")
    Contact.objects.update(name="金 一", company="远山设计")
    notes.add_note(ticket=ticket, text="relay of the 3rd rack", by=cast.ada(), now=NOW)
    lifecycle.tag(ticket=ticket, tag="退信", by=cast.ada(), now=NOW)

    asked = (
        *("收不到", "inbox empty", "语音", "报价单", "relay-7", "kim@post", "139 0000", "金"),
        *("远山", "3rd rack", "退信", ticket.number, ticket.number[:6], cast.printed(ticket)),
        *("rack 远山", "kim 收不到 退信"),
    )
    assert {text: finds(text) for text in asked} == {text: {ticket.number} for text in asked}
    assert finds("彗星") == finds("rack 彗星") == finds("!?") == set()


def test_nothing_is_read_twice_and_any_change_of_a_case_is_noticed() -> None:
    ticket = cast.case("kim")
    assert is_due()
    while index_due():
        pass
    assert not is_due()

    Ticket.objects.filter(pk=ticket.pk).update(version=ticket.version + 1)
    assert is_due()
    assert index_due() == 1
    assert not is_due()


def test_edited_and_recalled_words_are_forgotten() -> None:
    ticket = cast.case("kim", "my old words", subject="Mail", external_id="m-1")
    assert finds("words") == {ticket.number}

    cast.says("kim", "quite another text", action="edit", target_id="m-1", external_id="e-1")
    assert finds("another") == {ticket.number}
    assert finds("my old") == finds("words") == set()

    cast.says("kim", "", action="recall", target_id="m-1", external_id="r-1")
    assert finds("another") == set()


def test_recalled_message_is_not_found_even_before_it_was_read_again() -> None:
    ticket = cast.case("kim", "quite a secret")
    Ticket.objects.update(subject="")
    assert finds("secret") == {ticket.number}

    Message.objects.update(recalled_at=NOW)
    assert finds("secret") == set()


def test_words_move_with_their_conversation_and_merged_cases_lead_to_the_survivor() -> None:
    first = cast.case("kim", "alpha", subject="One")
    second = cast.case("lo", "omega", subject="Two", by="mail")
    notes.add_note(ticket=second, text="zeta", by=cast.ada(), now=NOW)
    assert (finds("alpha"), finds("omega")) == ({first.number}, {second.number})

    merging.merge(source=second, target=first, by=cast.ada(), now=NOW)
    assert finds("alpha omega") == finds("zeta") == finds(second.number) == {first.number}

    parted = splitting.split(
        conversation=cast.only_conversation(first, "lo"), by=cast.ada(), now=NOW
    )
    assert finds("omega") == {parted.number}


def test_renamed_people_are_found_by_their_new_names_only() -> None:
    ticket = cast.case("kim", sender=Sender("kim", "Old Name"))
    assert finds("old name") == {ticket.number}

    Contact.objects.update(name="Anna Pine")
    Identity.objects.update(name="Anna Pine")
    assert (finds("old name"), finds("anna")) == (set(), {ticket.number})


def test_deleted_messages_take_their_words_along() -> None:
    cast.case("kim")
    finds("")

    Message.objects.all().delete()

    assert not CaseWords.objects.filter(message__isnull=False).exists()


def test_codes_are_found_by_nobody() -> None:
    ticket = cast.case("kim", "收不到邮件")
    said = Message.objects.get()
    for kind in ("proof", "question"):
        said.pk, said.external_id, said.automatic, said.text = None, "", kind, "code 482913"
        said.save()

    assert finds("482913") == set()
    assert finds("code") == {ticket.number}


def test_agents_find_in_their_teams_cases_only() -> None:
    mail = factories.ticket(text="printer on fire")
    billing = factories.ticket(text="printer is dear", team=factories.team("Billing"))

    assert finds("printer", factories.ada()) == {mail.number}
    assert finds("printer", factories.otto()) == {billing.number}


def test_helpers_find_by_what_was_said_in_public_and_may_be_read_there() -> None:
    hal = factories.hal()
    forum = factories.channel("discourse", is_public=True)
    case = factories.ticket(factories.kim(name="Private Kim"), "private words", tags=["vip"])
    pine = factories.kim(forum, "blue_pine")
    pine.address = "pine@post.example"
    pine.save()
    post = factories.message(
        factories.conversation(case, pine),
        "public words, call 13800138000",
        exposes=["phone"],
        is_public=True,
    )
    notes.add_note(ticket=case, text="a note", by=Actor.of(factories.ada()), now=NOW)

    assert {text: finds(text, hal) for text in ("public words", "blue_pine", case.number)} == {
        text: {case.number} for text in ("public words", "blue_pine", case.number)
    }
    for text in ("private", "vip", "note", "13800138000", "Kim", "pine@post.example"):
        assert finds(text, hal) == set(), text
    assert finds("13800138000") == {case.number}

    Message.objects.filter(pk=post.pk).update(hidden_at=NOW)
    assert finds("public", hal) == set()
    assert finds("public") == {case.number}


def test_hits_tell_where_and_best_places_come_first() -> None:
    ticket = cast.case("kim", "printer on fire")
    for n in range(5):
        cast.says("kim", f"printer {n}", external_id=f"p-{n}")
    finds("printer")
    boss = User.objects.get(name="Boss")

    (result,) = found(visible_tickets(boss), boss, "printer").found

    assert result.row.number == ticket.number
    assert [hit.kind for hit in result.hits] == ["subject", "message", "message", "message"]


def test_two_workers_never_read_at_once() -> None:
    cast.case("kim")
    before = _locks_held()

    assert index_due() > 0

    assert _locks_held() == before + 1


def _locks_held() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def test_words_that_have_just_moved_away_are_not_shown_where_they_were() -> None:
    first, second = cast.case("kim", "alpha"), cast.case("lo", "omega", by="mail")
    finds("alpha")
    boss = User.objects.get(name="Boss")

    Conversation.objects.filter(ticket=second).update(ticket=first)

    (result,) = found(visible_tickets(boss), boss, "omega").found
    assert [hit.message for hit in result.hits if hit.message] == []


def test_case_found_by_an_address_says_so() -> None:
    cast.case("kim")
    Identity.objects.update(address="kim@post.example")
    finds("post")
    boss = User.objects.get(name="Boss")

    (result,) = found(visible_tickets(boss), boss, "kim@post").found

    assert [hit.kind for hit in result.hits] == ["person"]
    assert "".join(piece.text for piece in result.hits[0].pieces) == "kim@post.example"
