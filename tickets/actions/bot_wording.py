"""What the machine says in a chat, in the customer's language; stored as it was sent."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

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


def ask(missing: Sequence[Part], *, is_first: bool) -> str:
    """What an answer needs, and how to say it well."""
    lead = _("Hello. So that we can help at once, please tell us:")
    again = _("Thank you. To find the cause we still need:")
    return "\n".join([lead if is_first else again, *(f"· {part_asked(each)}" for each in missing)])


def part_asked(part: Part) -> str:
    """The question for one part of a report."""
    return {
        "phenomenon": _("What do you see? “The inbox shows no new mail” says more than “broken”."),
        "steps": _("What did you do before it happened, and in which app or browser?"),
        "error": _("Is there an error message or a code? Please copy it as it stands."),
    }[part]


def passed_on(number: str) -> str:
    """A person takes over, and somebody is at work."""
    return _(
        "We are passing you on to a colleague. Your case number is {number}; all that you wrote"
        " here comes along, so you need not repeat it."
    ).format(number=number)


def nobody_there(number: str, opens_at: datetime) -> str:
    """A person takes over, but later; the customer may say where the answer should go."""
    at = date_format(localtime(opens_at), "DATETIME_FORMAT")
    lines = [
        _(
            "Nobody is at work just now. Your message has become case {number}, and a person will"
            " read it from {at} on."
        ).format(number=number, at=at),
        _(
            "How should the answer reach you? Write an e-mail address or a phone number here, or"
            " leave it: then it appears in this chat."
        ),
    ]
    return "\n".join(lines)


def wish_noted(address: str, *, is_proven: bool) -> str:
    """Where the answer should go has been noted; only a proven address is promised anything."""
    if is_proven:
        return _("Noted: {address} is known as yours, so the answer may reach you there.").format(
            address=address
        )
    return _(
        "Noted: {address}. Nothing has proved yet that it is yours, so the answer stays in this"
        " chat; come back here to read it."
    ).format(address=address)


def closed() -> str:
    return _("Glad that it works. Should it come back, just write here again.")
