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

from dashboard import triage_words
from tickets.actions.refusals import Refused
from tickets.case_numbers import format_number
from tickets.likeness import Reason
from tickets.models import ActorKind, ApprovalKind, Category, ClockKind, History, Message, Priority
from tickets.queries.case import Names

from . import bulk, composer, front_door, ticket_page, together

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
    "call_back": gettext_lazy("%(actor)s promised to call back on %(until)s"),
    "answer_after": gettext_lazy("%(actor)s is in no hurry: answer after %(until)s"),
    "call_back_due": gettext_lazy("It is time to call the customer back"),
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
    "delivery_waits": gettext_lazy("A reply waits until the customer writes again"),
    "delivery_redirected": gettext_lazy("%(actor)s sent a waiting reply another way"),
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
    "unknown_number": gettext_lazy("It quotes a number that was never issued"),
    "invalid_number": gettext_lazy("It quotes a number that is mistyped, and nothing was guessed"),
    "weak_number": gettext_lazy("It holds the bare digits of a case of the same customer"),
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
    "transcript": gettext_lazy("from transcript"),
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
    "read_only": gettext_lazy("Nothing can be sent by this channel. Write a note instead."),
    "moved": gettext_lazy("This conversation has just moved to another case."),
    "paused": gettext_lazy("This channel is paused. Nothing can be sent by it now."),
    "same": gettext_lazy("This is the same case."),
    "not_their_place": gettext_lazy("The customer cannot be answered there now."),
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
    "address_not_listed": gettext_lazy("our own address is not on the other side's list"),
    "bad_account": gettext_lazy("the other side does not know this account"),
    "bad_address": gettext_lazy("the address of the other side cannot be used"),
    "bad_credentials": gettext_lazy("the other side refuses the channel's credentials"),
    "bounced": gettext_lazy("it came back"),
    "busy": gettext_lazy("the other side is busy"),
    "closed": gettext_lazy("the topic is closed"),
    "compromised": gettext_lazy("the account may have been taken over"),
    "connect": gettext_lazy("no connection"),
    "content": gettext_lazy("the other side refuses the content"),
    "content_refused": gettext_lazy("the other side refuses the content"),
    "credentials": gettext_lazy("the channel's credentials are refused"),
    "file": gettext_lazy("the file is refused"),
    "files_not_supported": gettext_lazy("the channel carries no files of this sort"),
    "gone": gettext_lazy("the conversation does not exist any more"),
    "gone_there": gettext_lazy("what it answers is gone at the other side"),
    "internal": gettext_lazy("an error of our own"),
    "interrupted": gettext_lazy("sending was interrupted"),
    "limited": gettext_lazy("the other side asks us to slow down"),
    "login": gettext_lazy("the channel cannot sign in"),
    "may_have_arrived": gettext_lazy("a part of it may have arrived"),
    "no_answer": gettext_lazy("no answer came in time"),
    "no_callback": gettext_lazy("the channel has no address to send to"),
    "not_allowed": gettext_lazy("the channel's account has no right to do this"),
    "quota_used": gettext_lazy("the other side's quota is used up for today"),
    "recipient": gettext_lazy("the recipient is refused"),
    "recipient_gone": gettext_lazy("the recipient does not exist any more"),
    "refused": gettext_lazy("the other side refuses it"),
    "settings": gettext_lazy("the channel's settings are not right"),
    "taken_elsewhere": gettext_lazy("somebody else serves this customer at the other side now"),
    "tls": gettext_lazy("no secure connection"),
    "too_large": gettext_lazy("it is too large for the channel"),
    "too_long": gettext_lazy("it is too long for the channel"),
    "unavailable": gettext_lazy("the other side is out of order"),
    "unreachable": gettext_lazy("the other side cannot be reached"),
    "window_closed": gettext_lazy("the time in which the other side takes replies is over"),
    "wrong_state": gettext_lazy("the other side's conversation is not open for replies now"),
}

