"""Promises, hand-overs and what people are told, put into words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.case_numbers import format_number
from tickets.models import Notification

HISTORY = {
    "promise_made": gettext_lazy("%(actor)s promised “%(words)s”, until %(due)s"),
    "promise_moved": gettext_lazy("%(actor)s promised “%(words)s” for another time: %(due)s"),
    "promise_kept": gettext_lazy("%(actor)s kept the promise “%(words)s”"),
    "promise_open_again": gettext_lazy("The promise “%(words)s” is open again"),
    "promise_broken": gettext_lazy("The promise “%(words)s” was broken"),
    "promise_withdrawn": gettext_lazy("%(actor)s took back the promise “%(words)s”"),
    "handed_over": gettext_lazy("%(actor)s handed the case over to %(receiver)s"),
    "handed_over_note": gettext_lazy("%(actor)s handed the case over to %(receiver)s: %(note)s"),
    "handover_undone": gettext_lazy("%(actor)s took back the hand-over of the case"),
    "handover_accepted": gettext_lazy("%(actor)s accepted the hand-over of the case"),
}
REFUSALS = {
    "nothing_to_hand_over": gettext_lazy("Choose at least one case to hand over."),
    "nobody_to_take_over": gettext_lazy("Choose who takes the cases over."),
    "undone_already": gettext_lazy("This has been taken back already."),
    "accepted_already": gettext_lazy("This has been accepted already."),
}

# What the sentence about something that a person was told begins with.
NOTICES = {
    "mention": gettext_lazy("%(actor)s mentioned you"),
    "replied": gettext_lazy("The customer wrote"),
    "changed": gettext_lazy("%(actor)s changed the case: %(change)s"),
    "woken": gettext_lazy("The case woke up"),
    "promise_soon": gettext_lazy("The promise “%(words)s” is due soon, on %(due)s"),
    "promise_open_again": gettext_lazy("The promise “%(words)s” is open again"),
    "promise_broken": gettext_lazy("The promise “%(words)s” was broken, it was due on %(due)s"),
    "handover": gettext_lazy("%(actor)s hands over to you (cases: %(count)s)"),
    "later_stopped": gettext_lazy("Your reply for later was stopped"),
}
CHANGES = {
    "resolved": gettext_lazy("resolved"),
    "reopened": gettext_lazy("open again"),
    "woken": gettext_lazy("woke up"),
    "snoozed": gettext_lazy("snoozed"),
    "waits_for_customer": gettext_lazy("waits for the customer"),
    "merged_from": gettext_lazy("another case was merged into it"),
}
NOTICE_ICONS = {
    "mention": "at",
    "replied": "inbox",
    "changed": "info",
    "woken": "moon",
    "promise_soon": "flag",
    "promise_broken": "flag",
    "handover": "hand",
    "later_stopped": "clock",
}
_EXCERPT = 140


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that a person was told: the sentence, the words it is about, and where it leads."""

    row: Notification
    text: str
    words: str
    icon: str
    url: str


def notices(rows: Iterable[Notification]) -> list[Notice]:
    """Put what somebody was told into their words."""
    return [_notice(row) for row in rows]


def _notice(row: Notification) -> Notice:
    due = row.data.get("due")
    values = {
        **row.data,
        "actor": str(row.actor or _("Somebody")),
        "change": str(CHANGES.get(row.data.get("code", ""), "")),
        "due": _moment(due) if due else "",
    }
    words = row.message.text if row.message and row.kind in {"mention", "replied"} else ""
    return Notice(
        row=row,
        text=str(NOTICES[row.kind]) % values,
        words=words[:_EXCERPT],
        icon=NOTICE_ICONS[row.kind],
        url=_url(row),
    )


def _moment(due: str) -> str:
    return date_format(localtime(datetime.fromisoformat(due)), "SHORT_DATETIME_FORMAT")


def _url(row: Notification) -> str:
    if row.kind == "handover":
        return reverse("dashboard:handover", args=[row.data["handover"]])
    if row.ticket is None:
        return ""
    number = format_number(row.ticket.number, prefix=settings.CASE_NUMBER_PREFIX)
    url = reverse("dashboard:ticket", args=[number])
    return f"{url}#message-{row.message_id}" if row.message_id else url
