"""Codes put into words, in the viewer's language: history, decisions, refusals, failures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.actions.refusals import Refused
from tickets.case_numbers import format_number
from tickets.models import ActorKind, Category, History, Message, Priority
from tickets.queries.case import Names

EVIDENCE_CONTEXT = 24

HISTORY = {
    "opened": gettext_lazy("%(actor)s opened the case by %(channel)s"),
    "joined": gettext_lazy("%(actor)s joined by %(channel)s"),
    "claim_opened": gettext_lazy("%(actor)s quoted %(number)s by %(channel)s, not yet proved"),
    "claim_verified": gettext_lazy("%(actor)s verified a claim"),
    "claim_rejected": gettext_lazy("%(actor)s rejected the claim that this case came from"),
    "owner_asked": gettext_lazy("%(actor)s asked the owner of the case by %(channel)s"),
    "assigned": gettext_lazy("%(actor)s assigned the case to %(user)s"),
    "moved_to_team": gettext_lazy("%(actor)s moved the case to %(team)s"),
    "resolved": gettext_lazy("%(actor)s resolved the case"),
    "reopened": gettext_lazy("%(actor)s reopened the case"),
    "waits_for_customer": gettext_lazy("%(actor)s is waiting for the customer"),
    "snoozed": gettext_lazy("%(actor)s snoozed the case until %(until)s"),
    "woken": gettext_lazy("The case woke up"),
    "priority_set": gettext_lazy("%(actor)s set the priority to %(priority)s"),
    "category_set": gettext_lazy("%(actor)s set the category to %(category)s"),
    "subject_set": gettext_lazy("%(actor)s changed the subject to %(after)s"),
    "tagged": gettext_lazy("%(actor)s added the tag %(tag)s"),
    "untagged": gettext_lazy("%(actor)s removed the tag %(tag)s"),
    "merged_from": gettext_lazy("%(actor)s merged %(number)s into this case"),
    "merged_into": gettext_lazy("%(actor)s merged this case into %(number)s"),
    "split_off": gettext_lazy("%(actor)s split off %(number)s"),
    "split_from": gettext_lazy("%(actor)s split this case from %(number)s"),
    "undone": gettext_lazy("%(actor)s took it back: %(number)s stands by itself again"),
    "contact_joined": gettext_lazy("The case now belongs to one customer with %(before)s"),
    "identity_verified": gettext_lazy("%(actor)s verified the account %(name)s"),
    "identity_compromised": gettext_lazy("%(actor)s marked the account %(name)s as taken over"),
    "identity_cleared": gettext_lazy("%(actor)s cleared the account %(name)s"),
    "corrected_from": gettext_lazy("The case %(number)s of a mistyped number joined this one"),
    "corrected_into": gettext_lazy("The number was corrected: this case joined %(number)s"),
    "follows": gettext_lazy("This case follows %(number)s, which was resolved"),
    "message_edited": gettext_lazy("%(actor)s edited a message"),
    "message_recalled": gettext_lazy("%(actor)s recalled a message"),
    "delivery_failed": gettext_lazy("A message could not be delivered"),
    "delivery_unknown": gettext_lazy("Nobody knows whether a message arrived"),
    "delivery_resent": gettext_lazy("%(actor)s sent a message again"),
    "delivery_confirmed": gettext_lazy("%(actor)s confirmed that a message arrived"),
    "delivery_cancelled": gettext_lazy("%(actor)s gave up sending a message"),
}
# The timeline shows these by the message or the mark that stands there anyway.
SILENT_HISTORY = frozenset(
    {
        "opened",
        "joined",
        "claim_opened",
        "message_edited",
        "message_recalled",
        "delivery_failed",
        "delivery_unknown",
    }
)

RULES = {
    "reply_link": gettext_lazy("It answers a message that we sent from this case"),
    "strong_number": gettext_lazy("It quotes this case's number, with prefix or label"),
    "claim": gettext_lazy(
        "It quotes this case's number, but its author is not known as the case's customer"
    ),
    "corrected_number": gettext_lazy("Its author corrected a number typed wrongly before"),
    "weak_number": gettext_lazy("It holds the bare digits of a case of the same customer"),
    "quoted_number": gettext_lazy("The number stands in what it quotes"),
    "current_conversation": gettext_lazy("It continues a conversation under way here"),
    "new_ticket": gettext_lazy("Nothing pointed to an earlier case, so it opened a new one"),
    "stranger": gettext_lazy("It quotes a case that belongs to somebody else"),
    "follow_up": gettext_lazy("It quotes a case resolved long ago, so it opened a follow-up"),
    "automatic": gettext_lazy("A machine wrote it in answer to one of our messages"),
}
REVIEWS = {
    "unknown": gettext_lazy("The number it quotes was never issued"),
    "invalid": gettext_lazy("The number it quotes has wrong check digits"),
    "closed": gettext_lazy("The case it quotes was resolved"),
    "merged": gettext_lazy("The case it quotes was merged"),
    "two_numbers": gettext_lazy("It quotes more than one case"),
    "stranger": gettext_lazy("The case it quotes belongs to somebody else"),
    "weak_other": gettext_lazy("It holds digits of a case that is another customer's"),
    "multi_issue": gettext_lazy("It may also hold a second, separate problem"),
    "auto": gettext_lazy("A machine wrote it"),
}
SOURCES = {
    "own": gettext_lazy("in the text"),
    "quoted": gettext_lazy("in the quoted part"),
    "subject": gettext_lazy("in the subject"),
    "header": gettext_lazy("in the header"),
}
REFUSALS = {
    "empty": gettext_lazy("There is nothing to send yet."),
    "too_long": gettext_lazy("This is longer than the channel can carry (%(limit)s characters)."),
    "compromised": gettext_lazy("This account may have been taken over. Nothing is sent to it."),
    "quotes_case": gettext_lazy(
        "“%(passage)s” comes from earlier in the case. Until the claim is verified, "
        "its author may only be told what they wrote themselves."
    ),
    "not_allowed": gettext_lazy("You may not do this."),
    "moved": gettext_lazy("This conversation has just moved to another case."),
    "paused": gettext_lazy("This channel is paused. Nothing can be sent by it now."),
    "same": gettext_lazy("This is the same case."),
    "merged": gettext_lazy("This case has been merged into another one."),
    "source_merged": gettext_lazy("The case to be merged has been merged before."),
    "target_merged": gettext_lazy("The case to be kept has been merged into another one."),
    "only_conversation": gettext_lazy("This is the case's only conversation."),
    "claim": gettext_lazy("Verify or reject the claim instead."),
    "already_undone": gettext_lazy("This has been taken back already."),
    "merged_since": gettext_lazy("The case has been merged since; take that back first."),
    "not_pending": gettext_lazy("This claim has been decided already."),
    "nobody_to_ask": gettext_lazy("The owner has no private channel on which to ask them."),
    "asked_enough": gettext_lazy("The owner has been asked often enough for now."),
    "past": gettext_lazy("This moment has passed."),
    "not_an_agent": gettext_lazy("This person cannot take cases."),
    "unknown_value": gettext_lazy("This cannot be chosen."),
    "too_many": gettext_lazy("At most %(limit)s."),
}
# What connectors and the outbox say of a failed attempt; a code without words stands as it is.
DELIVERY_ERRORS = {
    "address": gettext_lazy("the address cannot be used"),
    "bounced": gettext_lazy("it came back"),
    "busy": gettext_lazy("the other side is busy"),
    "closed": gettext_lazy("the topic is closed"),
    "compromised": gettext_lazy("the account may have been taken over"),
    "connect": gettext_lazy("no connection"),
    "content": gettext_lazy("the other side refuses the content"),
    "credentials": gettext_lazy("the channel's credentials are refused"),
    "file": gettext_lazy("the file is refused"),
    "gone": gettext_lazy("the conversation does not exist any more"),
    "internal": gettext_lazy("an error of our own"),
    "interrupted": gettext_lazy("sending was interrupted"),
    "login": gettext_lazy("the channel cannot sign in"),
    "no_answer": gettext_lazy("no answer came in time"),
    "no_callback": gettext_lazy("the channel has no address to send to"),
    "recipient": gettext_lazy("the recipient is refused"),
    "recipient_gone": gettext_lazy("the recipient does not exist any more"),
    "refused": gettext_lazy("the other side refuses it"),
    "settings": gettext_lazy("the channel's settings are not right"),
    "tls": gettext_lazy("no secure connection"),
    "too_large": gettext_lazy("it is too large for the channel"),
    "unavailable": gettext_lazy("the other side is out of order"),
    "unreachable": gettext_lazy("the other side cannot be reached"),
}


@dataclass(frozen=True, slots=True)
class Why:
    """Why a message stands where it does."""

    rule: str
    evidence: list[SafeString]
    confidence: str
    review: str


def case_number(digits: str) -> SafeString:
    """A case number for display: its check digits are lighter."""
    written = format_number(digits, prefix=settings.CASE_NUMBER_PREFIX)
    return format_html('<span class="caseno">{}<b>{}</b></span>', written[:-2], written[-2:])


def plain_number(digits: str) -> str:
    """A case number as people write it."""
    return format_number(digits, prefix=settings.CASE_NUMBER_PREFIX)


def history_in_words(row: History, names: Names) -> SafeString:
    """One change as a sentence; a code without words is shown as it is."""
    words = HISTORY.get(row.code)
    if words is None:
        return format_html("{} · {}", _actor(row), row.code.replace("_", " "))
    # The sentence is a translation, hence ours; every value put into it is escaped.
    return mark_safe(escape(words) % _Values(row, names))  # noqa: S308


def why_in_words(message: Message) -> Why | None:
    """The decision stored with a message, where there is one."""
    rule = str(message.decision.get("rule", ""))
    if not rule:
        return None
    confidence = message.decision.get("confidence")
    return Why(
        rule=str(RULES.get(rule, rule)),
        evidence=[_evidence(each, message) for each in message.decision.get("evidence", ())],
        confidence=f"{float(confidence):.0%}" if confidence is not None else "",
        review=review_in_words(str(message.decision.get("review", ""))),
    )


def refusal_in_words(refused: Refused) -> str:
    """Why an action was not done."""
    return str(REFUSALS.get(refused.code, refused.code)) % refused.data


def review_in_words(code: str) -> str:
    return str(REVIEWS.get(code, code))


def link_reason_in_words(reason: Mapping[str, Any]) -> str:
    """Why two cases may belong together."""
    said = [
        str(words) % {"value": reason[key]}
        for key, words in LINK_REASONS.items()
        if reason.get(key)
    ]
    return _(", ").join(said)


def delivery_error_in_words(error: Mapping[str, Any]) -> str:
    """What went wrong with a delivery, with the vendor's own words where there are any."""
    code, detail = str(error.get("code", "")), str(error.get("detail", ""))
    said = [str(DELIVERY_ERRORS.get(code, code)), detail]
    return ": ".join(word for word in said if word)


