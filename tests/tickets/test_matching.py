"""Every rule of matching, what overrides it, and the edges of its time limits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tickets.case_numbers import Found, Invalid, Reading
from tickets.matching import Case, Current, Decision, Policy, Quoted, Situation, decide

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
KIM, BEN = "Kim", "Ben"
ONE, TWO, NOWHERE, MISTYPED = "4821093710", "1234567825", "5555555509", "4821093756"

CASE = Case("one", frozenset({KIM}))
SECOND = Case("two", frozenset({KIM}))
BENS = Case("bens", frozenset({BEN}))
FRESH = Case("fresh", frozenset({KIM}))
DAY = timedelta(hours=24)
MONTH = timedelta(days=30)


def closed(case: Case, ago: timedelta) -> Case:
    return replace(case, is_closed=True, closed_at=NOW - ago)


def saying(*written: str) -> Reading:
    """What a text says: "4821093710" strong, "~4821093710" weak, "!4821093756" invalid."""
    found = [
        Found(number.lstrip("~"), "weak" if number.startswith("~") else "strong", 0, 0)
        for number in written
        if not number.startswith("!")
    ]
    invalid = [Invalid(number[1:], 0, 0) for number in written if number.startswith("!")]
    return Reading(tuple(found), tuple(invalid))


def decision(*written: str, **facts: Any) -> Decision:
    """Decide about a message of Kim, a known customer, unless `facts` say otherwise."""
    known: dict[str, Any] = {"now": NOW, "contact": KIM, "standing": "known"}
    leads = {number: Quoted(case) for number, case in facts.pop("leads", {}).items()}
    leads.update(facts.pop("merged", {}))
    situation = Situation(own=saying(*written), leads=leads, **{**known, **facts})
    return decide(situation, "")


def going_on(case: Case = CASE, ago: timedelta = timedelta(minutes=5), **facts: bool) -> Current:
    return Current(case, NOW - ago, **facts)


# Which rule decides


def test_nothing_known_opens_a_new_ticket() -> None:
    decided = decision()

    assert (decided.rule, decided.case, decided.review) == ("new_ticket", None, "")


def test_own_strong_number_joins_its_case() -> None:
    decided = decision(ONE, leads={ONE: CASE})

    assert (decided.rule, decided.case, decided.review) == ("strong_number", CASE, "")
    assert decided.via_number == ONE


def test_answer_to_our_message_joins_its_case() -> None:
    decided = decision(reply_to=Quoted(CASE))

    assert (decided.rule, decided.case) == ("reply_link", CASE)


def test_answer_goes_before_the_current_conversation() -> None:
    assert decision(reply_to=Quoted(CASE), current=going_on(SECOND)).case == CASE


def test_strong_number_in_own_words_overrides_the_answered_message() -> None:
    decided = decision(TWO, reply_to=Quoted(CASE), leads={TWO: SECOND})

    assert (decided.rule, decided.case) == ("strong_number", SECOND)


def test_quoted_number_does_not_override_the_answered_message() -> None:
    decided = decision(reply_to=Quoted(CASE), quoted=saying(TWO), leads={TWO: SECOND})

    assert (decided.rule, decided.case) == ("reply_link", CASE)


def test_unknown_number_does_not_override_the_answered_message() -> None:
    assert decision(NOWHERE, reply_to=Quoted(CASE)).rule == "reply_link"


def test_answer_to_somebody_elses_message_is_no_link() -> None:
    assert decision(reply_to=Quoted(BENS)).rule == "new_ticket"


def test_strong_number_goes_before_the_current_conversation() -> None:
    assert decision(TWO, leads={TWO: SECOND}, current=going_on()).case == SECOND


def test_own_words_go_before_quoted_ones() -> None:
    decided = decision(TWO, quoted=saying(ONE), leads={ONE: CASE, TWO: SECOND})

    assert (decided.case, decided.review) == (SECOND, "")


def test_quoted_number_alone_joins() -> None:
    decided = decision(quoted=saying(ONE), leads={ONE: CASE})

    assert (decided.rule, decided.case) == ("strong_number", CASE)
    assert [evidence.source for evidence in decided.evidence] == ["quoted"]


def test_weak_number_of_an_own_case_joins() -> None:
    decided = decision(f"~{ONE}", leads={ONE: CASE})

    assert (decided.rule, decided.case, decided.review) == ("weak_number", CASE, "")


def test_weak_number_goes_before_the_current_conversation() -> None:
    assert decision(f"~{TWO}", leads={TWO: SECOND}, current=going_on()).case == SECOND


def test_wrong_number_goes_before_a_weak_one() -> None:
    decided = decision(f"!{MISTYPED}", f"~{ONE}", leads={ONE: CASE})

    assert (decided.rule, decided.case) == ("invalid_number", None)


def test_evidence_is_the_words_as_written() -> None:
    text = "hello QM-4821-0937-10 there"
    own = Reading((Found(ONE, "strong", 6, 21),), ())
    situation = Situation(NOW, KIM, "known", own, leads={ONE: Quoted(CASE)})

    (evidence,) = decide(situation, text).evidence

    assert (evidence.text, evidence.start, evidence.end) == ("QM-4821-0937-10", 6, 21)


# The current conversation


@pytest.mark.parametrize(
    ("ago", "rule"),
    [
        (timedelta(0), "current_conversation"),
        (DAY - timedelta(seconds=1), "current_conversation"),
        (DAY, "new_ticket"),
        (DAY * 3, "new_ticket"),
    ],
)
def test_current_conversation_goes_on_for_a_day(ago: timedelta, rule: str) -> None:
    assert decision(current=going_on(ago=ago)).rule == rule


def test_length_of_a_current_conversation_is_a_setting() -> None:
    situation = Situation(NOW, KIM, "known", saying(), current=going_on(ago=timedelta(hours=2)))

    assert decide(situation, "", Policy(current_for=timedelta(hours=1))).rule == "new_ticket"


def test_new_problem_leaves_the_current_conversation() -> None:
    assert decision(current=going_on(), starts_new_problem=True).rule == "new_ticket"


def test_problem_added_to_the_old_one_stays_and_is_looked_at() -> None:
    decided = decision(current=going_on(), adds_a_problem=True)

    assert (decided.case, decided.review) == (CASE, "multi_issue")


def test_closed_case_ends_the_current_conversation() -> None:
    current = going_on(closed(CASE, timedelta(minutes=1)))

    assert decision(current=current).rule == "new_ticket"


def test_thanks_for_a_closed_case_change_nothing() -> None:
    case = closed(CASE, timedelta(minutes=1))

    decided = decision(current=going_on(case, DAY * 2), is_courtesy=True)

    assert (decided.case, decided.is_quiet, decided.reopens) == (case, True, False)


def test_thanks_for_an_open_case_are_an_ordinary_message() -> None:
    decided = decision(current=going_on(ago=DAY * 2), is_courtesy=True)

    assert (decided.case, decided.is_quiet) == (CASE, False)


def test_thanks_after_the_reopen_window_open_a_ticket() -> None:
    assert decision(current=going_on(ago=MONTH), is_courtesy=True).rule == "new_ticket"


def test_current_claim_goes_on_as_a_claim() -> None:
    decided = decision(contact="new", current=going_on(is_claim=True))

    assert (decided.case, decided.is_claim) == (CASE, True)


def test_conversation_that_a_machine_opened_on_anothers_case_is_nobodys() -> None:
    assert decision(current=going_on(BENS)).rule == "new_ticket"


# Closed and merged cases


@pytest.mark.parametrize(
    ("ago", "rule", "reopens"),
    [
        (timedelta(minutes=1), "strong_number", True),
        (MONTH, "strong_number", True),
        (MONTH + timedelta(seconds=1), "follow_up", False),
    ],
)
def test_number_of_a_closed_case_reopens_it_within_a_month(
    ago: timedelta, rule: str, reopens: bool
) -> None:
    decided = decision(ONE, leads={ONE: closed(CASE, ago)})

    assert (decided.rule, decided.reopens, decided.review) == (rule, reopens, "closed")


def test_follow_up_is_a_new_ticket_that_knows_the_old_one() -> None:
    case = closed(CASE, MONTH * 2)

    decided = decision(ONE, leads={ONE: case})

    assert (decided.case, decided.follows, decided.via_number) == (None, case, "")


def test_reopen_window_is_a_setting() -> None:
    leads = {ONE: Quoted(closed(CASE, timedelta(days=8)))}
    situation = Situation(NOW, KIM, "known", saying(ONE), leads=leads)

    assert decide(situation, "", Policy(reopen_for=timedelta(days=7))).rule == "follow_up"


def test_thanks_with_the_number_of_a_closed_case_do_not_reopen_it() -> None:
    decided = decision(ONE, leads={ONE: closed(CASE, DAY)}, is_courtesy=True)

    assert (decided.reopens, decided.is_quiet, decided.review) == (False, True, "closed")


@pytest.mark.parametrize("facts", [{"reply_to": Quoted(closed(CASE, DAY))}, {}])
def test_answer_and_weak_number_reopen_too(facts: dict[str, Any]) -> None:
    decided = decision(f"~{ONE}", leads={ONE: closed(CASE, DAY)}, **facts)

    assert (decided.reopens, decided.review) == (True, "closed")


def test_number_of_a_merged_case_joins_the_survivor() -> None:
    decided = decision(ONE, merged={ONE: Quoted(CASE, via_merge=True)})

    assert (decided.case, decided.review) == (CASE, "merged")


def test_merged_and_closed_is_looked_at_as_closed() -> None:
    decided = decision(ONE, merged={ONE: Quoted(closed(CASE, DAY), via_merge=True)})

    assert (decided.reopens, decided.review) == (True, "closed")


# Wrong numbers


def test_unknown_number_opens_a_ticket_that_remembers_it() -> None:
    decided = decision(NOWHERE, current=going_on())

    assert (decided.rule, decided.case) == ("unknown_number", None)
    assert (decided.review, decided.remembers) == ("unknown", NOWHERE)


def test_invalid_number_opens_a_ticket_and_guesses_nothing() -> None:
    decided = decision(f"!{MISTYPED}", leads={ONE: CASE}, current=going_on())

    assert (decided.rule, decided.case) == ("invalid_number", None)
    assert (decided.review, decided.remembers) == ("invalid", MISTYPED)


def test_right_number_takes_the_fresh_case_along() -> None:
    decided = decision(ONE, leads={ONE: CASE}, current=going_on(FRESH, is_uncorrected=True))

    assert (decided.case, decided.corrects, decided.review) == (CASE, FRESH, "")


def test_right_number_in_bare_digits_takes_the_fresh_case_along() -> None:
    decided = decision(f"~{ONE}", leads={ONE: CASE}, current=going_on(FRESH, is_uncorrected=True))

    assert (decided.case, decided.corrects) == (CASE, FRESH)


def test_case_that_somebody_acted_on_is_not_taken_along() -> None:
    decided = decision(ONE, leads={ONE: CASE}, current=going_on(FRESH))

    assert (decided.case, decided.corrects) == (CASE, None)


def test_second_wrong_number_stays_with_the_first() -> None:
    decided = decision(f"!{MISTYPED}", current=going_on(FRESH, is_uncorrected=True))

    assert (decided.case, decided.review) == (FRESH, "invalid")


def test_withdrawn_number_does_not_count() -> None:
    decided = decision(ONE, TWO, leads={ONE: CASE, TWO: SECOND}, withdrawn=frozenset({ONE}))

    assert (decided.case, decided.review, decided.links) == (SECOND, "", ())


def test_withdrawn_unknown_number_leaves_the_right_one_alone() -> None:
    decided = decision(NOWHERE, ONE, leads={ONE: CASE}, withdrawn=frozenset({NOWHERE}))

    assert (decided.case, decided.review) == (CASE, "")


def test_invalid_number_beside_a_right_one_is_passed_over() -> None:
    decided = decision(f"!{MISTYPED}", ONE, leads={ONE: CASE})

    assert (decided.case, decided.review) == (CASE, "")


# Several numbers


def test_first_of_two_own_numbers_decides_and_the_other_is_linked() -> None:
    decided = decision(ONE, TWO, leads={ONE: CASE, TWO: SECOND})

    assert (decided.case, decided.review, decided.links) == (CASE, "two_numbers", (SECOND,))


def test_two_numbers_of_one_case_are_one() -> None:
    decided = decision(ONE, TWO, leads={ONE: CASE, TWO: CASE})

    assert (decided.case, decided.review, decided.links) == (CASE, "", ())


def test_unknown_number_beside_a_known_one_is_looked_at() -> None:
    decided = decision(NOWHERE, ONE, leads={ONE: CASE})

    assert (decided.case, decided.review) == (CASE, "two_numbers")


def test_own_number_decides_before_anothers() -> None:
    decided = decision(TWO, ONE, leads={TWO: BENS, ONE: CASE})

    assert (decided.rule, decided.case) == ("strong_number", CASE)
    assert (decided.review, decided.links) == ("two_numbers", (BENS,))


def test_two_numbers_are_looked_at_before_a_second_problem() -> None:
    decided = decision(ONE, TWO, leads={ONE: CASE, TWO: SECOND}, adds_a_problem=True)

    assert decided.review == "two_numbers"


@pytest.mark.parametrize("written", [ONE, f"~{ONE}"])
def test_number_with_a_separate_problem_joins_and_is_looked_at(written: str) -> None:
    decided = decision(written, leads={ONE: CASE}, adds_a_problem=True)

    assert (decided.case, decided.review) == (CASE, "multi_issue")


def test_quoted_number_with_a_new_problem_needs_no_look() -> None:
    decided = decision(quoted=saying(ONE), leads={ONE: CASE}, adds_a_problem=True)

    assert (decided.case, decided.review) == (CASE, "")


# Claims and strangers


def test_newcomer_with_a_number_makes_a_claim() -> None:
    decided = decision(ONE, leads={ONE: CASE}, contact="new", standing="new")

    assert (decided.rule, decided.case, decided.is_claim) == ("claim", CASE, True)
    assert decided.review == ""


def test_claim_of_a_closed_case_reopens_nothing() -> None:
    case = closed(CASE, DAY)

    decided = decision(ONE, leads={ONE: case}, contact="new", standing="new")

    assert (decided.case, decided.is_claim, decided.reopens) == (case, True, False)
    assert decided.review == "closed"


def test_claim_of_a_case_closed_long_ago_is_still_a_claim() -> None:
    decided = decision(ONE, leads={ONE: closed(CASE, MONTH * 5)}, contact="new", standing="new")

    assert (decided.rule, decided.is_claim) == ("claim", True)


def test_newcomer_whose_number_was_wrong_first_still_only_claims() -> None:
    decided = decision(
        ONE,
        leads={ONE: CASE},
        contact="new",
        standing="fresh",
        current=Current(Case("fresh", frozenset({"new"})), NOW, is_uncorrected=True),
    )

    assert (decided.rule, decided.is_claim) == ("claim", True)
    assert decided.corrects is not None
    assert decided.corrects.key == "fresh"


def test_claimer_who_repeats_the_number_stays_a_claimer() -> None:
    decided = decision(ONE, leads={ONE: CASE}, contact="new", current=going_on(is_claim=True))

    assert (decided.rule, decided.case, decided.is_claim) == ("claim", CASE, True)


def test_claimer_who_quotes_another_case_is_a_stranger_there() -> None:
    decided = decision(TWO, leads={TWO: BENS}, contact="new", current=going_on(is_claim=True))

    assert (decided.rule, decided.case, decided.review) == ("stranger", None, "stranger")


def test_known_customer_with_anothers_number_gets_a_case_of_their_own() -> None:
    decided = decision(ONE, leads={ONE: BENS})

    assert (decided.rule, decided.case, decided.review) == ("stranger", None, "stranger")
    assert (decided.links, decided.via_number) == ((BENS,), "")


def test_strangers_number_opens_a_case_as_a_number_that_leads_nowhere_does() -> None:
    existing = decision(ONE, leads={ONE: BENS}, current=going_on(SECOND))
    missing = decision(ONE, current=going_on(SECOND))

    assert (existing.case, existing.review, existing.links) == (None, "stranger", (BENS,))
    assert (missing.case, missing.review) == (None, "unknown")


@pytest.mark.parametrize(
    "facts",
    [
        {"current": going_on(SECOND, DAY)},
        {"current": going_on(closed(SECOND, DAY))},
        {"current": going_on(SECOND), "starts_new_problem": True},
    ],
)
def test_stranger_without_a_case_of_the_moment_gets_a_new_one(facts: dict[str, Any]) -> None:
    assert decision(ONE, leads={ONE: BENS}, **facts).case is None


def test_newcomer_who_says_that_the_number_is_anothers_is_a_stranger() -> None:
    decided = decision(
        ONE, leads={ONE: CASE}, contact="new", standing="new", is_somebody_elses=True
    )

    assert (decided.rule, decided.is_claim) == ("stranger", False)


def test_owner_joins_even_where_the_words_sound_like_anothers() -> None:
    assert decision(ONE, leads={ONE: CASE}, is_somebody_elses=True).case == CASE


@pytest.mark.parametrize("standing", ["new", "known"])
def test_weak_number_of_anothers_case_moves_nothing_but_is_looked_at(standing: str) -> None:
    decided = decision(f"~{ONE}", leads={ONE: BENS}, standing=standing)

    assert (decided.rule, decided.case) == ("new_ticket", None)
    assert (decided.review, decided.links) == ("weak_other", (BENS,))


def test_weak_number_of_anothers_case_stays_in_the_current_conversation() -> None:
    decided = decision(f"~{ONE}", leads={ONE: BENS}, current=going_on())

    assert (decided.case, decided.review) == (CASE, "weak_other")


def test_claimer_repeating_the_claimed_number_bare_needs_no_look() -> None:
    decided = decision(f"~{ONE}", leads={ONE: CASE}, contact="new", current=going_on(is_claim=True))

    assert (decided.case, decided.review) == (CASE, "")


def test_weak_number_that_leads_nowhere_is_ordinary_text() -> None:
    assert decision(f"~{NOWHERE}", current=going_on()).review == ""


# Machines


def test_auto_reply_joins_quietly_and_needs_no_look() -> None:
    decided = decision(quoted=saying(ONE), leads={ONE: CASE}, automatic="auto_reply")

    assert (decided.rule, decided.case, decided.review) == ("automatic", CASE, "")
    assert decided.is_quiet


def test_bounce_joins_quietly_whoever_sent_it_and_is_looked_at() -> None:
    decided = decision(ONE, leads={ONE: BENS}, automatic="bounce")

    assert (decided.case, decided.review, decided.is_quiet) == (BENS, "auto", True)
    assert not decided.is_claim


def test_machines_mail_reopens_nothing() -> None:
    decided = decision(ONE, leads={ONE: closed(CASE, DAY)}, automatic="auto_reply")

    assert (decided.case is not None, decided.reopens) == (True, False)


def test_machines_mail_belongs_to_the_message_it_answers() -> None:
    decided = decision(TWO, reply_to=Quoted(CASE), leads={TWO: SECOND}, automatic="bounce")

    assert decided.case == CASE


def test_auto_reply_with_anothers_number_does_not_join_it() -> None:
    decided = decision(ONE, leads={ONE: BENS}, automatic="auto_reply", current=going_on())

    assert decided.case == CASE


def test_auto_reply_of_a_newcomer_joins_quietly_and_claims_nothing() -> None:
    decided = decision(
        ONE, leads={ONE: CASE}, contact="new", standing="new", automatic="auto_reply"
    )

    assert (decided.case, decided.is_quiet, decided.is_claim) == (CASE, True, False)


def test_auto_reply_without_number_stays_in_its_conversation_however_old() -> None:
    assert decision(automatic="auto_reply", current=going_on(ago=MONTH)).case == CASE


def test_machines_mail_out_of_nowhere_is_kept_and_looked_at() -> None:
    decided = decision(automatic="auto_reply")

    assert (decided.case, decided.review, decided.is_quiet) == (None, "auto", True)


def test_mailing_list_is_read_like_a_person() -> None:
    assert decision(ONE, leads={ONE: CASE}, automatic="list").rule == "strong_number"
