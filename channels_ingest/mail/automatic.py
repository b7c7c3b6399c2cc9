"""Tell mail written by machines: bounces, automatic replies, lists; and what a bounce reports."""

import re
from dataclasses import dataclass
from typing import Literal

from channels_ingest.mail import headers
from channels_ingest.mail.headers import Headers, Mailbox
from channels_ingest.mail.parsing import Part

Automatic = Literal["", "auto_reply", "bounce", "list"]

DAEMONS = frozenset({"mailer-daemon", "postmaster", "mailerdaemon", "mail-daemon"})
UNATTENDED = re.compile(r"(?:no|do-?not|donot)[-_.]?reply(?:[-_.+].*)?")
AUTO_REPLY_MARKS = ("X-Autoreply", "X-Autorespond", "X-AutoReply-From", "X-Mail-Autoreply")
# Exchange is asked not to answer these; what asks so is a machine itself.
SUPPRESSED = re.compile(r"\b(?:all|oof|autoreply)\b", re.IGNORECASE)
LIST_MARKS = ("List-Id", "List-Unsubscribe", "List-Post", "X-Mailing-List")
AUTO_REPLY_SUBJECT = re.compile(
    r"(?:(?:自动回复|自動回覆|自动答复|自動応答|自動返信|不在(?:通知|のお知らせ|です)?"
    r"|auto(?:matic)?[- ]?(?:reply|response)|abwesenheitsnotiz)\s*(?:[:：(（【\-—]|$)"
    r"|out of (?:the )?office\b)",
    re.IGNORECASE,
)
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
SMTP_CODE = re.compile(r"(?<![\d.])5[05]\d(?=[ \-#])(?![\d.])")


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a bounce says: the id of the mail that did not arrive, and the status code."""

    message_id: str
    status: str


def kind_of(top: Headers, sender: Mailbox) -> Automatic:
    """What sort of machine wrote a mail, or "" for a person."""
    if is_bounce(top, sender):
        return "bounce"
    if _is_auto_reply(top, sender):
        return "auto_reply"
    precedence = headers.value(top, "Precedence").lower()
    if precedence in ("bulk", "list", "junk") or any(headers.value(top, m) for m in LIST_MARKS):
        return "list"
    return "bounce" if _has_empty_return_path(top) else ""


def is_bounce(top: Headers, sender: Mailbox) -> bool:
    """Is this a delivery report, by its type or by who sent it?"""
    written = headers.value(top, "Content-Type").lower()
    is_report = written.startswith("multipart/report") and "delivery-status" in written
    named = headers.value(top, "From").lower()
    return is_report or sender.local in DAEMONS or (not sender.address and "mailer-daemon" in named)


def _is_auto_reply(top: Headers, sender: Mailbox) -> bool:
    submitted = headers.value(top, "Auto-Submitted").lower()
    return (
        (bool(submitted) and submitted.partition(";")[0].strip() != "no")
        or any(headers.value(top, mark) for mark in AUTO_REPLY_MARKS)
        or headers.value(top, "Precedence").lower() in ("auto_reply", "auto-reply")
        or bool(SUPPRESSED.search(headers.value(top, "X-Auto-Response-Suppress")))
        or headers.value(top, "Content-Type").lower().startswith("multipart/report")
        or bool(UNATTENDED.fullmatch(sender.local))
        or _has_auto_reply_subject(top)
    )


def _has_auto_reply_subject(top: Headers) -> bool:
    """People may write these words too, so another sign must stand beside them."""
    signs = ("Precedence", "X-Auto-Response-Suppress", "In-Reply-To", "References")
    return bool(AUTO_REPLY_SUBJECT.match(headers.text(top, "Subject"))) and (
        any(headers.value(top, sign) for sign in signs) or _has_empty_return_path(top)
    )


def _has_empty_return_path(top: Headers) -> bool:
    return headers.value(top, "Return-Path").replace(" ", "") == "<>"


def read_bounce(leaves: list[Part], text: str) -> Bounce:
    """Find which mail a bounce is about and why it failed; either may stay ""."""
    return Bounce(_original_id(leaves), _status(leaves, text))


def _original_id(leaves: list[Part]) -> str:
    for part in leaves:
        if part.content_type in ("message/rfc822", "text/rfc822-headers", "message/global-headers"):
            nested = headers.read_headers(headers.split_head(part.data.lstrip())[0])
            if ids := headers.message_ids(headers.value(nested, "Message-ID")):
                return headers.short_id(ids[0])
    return ""


def _status(leaves: list[Part], text: str) -> str:
    """The worst status of a report: one failed recipient is what a person must see."""
    reports = [part.text for part in leaves if part.content_type == "message/delivery-status"]
    if reports:
        found = [
            status[0]
            for line in "\n".join(reports)[:65536].splitlines()
            if line.lower().startswith("status:") and (status := STATUS.search(line))
        ]
        return max(found, default="")
    if status := STATUS.search(text[:65536]):
        return status[0]
    code = SMTP_CODE.search(text[:65536])
    return code[0] if code else ""


def is_final(bounce: Bounce) -> bool:
    """Did the mail certainly not arrive? (4.x.x means that its server still tries.)"""
    return bool(bounce.message_id) and bounce.status.startswith("5")
