"""Replies: written once, queued with the message, and what they do to the case."""

from datetime import datetime

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.tickets.cast import (
    NOON,
    ada,
    agent,
    bea,
    case,
    claim_on,
    codes,
    door,
    later,
    only_conversation,
    says,
    standing,
)
from tickets import events, files
from tickets.actions import identities, lifecycle, merging
from tickets.actions.replies import ReplyRefused, SomebodyAnswered, reply
from tickets.actor import SYSTEM, Actor
from tickets.interchange import OutgoingFile
from tickets.models import (
    Attachment,
    Conversation,
    Delivery,
    History,
    Message,
    Role,
    Ticket,
)

pytestmark = pytest.mark.django_db


def say(
    ticket: Ticket, text: str = "请再试一次", *, by: Actor | None = None, **more: object
) -> Message:
    values: dict[str, object] = {"now": later(minutes=5), **more}
    conversation = only_conversation(ticket)
    return reply(conversation=conversation, text=text, by=by or ada(), **values)  # type: ignore[arg-type]


def test_reply_and_its_delivery_are_written_together() -> None:
    ticket = case()

    message = say(ticket)

    delivery = Delivery.objects.get(message=message)
    assert message.author == agent("ada")
    assert message.conversation == only_conversation(ticket)
    assert (delivery.state, delivery.next_attempt_at) == ("queued", later(minutes=5))
    assert delivery.recipient == only_conversation(ticket).identity