LINK_REASONS = {
    "number": gettext_lazy("its number is close to %(value)s"),
    "same_contact": gettext_lazy("same customer"),
    "score": gettext_lazy("texts alike: %(value)s"),
    "declared": gettext_lazy("says to have written before by another channel"),
    "rule": gettext_lazy("quoted in a message"),
}


class _Values(dict[str, object]):
    """What the sentence of a history row may name; anything missing reads as an ellipsis."""

    def __init__(self, row: History, names: Names) -> None:
        super().__init__(actor=escape(_actor(row)))
        self._data = row.data
        self._names = names

    def __missing__(self, name: str) -> SafeString:
        after = self._data.get("after")
        match name:
            case "user":
                return escape(self._names.users.get(after, _("nobody")))
            case "team":
                return escape(self._names.teams.get(after, _("no team")))
            case "channel":
                slug = self._data.get("channel", "")
                return escape(self._names.channels.get(slug, slug))
            case "number":
                return case_number(str(self._data["number"]))
            case "priority":
                return escape(Priority(after).label)
            case "category":
                return escape(Category(after).label if after else _("none"))
            case "until":
                until = localtime(datetime.fromisoformat(self._data["until"]))
                return escape(date_format(until, "SHORT_DATETIME_FORMAT"))
        return escape(self._data.get(name, "…"))


def _actor(row: History) -> str:
    match row.actor_kind:
        case ActorKind.USER:
            return str(row.actor_user or _("A former colleague"))
        case ActorKind.CONTACT:
            return str(row.actor_identity or _("The customer"))
        case ActorKind.RULE:
            return _("A rule")
        case _:
            return _("The system")


def _evidence(evidence: Mapping[str, Any], message: Message) -> SafeString:
    """The words that decided, marked within what stands around them."""
    said, start, end = str(evidence["text"]), int(evidence["start"]), int(evidence["end"])
    source = str(evidence.get("source", "own"))
    whole = message.subject if source == "subject" else message.text
    before = after = ""
    if start < end and whole[start:end] == said:
        before = whole[max(0, start - EVIDENCE_CONTEXT) : start]
        after = whole[end : end + EVIDENCE_CONTEXT]
    return format_html(
        '<q>{}<mark>{}</mark>{}</q> <span class="dim">{}</span>',
        before,
        said,
        after,
        SOURCES.get(source, source),
    )
