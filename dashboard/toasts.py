"""The one short message that the next page shows after something was done."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tickets.models import User
from tickets.queries.case import CaseRead

from .composer import held

SESSION_KEY = "toast"

WORDS = {
    "merged": gettext_lazy("%(source)s is now part of %(target)s"),
    "split": gettext_lazy("Split off as %(number)s"),
    "verified": gettext_lazy("Claim verified: the conversation belongs to this case"),
    "rejected": gettext_lazy("Claim rejected: the conversation is now %(number)s"),
    "asked": gettext_lazy("The owner of the case has been asked"),
    "linked": gettext_lazy("%(name)s is now an account of this customer"),
    "unlinked": gettext_lazy("%(name)s is an account of its own again"),
    "invited": gettext_lazy("The customer has been asked to go on in private"),
    "resolved": gettext_lazy("Resolved"),
    "snoozed": gettext_lazy("Snoozed"),
    "moved_away": gettext_lazy("The case now belongs to a team whose cases you do not see"),
    "undone": gettext_lazy("Undone"),
    "review_opened": gettext_lazy("The customer is asked for proof on their case page"),
    "review_rejected": gettext_lazy("The identity check is decided: not proved"),
    "second_person": gettext_lazy("Proposed; a second person must agree"),
    "more_wanted": gettext_lazy("The customer is told what is missing"),
    "marked_read": gettext_lazy("Marked as read"),
    "marked_unread": gettext_lazy("Marked as unread"),
    "said": "%(text)s",
    "taken_back": gettext_lazy("Taken back: your words stand in the composer again"),
    "moved_on": gettext_lazy("The message has moved on meanwhile"),
}


@dataclass(frozen=True, slots=True)
class Toast:
    text: str
    undo: int | None
    details: list[str]
    undo_by: str = "undo"
    seconds: int = 30
    take_back: int | None = None


def push(
    request: HttpRequest,
    code: str,
    *,
    undo: int | None = None,
    undo_by: str = "undo",
    already_sent: list[dict[str, Any]] | None = None,
    **data: str,
) -> None:
    """Keep a message for the next page; `undo` is the key of what its button takes back, a move
    unless `undo_by` names another page that does."""
    request.session[SESSION_KEY] = {
        "code": code,
        "undo": undo,
        "undo_by": undo_by,
        "already_sent": already_sent or [],
        "data": data,
    }


def push_text(request: HttpRequest, text: str) -> None:
    """Keep a message that is already in words: why something was not done."""
    push(request, "said", text=text)


def pop(request: HttpRequest) -> Toast | None:
    """Take the message that is due, put into the viewer's words."""
    kept = request.session.pop(SESSION_KEY, None)
    if not kept:
        return None
    sent = kept["already_sent"]
    text = str(WORDS[kept["code"]]) % kept["data"]
    if sent:
        text += _(". ") + ngettext(
            "%(n)d message had already gone out:",
            "%(n)d messages had already gone out:",
            len(sent),
        ) % {"n": len(sent)}
    details = [_("to %(who)s: %(text)s") % {"who": m["who"], "text": m["text"]} for m in sent]
    return Toast(text=text, undo=kept["undo"], details=details, undo_by=kept["undo_by"])


def held_toast(case: CaseRead, user: User, now: datetime) -> Toast | None:
    """The offer to take back what `user` has just sent, for as long as nothing of it has left."""
    found = held(case, user, now)
    if found is None:
        return None
    message, until = found
    seconds = ceil((until - now).total_seconds())
    return Toast(_("Your reply is leaving"), None, [], seconds=seconds, take_back=message.pk)
