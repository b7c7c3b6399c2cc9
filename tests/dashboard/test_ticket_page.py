"""The page of a case: how it is found, what it tells and what it keeps to itself."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.dashboard.conftest import Desk
from tests.factories import NOW, minutes
from tickets import files
from tickets.actions import assignment, lifecycle, notes
from tickets.actor import Actor
from tickets.case_numbers import format_number
from tickets.models import Alias, Link, Ticket, User

pytestmark = pytest.mark.django_db
QUERIES = 43


def url(ticket: Ticket) -> str:
    return f"/tickets/{format_number(ticket.number)}/"


def page(desk: Client, ticket: Ticket) -> str:
    content: str = desk.get(url(ticket)).content.decode()
    return content


def items(desk: Client, ticket: Ticket) -> list[Any]:
    return list(desk.get(url(ticket)).context["timeline"].items)


@pytest.mark.parametrize("writing", ["{0}", "qm{0}", "QM {0}"])
def test_any_writing_of_the_number_leads_to_the_one_address(desk: Desk, writing: str) -> None:
    case = factories.ticket()

    answer = desk.get(f"/tickets/{writing.format(case.number)}/?view=open")

    assert answer["Location"] == f"{url(case)}?view=open"


def test_alias_leads_to_its_case_and_says_so(desk: Desk) -> None:
    case = factories.ticket()
    Alias.objects.create(number="4821093710", ticket=case, origin="imported", created_at=NOW)

    answer = desk.get("/tickets/QM-4821-0937-10/", follow=True)

    assert answer.redirect_chain[-1][0].startswith(url(case))
    assert "QM-4821-0937-10 leads to this case" in answer.content.decode()


def test_merged_number_shows_the_survivor(desk: Desk) -> None:
    kept = factories.ticket()
    middle = factories.ticket(merged_into=kept)
    gone = factories.ticket(merged_into=middle)

    answer = desk.get(url(gone), follow=True)

    assert answer.context["ticket"] == kept


@pytest.mark.parametrize("number", ["QM-4821-0937-56", "4821093710", "nonsense", "1"])
def test_number_that_leads_nowhere_is_not_found(desk: Desk, number: str) -> None:
    assert desk.get(f"/tickets/{number}/").status_code == 404


def test_one_line_holds_all_conversations_notes_and_changes_in_order(desk: Desk, ada: User) -> None:
    case = factories.ticket(text="First by mail")
    chat = factories.conversation(
        case, factories.kim(factories.channel("qq")), at=NOW + minutes(1), via_number=case.number
    )
    factories.message(chat, "Then by chat", at=NOW + minutes(1))
    by = Actor.of(ada)
    notes.add_note(ticket=case, text="A note", by=by, now=NOW + minutes(2))
    assignment.assign(ticket=case, assignee=ada, by=by, now=NOW + minutes(3))
    factories.answer(chat, "And back", ada, at=NOW + minutes(4))

    line = items(desk, case)

    assert [item.kind for item in line] == [
        "day", "branch", "entry", "branch", "entry", "entry", "event", "entry",
    ]  # fmt: skip
    assert [item.message.text for item in line if item.kind == "entry"] == [
        "First by mail", "Then by chat", "A note", "And back",
    ]  # fmt: skip
    assert "Ada assigned the case to Ada" in next(i.text for i in line if i.kind == "event")


def test_talk_that_changes_channel_back_is_marked_without_joining_again(desk: Desk) -> None:
    case = factories.ticket()
    mail = case.conversations.get()
    chat = factories.conversation(case, factories.kim(factories.channel("qq")))
    factories.message(chat, "chat", at=NOW + minutes(1))
    factories.message(mail, "mail again", at=NOW + minutes(2))

    branches = [item for item in items(desk, case) if item.kind == "branch"]

    assert [(b.look, b.is_joining) for b in branches] == [
        ("email", False), ("qq", True), ("email", False),
    ]  # fmt: skip


def test_claim_stands_beside_the_line_and_not_in_it(desk: Desk) -> None:
    case = factories.ticket()
    claim = factories.claim(case, factories.kim(factories.channel("qq"), "Lo"))

    answer = desk.get(url(case))

    main = [
        i.message.conversation_id for i in answer.context["timeline"].items if i.kind == "entry"
    ]
    assert claim.pk not in main
    assert [lane.conversation for lane in answer.context["timeline"].claims] == [claim]
    assert answer.context["compose"].conversation_id != claim.pk


def test_quoted_text_is_folded_below_the_authors_own(desk: Desk) -> None:
    case = factories.ticket(text="It works now.\n\nOn Monday, Ada wrote:\n> Try again\n> please")

    parts = next(item for item in items(desk, case) if item.kind == "entry").parts

    assert [(part.is_quoted, part.text.splitlines()[0]) for part in parts] == [
        (False, "It works now."),
        (True, "On Monday, Ada wrote:"),
    ]


def test_reason_for_being_here_is_told_with_its_evidence_marked(desk: Desk) -> None:
    case = factories.ticket()
    text = f"About {case.number}, again"
    evidence = {"text": case.number, "start": 6, "end": 16, "source": "own"}
    factories.message(
        case.conversations.get(),
        text,
        decision={"rule": "strong_number", "confidence": 0.99, "evidence": [evidence]},
    )

    shown = page(desk, case)

    assert "It quotes this case&#x27;s number, with prefix or label" in shown
    assert f"<q>About <mark>{case.number}</mark>, again</q>" in shown


def test_what_customers_write_is_never_markup(desk: Desk) -> None:
    kim = factories.kim(name="<i>Kim</i>")
    case = factories.ticket(kim, "<script>alert(1)</script>", tags=["<b>x</b>"])
    factories.message(
        case.conversations.get(),
        "<img src=x onerror=alert(1)>",
        decision={"rule": "claim", "evidence": [{"text": "<u>", "start": 0, "end": 0}]},
    )

    shown = page(desk, case)

    for raw in ("<script>alert", "<i>Kim", "<img src=x", "<u>", "<b>x"):
        assert raw not in shown


def test_name_in_a_history_row_is_never_markup(desk: Desk, ada: User) -> None:
    case = factories.ticket()
    lifecycle.tag(ticket=case, tag="<script>1%(x)s", by=Actor.of(ada), now=NOW)

    shown = page(desk, case)

    assert "<script>1" not in shown
    assert "&lt;script&gt;1%(x)s" in shown


def test_delivery_that_nobody_knows_the_end_of_asks_for_a_decision(desk: Desk, ada: User) -> None:
    case = factories.ticket()
    factories.answer(case.conversations.get(), "Hello", ada, state="unknown")

    shown = page(desk, case)

    assert "It arrived" in shown
    assert "Send again" in shown


def test_possible_duplicate_is_offered_with_its_reason(desk: Desk) -> None:
    case, other = factories.ticket(), factories.ticket(text="The very same")
    Link.objects.create(
        ticket=case,
        other=other,
        kind="duplicate",
        reason={"same_contact": True, "score": 0.87},
        created_at=NOW,
    )

    for page_of in (case, other):
        shown = page(desk, page_of)
        assert "same customer" in shown
        assert "0.87" in shown


def test_link_to_a_case_of_another_team_is_not_shown(desk: Desk) -> None:
    case = factories.ticket()
    other = factories.ticket(text="A foreign subject", team=factories.team("Billing"))
    Link.objects.create(ticket=case, other=other, kind="quoted", created_at=NOW)

    assert "A foreign subject" not in page(desk, case)


def test_helper_sees_public_conversations_and_no_notes(
    sign_in: Callable[[User], Desk], ada: User
) -> None:
    case = factories.ticket(factories.kim(name="Private Kim"), "A private matter")
    forum = factories.channel("discourse", "Forum", is_public=True)
    post = factories.conversation(case, factories.kim(forum, "blue_pine"), at=NOW + minutes(1))
    factories.message(post, "A public post")
    notes.add_note(ticket=case, text="Between ourselves", by=Actor.of(ada), now=NOW)

    shown = page(sign_in(factories.hal()), case)

    assert "A public post" in shown
    for hidden in ("A private matter", "Private Kim", "Between ourselves", "/resolution/"):
        assert hidden not in shown


def test_htmx_gets_the_case_without_the_list_around_it(desk: Desk) -> None:
    case = factories.ticket()

    part = desk.get(url(case), headers={"hx-request": "true"}).content.decode()

    assert 'id="timeline"' in part
    assert 'id="rows"' not in part


def test_page_restored_from_history_comes_whole(desk: Desk) -> None:
    case = factories.ticket()
    headers = {"hx-request": "true", "hx-history-restore-request": "true"}

    assert "<html" in desk.get(url(case), headers=headers).content.decode()


def test_long_case_shows_the_latest_messages_and_leads_to_the_rest(desk: Desk) -> None:
    case = factories.ticket()
    mail = case.conversations.get()
    for n in range(205):
        factories.message(mail, f"message {n}", at=NOW + minutes(n + 1))

    shown = page(desk, case)
    whole = desk.get(f"{url(case)}?messages=400").content.decode()

    assert "message 204" in shown
    assert "My mail comes back" not in shown.split('id="timeline"')[1].split('id="composer"')[0]
    assert f'href="{url(case)}?view=open&amp;messages=400' in shown
    assert "message 0<" in whole


def test_page_takes_as_many_queries_for_a_hundred_messages_as_for_one(
    desk: Desk, ada: User
) -> None:
    case = factories.ticket(assignee=ada)
    mail = case.conversations.get()
    factories.answer(mail, "Hello", ada)
    notes.add_note(ticket=case, text="note", by=Actor.of(ada), now=NOW)
    factories.attachment(mail.messages.earliest("pk"))
    lifecycle.tag(ticket=case, tag="one", by=Actor.of(ada), now=NOW)
    page(desk, case)  # the first one in a process reads what all the others keep
    few = queries(lambda: page(desk, case))
    for n in range(30):
        chat = factories.conversation(case, factories.kim(factories.channel("qq")))
        factories.message(chat, "more")
        factories.answer(chat, "more", ada)
        factories.attachment(chat.messages.earliest("pk"))
        lifecycle.tag(ticket=case, tag=f"tag {n % 15}", by=Actor.of(ada), now=NOW)

    page(desk, case)  # who else the customer may be is weighed anew after a change, then kept
    assert queries(lambda: page(desk, case)) == few <= QUERIES


def queries(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def test_picture_is_shown_and_anything_else_only_downloaded(desk: Desk) -> None:
    message = factories.ticket().conversations.get().messages.get()
    picture = factories.attachment(
        message, "a.png", content_type="image/png", sha256=files.store(b"png"), problem=""
    )
    script = factories.attachment(
        message, "a.html", content_type="text/html", sha256=files.store(b"<script>"), problem=""
    )

    shown, sent = desk.get(f"/attachments/{picture.pk}/"), desk.get(f"/attachments/{script.pk}/")

    assert (shown.content, shown["Content-Type"]) == (b"png", "image/png")
    assert shown["Content-Disposition"].startswith("inline")
    assert sent["Content-Type"] == "application/octet-stream"
    assert sent["Content-Disposition"].startswith("attachment")
    assert sent["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_file_that_was_never_fetched_is_not_found(desk: Desk) -> None:
    message = factories.ticket().conversations.get().messages.get()

    assert desk.get(f"/attachments/{factories.attachment(message).pk}/").status_code == 404


def test_formatted_message_is_cleaned_and_its_page_can_do_nothing(desk: Desk) -> None:
    conversation = factories.ticket().conversations.get()
    html = (
        '<p onclick="x()" style="color:red">Hello <b>you</b></p><script>x()</script>'
        '<img src="http://spy.example/x.gif"><a href="javascript:x()">y</a><form><input></form>'
    )
    message = factories.message(conversation, "Hello", html=html)

    answer = desk.get(f"/messages/{message.pk}/formatted/")

    shown = answer.content.decode()
    assert "Hello <b>you</b>" in shown
    for bad in ("onclick", "style=", "<script", "spy.example", "javascript:", "<form", "<input"):
        assert bad not in shown
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_formatted_mail_shows_its_own_pictures_and_no_others(desk: Desk) -> None:
    html = '<img src="cid:logo@x" alt="Logo"><img src="cid:gone"><img src="https://spy.example/x">'
    message = factories.message(factories.ticket().conversations.get(), "Hello", html=html)
    factories.attachment(
        message, "a.png", content_type="image/png", sha256=files.store(b"png"), problem="",
        content_id="<logo@x>",
    )  # fmt: skip

    shown = desk.get(f"/messages/{message.pk}/formatted/").content.decode()

    assert 'alt="Logo"' in shown
    assert shown.count('src="data:image/png;base64,cG5n"') == 1
    assert "cid:" not in shown
    assert "spy.example" not in shown


def test_what_was_written_since_one_looked_is_marked_and_the_mark_stays(desk: Desk) -> None:
    case = factories.ticket()
    page(desk, case)
    case.version = 2
    case.save()
    factories.message(case.conversations.get(), "And another thing", at=NOW, version=2)

    line = desk.get(url(case)).context["timeline"]
    again = desk.get(f"{url(case)}?unread=1-2", headers={"hx-trigger": "timeline"})

    assert [item.kind for item in line.items][-2:] == ["unread", "entry"]
    assert line.unread == again.context["timeline"].unread == 1


def test_line_shows_what_is_asked_for(desk: Desk, ada: User) -> None:
    case = factories.ticket()
    chat = factories.conversation(
        case, factories.kim(factories.channel("qq")), at=NOW + minutes(1), is_current=False
    )
    message = factories.message(chat, "By chat\n> quoted", at=NOW + minutes(1))
    factories.attachment(message)
    notes.add_note(ticket=case, text="A note", by=Actor.of(ada), now=NOW + minutes(2))
    assignment.assign(ticket=case, assignee=ada, by=Actor.of(ada), now=NOW + minutes(3))

    def kinds(show: str) -> list[str]:
        line = desk.get(f"{url(case)}?show={show}").context["timeline"]
        return [item.kind for item in line.items if item.kind not in {"day", "branch"}]

    assert kinds("") == ["entry", "entry", "end", "entry", "event"]
    assert kinds("talk") == ["entry", "entry"]
    assert kinds("notes") == kinds("files") == kinds("channel-qq") == ["entry"]
    assert kinds("changes") == ["event"]
    alone = desk.get(f"{url(case)}?show=thread-{chat.pk}").context["timeline"].items
    assert [part.text for part in alone[-1].parts] == ["By chat\n> quoted"]


def test_older_days_of_a_long_case_are_folded_but_for_what_a_link_names(desk: Desk) -> None:
    case = factories.ticket()
    mail = case.conversations.get()
    for n in range(45):
        factories.message(mail, f"message {n}", at=NOW + minutes(n + 1))
    early = mail.messages.get(text="message 3")

    whole = items(desk, case)
    linked = desk.get(f"{url(case)}?message={early.pk}").context["timeline"].items

    assert [item.count for item in whole if item.kind == "stretch"] == [26]
    shown = [item.message for item in linked if item.kind == "entry"]
    assert early in shown


def test_link_to_a_message_goes_where_its_conversation_is_now(desk: Desk, ada: User) -> None:
    kept, other = factories.ticket(), factories.ticket(text="The very same")
    message = other.conversations.get().messages.get()
    other.conversations.update(ticket=kept)

    answer = desk.get(f"{url(other)}?message={message.pk}")

    assert answer["Location"].startswith(url(kept))
    assert f"message={message.pk}" in answer["Location"]


def test_very_long_message_is_shortened_and_nothing_of_it_is_lost(desk: Desk) -> None:
    text = "\n".join(f"Step {n}: nothing." for n in range(60))
    case = factories.ticket(text=text)

    (part,) = next(item for item in items(desk, case) if item.kind == "entry").parts

    assert f"{part.text}\n{part.rest}" == text
    assert len(part.text.splitlines()) == 24
