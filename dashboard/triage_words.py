"""Triage, routing and calls for a lead put into words: how sure, because of what, by which rule."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from tickets.models import Category, Priority

from .languages import language_name

VERY_SURE, FAIRLY_SURE = 0.85, 0.6

HISTORY = {
    "triaged": gettext_lazy("Triage took it for %(category)s, %(sure)s"),
    "triage_abstained": gettext_lazy(
        "Triage was not sure what it is about and left that to people"
    ),
    "routed": gettext_lazy("Routed by rules: %(rules)s"),
    "escalated": gettext_lazy("A lead was called: %(cause)s"),
    "threatened": gettext_lazy("A lead was called: %(cause)s"),
    "calmed": gettext_lazy("%(actor)s looked after it as its lead"),
}
# The timeline shows what was done; why stands in the history, and a threat in the message itself.
SILENT_HISTORY = frozenset({"triaged", "triage_abstained", "routed", "threatened"})

CAUSES = {
    "words": gettext_lazy("the customer wrote %(words)s"),
    "person": gettext_lazy("a colleague asked for one"),
    "rule": gettext_lazy("the rule “%(rule)s” asks for one"),
    "clock": gettext_lazy("the service level “%(policy)s” asks for one"),
}
CONDITIONS = {
    "category": gettext_lazy("the category is %(value)s"),
    "language": gettext_lazy("the language is %(value)s"),
    "plan": gettext_lazy("the plan is %(value)s"),
    "kind": gettext_lazy("it comes by %(value)s"),
    "channel": gettext_lazy("the channel is %(value)s"),
    "priority": gettext_lazy("the priority is %(value)s"),
    "words": gettext_lazy("the customer writes %(value)s"),
}
# What an agent may ask for what a report lacks; it goes to the customer, in their language.
QUESTIONS = {
    "phenomenon": gettext_lazy("What exactly happens, and on which page or in which program?"),
    "steps": gettext_lazy("What did you do before it happened, step by step?"),
    "error": gettext_lazy(
        "What does the message on the screen say, word for word? A screenshot helps."
    ),
}
PARTS = {
    "phenomenon": gettext_lazy("what happens"),
    "steps": gettext_lazy("the steps"),
    "error": gettext_lazy("the error message"),
}


def sure_in_words(confidence: float) -> str:
    """How sure triage is."""
    if confidence >= VERY_SURE:
        return _("very sure")
    return _("fairly sure") if confidence >= FAIRLY_SURE else _("not sure")


def quoted(words: Iterable[str]) -> str:
    """Words as somebody wrote them, in quotation marks."""
    return _(", ").join(_("“%(word)s”") % {"word": word} for word in words)


def cause_in_words(why: Mapping[str, Any]) -> str:
    """Why a lead is called."""
    source = str(why.get("source", ""))
    told = {
        "words": quoted(why.get("words", ())),
        "rule": str(why.get("rule", "")),
        "policy": str(why.get("policy", "")),
    }
    return str(CAUSES.get(source, source)) % told


def condition_in_words(name: str, values: Iterable[str], names: Mapping[str, str]) -> str:
    """One condition of a rule, or what met it; `names` are those of channels and of their kinds."""
    if name == "words":
        value = _(" or ").join(_("“%(word)s”") % {"word": word} for word in values)
    else:
        value = _(" or ").join(_value(name, each, names) for each in values)
    return str(CONDITIONS.get(name, name)) % {"value": value}


def rules_in_words(rules: Iterable[Mapping[str, Any]]) -> str:
    """Which rules held for a case, each with what met it."""
    return _("; ").join(_rule(rule) for rule in rules)


def question_for(part: str, language: str) -> str:
    """The question for a part that a report lacks, in the customer's language."""
    with override(language or None):
        return str(QUESTIONS.get(part, ""))


def _rule(rule: Mapping[str, Any]) -> str:
    name = _("“%(word)s”") % {"word": rule.get("name", "")}
    because = [
        condition_in_words(each, values, {}) for each, values in rule.get("because", {}).items()
    ]
    if not because:
        return name
    return _("%(rule)s, because %(conditions)s") % {
        "rule": name,
        "conditions": _(" and ").join(because),
    }


def _value(name: str, value: str, names: Mapping[str, str]) -> str:
    if name == "category" and value in Category.values:
        return str(Category(value).label)
    if name == "priority" and value in Priority.values:
        return str(Priority(value).label)
    if name == "language":
        return language_name(value)
    return names.get(value, value) if name in {"kind", "channel"} else value
