"""What the machine says in a chat, in the customer's language; stored as it was sent."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..queries.knowledge import Suggested
from ..triage.first_answer import Part


def offer(articles: Iterable[Suggested]) -> str:
    """Articles with their steps, and the question whether they helped."""
    lines = [_("This is what usually helps:")]
    for article in articles:
        lines.append(article.title)
        lines += [f"{n}. {step}" for n, step in enumerate(article.steps, start=1)]
    return "\n".join([*lines, solved_question()])


def solved_question() -> str:
    return _("Did this solve your problem?")


def ask(missing: Sequence[Part], *, is_first: bool, is_api: bool = False) -> str:
    """What an answer needs, and how to say it well; of a call of the API also what names it."""
    lead = _("Hello. So that we can help at once, please tell us:")
    again = _("Thank you. To find the cause we still need:")
    asked = [part_asked(each) for each in missing]
    if is_api:
        asked.append(
            _("The request ID of the call, if you have one: with it we find the call at once.")
        )
    return "\n".join([lead if is_first else again, *(f"· {each}" for each in asked)])


def part_asked(part: Part) -> str:
    """The question for one part of a report."""
    return {
        "phenomenon": _(
            "On which page, and what do you see there? “The inbox shows no new mail” says more"
            " than “broken”."
        ),
        "steps": _("What did you do before it happened, and in which app or browser?"),
        "error": _("Is there an error message or a code? Please copy it as it stands."),
    }[part]


def passed_on(number: str) -> str:
    """A person takes over, and somebody is at work."""
    return _(
        "We are passing you on to a colleague. Your case number is {number}; all that you wrote"
        " here comes along, so you need not repeat it."
    ).format(number=number)


def nobody_there(number: str, opens_at: datetime, *, takes_address: bool) -> str:
    """A person takes over, but later; where we can write first, the customer may say where to."""
    at = date_format(localtime(opens_at), "DATETIME_FORMAT")
    lead = _(
        "Nobody is at work just now. Your message has become case {number}, and a person will"
        " read it from {at} on."
    ).format(number=number, at=at)
    if takes_address:
        ask = _(
            "How should the answer reach you? Write an e-mail address here, or leave it: then it"
            " appears in this chat."
        )
    else:
        ask = _("The answer appears in this chat; come back here to read it.")
    return f"{lead}\n{ask}"


def wish_noted(address: str) -> str:
    """Where the answer should go has been noted, and is promised nothing."""
    return _(
        "Noted: {address}. Nothing has proved yet that it is yours, so the answer stays in this"
        " chat; come back here to read it."
    ).format(address=address)


def goes_to(address: str) -> str:
    """The address is proved: what is said next goes there."""
    return _(
        "Confirmed: the answer goes to {address}, with your case number in the subject."
    ).format(address=address)


def prove_it(address: str) -> str:
    """What is written to an address that nobody has proved; the same whoever has it."""
    lines = [
        _(
            "Noted: {address}. We are sending one mail there with a code of six digits. Type the"
            " code here, or open the link in the mail; then the answer goes there."
        ).format(address=address),
        _(
            "Until then it stays in this chat. An address gets at most one such mail an hour; if"
            " you mistyped it, just write the right one."
        ),
    ]
    return "\n".join(lines)


def enough_addresses() -> str:
    """No further address is tried in this chat."""
    return _("No further address can be tried today, so the answer stays in this chat.")


def wrong_code(tries_left: int) -> str:
    """What was typed is not what was sent."""
    text = ngettext(
        "This is not the code that was sent. You have {n} try left.",
        "This is not the code that was sent. You have {n} tries left.",
        tries_left,
    )
    return text.format(n=tries_left)


def dead_code() -> str:
    """The code was tried too often, or too late."""
    return _(
        "This code does not work any more. The link in the mail works for 24 hours; until you"
        " open it the answer stays in this chat."
    )


def closed() -> str:
    return _("Glad that it works. Should it come back, just write here again.")
