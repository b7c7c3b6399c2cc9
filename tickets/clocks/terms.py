"""Which of several rules is the most specific for a case, and by what it was chosen."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """For which cases some terms hold; an empty plan or priority and no channel mean any."""

    key: int
    plan: str = ""
    channel: int | None = None
    priority: str = ""


@dataclass(frozen=True, slots=True)
class Matched:
    """The rule that was chosen, and what of the case it asked for."""

    rule: Rule
    by: tuple[str, ...]


def most_specific(
    rules: Iterable[Rule], *, plan: str, channel: int | None, priority: str
) -> Matched | None:
    """The rule that holds for the case and asks for most.

    A plan weighs more than channel and priority together, a channel more than a priority; of
    equals the older one decides. None where no rule holds.
    """
    case = {"plan": plan, "channel": channel, "priority": priority}
    found: list[tuple[tuple[bool, ...], int, Matched]] = []
    for rule in rules:
        asked = {"plan": rule.plan, "channel": rule.channel, "priority": rule.priority}
        by = tuple(name for name, value in asked.items() if value)
        if all(asked[name] == case[name] for name in by):
            weight = tuple(name in by for name in asked)
            found.append((weight, -rule.key, Matched(rule, by)))
    return max(found, key=lambda each: each[:2])[2] if found else None
