"""The case page as its customer uses it without JavaScript: all of the case, and nothing inside."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from channels_ingest import api, outbox
from channels_ingest.web import viewers
from tests.channels_ingest.doors import drain
from tests.channels_ingest.test_case_lookup import Browser
from tests.channels_ingest.test_web_pages import Visitor, aged, in_a_minute
from tests.own_cache import empty_cache
from tests.tickets import cast
from tickets.actions import (
    acknowledgements,
    claims,
    deliveries,
    identities,
    lifecycle,
    linking,
    merging,
    notes,
    replies,
    reviews,
)
from tickets.interchange import OutgoingFile
from tickets.models import Channel, Conversation, Delivery, Message, Rating, Ticket

pytestmark = pytest.mark.django_db

PAGE_QUERIES = 12


@pytest.fixture(autouse=True)
def web(settings: Any, tmp_path: Any) -> Channel:
    settings.MEDIA_ROOT = tmp_path
    empty_cache()
    return api.create_channel(
        kind="web_form", slug="web", values={"brand": "Blue Plane"}, now=timezone.now()
    ).channel


@pytest.fixture
def ticket() -> Ticket:
    return cast.case("kim", at=timezone.now())


@pytest.fixture
def browser() -> Browser:
    return Browser()


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def answered(ticket: Ticket, text: str, **options: Any) -> Message:
    """Ada answers, and the vendor has accepted it."""
    said = replies.reply(
        conversation=cast.only_conversation(ticket, "kim"),
        text=text,
        by=cast.ada(),
        now=timezone.now(),
        **options,
    )
    Delivery.objects.filter(message=said).update(state="sent")
    return said


def posted(browser: Browser, address: str, **fields: Any) -> Any:
    """Add to a case by the form on its page, shown a while ago."""
    page = text_of(browser.get(address))
    token = re.search(r'name="form" value="([^"]*)"', page)
    assert token
    return browser.post(address, form=aged(token[1], timedelta(minutes=1)), **fields)


def test_whole_case_is_shown_without_anything_internal(ticket: Ticket, browser: Browser) -> None:
    answered(ticket, "请重新登录后再试")
    notes.add_note(ticket=ticket, text="像是过滤规则", by=cast.ada(), now=timezone.now())
    claim = cast.claim_on(ticket, at=timezone.now())
    queued = replies.reply(
        conversation=cast.only_conversation(ticket, "kim"),
        text="还在路上的回复",
        by=cast.ada(),
        now=timezone.now(),
    )
    Delivery.objects.filter(message=queued).update(state="queued")

    page = text_of(browser.get(browser.opens(ticket)))

    assert "收件箱是空的" in page
    assert "请重新登录后再试" in page
    assert "Ada" in page
    assert "像是过滤规则" not in page
    assert claim.messages.get().text not in page
    assert "还在路上的回复" not in page
    assert "Your code for the page" not in page


def test_what_is_added_joins_the_case_as_the_same_customers(
    ticket: Ticket, browser: Browser
) -> None:
    address = browser.opens(ticket)

    answer = posted(browser, address, message="这是日志里的一行")
    assert answer.status_code == 302
    assert "这是日志里的一行" in text_of(browser.get(address))
    drain()
    posted(browser, address, message="还有一行")
    drain()

    said = Message.objects.get(text="这是日志里的一行")
    assert said.conversation is not None
    assert said.conversation.ticket == ticket
    assert said.conversation.claim == ""
    assert said.conversation.identity.contact == ticket.contact
    assert said.decision["rule"] == "strong_number"
    assert Ticket.objects.count() == 1
    own = Conversation.objects.filter(ticket=ticket, channel__slug="web")
    assert own.get().messages.count() == 2
    acknowledgements.send_due(now=in_a_minute())
    assert not Message.objects.filter(conversation__in=own, direction="outbound").exists()


def test_answer_to_what_was_added_stands_on_the_page(ticket: Ticket, browser: Browser) -> None:
    address = browser.opens(ticket)
    posted(browser, address, message="还有一行")
    drain()
    own = Conversation.objects.get(ticket=ticket, channel__slug="web")

    replies.reply(conversation=own, text="看到了，谢谢", by=cast.ada(), now=timezone.now())
    outbox.deliver()

    assert "看到了，谢谢" in text_of(browser.get(address))


def test_adding_after_a_theft_opens_a_case_of_its_own(ticket: Ticket, browser: Browser) -> None:
    address = browser.opens(ticket)
    posted(browser, address, message="小偷写的")
    kim = cast.account("kim")
    identities.mark_compromised(identity=kim, by=cast.ada(), now=timezone.now())
    drain()

    said = Message.objects.get(text="小偷写的")
    assert said.conversation is not None
    assert said.conversation.identity.contact != ticket.contact
    assert said.conversation.is_pending_claim or said.conversation.ticket != ticket


def test_customer_closes_rates_and_takes_up_again(ticket: Ticket, browser: Browser) -> None:
    address = browser.opens(ticket)

    browser.post(f"{address}resolution/")
    assert "How did we do?" in text_of(browser.get(address))
    browser.post(f"{address}rating/", score="4", word="快")
    assert "Thank you for your rating" in text_of(browser.get(address))
    browser.post(f"{address}reopening/")

    assert "How did we do?" not in text_of(browser.get(address))
    assert Rating.objects.get().score == 4
    assert cast.codes(ticket)[-3:] == ["resolved", "rated", "reopened"]


@pytest.mark.parametrize("score", ["0", "6", "", "nine", "５"])
def test_rating_is_one_to_five(ticket: Ticket, browser: Browser, score: str) -> None:
    address = browser.opens(ticket)
    browser.post(f"{address}resolution/")

    assert browser.post(f"{address}rating/", score=score).status_code == 409
    assert not Rating.objects.exists()


def test_customer_chooses_where_answers_go(ticket: Ticket, browser: Browser) -> None:
    mail = cast.says("kim-mail", f"案号 {cast.printed(ticket)}", by="mail", at=timezone.now())
    claim = cast.conversation_of(mail)
    claims.verify(conversation=claim, by=cast.ada(), now=timezone.now())
    stranger = cast.case("lee", "登录不上", at=timezone.now()).contact.identities.get()
    address = browser.opens(ticket)

    assert browser.post(f"{address}answers/", place=str(stranger.pk)).status_code == 409
    browser.post(f"{address}answers/", place=str(claim.identity_id))
    assert cast.standing(ticket).answer_by_id == claim.identity_id
    browser.post(f"{address}answers/", place="")

    assert cast.standing(ticket).answer_by is None


def test_waiting_answer_may_leave_by_the_place_that_was_chosen(ticket: Ticket) -> None:
    mail = cast.conversation_of(
        cast.says("kim-mail", f"案号 {cast.printed(ticket)}", by="mail", at=timezone.now())
    )
    claims.verify(conversation=mail, by=cast.ada(), now=timezone.now())
    chat = cast.only_conversation(ticket, "kim")
    Conversation.objects.filter(pk=chat.pk).update(replies_left=0)
    said = replies.reply(conversation=chat, text="在", by=cast.ada(), now=timezone.now())

    delivery = said.deliveries.get()
    moved = deliveries.redirect(delivery=delivery, to=mail, by=cast.ada(), now=timezone.now())

    assert moved.conversation == mail


def test_files_of_other_accounts_of_the_customer_are_given_and_no_others(
    ticket: Ticket, browser: Browser
) -> None:
    file = OutgoingFile("how-to.txt", "text/plain", b"step one")
    mine = answered(ticket, "见附件", files=(file,)).attachments.get()
    other = cast.case("lee", "登录不上", at=timezone.now())
    theirs = replies.reply(
        conversation=cast.only_conversation(other),
        text="见附件",
        by=cast.ada(),
        now=timezone.now(),
        files=(OutgoingFile("secret.txt", "text/plain", b"secret"),),
    ).attachments.get()
    address = browser.opens(ticket)

    given = browser.get(f"{address}files/{mine.pk}/")

    assert b"".join(given.streaming_content) == b"step one"
    assert given["Content-Disposition"].startswith("attachment")
    assert browser.get(f"{address}files/{theirs.pk}/").status_code == 404


def test_merged_case_is_shown_as_part_of_the_survivor_of_the_same_customer_only(
    ticket: Ticket, browser: Browser
) -> None:
    address = browser.opens(ticket)
    own = cast.case("kim", "发票抬头写错了，另外的事", at=timezone.now())
    merging.merge(source=ticket, target=own, by=cast.ada(), now=timezone.now())
    assert "发票抬头" in text_of(browser.get(address))
    other = cast.case("lee", "登录不上，验证码错误", at=timezone.now())

    merging.merge(source=own, target=other, by=cast.ada(), now=timezone.now())

    assert browser.get(address).status_code == 302


def test_page_asks_the_server_only_for_what_is_new(ticket: Ticket, browser: Browser) -> None:
    address = browser.opens(ticket)
    first = browser.get(f"{address}live/")

    same = browser.client.get(f"{address}live/", headers={"if-none-match": first["ETag"]})
    answered(ticket, "有新消息")
    fresh = browser.client.get(f"{address}live/", headers={"if-none-match": first["ETag"]})

    assert (same.status_code, same.content) == (304, b"")
    assert fresh.status_code == 200
    assert "有新消息" in text_of(fresh)


def test_page_takes_as_many_queries_for_many_messages_as_for_one(
    ticket: Ticket, browser: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = browser.opens(ticket)
    answered(ticket, "一")
    with django_assert_num_queries(PAGE_QUERIES):
        browser.get(address)
    for n in range(20):
        answered(ticket, f"第{n}条")

    with django_assert_num_queries(PAGE_QUERIES):
        browser.get(address)


def test_code_of_the_number_stands_on_the_page_and_opens_nothing_by_itself(
    ticket: Ticket, browser: Browser
) -> None:
    page = text_of(browser.get(browser.opens(ticket)))

    drawing = re.search(r"<svg [^>]*class=\"qr\">(.*?)</svg>", page, re.DOTALL)
    assert drawing
    assert f"<title>{cast.printed(ticket)}</title>" in drawing[1]
    assert not re.search(r"<script|style=|href=", drawing[0])


def test_holder_of_a_private_link_sees_the_whole_case_too(browser: Browser) -> None:
    visitor = Visitor()
    address = visitor.sends()
    drain()
    found = Ticket.objects.get()
    mail = cast.conversation_of(
        cast.says("kim-mail", f"案号 {cast.printed(found)}，还是不行", by="mail", at=timezone.now())
    )
    assert "还是不行" not in visitor.opens(address).html
    linking.link_identity(
        identity=mail.identity, contact=found.contact, by=cast.ada(), now=timezone.now()
    )

    assert "还是不行" in visitor.opens(address).html


def test_stolen_accounts_private_link_opens_nothing() -> None:
    visitor = Visitor()
    address = visitor.sends()
    drain()
    owner = Ticket.objects.get().contact.identities.get()

    identities.mark_compromised(identity=owner, by=cast.ada(), now=timezone.now())

    assert visitor.client.get(address).status_code == 404
    assert visitor.client.get(f"{address}live/").status_code == 404


def test_what_a_stolen_account_wrote_is_marked_for_its_owner(
    ticket: Ticket, browser: Browser
) -> None:
    mail = cast.conversation_of(
        cast.says("kim-mail", f"案号 {cast.printed(ticket)}，已解决", by="mail", at=timezone.now())
    )
    claims.verify(conversation=mail, by=cast.ada(), now=timezone.now())
    identities.mark_compromised(identity=mail.identity, by=cast.ada(), now=timezone.now())

    assert "from an account that was taken over" in text_of(browser.get(browser.opens(ticket)))


def test_review_has_its_own_box_on_the_page_and_its_clock(ticket: Ticket, browser: Browser) -> None:
    now = timezone.now()
    lifecycle.set_category(ticket=ticket, category="account_security", by=cast.ada(), now=now)
    address = browser.opens(ticket)
    assert "Identity check" not in text_of(browser.get(address))
    reviews.open_review(ticket=ticket, by=cast.ada(), now=now)
    assert "Photos of your identity card" in text_of(browser.get(address))

    browser.post(f"{address}review/", places="杭州，2022 年至今")

    page = text_of(browser.get(address))
    assert "47 h 59 min" in page
    assert "杭州" not in page
    assert browser.post(f"{address}review/", places="").status_code == 409


def test_address_of_a_case_names_it_as_people_write_it(ticket: Ticket, browser: Browser) -> None:
    assert browser.opens(ticket) == f"/support/case/{viewers.printed(ticket.number)}/"
