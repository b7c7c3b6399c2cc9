"""Public places on the desk: marked before sending, checked, flagged, masked, hidden, left."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from tests import factories
from tests.dashboard.conftest import Desk
from tests.factories import NOW
from tickets import files
from tickets.case_numbers import format_number
from tickets.models import Conversation, Delivery, History, Message, Revision, Ticket, User

pytestmark = pytest.mark.django_db

PHONE = "13812340192"
RIGHTS: dict[str, Any] = {"moderates": True, "invites": "link"}


def url(ticket: Ticket, rest: str = "") -> str:
    return f"/tickets/{format_number(ticket.number)}/{rest}"


def page(desk: Desk, ticket: Ticket, query: str = "") -> str:
    return unescape(desk.get(url(ticket, query)).content.decode())


def forum_case(text: str = "My rules are gone", **capabilities: Any) -> Ticket:
    """A case that a public post has opened."""
    forum = factories.channel("discourse", "Forum", is_public=True, capabilities=capabilities)
    case = factories.ticket(factories.kim(forum, "blue_pine"), text, subject="Rules")
    Message.objects.filter(conversation__ticket=case).update(is_public=True)
    return case


def exposing(**capabilities: Any) -> tuple[Ticket, Message]:
    """A case whose public post shows a phone number."""
    case = forum_case(f"Please call {PHONE}", **capabilities)
    post = Message.objects.get(conversation__ticket=case)
    post.exposes = ["phone"]
    post.save()
    return case, post


def reply(desk: Desk, conversation: Conversation, text: str, **fields: Any) -> Any:
    body = {"conversation": conversation.pk, "text": text, "client_key": "k1", **fields}
    return desk.send(url(conversation.ticket, "replies/"), body)


def test_composer_says_that_the_answer_will_be_public(desk: Desk) -> None:
    shown = page(desk, forum_case())

    assert "This answer is public" in shown
    assert "Send publicly" in shown
    assert "data-public" in shown


def test_composer_of_a_private_case_says_nothing_of_the_public(desk: Desk) -> None:
    shown = page(desk, factories.ticket())

    assert "This answer is public" not in shown
    assert "data-public" not in shown


def test_public_answer_with_a_phone_number_comes_back_with_the_place_marked(desk: Desk) -> None:
    case = forum_case()

    answer = reply(desk, case.conversations.get(), f"We call {PHONE} today")

    shown = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "Everybody can read this place. It shows: a phone number." in shown
    assert f'We call <mark class="bad-run">{PHONE}</mark> today' in shown
    assert f"We call {PHONE} today</textarea>" in shown
    assert not Delivery.objects.exists()


def test_words_of_the_private_talk_come_back_marked_however_they_are_written(desk: Desk) -> None:
    case = forum_case()
    mail = factories.conversation(case, factories.kim())
    factories.message(mail, "The certificate for push messages ran out last night")

    answer = reply(
        desk, case.conversations.earliest("pk"), "THE CERTIFICATE FOR PUSH MESSAGES RAN OUT"
    )

    shown = unescape(answer.content.decode())
    assert "something from the private part of the case" in shown
    assert '<mark class="bad-run">THE CERTIFICATE FOR' in shown


def test_harmless_public_answer_is_sent(desk: Desk) -> None:
    case = forum_case()

    assert reply(desk, case.conversations.get(), "Please update and try again").status_code == 302
    assert Delivery.objects.count() == 1


def test_continue_in_private_sends_one_link(desk: Desk) -> None:
    case = forum_case(**RIGHTS)
    body = {"conversation": case.conversations.get().pk}

    shown = desk.send(url(case, "invitations/"), body, follow=True).content.decode()
    again = desk.send(url(case, "invitations/"), body, follow=True).content.decode()

    sent = Message.objects.get(automatic="invitation")
    assert "/support/private/" in sent.text
    assert "has been asked to go on in private" in shown
    assert "asked to go on in private not long ago" in again


@pytest.mark.parametrize("asked", ["", "x", "0", "9" * 30, "²"])
def test_invitation_without_a_conversation_of_the_case_is_nothing(desk: Desk, asked: str) -> None:
    case = forum_case(**RIGHTS)

    assert desk.send(url(case, "invitations/"), {"conversation": asked}).status_code == 404


def test_exposing_post_is_flagged_and_can_be_hidden(desk: Desk) -> None:
    case, post = exposing(**RIGHTS)
    shown = page(desk, case)
    assert "A public post by blue_pine shows a phone number" in shown
    assert "Hide the post" in shown

    desk.send(url(case, f"posts/{post.pk}/hiding/"))

    assert History.objects.get(code="hide_asked").data["message"] == post.pk
    shown = page(desk, case)
    assert "It is being hidden." in shown
    assert "Hide the post" not in shown


@pytest.mark.parametrize("field", ["hidden_at", "recalled_at"])
def test_post_that_is_gone_there_is_flagged_no_more(desk: Desk, field: str) -> None:
    case, post = exposing(**RIGHTS)
    setattr(post, field, NOW)
    post.save()

    assert "A public post by" not in page(desk, case)


def test_without_the_right_to_hide_a_ready_text_asks_the_poster(desk: Desk) -> None:
    case, post = exposing()
    shown = page(desk, case)
    assert "Hide the post" not in shown
    assert f"?ask_to_edit={post.pk}" in shown

    case.language = "en"
    case.save()
    shown = page(desk, case, f"?ask_to_edit={post.pk}")

    assert "Please edit it and take them out; we do not need them here.</textarea>" in shown


def test_post_of_another_case_prepares_nothing(desk: Desk) -> None:
    _case, post = exposing()

    assert "Please edit it" not in page(desk, factories.ticket(), f"?ask_to_edit={post.pk}")


def test_hiding_a_post_of_another_case_is_nothing(desk: Desk) -> None:
    _case, post = exposing(**RIGHTS)

    answer = desk.send(url(factories.ticket(), f"posts/{post.pk}/hiding/"))

    assert answer.status_code == 404


def test_agent_reads_the_post_and_a_helper_reads_it_masked(
    desk: Desk, sign_in: Callable[[User], Desk]
) -> None:
    case, post = exposing()
    Revision.objects.create(message=post, text=f"Call me, {PHONE}", replaced_at=NOW)
    post.edited_at, post.html = NOW, f"<p>{PHONE}</p>"
    post.decision = {"rule": "weak_number", "evidence": [{"text": PHONE, "start": 12, "end": 23}]}
    post.save()

    assert PHONE in page(desk, case)
    helper = sign_in(factories.hal())
    shown = page(helper, case)
    assert "Please call ••••" in shown
    assert PHONE not in shown
    assert helper.get(f"/messages/{post.pk}/formatted/").status_code == 404
    assert desk.get(f"/messages/{post.pk}/formatted/").status_code == 200


def test_helper_sees_the_public_place_of_a_mixed_case_only(sign_in: Callable[[User], Desk]) -> None:
    """One channel may have both: a group beside private chats."""
    door = factories.channel("qq", "Chat")
    case = factories.ticket(
        factories.kim(door, "Private Kim"), "A private matter", subject="Secret"
    )
    group = factories.conversation(case, factories.kim(door, "In the group"), is_public=True)
    factories.message(group, "A public word", is_public=True)
    private = case.conversations.earliest("pk")
    file = factories.attachment(
        private.messages.get(), sha256=files.store(b"private"), problem="", name="private.txt"
    )
    helper = sign_in(factories.hal())

    shown = page(helper, case)

    assert "A public word" in shown
    for hidden in ("A private matter", "Private Kim", "Secret", "private.txt"):
        assert hidden not in shown
    assert helper.get(f"/attachments/{file.pk}/").status_code == 404
    assert reply(helper, private, "Hello").status_code == 422
    assert reply(helper, group, "Hello").status_code == 302
    asked = helper.send(url(case, "invitations/"), {"conversation": private.pk})
    assert asked.status_code == 404


def test_helper_may_invite_who_wrote_in_public(sign_in: Callable[[User], Desk]) -> None:
    case = forum_case(**RIGHTS)

    sign_in(factories.hal()).send(
        url(case, "invitations/"), {"conversation": case.conversations.get().pk}
    )

    assert Message.objects.filter(automatic="invitation").count() == 1


def test_helper_has_no_buttons_to_hide_or_to_open(sign_in: Callable[[User], Desk]) -> None:
    case, post = exposing(**RIGHTS)

    shown = page(sign_in(factories.hal()), case)

    assert "Hide the post" not in shown
    assert f"posts/{post.pk}/hiding" not in shown