# Public places, recalled messages and people with several accounts.
HISTORY |= {
    "invited": gettext_lazy("%(actor)s asked the customer by %(channel)s to go on in private"),
    "hide_asked": gettext_lazy("%(actor)s asked for a public post to be hidden"),
    "post_hidden": gettext_lazy("A public post is out of sight now"),
    "hide_failed": gettext_lazy("A public post could not be hidden: %(error)s"),
    "recalled_opened": gettext_lazy("%(actor)s opened a recalled message"),
    "recalled_removed": gettext_lazy("The content of a recalled message was deleted"),
    "identity_linked": gettext_lazy("%(actor)s linked the account %(name)s to this customer"),
    "identity_vouched": gettext_lazy(
        "The vendor says that the account %(name)s is this customer's, so it was linked"
    ),
    "identity_unlinked": gettext_lazy("%(actor)s took back the link of the account %(name)s"),
}
SILENT_HISTORY |= {"hide_asked"}
RULES |= {
    "invitation": gettext_lazy(
        "It came by the link with which we asked a public author to go on in private; "
        "anybody who read along could open it"
    ),
}
REFUSALS |= {
    "exposes": gettext_lazy("Everybody can read this place. It shows: %(kinds)s."),
    "not_public": gettext_lazy("This conversation is private already."),
    "invited_already": gettext_lazy("The customer was asked to go on in private not long ago."),
    "cannot_hide": gettext_lazy("This post cannot be hidden from here."),
    "not_recalled": gettext_lazy("This message was not recalled."),
    "same_contact": gettext_lazy("This account is this customer's already."),
    "not_linked": gettext_lazy("This link cannot be taken back any more."),
}
SIGNS = {
    "number": gettext_lazy("one quotes the other's case number %(value)s"),
    "phone": gettext_lazy("same phone number %(value)s"),
    "address": gettext_lazy("same e-mail address %(value)s, which nobody has proved"),
    "name_and_words": gettext_lazy("same name %(value)s and much the same words"),
}
EXPOSED = {
    "phone": gettext_lazy("a phone number"),
    "email": gettext_lazy("an e-mail address"),
    "id_card": gettext_lazy("an identity card number"),
    "bank_card": gettext_lazy("a bank card number"),
    "case_number": gettext_lazy("a case number"),
    "link": gettext_lazy("the link to a private page"),
    "private": gettext_lazy("something from the private part of the case"),
}


# Service levels.
HISTORY |= {
    "clock_warned": gettext_lazy("%(clock)s is due soon, on %(due)s"),
    "clock_breached": gettext_lazy("%(clock)s is late, it was due on %(due)s"),
}
REFUSALS |= {
    "bad_hours": gettext_lazy(
        "“%(hours)s” cannot be read. Write hours like 9:00-12:00, 13:00-18:00."
    ),
    "bad_zone": gettext_lazy("This time zone is not known."),
    "in_use": gettext_lazy("A policy still goes by this calendar."),
    "never_open": gettext_lazy("At least one weekday needs hours."),
    "no_country": gettext_lazy("Nothing is known of the holidays of “%(country)s”."),
}

# The help centre.
HISTORY |= {
    "solved_by_article": gettext_lazy("%(actor)s noted that the article %(article)s solved it"),
    "not_solved_by_article": gettext_lazy(
        "%(actor)s took back that the article %(article)s solved it"
    ),
}
REFUSALS |= {
    "edited_since": gettext_lazy(
        "Somebody else has written here since you opened this page. Your text stands below; "
        "saving it again puts it in place of theirs, which stays among the versions."
    ),
    "ends_early": gettext_lazy("It cannot end before it begins."),
    "no_steps": gettext_lazy("There is nothing to do in it yet: write the steps or a text."),
    "no_title": gettext_lazy("It needs a title."),
    "nothing_to_publish": gettext_lazy("There is no draft to publish."),
    "taken": gettext_lazy("Another article has the short name “%(value)s”."),
    "text_too_long": gettext_lazy("One of the texts is longer than %(limit)s characters."),
}
# Bulk actions.
REFUSALS |= bulk.REFUSALS
# The doors that customers open themselves.
HISTORY |= front_door.HISTORY
# Triage, routing, calls for a lead.
HISTORY |= triage_words.HISTORY
SILENT_HISTORY |= triage_words.SILENT_HISTORY
# Drafts, replies for later, macros.
HISTORY |= composer.HISTORY
REFUSALS |= composer.REFUSALS
# Promises, hand-overs.
HISTORY |= together.HISTORY
REFUSALS |= together.REFUSALS
# The machine's first answers.
HISTORY |= {
    "bot_handed_over": gettext_lazy("The machine handed the case over: %(handover)s"),
    "answer_wished": gettext_lazy("%(actor)s would like the answer at %(address)s"),
}
HANDOVERS = {
    "asked_for_human": gettext_lazy("the customer wants to talk to a person"),
    "low_confidence": gettext_lazy("it knows no answer"),
    "two_failures": gettext_lazy("two answers did not help"),
    "account_theft": gettext_lazy("the account may have been stolen"),
    "refund": gettext_lazy("it is about money back"),
    "escalation": gettext_lazy("the customer names an authority, a lawyer or the press"),
}
TERMS = {
    "plan": gettext_lazy("for the customer's plan"),
    "channel": gettext_lazy("for the channel"),
    "priority": gettext_lazy("for the priority"),
}


