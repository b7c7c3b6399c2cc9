"""What is composed: sent as one with all that belongs to it, taken back, kept, sent later."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from tests.tickets.cast import (
    NOON,
    ada,
    agent,
    bea,
    case,
    codes,
    door,
    later,
    only_conversation,
    says,
    standing,
)
from tests.tickets.clocks.promising import only_promise
from tickets import files
from tickets.actions import composing, deliveries, drafts, lifecycle, merging
from tickets.actions import later as scheduling
from tickets.actions.drafts import WrittenElsewhere
from tickets.actions.refusals import Refused
from tickets.actions.replies import SomebodyAnswered, reply
from tickets.interchange import OutgoingFile
from tickets.macros import Actions
from tickets.models import (
    Channel,
    Clock,
    ClockKind,
    Delivery,
    Draft,
    DraftFile,
    LaterReply,
    Macro,
    Message,
    Notification,
    SendHold,
    Ticket,
)
from tickets.queries.drafts import drafted_by, drafts_of

pytestmark = pytest.mark.django_db
TEN = timedelta(seconds=10)


def send(ticket: Ticket, text: str = "请再试一次", **more: Any) -> Message:
    now = more.pop("now", later(minutes=5))
    more.setdefault("by", ada())
    held = more.pop("held", True)
    until = now + TEN if held else None
    place = only_conversation(ticket)
    return composing.send(conversation=place, text=text, now=now, hold_until=until, **more)


def claimed(now: datetime) -> Delivery | None:
    return deliveries.claim(channels=Channel.objects.all(), now=now)


def test_held_reply_leaves_when_its_time_is_over_and_not_before() -> None:
    message = send(case())

    assert claimed(later(minutes=5, seconds=9)) is None
    taken = claimed(later(minutes=5, seconds=10))
    assert taken is not None
    assert taken.message == message


def test_reply_without_hold_leaves_at_once() -> None:
    send(case(), held=False)

    assert claimed(later(minutes=5)) is not None
    assert not SendHold.objects.exists()


def test_hold_delays_no_automatic_message_but_what_a_person_writes_next() -> None:
    ticket = case()
    send(ticket)
    mine = only_conversation(ticket)
    reply(conversation=mine, text="收到", by=ada(), now=later(minutes=5), automatic=True)

    first = claimed(later(minutes=5, seconds=1))

    assert first is not None
    assert first.message.automatic == "acknowledgement"
    send(ticket, "还有一点", now=later(minutes=5, seconds=2), held=False)
    assert claimed(later(minutes=5, seconds=3)) is None


def test_mended_channel_hurries_no_held_reply() -> None:
    send(case())

    deliveries.hurry(channel=door(), now=later(minutes=5, seconds=1))

    assert claimed(later(minutes=5, seconds=1)) is None


def test_reply_taken_back_is_a_draft_again_and_the_case_as_it_was() -> None:
    only_promise()
    ticket = case()
    lifecycle.tag(ticket=ticket, tag="before", by=bea(), now=NOON)
    before = standing(ticket)
    upload = OutgoingFile("log.txt", "text/plain", b"log")
    does = Actions(assign="me", tags=("bounce",), priority="high")

    message = send(ticket, "**试**一次", files=[upload], then="pending", actions=does)
    mid = standing(ticket)
    assert (mid.state, mid.assignee, mid.tags) == ("pending", agent("ada"), ["before", "bounce"])
    composing.take_back(message=message, by=ada(), now=later(minutes=5, seconds=5))

    after = standing(ticket)
    for name in ("state", "assignee_id", "tags", "priority", "waiting_since", "first_replied_at"):
        assert getattr(after, name) == getattr(before, name), name
    draft = Draft.objects.get(ticket=ticket)
    assert (draft.text, [f.name for f in draft.files.all()]) == ("**试**一次", ["log.txt"])
    assert not Message.objects.filter(pk=message.pk).exists()
    assert codes(ticket)[-1] == "reply_taken_back"
    clock = Clock.objects.get(ticket=ticket, kind=ClockKind.FIRST_RESPONSE)
    assert clock.met_at is None


def test_taking_back_leaves_alone_what_somebody_changed_since() -> None:
    ticket = case()
    message = send(ticket, then="closed")
    lifecycle.snooze(ticket=ticket, until=later(days=1), by=bea(), now=later(minutes=5, seconds=2))

    composing.take_back(message=message, by=ada(), now=later(minutes=5, seconds=5))

    assert standing(ticket).state == "snoozed"


def test_reply_counts_again_after_it_was_taken_back() -> None:
    ticket = case(replies_left=2, reply_until=later(hours=2))
    message = send(ticket)
    assert only_conversation(ticket).replies_left == 1

    composing.take_back(message=message, by=ada(), now=later(minutes=5, seconds=5))

    assert only_conversation(ticket).replies_left == 2


def test_what_was_begun_since_stands_below_what_comes_back() -> None:
    ticket = case()
    message = send(ticket, "第一")
    keep(ticket, "第二", seen=0)

    composing.take_back(message=message, by=ada(), now=later(minutes=6))

    assert Draft.objects.get().text == "第一\n\n第二"


def test_only_its_author_takes_a_reply_back_and_only_while_nothing_has_left() -> None:
    message = send(case())

    with pytest.raises(Refused, match="not_yours"):
        composing.take_back(message=message, by=bea(), now=later(minutes=5))
    claimed(later(minutes=6))
    with pytest.raises(Refused, match="left"):
        composing.take_back(message=message, by=ada(), now=later(minutes=6))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("worker_first", [True, False])
def test_of_undo_and_worker_at_the_same_moment_exactly_one_wins(worker_first: bool) -> None:
    message = send(case())
    at = later(minutes=6)
    go = threading.Event()
    outcome: list[object] = []

    def other() -> None:
        try:
            with transaction.atomic():
                if worker_first:
                    outcome.append(undo())
                else:
                    outcome.append(claimed(at))
        finally:
            connection.close()

    def undo() -> bool:
        try:
            composing.take_back(message=message, by=ada(), now=at)
        except Refused:
            return False
        return True

    rival = threading.Thread(target=other)
    with transaction.atomic():
        mine: object = claimed(at) if worker_first else undo()
        rival.start()
        go.wait(0.3)  # the other has come as far as the lock lets it
    rival.join()

    if worker_first:
        assert mine is not None
        assert outcome == [False]
        assert Message.objects.filter(pk=message.pk).exists()
    else:
        assert mine is True
        assert outcome == [None]
        assert not Delivery.objects.exists()


def test_same_press_sends_once() -> None:
    ticket = case()

    first = send(ticket, client_key="k")
    again = send(ticket, client_key="k")

    assert first == again
    assert Delivery.objects.count() == 1


def test_send_that_is_refused_does_nothing_of_its_macro() -> None:
    ticket = case()
    reply(conversation=only_conversation(ticket), text="先答", by=bea(), now=later(minutes=1))

    with pytest.raises(SomebodyAnswered):
        send(ticket, seen_version=1, actions=Actions(tags=("x",)))

    assert standing(ticket).tags == []


def test_marks_become_format_where_the_channel_carries_it() -> None:
    rich = case("kim", by="mail")
    Channel.objects.update(capabilities={"html": True})

    message = send(rich, "**重要**")

    assert (message.text, message.html) == ("重要", "<p><strong>重要</strong></p>")


# Drafts


def keep(ticket: Ticket, text: str, seen: int | None, **more: Any) -> Draft:
    values: dict[str, Any] = {"mode": "reply", "conversation": None, "now": NOON, **more}
    return drafts.keep(ticket=ticket, user=agent("ada"), text=text, seen=seen, **values)


def test_draft_is_one_per_person_and_case_and_its_list_is_right() -> None:
    ticket, other = case(), case("lo")

    keep(ticket, "半句", seen=0)

    assert drafted_by(agent("ada"), [ticket.pk, other.pk]) == {ticket.pk}
    assert drafted_by(agent("bea"), [ticket.pk, other.pk]) == set()


def test_newer_text_of_another_device_is_not_written_over() -> None:
    ticket = case()
    first = keep(ticket, "半句", seen=0)
    keep(ticket, "半句话", seen=first.version)

    with pytest.raises(WrittenElsewhere) as stopped:
        keep(ticket, "另一句", seen=first.version)

    assert stopped.value.draft.text == "半句话"
    assert keep(ticket, "另一句", seen=None).text == "另一句"


def test_draft_on_a_merged_case_is_found_on_the_survivor() -> None:
    source, target = case(), case("lo")
    keep(source, "半句", seen=0)

    merging.merge(source=source, target=target, by=ada(), now=later(minutes=1))

    assert drafts_of(agent("ada"), target)["reply"].text == "半句"


def test_file_of_a_draft_that_is_removed_leaves_no_bytes() -> None:
    data = OutgoingFile("a.txt", "text/plain", b"only here")
    made = drafts.attach(ticket=case(), user=agent("ada"), file=data, now=NOON)

    drafts.discard_unused([made.sha256])
    assert files.read(made.sha256) == b"only here"
    DraftFile.objects.all().delete()
    drafts.discard_unused([made.sha256])

    with pytest.raises(FileNotFoundError):
        files.read(made.sha256)


# Later


def plan(ticket: Ticket, text: str = "明天见", **more: Any) -> LaterReply:
    values: dict[str, Any] = {"send_at": later(hours=2), "now": later(minutes=5), **more}
    place = only_conversation(ticket)
    return scheduling.write_for_later(conversation=place, text=text, by=ada(), **values)


def test_reply_for_later_leaves_at_its_time_with_its_author_and_state() -> None:
    ticket = case()
    plan(ticket, then="closed")

    assert scheduling.send_due(now=later(hours=1)) == 0
    assert scheduling.send_due(now=later(hours=2)) == 1

    message = Message.objects.get(text="明天见")
    assert (message.author, standing(ticket).state) == (agent("ada"), "closed")
    assert scheduling.send_due(now=later(hours=3)) == 0


def test_customer_who_writes_in_between_stops_it() -> None:
    ticket = case()
    row = plan(ticket)
    says("kim", "已经好了", at=later(minutes=30))

    assert scheduling.stop_answered(now=later(minutes=31)) == 1

    row.refresh_from_db()
    assert (row.state, row.reason) == ("stopped", "customer_wrote")
    assert scheduling.send_due(now=later(hours=2)) == 0
    assert codes(ticket)[-1] == "reply_stopped"
    assert Notification.objects.get(kind="later_stopped").user == agent("ada")


def test_stopped_reply_may_be_moved_sent_or_taken_back() -> None:
    ticket = case()
    row = plan(ticket)
    says("kim", "已经好了", at=later(minutes=30))
    scheduling.stop_answered(now=later(minutes=31))

    scheduling.move(later=row, send_at=later(hours=3), by=ada(), now=later(minutes=40))
    assert scheduling.send_due(now=later(hours=3)) == 1
    with pytest.raises(Refused, match="left"):
        scheduling.cancel(later=row, by=ada(), now=later(hours=3))


def test_colleague_who_answered_stops_it_too() -> None:
    ticket = case()
    row = plan(ticket)
    reply(conversation=only_conversation(ticket), text="好", by=bea(), now=later(minutes=30))

    scheduling.send_due(now=later(hours=2))

    row.refresh_from_db()
    assert (row.state, row.reason) == ("stopped", "somebody_answered")


def test_cancelled_reply_is_a_draft_again() -> None:
    ticket = case()
    row = plan(ticket, files=[OutgoingFile("a.txt", "text/plain", b"a")])

    scheduling.cancel(later=row, by=ada(), now=later(minutes=10))

    draft = Draft.objects.get()
    assert (draft.text, [f.name for f in draft.files.all()]) == ("明天见", ["a.txt"])
    assert scheduling.send_due(now=later(hours=2)) == 0


def test_reply_for_later_is_checked_when_it_is_written() -> None:
    ticket = case()

    with pytest.raises(Refused, match="past"):
        plan(ticket, send_at=later(minutes=1))
    with pytest.raises(Refused, match="empty"):
        plan(ticket, text=" ")


def test_macro_is_done_with_the_send_that_comes_later() -> None:
    ticket = case()
    macro = Macro.objects.create(
        name="退信", actions={"tags": ["bounce"]}, created_at=NOON, changed_at=NOON
    )
    plan(ticket, macro=macro)
    assert standing(ticket).tags == []

    scheduling.send_due(now=later(hours=2))

    assert standing(ticket).tags == ["bounce"]
