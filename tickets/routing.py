"""Decide by rules where a case goes, and to whom. Pure.

Every rule is held against the same facts. For team, person and priority the first rule that says
something decides; tags and the call for a lead are gathered from all that hold.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from .phrases import words_said

MOST_WORDS_TOLD = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a case when it is routed; "" where something is not known."""

    category: str = ""
    language: str = ""
    plan: str = ""
    kind: str = ""
    channel: str = ""
    priority: str = "normal"
    words: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions, of which an empty one asks for nothing, and what follows where all hold."""

    key: int
    name: str
    categories: Sequence[str] = ()
    languages: Sequence[str] = ()
    plans: Sequence[str] = ()
    kinds: Sequence[str] = ()
    channels: Sequence[str] = ()
    priorities: Sequence[str] = ()
    words: Sequence[str] = ()
    team: int | None = None
    assigns: bool = False
    skill: str = ""
    priority: str = ""
    flags_lead: bool = False
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """A rule that holds for a case; `because` gives for each condition what met it."""

    rule: Rule
    because: dict[str, list[str]]


@dataclass(slots=True)
class Decision:
    """What is to be done, and by which rule each part of it; `held` are all rules that hold."""

    held: list[Held] = field(default_factory=list)
    team: Rule | None = None
    priority: Rule | None = None
    flags_lead: Rule | None = None
    tags: dict[str, Rule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who may be given a case. `limit` None: as many as come; no languages: any."""

    key: int
    skills: frozenset[str]
    languages: frozenset[str]
    limit: int | None
    load: int
    is_away: bool
    last_given_at: datetime | None


def decide(rules: Iterable[Rule], facts: Facts) -> Decision:
    """Hold every rule against the facts, in order."""
    decision = Decision()
    for rule in rules:
        because = holds(rule, facts)
        if because is None:
            continue
        decision.held.append(Held(rule, because))
        if decision.team is None and rule.team is not None:
            decision.team = rule
        if decision.priority is None and rule.priority:
            decision.priority = rule
        if decision.flags_lead is None and rule.flags_lead:
            decision.flags_lead = rule
        for tag in rule.tags:
            decision.tags.setdefault(tag, rule)
    return decision


def holds(rule: Rule, facts: Facts) -> dict[str, list[str]] | None:
    """What of the case met each condition of the rule; None where one is not met."""
    because: dict[str, list[str]] = {}
    for name, wanted, found in (
        ("category", rule.categories, facts.category),
        ("language", rule.languages, facts.language),
        ("plan", rule.plans, facts.plan),
        ("kind", rule.kinds, facts.kind),
        ("channel", rule.channels, facts.channel),
        ("priority", rule.priorities, facts.priority),
    ):
        if wanted and found not in wanted:
            return None
        if wanted:
            because[name] = [found]
    if rule.words:
        said = words_said(facts.words, rule.words)
        if not said:
            return None
        because["words"] = list(said[:MOST_WORDS_TOLD])
    return because


def choose(hands: Iterable[Hand], *, skill: str = "", language: str = "") -> Hand | None:
    """Who is given the case: of those who can and may, the one with least to do.

    Among equals it is who was given nothing for longest. None where nobody is free.
    """
    tests: tuple[Callable[[Hand], bool], ...] = (
        lambda hand: not hand.is_away,
        lambda hand: hand.limit is None or hand.load < hand.limit,
        lambda hand: not skill or skill in hand.skills,
        lambda hand: not language or not hand.languages or language in hand.languages,
    )
    free = [hand for hand in hands if all(test(hand) for test in tests)]
    return min(free, key=_turn, default=None)


def _turn(hand: Hand) -> tuple[int, float, int]:
    last = hand.last_given_at.timestamp() if hand.last_given_at else 0.0
    return hand.load, last, hand.key