# The customer's own page, identity reviews and what takes two people.
HISTORY |= {
    "proof_sent": gettext_lazy("A code for the case page was sent by %(channel)s"),
    "proof_opened": gettext_lazy("%(actor)s opened the case page with a code"),
    "rated": gettext_lazy("%(actor)s rated the case: %(score)s of 5"),
    "answer_by_set": gettext_lazy("%(actor)s chose where to be answered: %(place)s"),
    "code_seen": gettext_lazy("A screenshot shows the QR code of %(number)s"),
    "code_joined": gettext_lazy(
        "A screenshot showed the QR code of %(number)s, so this case joined it"
    ),
    "code_joined_by": gettext_lazy(
        "%(number)s joined this case: its screenshot showed the QR code of this one"
    ),
    "review_opened": gettext_lazy("%(actor)s asked the customer to prove who they are"),
    "review_material": gettext_lazy("%(actor)s sent material for the identity check"),
    "review_more_wanted": gettext_lazy("%(actor)s asked for more material"),
    "review_rejected": gettext_lazy("%(actor)s decided that the identity is not proved"),
    "review_due_soon": gettext_lazy("The identity check is due soon, on %(due)s"),
    "review_overdue": gettext_lazy("The identity check is late, it was due on %(due)s"),
    "review_lapsed": gettext_lazy("The identity check ended without material"),
    "review_deleted": gettext_lazy("The material of the identity check was deleted"),
    "approval_asked": gettext_lazy("%(actor)s asked for approval: %(approval)s"),
    "approval_given": gettext_lazy("%(actor)s agreed as the second person: %(approval)s"),
    "approval_refused": gettext_lazy("%(actor)s refused as the second person: %(approval)s"),
}
REFUSALS |= {
    "asked_already": gettext_lazy("This waits for a second person already."),
    "same_person": gettext_lazy("Somebody else must decide what you asked for."),
    "decided_already": gettext_lazy("This has been decided already."),
    "not_security": gettext_lazy("Identities are checked in cases of account security only."),
    "review_moved_on": gettext_lazy("The identity check has moved on meanwhile."),
    "review_deleted": gettext_lazy("The material of the identity check was deleted."),
}

# The page of a case.
HISTORY |= ticket_page.HISTORY
SILENT_HISTORY |= ticket_page.SILENT_HISTORY
REFUSALS |= ticket_page.REFUSALS


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
    """One change as a sentence, with the bulk run that it was part of."""
    sentence = _sentence(row, names)
    if "run" not in row.data:
        return sentence
    return format_html("{} · {}", sentence, _("bulk action %(run)s") % {"run": row.data["run"]})


def _sentence(row: History, names: Names) -> SafeString:
    """A code without words is shown as it is."""
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
    kinds = refused.data.get("kinds")
    data = {**refused.data, "kinds": exposed_in_words(kinds)} if kinds else refused.data
    return str(REFUSALS.get(refused.code, refused.code)) % data


def sign_in_words(reason: Reason) -> str:
    """What speaks for two customers being one person."""
    value = plain_number(reason.value) if reason.sign == "number" else reason.value
    return str(SIGNS[reason.sign]) % {"value": value}


def exposed_in_words(kinds: Any) -> str:
    """What a text shows, kind by kind."""
    return _(", ").join(str(EXPOSED.get(kind, kind)) for kind in kinds)


