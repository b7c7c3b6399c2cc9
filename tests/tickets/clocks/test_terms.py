"""The most specific terms win."""

import pytest

from tickets.clocks import Rule, most_specific

ANY = Rule(1)
PLAN = Rule(2, plan="enterprise")
CHANNEL = Rule(3, channel=7)
PRIORITY = Rule(4, priority="urgent")
PLAN_AND_PRIORITY = Rule(5, plan="enterprise", priority="urgent")
CHANNEL_AND_PRIORITY = Rule(6, channel=7, priority="urgent")
RULES = (ANY, PLAN, CHANNEL, PRIORITY, PLAN_AND_PRIORITY, CHANNEL_AND_PRIORITY)


@pytest.mark.parametrize(
    ("plan", "channel", "priority", "rule"),
    [
        ("", None, "normal", ANY),
        ("free", 8, "low", ANY),
        ("enterprise", 8, "low", PLAN),
        ("free", 7, "low", CHANNEL),
        ("free", 8, "urgent", PRIORITY),
        ("enterprise", 7, "low", PLAN),
        ("enterprise", 7, "urgent", PLAN_AND_PRIORITY),
        ("free", 7, "urgent", CHANNEL_AND_PRIORITY),
    ],
)
def test_rule_that_asks_for_most_is_chosen(
    plan: str, channel: int | None, priority: str, rule: Rule
) -> None:
    found = most_specific(RULES, plan=plan, channel=channel, priority=priority)

    assert found is not None
    assert found.rule == rule


def test_choice_says_by_what_it_was_made() -> None:
    found = most_specific(RULES, plan="enterprise", channel=7, priority="urgent")

    assert found is not None
    assert found.by == ("plan", "priority")


def test_plan_weighs_more_than_channel_and_priority_together() -> None:
    rules = (PLAN, CHANNEL_AND_PRIORITY)

    found = most_specific(rules, plan="enterprise", channel=7, priority="urgent")

    assert found is not None
    assert found.rule == PLAN


def test_of_equal_rules_the_older_one_is_chosen() -> None:
    found = most_specific((Rule(9), Rule(8)), plan="", channel=None, priority="low")

    assert found is not None
    assert found.rule.key == 8


def test_no_rule_may_hold() -> None:
    assert most_specific((PLAN,), plan="free", channel=None, priority="low") is None
