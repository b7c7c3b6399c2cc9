"""Rules, facts and hands, read for the pure decision; and what the rules would have decided."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import Count, QuerySet

from tickets import phrases
from tickets.access import visible_tickets
from tickets.models import (
    ClaimState,
    Conversation,
    EscalationList,
    Role,
    RoutingRule,
    State,
    Team,
    Ticket,
    Triage,
    User,
)
from tickets.prepared import Prepared
from tickets.routing import Decision, Facts, Hand, Rule, decide
from tickets.text import language_of

from .triage import first_words

MOST_TRIED = 1000  # cases of one dry run
_RULE = ("name", "categories", "languages", "plans", "kinds", "channels", "priorities", "words")
_OUTCOME = ("assigns", "skill", "priority", "flags_lead", "tags")


@dataclass(frozen=True, slots=True)
class Alarm:
    """The words that call a lead, and the phrases in which they do not."""

    words: tuple[str, ...]
    exceptions: tuple[str, ...]

    def said(self, text: str) -> tuple[str, ...]:
        """The words for whose sake a lead is called."""
        return phrases.words_said(text, self.words, self.exceptions)


@dataclass(frozen=True, slots=True)
class Tried:
    """What the rules would have done with one case, beside where people put it."""

    ticket: Ticket
    decision: Decision
    team: Team | None
    differs: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """A dry run: how many cases were looked at, and those that a rule would have moved."""

    looked_at: int
    tried: list[Tried]
    by_rule: dict[int, int]

    @property
    def differing(self) -> int:
        return sum(each.differs for each in self.tried)


_ALARM = Prepared(lambda: EscalationList.objects.filter(pk=1))


def as_rule(row: RoutingRule) -> Rule:
    """A rule for the pure decision."""
    fields: dict[str, Any] = {name: getattr(row, name) for name in (*_RULE, *_OUTCOME)}
    return Rule(key=row.pk, team=row.team_id, **fields)


def rules_in_force() -> list[Rule]:
    """The rules that count, in order."""
    rows = RoutingRule.objects.filter(is_enabled=True).order_by("position", "pk")
    return [as_rule(row) for row in rows]


def read_alarm() -> Alarm:
    """The list as it was edited, or else the one that comes with Anhao."""
    row = next(_ALARM.rows(), None)
    if row is None:
        return _default_alarm()
    return Alarm(tuple(row.words), tuple(row.exceptions))


@cache
def _default_alarm() -> Alarm:
    return Alarm(phrases.ESCALATION_WORDS, phrases.ESCALATION_EXCEPTIONS)


def facts_of(ticket: Ticket, words: str) -> Facts:
    """What the rules may ask of one case, in one query."""
    first = _first_conversations().filter(ticket=ticket).first() or ("", "")
    return _facts(ticket, ticket.category, ticket.contact.plan, first, words)


def hands_of(team_id: int, *, now: datetime) -> list[Hand]:
    """The people of a team with what they have to do, in two queries."""
    team = User.objects.filter(teams=team_id, is_active=True).exclude(role=Role.HELPER)
    people = list(team)
    loads = loads_of(each.pk for each in people)
    return [
        Hand(
            key=each.pk,
            skills=frozenset(each.skills),
            languages=frozenset(each.languages),
            limit=each.load_limit,
            load=loads.get(each.pk, 0),
            is_away=each.is_away(now),
            last_given_at=each.routed_at,
        )
        for each in people
    ]


def try_rules(rules: Sequence[Rule], user: User, *, now: datetime, days: int = 30) -> Trial:
    """What rules would have done with past cases that `user` may see; nothing is changed.

    Four queries. A case counts as it is known now, with the urgency that triage gave it.
    """
    since = now - timedelta(days=days)
    past = visible_tickets(user).filter(created_at__gte=since, merged_into__isnull=True)
    cases = list(
        past.select_related("contact", "team", "assignee").order_by("-created_at", "-pk")[
            :MOST_TRIED
        ]
    )
    ids = [each.pk for each in cases]
    words = first_words(ids) if any(rule.words or rule.languages for rule in rules) else {}
    doors = _doors(ids)
    guessed = _guessed(ids)
    teams = Team.objects.in_bulk([rule.team for rule in rules if rule.team is not None])
    tried: list[Tried] = []
    by_rule: dict[int, int] = {}
    for case in cases:
        category = case.category or guessed.get(case.pk, "")
        door = doors.get(case.pk, ("", ""))
        facts = _facts(case, category, case.contact.plan, door, words.get(case.pk, ""))
        decision = decide(rules, facts)
        if not decision.held:
            continue
        for held in decision.held:
            by_rule[held.rule.key] = by_rule.get(held.rule.key, 0) + 1
        team = teams.get(decision.team.team or 0) if decision.team else None
        differs = team is not None and team.pk != case.team_id
        tried.append(Tried(case, decision, team, differs))
    return Trial(len(cases), tried, by_rule)


def people_for(user: User) -> QuerySet[User]:
    """Whose skills and limits `user` may set: their own teams' people, a manager everybody's."""
    people = User.objects.filter(is_active=True).exclude(role=Role.HELPER)
    if user.role != Role.MANAGER:
        people = people.filter(teams__in=user.teams.all()).distinct()
    return people.prefetch_related("teams").order_by("name", "email")


def loads_of(people: Iterable[int]) -> dict[int, int]:
    """How many open cases each of them has, where there are any."""
    cases = Ticket.objects.filter(
        assignee__in=list(people), state=State.OPEN, merged_into__isnull=True
    )
    counted = cases.order_by().values("assignee").annotate(n=Count("pk"))
    return dict(counted.values_list("assignee", "n"))


def _first_conversations() -> QuerySet[Conversation, tuple[str, str]]:
    theirs = Conversation.objects.exclude(claim=ClaimState.PENDING).order_by("created_at", "pk")
    return theirs.values_list("channel__kind", "channel__slug")


def _doors(ticket_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """By which kind and channel each case came first."""
    theirs = Conversation.objects.filter(ticket__in=ticket_ids).exclude(claim=ClaimState.PENDING)
    rows = theirs.order_by("ticket", "created_at", "pk").distinct("ticket")
    return {
        pk: (kind, slug)
        for pk, kind, slug in rows.values_list("ticket_id", "channel__kind", "channel__slug")
    }


def _guessed(ticket_ids: Iterable[int]) -> dict[int, str]:
    """The category of which triage was sure enough."""
    rows = Triage.objects.filter(ticket__in=ticket_ids, abstained=False).order_by("pk")
    return dict(rows.values_list("ticket_id", "category"))


def _facts(ticket: Ticket, category: str, plan: str, door: tuple[str, str], words: str) -> Facts:
    return Facts(
        category=category,
        language=ticket.language or language_of(words),
        plan=plan,
        kind=door[0],
        channel=door[1],
        priority=ticket.priority,
        words=words,
    )
