"""The words of messages that we send by ourselves, in the customer's language; stored as sent."""

from datetime import datetime

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

from ..case_numbers import format_number
from ..models import Conversation


def acknowledgement(conversation: Conversation, number: str, quotes: bool) -> str:
    """What everybody gets once per new case. It depends on what the sender wrote, never on what
    exists, and holds none of the sender's words."""
    with override(language_for(conversation)):
        lines = [
            _("We have received your message. Your case number is {number}.").format(
                number=printed(number)
            ),
            _(
                "Wherever you write to us next, quote this number and your messages come"
                " together in one case."
            ),
        ]
        if quotes:
            lines.append(
                _(
                    "If you already have a case, confirm it from the message that we send to"
                    " its contact."
                )
            )
        return "\n".join(lines)


def public_acknowledgement(conversation: Conversation, link: str) -> str:
    """What everybody gets once per new case where others read along: no number, only a way out."""
    with override(language_for(conversation)):
        lines = [
            _("We have received your message."),
            _("For everything that others need not read, go on in private: {link}").format(
                link=link
            ),
        ]
        return "\n".join(lines)


def invitation(conversation: Conversation, link: str) -> str:
    """Ask the author of a public post to go on in private."""
    with override(language_for(conversation)):
        if not link:
            return _(
                "Let us go on in private: please send us a private message, and post no phone"
                " numbers, addresses or case numbers here."
            )
        return _(
            "Let us go on in private: {link}\nPlease post no phone numbers, addresses or case"
            " numbers here."
        ).format(link=link)


def please_edit(conversation: Conversation) -> str:
    """Ask the author of a public post to take personal data out of it."""
    with override(language_for(conversation)):
        return _(
            "Your post shows personal data to everybody. Please edit it and take them out; we do"
            " not need them here."
        )


def merged(conversation: Conversation, number: str) -> str:
    """Tell a customer that what they wrote in several places is one case now."""
    with override(language_for(conversation)):
        return _(
            "You wrote to us about this in more than one place. We look after all of it together,"
            " under case number {number}."
        ).format(number=printed(number))


def question(asked: Conversation, claim: Conversation, link: str, code: str) -> str:
    """Ask the owner of a case whether it was they who quoted its number elsewhere."""
    with override(language_for(asked)):
        lines = [
            _("Somebody quoted your case number {number} by {channel}. Was it you?").format(
                number=printed(claim.via_number), channel=claim.channel.label
            ),
            _("Answer yes or no here, within 24 hours: {link}").format(link=link),
        ]
        if code:
            lines.append(_("Or type this code there, within 15 minutes: {code}").format(code=code))
        lines.append(_("Until then they see nothing of your case."))
        return "\n".join(lines)


def proof(asked: Conversation, number: str, code: str, page: str) -> str:
    """The code by which the owner of a case opens its page; the number is the one they typed."""
    with override(language_for(asked)):
        lines = [
            _("Your code for the page of case {number}: {code}").format(
                number=printed(number), code=code
            ),
            _("Type it within 15 minutes where you asked for it: {page}").format(page=page),
            _("If you did not ask for it, ignore this. Without the code nobody sees anything."),
        ]
        return "\n".join(lines)


def review(asked: Conversation, number: str, page: str, until: datetime | None) -> str:
    """That an identity check has moved on, or until when it will have: never what came of it."""
    with override(language_for(asked)):
        if until is None:
            news = _("There is news about the identity check in your case {number}.")
            lines = [news.format(number=printed(number))]
        else:
            at = date_format(localtime(until), "DATETIME_FORMAT")
            still = _(
                "We are still checking what you sent us in your case {number}. You have our word"
                " by {at}."
            )
            lines = [still.format(number=printed(number), at=at)]
        lines.append(_("See it on the page of your case: {page}").format(page=page))
        return "\n".join(lines)


def answer_place(chat: Conversation, code: str, link: str) -> tuple[str, str]:
    """Subject and text of the one mail to an address that somebody named in a chat: nothing in it
    is of the case but its number."""
    with override(language_for(chat)):
        lines = [
            _(
                "In a chat with us somebody asked to have the answer to case {number} sent to this"
                " address."
            ).format(number=printed(chat.ticket.number)),
            _("If it was you, type this code in the chat within 15 minutes: {code}").format(
                code=code
            ),
            _("Or confirm here within 24 hours: {link}").format(link=link),
            _(
                "If it was not you, ignore this mail and give the code to nobody: nothing else is"
                " sent here."
            ),
        ]
        return _("Confirm where your answer goes"), "\n".join(lines)


def page_of(number: str) -> str:
    """The address at which the case of a number can be asked for; it holds nothing but that."""
    return f"{settings.PUBLIC_URL}/support/case/?number={printed(number)}"


def language_for(conversation: Conversation) -> str:
    """The language to write in: the case's or, to a claimer, their own; else the installation's.

    The language of a case that somebody only quoted would tell them that it exists.
    """
    ticket, contact = conversation.ticket, conversation.identity.contact
    language = contact.language if conversation.is_pending_claim else ticket.language
    known = {code for code, _name in settings.LANGUAGES}
    return language if language in known else settings.LANGUAGE_CODE


def speaking_to(conversation: Conversation) -> override:
    """Words are made in the customer's language while this context lasts."""
    return override(language_for(conversation))


def printed(number: str) -> str:
    return format_number(number, prefix=settings.CASE_NUMBER_PREFIX)
