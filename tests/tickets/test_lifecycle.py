"""States and labels of a case: what changes, what is recorded, and what is refused."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.tickets.cast import (
    ada,
    agent,
    case,
    claim_on,
    codes,
    later,
    only_conversation,
    says,
    standing,
)
from tickets.actions import lifecycle, merging
from tickets.actions.refusals import Refused
from tickets.actions.replies import reply
from tickets.models import History, Ticket

pytestmark = pytest.mark.django_db

Act = Callable[[Ticket], Ticket]

ACTS: dict[str, Act] = {
    "resolve": lambda t: lifecycle.resolve(ticket=t, by=ada(), now=later(hours=1)),
    "reopen": lambda t: lifecycle.reopen(ticket=t, by=ada(), now=later(hours=1)),
    "wait": lambda t: lifecycle.wait_for_customer(ticket=t, by=ada(), now=later(hours=1)),
    "snooze": lambda t: lifecycle.snooze(
        ticket=t, until=later(days=1), by=ada(), now=later(hours=1)
    ),
    "priority": lambda t: lifecycle.set_priority(
        ticket=t, priority="high", by=ada(), now=later(hours=1)
    ),
    "category": lambda t: lifecycle.set_category(
        ticket=t, category="other", by=ada(), now=later(hours=1)
    ),
    "subject": lambda t: lifecycle.set_subject(
        ticket=t, subject="退信 554", by=ada(), now=later(hours=1)
    ),
    "tag": lambda t: lifecycle.tag(ticket=t, tag="vip", by=ada(), now=later(hours=1)),
    "untag": lambda t: lifecycle.untag(ticket=t, tag="vip", by=ada(), now=later(hours=1)),
}
CHANGES = {
    "resolve": ("state", "closed", "resolved"),
    "wait": ("state", "pending", "waits_for_customer"),
    "snooze": ("state", "snoozed", "snoozed"),
    "priority": ("priority", "high", "priority_set"),
    "category": ("category", "other", "category_set"),
    "subject": ("subject", "退信 554", "subject_set"),
    "tag": ("tags", ["vip"], "tagged"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_change_is_recorded_once_with_its_agent(name: str) -> None:
    ticket = case()
    field, value, code = CHANGES[name]

    returned = ACTS[name](ticket)

    after, entry = standing(ticket), History.objects.filter(ticket=ticket).latest("pk")
    assert getattr(after, field) == getattr(returned, field) == value
    assert (entry.code, entry.actor_user, entry.at) == (code, agent("ada"), later(hours=1))
    assert entry.version == after.version == ticket.version + 1


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_so_already_is_neither_done_nor_recorded(name: str) -> None:
    ticket = ACTS[name](case())
    rows = History.objects.count()

    ACTS[name](ticket)

    assert standing(ticket).version == ticket.version
    assert History.objects.count() == rows


@pytest.mark.parametrize("name", ACTS)
def test_nothing_is_done_to_a_merged_case(name: str) -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    merging.merge(source=source, target=target, by=ada(), now=later(minutes=1))
    before = standing(source).version

    with pytest.raises(Refused, match="merged"):
        ACTS[name](source)

    assert standing(source).version == before


def test_resolved_case_waits_for_nobody() -> None:
    ticket = ACTS["resolve"](case())

    assert standing(ticket).waiting_since is None
    assert standing(ticket).closed_at == later(hours=1)


def test_reopened_case_is_no_longer_closed() -> None:
    ticket = ACTS["reopen"](ACTS["resolve"](case()))

    assert standing(ticket).state == "open"
    assert standing(ticket).closed_at is None
    assert codes(ticket)[-2:] == ["resolved", "reopened"]


def test_case_that_waits_for_the_customer_has_nobody_waiting() -> None:
    ticket = ACTS["wait"](case())

    says("kim", "补充一下", at=later(hours=5))

    assert standing(ticket).state == "open"
    assert standing(ticket).waiting_since == later(hours=5)


def test_snoozed_case_keeps_its_customers_clock() -> None:
    ticket = case()

    ACTS["snooze"](ticket)

    assert standing(ticket).waiting_since == ticket.waiting_since
    assert standing(ticket).snoozed_until == later(days=1)


def test_snooze_may_be_moved() -> None:
    ticket = ACTS["snooze"](case())

    lifecycle.snooze(ticket=ticket, until=later(days=2), by=ada(), now=later(hours=2))

    assert standing(ticket).snoozed_until == later(days=2)
    assert codes(ticket).count("snoozed") == 2


@pytest.mark.parametrize("minutes", [0, -1])
def test_snooze_into_the_past_is_refused(minutes: int) -> None:
    with pytest.raises(Refused, match="past"):
        lifecycle.snooze(
            ticket=case(), until=later(hours=1, minutes=minutes), by=ada(), now=later(hours=1)
        )


def test_snooze_ends_at_its_moment_and_not_before() -> None:
    ticket = ACTS["snooze"](case())

    assert lifecycle.wake_due(now=later(days=1) - timedelta(seconds=1)) == 0
    assert lifecycle.wake_due(now=later(days=1)) == 1
    assert lifecycle.wake_due(now=later(days=1)) == 0

    assert standing(ticket).state == "open"
    assert standing(ticket).snoozed_until is None
    assert History.objects.get(code="woken").actor_kind == "system"


def test_message_ends_a_snooze_early() -> None:
    ticket = ACTS["snooze"](case())

    says("kim", "还是不行", at=later(hours=2))

    assert standing(ticket).state == "open"
    assert History.objects.get(code="woken").actor_identity == only_conversation(ticket).identity


def test_claim_does_not_end_a_snooze() -> None:
    ticket = ACTS["snooze"](case())

    claim_on(ticket, at=later(hours=2))

    assert standing(ticket).state == "snoozed"


def test_merged_snoozed_case_sleeps_on() -> None:
    source, target = ACTS["snooze"](case("kim")), case("lin", "附件传不上去")
    merging.merge(source=source, target=target, by=ada(), now=later(hours=2))

    assert lifecycle.wake_due(now=later(days=2)) == 0


def test_many_snoozes_end_in_portions() -> None:
    for who in ("a", "b", "c"):
        ACTS["snooze"](case(who))

    assert lifecycle.wake_due(now=later(days=1), limit=2) == 2
    assert lifecycle.wake_due(now=later(days=1), limit=2) == 1


def test_resolving_ends_a_snooze() -> None:
    ticket = ACTS["resolve"](ACTS["snooze"](case()))

    assert standing(ticket).snoozed_until is None


@pytest.mark.parametrize(
    ("act", "values", "code"),
    [
        (lifecycle.set_priority, {"priority": "vip"}, "unknown_value"),
        (lifecycle.set_priority, {"priority": ""}, "unknown_value"),
        (lifecycle.set_category, {"category": "x"}, "unknown_value"),
        (lifecycle.set_subject, {"subject": " \n"}, "empty"),
        (lifecycle.set_subject, {"subject": "x" * 201}, "too_long"),
        (lifecycle.tag, {"tag": "  "}, "empty"),
        (lifecycle.tag, {"tag": "x" * 41}, "too_long"),
    ],
)
def test_unfit_value_is_refused(
    act: Callable[..., Ticket], values: dict[str, str], code: str
) -> None:
    ticket = case()

    with pytest.raises(Refused, match=code):
        act(ticket=ticket, by=ada(), now=later(), **values)

    assert standing(ticket).version == ticket.version


def test_category_may_be_taken_away() -> None:
    ticket = ACTS["category"](case())

    lifecycle.set_category(ticket=ticket, category="", by=ada(), now=later(hours=2))

    assert standing(ticket).category == ""
    assert History.objects.latest("pk").data == {"before": "other", "after": ""}


def test_tags_are_tidied_kept_in_order_and_bounded() -> None:
    ticket = case()
    for n in range(20):
        lifecycle.tag(ticket=ticket, tag=f"  tag \n {n} ", by=ada(), now=later())

    with pytest.raises(Refused, match="too_many"):
        lifecycle.tag(ticket=ticket, tag="one more", by=ada(), now=later())

    assert standing(ticket).tags == [f"tag {n}" for n in range(20)]


def test_tag_is_taken_off() -> None:
    ticket = ACTS["untag"](ACTS["tag"](case()))

    assert standing(ticket).tags == []
    assert codes(ticket)[-2:] == ["tagged", "untagged"]


def test_message_to_a_resolved_case_reopens_it_for_the_customer() -> None:
    ticket = case()
    reply(
        conversation=only_conversation(ticket), text="修好了", by=ada(), now=later(), then="closed"
    )

    says("kim", f"QM{ticket.number} 又坏了", at=later(days=2))

    assert standing(ticket).state == "open"
    entry = History.objects.get(code="reopened")
    assert entry.actor_identity == only_conversation(ticket).identity