def test_listeners_hear_of_a_delivery_after_commit_only(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    ticket, heard = case(), list[object]()

    def listen(delivery_ids: list[int], **_: object) -> None:
        heard.extend(delivery_ids)

    events.deliveries_queued.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            message = say(ticket)
            assert heard == []
    finally:
        events.deliveries_queued.disconnect(listen)

    assert heard == [message.deliveries.get().pk]


def test_reply_stops_the_clocks() -> None:
    ticket = case()

    say(ticket)

    after = standing(ticket)
    assert after.waiting_since is None
    assert after.first_replied_at == after.last_activity_at == later(minutes=5)


def test_first_reply_stays_the_first() -> None:
    ticket = case()
    say(ticket)

    say(ticket, now=later(hours=1))

    assert standing(ticket).first_replied_at == later(minutes=5)


def test_reply_leaves_the_state_alone_unless_told() -> None:
    ticket = case()
    lifecycle.resolve(ticket=ticket, by=ada(), now=later(minutes=1))

    say(ticket)

    assert standing(ticket).is_closed


@pytest.mark.parametrize(
    ("then", "state", "code"),
    [("pending", "pending", "waits_for_customer"), ("closed", "closed", "resolved")],
)
def test_reply_may_put_the_case_aside(then: str, state: str, code: str) -> None:
    ticket = case()

    say(ticket, then=then)

    after = standing(ticket)
    assert after.state == state
    assert after.closed_at == (later(minutes=5) if state == "closed" else None)
    assert codes(ticket)[-1] == code
    assert after.version == ticket.version + 1


def test_reply_that_waits_for_the_customer_ends_a_snooze() -> None:
    ticket = case()
    lifecycle.snooze(ticket=ticket, until=later(days=1), by=ada(), now=later(minutes=1))

    say(ticket, then="pending")

    assert standing(ticket).state == "pending"
    assert standing(ticket).snoozed_until is None


def test_customers_answer_opens_the_waiting_case() -> None:
    ticket = case()
    say(ticket, then="pending")

    says("kim", "还是不行", at=later(minutes=10))

    assert standing(ticket).state == "open"
    assert standing(ticket).waiting_since == later(minutes=10)


def test_same_press_of_send_writes_one_message() -> None:
    ticket = case()

    first = say(ticket, client_key="k1")
    again = say(ticket, client_key="k1", now=later(minutes=6))

    assert again == first
    assert Delivery.objects.count() == 1
    assert standing(ticket).version == first.version


def test_same_key_of_another_agent_is_another_press() -> None:
    ticket = case()
    say(ticket, client_key="k1")

    say(ticket, client_key="k1", by=bea())

    assert Message.objects.filter(direction="outbound").count() == 2


def test_colleagues_newer_reply_stops_mine_and_is_shown() -> None:
    ticket = case()
    theirs = say(ticket, by=bea())

    with pytest.raises(SomebodyAnswered) as stopped:
        say(ticket, seen_version=ticket.version)

    assert stopped.value.message == theirs
    assert Message.objects.filter(direction="outbound").count() == 1


def test_reply_that_was_on_the_page_stops_nobody() -> None:
    ticket = case()
    say(ticket, by=bea())

    say(ticket, seen_version=standing(ticket).version, now=later(minutes=6))

    assert Message.objects.filter(direction="outbound").count() == 2


def test_own_newer_reply_stops_nobody() -> None:
    ticket = case()
    say(ticket)

    say(ticket, seen_version=ticket.version, now=later(minutes=6))

    assert Message.objects.filter(direction="outbound").count() == 2


def test_automatic_answer_stops_nobody_and_no_clock() -> None:
    ticket = case()

    message = say(ticket, by=SYSTEM, automatic=True)

    say(ticket, seen_version=ticket.version)
    assert message.author is None
    assert standing(ticket).first_replied_at == later(minutes=5)
    assert message.automatic == "acknowledgement"


def test_older_reply_of_a_merged_case_is_not_news_on_the_survivor() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    for minute in range(4):
        say(source, by=bea(), now=later(minutes=minute))
    merging.merge(source=source, target=target, by=ada(), now=later(hours=1))
    seen = standing(target).version

    message = reply(
        conversation=only_conversation(target, "lin"),
        text="请看附件",
        by=ada(),
        now=later(hours=2),
        seen_version=seen,
    )

    newest = max(Message.objects.exclude(pk=message.pk).values_list("version", flat=True))
    assert newest <= seen < message.version


def test_reply_waits_while_the_window_is_closed_and_leaves_when_the_customer_writes() -> None:
    says("kim", "收不到邮件", reply_until=later(minutes=1), replies_left=5)
    conversation = Conversation.objects.get()
    message = reply(conversation=conversation, text="请重试", by=ada(), now=later(minutes=1))
    assert message.deliveries.get().state == "waiting"

    says("kim", "在吗", at=later(hours=1), reply_until=later(hours=2), replies_left=5)

    assert message.deliveries.get().state == "queued"


def test_each_reply_uses_up_one_of_the_vendors_few() -> None:
    says("kim", "收不到邮件", replies_left=1)
    conversation = Conversation.objects.get()

    first = reply(conversation=conversation, text="一", by=ada(), now=later(minutes=1))
    second = reply(conversation=conversation, text="二", by=ada(), now=later(minutes=2))

    assert first.deliveries.get().state == "queued"
    assert second.deliveries.get().state == "waiting"


def test_reply_that_waits_for_the_customer_uses_up_none() -> None:
    says("kim", "收不到邮件", reply_until=later(minutes=1), replies_left=3)
    conversation = Conversation.objects.get()

    reply(conversation=conversation, text="一", by=ada(), now=later(minutes=2))

    conversation.refresh_from_db()
    assert conversation.replies_left == 3


def test_files_go_with_the_reply() -> None:
    ticket = case()

    message = say(ticket, "", files=[OutgoingFile("a.png", "image/png", b"bytes")])

    attachment = Attachment.objects.get(message=message)
    assert (attachment.name, attachment.size) == ("a.png", 5)
    assert files.read(attachment.sha256) == b"bytes"


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_empty_reply_is_refused(text: str) -> None:
    with pytest.raises(ReplyRefused, match="empty"):
        say(case(), text)


def test_reply_longer_than_the_channel_carries_is_refused() -> None:
    door("chat", capabilities={"text_limit": 5})
    ticket = case()

    with pytest.raises(ReplyRefused, match="too_long") as refused:
        say(ticket, "123456")

    assert refused.value.data == {"limit": 5}
    assert say(ticket, "12345").text == "12345"


def test_nothing_is_written_to_a_stolen_account() -> None:
    ticket = case()
    identity = only_conversation(ticket).identity
    identities.mark_compromised(identity=identity, by=ada(), now=later(minutes=1))

    with pytest.raises(ReplyRefused, match="compromised"):
        say(ticket)
    with pytest.raises(ReplyRefused, match="compromised"):
        say(ticket, by=SYSTEM, automatic=True)

    assert not Delivery.objects.exists()


def test_helper_answers_public_posts_only() -> None:
    door("forum", is_public=True)
    private, public = case("kim"), case("lin", by="forum")
    hal = Actor.of(agent("hal", role=Role.HELPER))

    say(public, by=hal)
    with pytest.raises(ReplyRefused, match="not_allowed"):
        say(private, by=hal)


def test_refused_reply_leaves_no_trace() -> None:
    ticket = case()
    say(ticket, by=bea())
    before = standing(ticket)

    with pytest.raises(SomebodyAnswered):
        say(ticket, "另一个回答", seen_version=ticket.version, then="closed")

    after = standing(ticket)
    assert (after.version, after.state) == (before.version, before.state)
    assert not History.objects.filter(code="resolved").exists()


def test_reply_to_a_claim_changes_nothing_of_the_case() -> None:
    ticket = case()
    claim = claim_on(ticket, at=later(minutes=1))
    before = standing(ticket)

    reply(
        conversation=claim,
        text="我们先核实您的身份",
        by=ada(),
        now=later(minutes=5),
        then="closed",
    )

    after = standing(ticket)
    for field in ("state", "waiting_since", "first_replied_at", "last_activity_at"):
        assert getattr(after, field) == getattr(before, field), field


def test_reply_follows_a_conversation_that_was_merged_away() -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    known_before = only_conversation(source)
    merging.merge(source=source, target=target, by=ada(), now=later(minutes=1))

    message = reply(conversation=known_before, text="请重试", by=ada(), now=later(minutes=2))

    assert message.version == standing(target).version
    assert standing(target).first_replied_at == later(minutes=2)
    assert standing(source).first_replied_at is None


def test_time_of_a_reply_is_its_callers() -> None:
    message = say(case(), now=datetime.fromisoformat("2030-01-01T00:00:00Z"))

    assert message.created_at.year == 2030
    assert message.created_at > NOON
