"""A routing rule as a sentence in the viewer's language, each part set apart."""

from collections.abc import Mapping

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tickets.models import Priority, RoutingRule

from .triage_words import condition_in_words

_ASKED = (
    ("category", "categories"),
    ("language", "languages"),
    ("plan", "plans"),
    ("kind", "kinds"),
    ("channel", "channels"),
    ("priority", "priorities"),
    ("words", "words"),
)


def sentence(rule: RoutingRule, names: Mapping[str, str]) -> SafeString:
    """The whole rule; `names` are those of channels by slug and of their kinds."""
    asked = [
        condition_in_words(name, getattr(rule, field), names)
        for name, field in _ASKED
        if getattr(rule, field)
    ]
    done = _joined(outcomes(rule), "tok tok--do", _(", "))
    if not asked:
        return _filled(_("For every case: %(outcomes)s."), outcomes=done)
    conditions = _joined(asked, "tok", _(" and "))
    words = _("If %(conditions)s, then %(outcomes)s.")
    return _filled(words, conditions=conditions, outcomes=done)


def outcomes(rule: RoutingRule) -> list[str]:
    """What the rule does, part by part."""
    done: list[str] = []
    if rule.team is not None:
        done.append(_("team %(team)s") % {"team": rule.team})
    if rule.assigns and rule.skill:
        done.append(_("give it to somebody with the skill %(skill)s") % {"skill": rule.skill})
    elif rule.assigns:
        done.append(_("give it to somebody of the team"))
    if rule.priority:
        done.append(_("priority %(priority)s") % {"priority": Priority(rule.priority).label})
    if rule.flags_lead:
        done.append(_("call a lead"))
    done += [_("tag %(tag)s") % {"tag": tag} for tag in rule.tags]
    return done


def _joined(parts: list[str], css: str, joint: str) -> SafeString:
    marked = ((format_html('<span class="{}">{}</span>', css, part),) for part in parts)
    return format_html_join(joint, "{}", marked)


def _filled(words: str, **parts: SafeString) -> SafeString:
    # The sentence is a translation, hence ours; what is put into it is escaped above.
    return mark_safe(words % parts)  # noqa: S308
