"""The audit holds on what we did, and notices each thing that must not be."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from channels_ingest import outbox
from channels_ingest.audit import audit
from channels_ingest.connectors.base import OutcomeUnknown, TemporaryFailure
from channels_ingest.models import Envelope
from channels_ingest.store import store
from tests.channels_ingest.doors import NOON, Obedient, drain, obedient_channel, raw
from tickets.actions.replies import reply
from tickets.actor import Actor
from tickets.models import (
    Alias,
    Attempt,
    Conversation,
    Delivery,
    History,
    Message,
    Role,
    Seen,
    Ticket,
    User,
)

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=1)


def broken() -> list[str]:
    return [finding.rule for finding in audit(now=LATER) if not finding.holds]


@pytest.fixture
def busy_day() -> None:
    """A day of messages, conflicts, nonsense and replies that went well, failed or are in doubt."""
    channel = obedient_channel(resend="never")
    Obedient.parse_fails.add("nonsense")
    written = [raw(f"m-{n}", f"help {n}", lane=f"kim-{n}") for n in range(4)]
    odd = [raw("nonsense"), raw("typing", "?typing"), raw("m-0", "other", lane="kim-0"), raw("")]
    store(channel=channel, envelopes=[*written, *odd], now=NOON)
    drain(NOON)
    ada = User.objects.create_user("ada@example.test", name="Ada", role=Role.MANAGER)
    Obedient.outcomes += [TemporaryFailure("busy"), OutcomeUnknown("timeout")]
    for conversation in Conversation.objects.order_by("pk")[:3]:
        reply(conversation=conversation, text="Good day", by=Actor.of(ada), now=NOON)
    outbox.deliver(clock=lambda: NOON)
    outbox.deliver(clock=lambda: NOON + timedelta(minutes=1))


def test_busy_day_holds(busy_day: None) -> None:
    findings = audit(now=LATER)

    assert broken() == []
    assert all(finding.looked_at for finding in findings if "merge" not in finding.rule)


def drop_envelope_work() -> None:
    Envelope.objects.filter(key="m-1").update(state="new", processed_at=None)


def drop_ledger_row() -> None:
    # Of an envelope: its key is entered first.
    Seen.objects.order_by("pk")[0].delete()


def double_envelope() -> None:
    copy = Envelope.objects.get(key="m-1")
    copy.pk = None
    copy.save()


def alter_body() -> None:
    Envelope.objects.filter(key="m-1").update(body=b"altered")


def forget_message() -> None:
    message = Message.objects.get(external_id="m-1")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tickets_seen WHERE key = sha256(%s::bytea)", [b"message\0m-1"])
    message.delete()


def lose_delivery() -> None:
    Attempt.objects.all().delete()
    Delivery.objects.all().delete()


def hide_attempt() -> None:
    Attempt.objects.filter(outcome="sent").delete()


def leave_running() -> None:
    Delivery.objects.filter(state="sent").update(state="started", lease_until=NOON)


def send_twice() -> None:
    delivery = Delivery.objects.filter(state="sent").latest("pk")
    Attempt.objects.create(
        delivery=delivery, number=delivery.attempts + 1, started_at=NOON, outcome="sent"
    )
    Delivery.objects.filter(pk=delivery.pk).update(attempts=delivery.attempts + 1)


def send_blindly() -> None:
    delivery = Delivery.objects.get(state="unknown")
    Attempt.objects.create(
        delivery=delivery, number=delivery.attempts + 1, started_at=NOON, outcome="sent"
    )
    Delivery.objects.filter(pk=delivery.pk).update(attempts=delivery.attempts + 1)


def run_ahead_of_the_ticket() -> None:
    History.objects.update(version=10_000)


def lose_number() -> None:
    Alias.objects.filter(number=Ticket.objects.latest("pk").number).delete()


def merge_without_moving() -> None:
    first, second = Ticket.objects.order_by("pk")[:2]
    Ticket.objects.filter(pk=first.pk).update(merged_into=second)


def merge_in_a_circle() -> None:
    first, second = Ticket.objects.order_by("pk")[:2]
    Conversation.objects.update(ticket=Ticket.objects.latest("pk"))
    Ticket.objects.filter(pk=first.pk).update(merged_into=second)
    Ticket.objects.filter(pk=second.pk).update(merged_into=first)


@pytest.mark.parametrize(
    ("harm", "rule"),
    [
        (drop_envelope_work, "every accepted envelope is processed, ignored or dead"),
        (drop_ledger_row, "every envelope's key stands in the ledger"),
        (double_envelope, "every key is stored once"),
        (alter_body, "every envelope holds what was received"),
        (forget_message, "every message of a processed envelope was taken in"),
        (lose_delivery, "every outbound message has its delivery"),
        (hide_attempt, "every attempt is on record"),
        (leave_running, "no attempt is left running"),
        (send_twice, "every reply was accepted by its vendor at most once"),
        (send_blindly, "nothing was sent again blindly"),
        (run_ahead_of_the_ticket, "every version of a ticket covers its history"),
        (lose_number, "every ticket's number leads to it"),
        (merge_without_moving, "no conversation stands on a merged ticket"),
        (merge_in_a_circle, "every merge ends at a standing ticket"),
    ],
)
def test_harm_is_noticed(busy_day: None, harm: Callable[[], None], rule: str) -> None:
    harm()

    assert rule in broken()


def test_fresh_work_is_given_time_unless_none_is_allowed() -> None:
    store(channel=obedient_channel(), envelopes=[raw("a")], now=timezone.now())

    call_command("audit", stdout=StringIO())
    with pytest.raises(CommandError, match="1 of"):
        call_command("audit", "--patience", "0", stdout=StringIO())


def test_command_prints_one_line_a_rule(busy_day: None) -> None:
    out = StringIO()

    call_command("audit", stdout=out)

    lines = out.getvalue().splitlines()
    assert len(lines) == len(audit(now=LATER))
    assert all(line.startswith("ok ") for line in lines)