def review_in_words(code: str) -> str:
    return str(REVIEWS.get(code, code))


def link_reason_in_words(reason: Mapping[str, Any]) -> str:
    """Why two cases may belong together."""
    said = [
        str(words) % {"value": _listed(reason[key])}
        for key, words in LINK_REASONS.items()
        if reason.get(key)
    ]
    return _(", ").join(said)


def _listed(value: object) -> object:
    return _(", ").join(map(str, value)) if isinstance(value, list) else value


def clock_in_words(kind: str) -> str:
    """What a clock is for."""
    return str(ClockKind(kind).label) if kind in ClockKind.values else kind


def terms_in_words(why: Mapping[str, Any]) -> str:
    """By which policy a clock runs, and what of the case that policy asks for."""
    said = _(", ").join(str(TERMS.get(each, each)) for each in why.get("by", ()))
    return " · ".join(each for each in (str(why.get("policy", "")), said) if each)


def delivery_error_in_words(error: Mapping[str, Any]) -> str:
    """What went wrong with a delivery, with the vendor's own words where there are any."""
    code, detail = str(error.get("code", "")), str(error.get("detail", ""))
    said = [str(DELIVERY_ERRORS.get(code, code)), detail]
    return ": ".join(word for word in said if word)


LINK_REASONS = {
    "number": gettext_lazy("its number is close to %(value)s"),
    "same_contact": gettext_lazy("same customer"),
    "score": gettext_lazy("texts alike: %(value)s"),
    "screenshot": gettext_lazy("QR code in screenshot"),
    "codes": gettext_lazy("same error code: %(value)s"),
    "marks": gettext_lazy("both name %(value)s"),
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
            case "clock":
                if self._data.get("claim"):
                    return escape(_("First response to a claim"))
                return escape(clock_in_words(str(self._data.get("clock", ""))))
            case "due":
                due = localtime(datetime.fromisoformat(self._data["due"]))
                return escape(date_format(due, "SHORT_DATETIME_FORMAT"))
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
            case "approval":
                kind = str(self._data.get("kind", ""))
                known = kind in ApprovalKind.values
                return escape(ApprovalKind(kind).label if known else kind)
            case "place":
                return escape(self._data.get("name") or _("where they wrote last"))
            case "sure":
                return escape(triage_words.sure_in_words(float(self._data["confidence"])))
            case "cause":
                return escape(triage_words.cause_in_words(self._data))
            case "rules":
                return escape(triage_words.rules_in_words(self._data["rules"]))
            case "handover":
                reason = str(self._data.get("reason", ""))
                return escape(HANDOVERS.get(reason, reason))
            case "error":
                return escape(delivery_error_in_words({"code": self._data.get("error", "")}))
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
        case ActorKind.RULE if row.data.get("why", {}).get("by") == "triage":
            return _("Triage")
        case ActorKind.RULE if row.data.get("rule"):
            return _("The rule “%(rule)s”") % {"rule": row.data["rule"]}
        case ActorKind.RULE:
            return _("A rule")
        case _:
            return _("The system")


def _evidence(evidence: Mapping[str, Any], message: Message) -> SafeString:
    """The words that decided, marked within what stands around them."""
    said, start, end = str(evidence["text"]), int(evidence["start"]), int(evidence["end"])
    source = str(evidence.get("source", "own"))
    wholes = {"subject": message.subject, "transcript": message.transcript}
    whole = wholes.get(source, message.text)
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


# Channels. What their settings, faults and kinds are called; whatever is missing here is shown by
# its own name, so that a new kind of channel needs no entry.
SETTING_NAMES = {
    "access_token": gettext_lazy("Access token"),
    "address": gettext_lazy("Address"),
    "allowed_urls": gettext_lazy("Registered addresses"),
    "api_base": gettext_lazy("Address of the API"),
    "api_key": gettext_lazy("API key"),
    "api_username": gettext_lazy("User who answers"),
    "app_id": gettext_lazy("App ID"),
    "app_previous_secret": gettext_lazy("Old app secret"),
    "app_secret": gettext_lazy("App secret"),
    "auth_results_host": gettext_lazy("Trusted mail server"),
    "base_url": gettext_lazy("Address of the site"),
    "bot": gettext_lazy("Machine answers first"),
    "brand": gettext_lazy("Name at the head of the page"),
    "c2c_replies": gettext_lazy("Replies to one private message"),
    "c2c_window_minutes": gettext_lazy("Minutes for a private reply"),
    "callback_url": gettext_lazy("Address for replies"),
    "category_ids": gettext_lazy("Categories"),
    "chat_limit": gettext_lazy("Longest chat message"),
    "chats": gettext_lazy("Private chats"),
    "corp_id": gettext_lazy("Corp ID"),
    "encoding_aes_key": gettext_lazy("EncodingAESKey"),
    "encrypted": gettext_lazy("Safe mode"),
    "file_megabytes": gettext_lazy("Largest other file (MB)"),
    "group_replies": gettext_lazy("Replies to one group message"),
    "group_window_minutes": gettext_lazy("Minutes for a reply in a group"),
    "hide_as": gettext_lazy("Flag that hides a post"),
    "history": gettext_lazy("Import the last three days"),
    "hook_key": gettext_lazy("Secret part of the callback address"),
    "host": gettext_lazy("Address of the API"),
    "image_megabytes": gettext_lazy("Largest picture (MB)"),
    "imap_folder": gettext_lazy("Folder"),
    "imap_host": gettext_lazy("IMAP server"),
    "imap_password": gettext_lazy("IMAP password"),
    "imap_port": gettext_lazy("IMAP port"),
    "imap_security": gettext_lazy("IMAP encryption"),
    "imap_user": gettext_lazy("IMAP user"),
    "inbox_groups": gettext_lazy("Groups with private messages"),
    "is_master": gettext_lazy("Master token"),
    "largest_file": gettext_lazy("Largest file"),
    "largest_file_mb": gettext_lazy("Largest file (MB)"),
    "mention_replies": gettext_lazy("Private replies to one mention"),
    "message_base": gettext_lazy("Address for replies"),
    "most_per_poll": gettext_lazy("Messages of one look"),
    "name": gettext_lazy("Name that customers see"),
    "open_kfids": gettext_lazy("Service accounts"),
    "plus_addressing": gettext_lazy("Plus addressing"),
    "poll_every": gettext_lazy("Seconds between two looks"),
    "previous_app_secret": gettext_lazy("Old app secret"),
    "previous_encoding_aes_key": gettext_lazy("Old EncodingAESKey"),
    "previous_secret": gettext_lazy("Old secret"),
    "previous_token": gettext_lazy("Old token"),
    "private_messages": gettext_lazy("Private messages"),
    "proactive": gettext_lazy("May write unasked"),
    "public_base": gettext_lazy("Address for public posts"),
    "public_lists": gettext_lazy("Public lists to read"),
    "public_suffix": gettext_lazy("End of the addresses"),
    "public_token": gettext_lazy("Token for public posts"),
    "replies_per_message": gettext_lazy("Replies to one message"),
    "reply_hours": gettext_lazy("Hours for a reply"),
    "rip": gettext_lazy("Public address of this server"),
    "secret": gettext_lazy("Secret"),
    "since": gettext_lazy("Import from"),
    "since_days": gettext_lazy("Days of history to import"),
    "since_post": gettext_lazy("Oldest post to import"),
    "sites": gettext_lazy("Sites that embed it"),
    "smtp_host": gettext_lazy("SMTP server"),
    "smtp_password": gettext_lazy("SMTP password"),
    "smtp_port": gettext_lazy("SMTP port"),
    "smtp_security": gettext_lazy("SMTP encryption"),
    "smtp_user": gettext_lazy("SMTP user"),
    "timestamp_seconds": gettext_lazy("Age of a signature (seconds)"),
    "token": gettext_lazy("Token"),
    "token_minutes": gettext_lazy("Minutes of a callback's word"),
    "token_url": gettext_lazy("Address for access tokens"),
    "trust_union_openid": gettext_lazy("Trust equal union_openid"),
    "uid": gettext_lazy("User number"),
    "upload_base": gettext_lazy("Address for files"),
    "url": gettext_lazy("Address"),
    "video_megabytes": gettext_lazy("Largest video (MB)"),
    "voice_megabytes": gettext_lazy("Largest voice recording (MB)"),
    "webhook_previous_secret": gettext_lazy("Old webhook secret"),
    "webhook_secret": gettext_lazy("Webhook secret"),
    "window_codes": gettext_lazy("Numbers for a closed window"),
}
KINDS = {
    "discourse": gettext_lazy("A Discourse forum: topics become cases, answers become posts."),
    "email": gettext_lazy("A mailbox: mail is read by IMAP, replies are sent by SMTP."),
    "feed": gettext_lazy("An RSS or Atom feed, to be read; answers are written at the source."),
    "http": gettext_lazy("Your own system or app: signed messages in, signed replies out."),
    "nodebb": gettext_lazy("A NodeBB forum: topics become cases, answers become posts."),
    "phone": gettext_lazy("Calls that agents take down, each a case like any other."),
    "qq": gettext_lazy("A QQ bot: private chats, and groups where somebody turns to it."),
    "telegram": gettext_lazy("A Telegram bot."),
    "web_form": gettext_lazy("Our own public form, with a private page for each case."),
    "wechat": gettext_lazy(
        "A WeChat Official Account: what followers write, answered within the vendor's time."
    ),
    "wecom": gettext_lazy("WeCom customer service: chats of the service accounts of a company."),
    "weibo": gettext_lazy(
        "A Weibo account: private messages, and on request comments and mentions."
    ),
}
# What is wrong with a channel where it is not what is wrong with a delivery; see DELIVERY_ERRORS.
CHANNEL_FAULTS = {
    "credentials": gettext_lazy("the other side refuses our credentials"),
    "folder": gettext_lazy("the folder cannot be opened"),
    "gone": gettext_lazy("the other side says that this address is gone for good"),
    "key_lost": gettext_lazy("no configured key opens what the channel was given"),
    "killed_worker": gettext_lazy("whoever read it died or hung, five times"),
    "login": gettext_lazy("signing in was refused"),
    "not_a_feed": gettext_lazy("what lies there is no feed"),
    "not_discourse": gettext_lazy("what answers there is not this kind of forum"),
    "not_nodebb": gettext_lazy("what answers there is not this kind of forum"),
    "not_qq": gettext_lazy("what answers there is not the vendor"),
    "not_telegram": gettext_lazy("what answers there is not the vendor"),
    "redirects": gettext_lazy("the address leads elsewhere, again and again"),
    "unreadable": gettext_lazy("it is not what this kind of channel sends"),
}
REMEDIES = {
    "address": gettext_lazy("Check the address: it must be complete and reachable from outside."),
    "address_not_listed": gettext_lazy(
        "Put our server's address on the allow list in the other side's console, then test again."
    ),
    "bad_account": gettext_lazy(
        "Check the account's id in the settings, and that it still exists there."
    ),
    "bad_address": gettext_lazy("Check the address: it must be complete and reachable from here."),
    "bad_credentials": gettext_lazy(
        "Enter the key or secret anew, as the other side's console shows it, then test again."
    ),
    "busy": gettext_lazy("Nothing to do: it is tried again by itself, later each time."),
    "closed": gettext_lazy("Nothing is wrong with the channel; this one topic is closed."),
    "connect": gettext_lazy("Check server name and port, and that a firewall lets us through."),
    "content": gettext_lazy("Read what the other side says, then word the reply differently."),
    "content_refused": gettext_lazy(
        "Read what the other side says, then word the reply differently."
    ),
    "credentials": gettext_lazy("Make a new key at the other side, enter it here and test again."),
    "file": gettext_lazy("Send the file smaller or as another type, or as a link."),
    "files_not_supported": gettext_lazy("Send a link instead of the file."),
    "folder": gettext_lazy("Check the folder's name, letter by letter, as the mail server has it."),
    "gone": gettext_lazy("Enter the new address, test the connection, then resume the channel."),
    "gone_there": gettext_lazy("Nothing is wrong with the channel; what it answers is gone."),
    "internal": gettext_lazy("It is our fault: the log says more. It is tried again by itself."),
    "key_lost": gettext_lazy("Put the former key back behind the first one in CREDENTIALS_KEY."),
    "killed_worker": gettext_lazy("Find out why in the log before you replay it."),
    "limited": gettext_lazy(
        "Nothing to do: it goes on by itself, slower. If it lasts, ask for a higher quota."
    ),
    "login": gettext_lazy(
        "Check user and password. Large providers want an app password, "
        "and IMAP switched on in the mailbox's own settings."
    ),
    "may_have_arrived": gettext_lazy("Look there before anybody sends it again."),
    "no_answer": gettext_lazy(
        "Nothing to do at first. If it lasts, ask whoever runs the other side."
    ),
    "no_callback": gettext_lazy("Enter an address for replies, or let the other side fetch them."),
    "not_a_feed": gettext_lazy("Open the address in a browser: it must show RSS or Atom."),
    "not_allowed": gettext_lazy(
        "Give the account this right in the other side's console, then test again."
    ),
    "not_discourse": gettext_lazy("Check the address of the forum, with its folder if it has one."),
    "not_nodebb": gettext_lazy("Check the address of the forum, with its folder if it has one."),
    "not_qq": gettext_lazy("Check the addresses in the settings; as a rule they stay as they are."),
    "not_telegram": gettext_lazy("Check the address in the settings; as a rule it stays as it is."),
    "quota_used": gettext_lazy(
        "Nothing to do: it goes on tomorrow. Urgent answers can go by another channel."
    ),
    "recipient": gettext_lazy("Nothing is wrong with the channel; this one recipient is refused."),
    "recipient_gone": gettext_lazy("Nothing is wrong with the channel; this recipient is gone."),
    "redirects": gettext_lazy("Enter the address to which it leads in the end."),
    "refused": gettext_lazy(
        "Check that our address is allowed at the other side, then test again."
    ),
    "settings": gettext_lazy("Correct the setting that is named, then test again."),
    "taken_elsewhere": gettext_lazy(
        "Nothing is wrong with the channel; have it handed back there, or answer there."
    ),
    "tls": gettext_lazy("Check the port and that the server's certificate is valid."),
    "too_large": gettext_lazy("Send it in smaller parts, or as a link."),
    "too_long": gettext_lazy("Send it in smaller parts."),
    "unavailable": gettext_lazy("Nothing to do: it is tried again by itself, later each time."),
    "unreachable": gettext_lazy("Check the address, and that a firewall lets us through."),
    "unreadable": gettext_lazy(
        "Look at what was delivered. Once the connector can read it, replay it."
    ),
    "window_closed": gettext_lazy(
        "Nothing to do: the reply leaves as soon as the customer writes again."
    ),
    "wrong_state": gettext_lazy("Nothing to do: it is tried again by itself."),
}
ANY_REMEDY = gettext_lazy("Test the connection; what it answers says what to look at.")
# Why an envelope was passed over, where that is a code; other reasons stand as they are.
IGNORED = {
    "edit_by_somebody_else": gettext_lazy("An edit by somebody other than the author"),
    "empty": gettext_lazy("It holds nothing to read"),
    "loop": gettext_lazy("Our own automatic message came back"),
    "own message": gettext_lazy("We wrote it ourselves"),
    "recall_of_nothing_here": gettext_lazy("It recalls a message that never came here"),
    "receipt_for_nothing_of_ours": gettext_lazy("A receipt for something that we did not send"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a channel, what to do, and the other side's own words."""

    what: str
    remedy: str
    detail: str


def fault_in_words(error: Mapping[str, Any]) -> Fault | None:
    """What a channel or an envelope suffers from; None where nothing is wrong."""
    code = str(error.get("code", ""))
    if not code:
        return None
    words = {**DELIVERY_ERRORS, **CHANNEL_FAULTS}
    return Fault(
        what=str(words.get(code, code)),
        remedy=str(REMEDIES.get(code, ANY_REMEDY)),
        detail=str(error.get("detail", "")),
    )


def setting_name(name: str) -> str:
    """What a setting is called; one without words by its own name, made readable."""
    return str(SETTING_NAMES.get(name, name.replace("_", " ").capitalize()))


def kind_in_words(name: str, otherwise: str) -> str:
    """What a kind of channel is for; `otherwise` where there are no words for it."""
    return str(KINDS.get(name, otherwise))


def ignored_in_words(reason: str) -> str:
    """Why an envelope was passed over."""
    return str(IGNORED.get(reason, reason))
