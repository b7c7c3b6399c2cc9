"""Carry out what the rules say of a case: team, person, priority, tags, a lead called."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from ..actor import RULE
from ..locking import lock_hands
from ..models import EscalationList, Priority, RoutingRule, Ticket, User
from ..queries.routing import facts_of, hands_of, rules_in_force
from ..routing import Decision, Rule, choose, decide
from .changes import Change
from .escalating import raise_flag
from .refusals import Refused

_RANK: list[str] = [Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.URGENT]
MOST_TAGS = 20
LONGEST_WORD = 60


def route(change: Change, ticket: Ticket, *, words: str, chosen: set[str]) -> Decision | None:
    """Route a locked case; None where no rule holds.

    `chosen` are the history codes of what people decided themselves: it is left alone, and so is
    whatever somebody works on already.
    """
    rules = rules_in_force()
    if not rules:
        return None
    facts = facts_of(ticket, words)
    decision = decide(rules, facts)
    if not decision.held:
        return None
    done: dict[str, Any] = {}
    is_free = ticket.assignee_id is None and "assigned" not in chosen
    if decision.team is not None and is_free and "moved_to_team" not in chosen:
        done |= _to_team(change, ticket, decision.team, facts.language)
    if decision.priority is not None and "priority_set" not in chosen:
        _with_priority(change, ticket, decision.priority)
    for tag, rule in decision.tags.items():
        _tag(change, ticket, tag, rule)
    if decision.flags_lead is not None:
        rule = decision.flags_lead
        raise_flag(change, ticket, source="rule", by=RULE, rule=rule.name)
    told = [{"name": each.rule.name, "because": each.because} for each in decision.held]
    change.record(ticket, "routed", by=RULE, rules=told, **done)
    return decision


def _to_team(change: Change, ticket: Ticket, rule: Rule, language: str) -> dict[str, Any]:
    """Into the team's queue, and on to somebody of it where the rule says so."""
    if rule.team is None:
        return {}
    if ticket.team_id != rule.team:
        before, ticket.team_id = ticket.team_id, rule.team
        told = {"before": before, "after": rule.team, "rule": rule.name}
        change.record(ticket, "moved_to_team", by=RULE, **told)
    return {"found": _give(change, ticket, rule, language)} if rule.assigns else {}


def _give(change: Change, ticket: Ticket, rule: Rule, language: str) -> bool:
    """Give the case to whose turn it is; where nobody is free it waits in the team's queue."""
    assert rule.team is not None
    lock_hands()
    hand = choose(hands_of(rule.team, now=change.now), skill=rule.skill, language=language)
    if hand is None:
        return False
    User.objects.filter(pk=hand.key).update(routed_at=change.now)
    ticket.assignee_id = hand.key
    told = {"before": None, "after": hand.key, "rule": rule.name, "load": hand.load}
    change.record(ticket, "assigned", by=RULE, **told)
    return True


def _with_priority(change: Change, ticket: Ticket, rule: Rule) -> None:
    now, wanted = _RANK.index(ticket.priority), _RANK.index(rule.priority)
    # What is more urgent than usual by its own words does not become less so by a rule.
    if now == wanted or (wanted < now and ticket.priority != Priority.NORMAL):
        return
    before, ticket.priority = ticket.priority, rule.priority
    told = {"before": before, "after": rule.priority, "rule": rule.name}
    change.record(ticket, "priority_set", by=RULE, **told)


def _tag(change: Change, ticket: Ticket, tag: str, rule: Rule) -> None:
    if tag not in ticket.tags and len(ticket.tags) < MOST_TAGS:
        ticket.tags = [*ticket.tags, tag]
        change.record(ticket, "tagged", by=RULE, tag=tag, rule=rule.name)


def save_rule(row: RoutingRule) -> RoutingRule:
    """Store a rule; a new one comes last. Running cases stay where they are."""
    if row._state.adding:
        row.position = (RoutingRule.objects.aggregate(last=Max("position"))["last"] or 0) + 1
    row.save()
    return row


def move_rule(*, rule: RoutingRule, up: bool) -> None:
    """Change places with the rule before or behind; the first and the last stay."""
    with transaction.atomic():
        rows = list(RoutingRule.objects.select_for_update().order_by("position", "pk"))
        place = next((n for n, each in enumerate(rows) if each.pk == rule.pk), None)
        if place is None:
            return
        other = place - 1 if up else place + 1
        if 0 <= other < len(rows):
            rows[place], rows[other] = rows[other], rows[place]
        for n, each in enumerate(rows, start=1):
            RoutingRule.objects.filter(pk=each.pk).exclude(position=n).update(position=n)


def switch_rule(*, rule: RoutingRule, on: bool) -> None:
    RoutingRule.objects.filter(pk=rule.pk).update(is_enabled=on)


def remove_rule(rule: RoutingRule) -> None:
    rule.delete()


def set_working(
    *,
    person: User,
    skills: list[str],
    languages: list[str],
    load_limit: int | None,
) -> User:
    """Say what somebody can do, and how many open cases they are given at most."""
    person.skills = sorted({each.strip()[:40] for each in skills if each.strip()})
    person.languages, person.load_limit = languages, load_limit
    person.save(update_fields=["skills", "languages", "load_limit"])
    return person


def go_away(*, person: User, until: datetime | None, now: datetime) -> User:
    """Give no more cases to somebody, until a moment or until they are back.

    Raises Refused("past").
    """
    if until is not None and until <= now:
        raise Refused("past")
    person.away_since, person.away_until = now, until
    person.save(update_fields=["away_since", "away_until"])
    return person


def come_back(*, person: User) -> User:
    person.away_since = person.away_until = None
    person.save(update_fields=["away_since", "away_until"])
    return person


def save_alarm(*, words: list[str], exceptions: list[str]) -> EscalationList:
    """Replace the words that call a lead. Raises Refused("too_long")."""
    if any(len(each) > LONGEST_WORD for each in (*words, *exceptions)):
        raise Refused("too_long", limit=LONGEST_WORD)
    kept = {"words": words, "exceptions": exceptions}
    row, _new = EscalationList.objects.update_or_create(pk=1, defaults=kept)
    return row


def forget_alarm() -> None:
    """Go by the list that comes with Anhao again."""
    EscalationList.objects.all().delete()
