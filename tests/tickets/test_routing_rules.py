"""The pure decision: which rule holds, what it decides, and whose turn it is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tickets.routing import Facts, Hand, Rule, choose, decide, holds

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
FACTS = Facts(
    category="account_security",
    language="ja",
    plan="enterprise",
    kind="email",
    channel="mail",
    priority="high",
    words="アカウントを乗っ取られました。弁護士に相談します",
)


def rule(key: int = 1, **fields: Any) -> Rule:
    return Rule(key=key, name=f"rule {key}", **fields)


@pytest.mark.parametrize(
    ("fields", "because"),
    [
        ({}, {}),
        ({"categories": ["account_security"]}, {"category": ["account_security"]}),
        ({"categories": ["other", "account_security"]}, {"category": ["account_security"]}),
        (
            {"languages": ["ja"], "plans": ["enterprise"]},
            {"language": ["ja"], "plan": ["enterprise"]},
        ),
        ({"kinds": ["email"]}, {"kind": ["email"]}),
        ({"channels": ["mail"]}, {"channel": ["mail"]}),
        ({"priorities": ["high", "urgent"]}, {"priority": ["high"]}),
        ({"words": ["弁護士", "訴訟"]}, {"words": ["弁護士"]}),
    ],
)
def test_rule_holds_and_says_by_what(fields: dict[str, Any], because: dict[str, Any]) -> None:
    assert holds(rule(**fields), FACTS) == because


@pytest.mark.parametrize(
    "fields",
    [
        {"categories": ["other"]},
        {"categories": ["account_security"], "languages": ["en"]},
        {"plans": ["free"]},
        {"kinds": ["qq"]},
        {"channels": ["other-mail"]},
        {"priorities": ["urgent"]},
        {"words": ["refund"]},
    ],
)
def test_rule_does_not_hold(fields: dict[str, Any]) -> None:
    assert holds(rule(**fields), FACTS) is None


def test_case_of_unknown_category_meets_no_category() -> None:
    assert holds(rule(categories=["other"]), Facts()) is None


def test_first_rule_that_names_a_team_decides_the_team() -> None:
    flags = rule(1, flags_lead=True)
    first, second = rule(2, team=7), rule(3, team=8, priority="urgent")

    decision = decide([flags, first, second], FACTS)

    assert (decision.team, decision.priority, decision.flags_lead) == (first, second, flags)
    assert [held.rule.key for held in decision.held] == [1, 2, 3]


def test_tags_of_all_rules_come_together_once() -> None:
    decision = decide([rule(1, tags=["a", "b"]), rule(2, tags=["b", "c"])], FACTS)

    assert list(decision.tags) == ["a", "b", "c"]
    assert decision.tags["b"].key == 1


def hand(key: int, **fields: Any) -> Hand:
    values: dict[str, Any] = {
        "skills": frozenset(),
        "languages": frozenset(),
        "limit": None,
        "load": 0,
        "is_away": False,
        "last_given_at": None,
        **fields,
    }
    return Hand(key=key, **values)


def test_who_has_least_to_do_gets_it() -> None:
    chosen = choose([hand(1, load=3), hand(2, load=1), hand(3, load=2)])

    assert chosen
    assert chosen.key == 2


def test_among_equals_it_goes_round() -> None:
    hands = [
        hand(1, last_given_at=NOON),
        hand(2, last_given_at=NOON - timedelta(hours=1)),
        hand(3, last_given_at=NOON - timedelta(minutes=1)),
    ]

    chosen = choose(hands)

    assert chosen
    assert chosen.key == 2


def test_who_never_got_one_comes_first() -> None:
    chosen = choose([hand(1, last_given_at=NOON), hand(2)])

    assert chosen
    assert chosen.key == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"is_away": True},
        {"limit": 2, "load": 2},
        {"limit": 0},
        {"skills": frozenset({"billing"})},
        {"skills": frozenset({"security"}), "languages": frozenset({"en"})},
    ],
)
def test_who_cannot_is_passed_over(fields: dict[str, Any]) -> None:
    assert choose([hand(1, **fields)], skill="security", language="ja") is None


def test_who_named_no_language_answers_in_any() -> None:
    chosen = choose([hand(1)], language="ja")

    assert chosen
    assert chosen.key == 1
