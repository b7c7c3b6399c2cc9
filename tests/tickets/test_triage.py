"""Triage on cases: it waits for a quiet moment, sets what nobody has set, learns from people."""

import pytest

from tests.tickets.assessing import model, triaged
from tests.tickets.cast import (
    ada,
    bea,
    case,
    claim_on,
    codes,
    conversation_of,
    later,
    says,
    standing,
)
from tickets.actions import claims, lifecycle, merging, splitting, undoing
from tickets.actions.triage import triage, triage_due
from tickets.models import State, Ticket, Triage
from tickets.queries.triage import corrections, first_words, latest_triage

pytestmark = pytest.mark.django_db


def looked_at(ticket: Ticket) -> bool:
    return standing(ticket).triaged_at is not None


def test_case_is_assessed_once_it_is_quiet() -> None:
    ticket = case()

    assert triage_due(now=later(seconds=7)) == 0
    assert triage_due(now=later(seconds=8)) == 1
    assert triage_due(now=later(seconds=9)) == 0
    assert looked_at(ticket)


def test_burst_puts_it_off_but_not_for_ever() -> None:
    ticket = case()
    for second in (6, 12, 18, 24, 29):
        says("kim", "还有", at=later(seconds=second))
        assert triage_due(now=later(seconds=second + 1) if second < 29 else later(seconds=29)) == 0

    triage_due(now=later(seconds=30))

    assert looked_at(ticket)


def test_greeting_alone_is_not_assessed_but_a_wordless_case_goes_on_in_the_end() -> None:
    ticket = case(text="在吗")

    assert triage_due(now=later(minutes=1)) == 0
    assert triage_due(now=later(minutes=6)) == 1
    assert looked_at(ticket)


def test_sure_model_sets_category_and_priority() -> None:
    ticket = case()

    row = triaged(ticket, now=later(seconds=8), category="account_security", urgency="high")

    now = standing(ticket)
    assert (now.category, now.priority) == ("account_security", "high")
    assert codes(ticket)[-3:] == ["triaged", "category_set", "priority_set"]
    by = ticket.history.filter(code="category_set").get()
    assert (by.actor_kind, by.data["why"]) == ("rule", {"by": "triage", "confidence": 0.9})
    assert (row.category, row.abstained, row.model) == ("account_security", False, "told")


def test_unsure_model_sets_nothing_and_says_so() -> None:
    ticket = case()

    row = triaged(ticket, now=later(seconds=8), abstains=True, urgency_confidence=0.3)

    assert row.abstained
    assert standing(ticket).category == ""
    assert codes(ticket)[-1] == "triage_abstained"


def test_what_somebody_has_set_is_left_alone() -> None:
    ticket = case()
    lifecycle.set_category(ticket=ticket, category="other", by=ada(), now=later(seconds=2))
    lifecycle.set_priority(ticket=ticket, priority="low", by=ada(), now=later(seconds=2))
    lifecycle.set_priority(ticket=ticket, priority="normal", by=ada(), now=later(seconds=3))

    triaged(ticket, now=later(seconds=20), category="spam_blocking", urgency="urgent")

    assert (standing(ticket).category, standing(ticket).priority) == ("other", "normal")


def test_category_that_somebody_took_away_does_not_come_back() -> None:
    ticket = case()
    lifecycle.set_category(ticket=ticket, category="other", by=ada(), now=later(seconds=2))
    lifecycle.set_category(ticket=ticket, category="", by=ada(), now=later(seconds=3))

    triaged(ticket, now=later(seconds=20))

    assert standing(ticket).category == ""


def test_two_workers_assess_a_case_once() -> None:
    ticket = case()
    triaged(ticket, now=later(seconds=8))

    assert triage(ticket=ticket, now=later(seconds=8), model=model()) is None
    assert Triage.objects.count() == 1


def test_model_that_fails_leaves_the_case_to_people() -> None:
    def broken(_text: str, **_: str) -> None:
        raise RuntimeError("no model")

    ticket = case()

    assert triage(ticket=ticket, now=later(seconds=8), model=broken) is None  # type: ignore[arg-type]  # it never answers

    assert looked_at(ticket)
    assert latest_triage(ticket) is None


@pytest.mark.parametrize("gone", ["closed", "merged"])
def test_case_that_is_done_with_is_not_assessed(gone: str) -> None:
    ticket, other = case(), case("bob", "附件传不上去")
    if gone == "closed":
        lifecycle.resolve(ticket=ticket, by=ada(), now=later(seconds=1))
    else:
        merging.merge(source=ticket, target=other, by=ada(), now=later(seconds=1))

    assert triage(ticket=ticket, now=later(seconds=20), model=model()) is None
    assert not looked_at(ticket)


def test_old_cases_are_left_to_those_who_read_them() -> None:
    case()

    assert triage_due(now=later(days=2)) == 0


def test_quotes_claims_and_machines_are_not_the_customers_words() -> None:
    ticket = case(text="收不到信\n> 你们的旧邮件说账号被盗")
    claim_on(ticket)
    says("kim", "Out of office", automatic="auto_reply", at=later(seconds=1))

    assert first_words([ticket.pk]) == {ticket.pk: "收不到信"}


def test_missing_parts_signs_and_articles_are_kept() -> None:
    ticket = case(text="我的QQ邮箱账号被盗了，密码也被改了")

    row = triaged(ticket, now=later(seconds=8), category="account_security")

    assert row.signs == ["theft"]
    assert "steps" in row.missing
    assert all({"slug", "title", "steps"} <= each.keys() for each in row.articles)


def test_correction_and_agreement_are_kept_for_the_next_training() -> None:
    wrong, right = case(), case("bob", "附件传不上去")
    triaged(wrong, now=later(seconds=8), category="billing_enterprise")
    triaged(right, now=later(seconds=8), category="attachments")

    lifecycle.set_category(ticket=wrong, category="sending_receiving", by=ada(), now=later(hours=1))
    lifecycle.set_category(ticket=right, category="attachments", by=bea(), now=later(hours=2))

    first, second = corrections()
    assert (first.category, first.was_right, first.text) == (
        "sending_receiving",
        False,
        "收不到邮件，收件箱是空的",
    )
    assert (second.category, second.was_right) == ("attachments", True)
    assert [each.ticket_id for each in corrections(later(minutes=90))] == [right.pk]


def test_what_triage_set_itself_is_no_training_data() -> None:
    triaged(case(), now=later(seconds=8))

    assert corrections() == []


def test_assessment_survives_merge_and_undo() -> None:
    source, target = case(), case("bob", "附件传不上去")
    mine, theirs = (
        triaged(each, now=later(seconds=8), category=category)
        for each, category in ((source, "sending_receiving"), (target, "attachments"))
    )

    move = merging.merge(source=source, target=target, by=ada(), now=later(minutes=1))
    assert latest_triage(target) == theirs
    undoing.undo(move=move, by=ada(), now=later(minutes=2))

    assert (latest_triage(source), latest_triage(target)) == (mine, theirs)
    assert standing(source).category == "sending_receiving"


def test_split_off_case_is_assessed_by_its_own_words() -> None:
    ticket = case()
    landing = says("kim", f"案号 {ticket.number}，还有附件也传不上去", by="mail")
    claim = conversation_of(landing)
    if claim.is_pending_claim:
        claims.verify(conversation=claim, by=ada(), now=later(seconds=5))
    triaged(ticket, now=later(seconds=8))

    fresh = splitting.split(conversation=claim, by=ada(), now=later(minutes=5))

    assert fresh.state == State.OPEN
    assert not looked_at(fresh)
    assert "附件" in first_words([fresh.pk])[fresh.pk]
