"""What to ask back, kindly, about a report that is vague."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.triage import questions_for

FEWEST = 4  # characters before which nobody is asked anything
MOST = 3  # questions at once

QUESTIONS: dict[str, Promise] = {
    "which_page": _("Which page or function is it? For example: the inbox, writing, settings."),
    "what_did_you_do": _("What did you do just before it happened?"),
    "what_did_it_say": _("What did the page say? Copy the message with its code."),
    "since_when": _("Since when? Did it work before?"),
    "which_device": _("On which device, and in which program or browser?"),
    "which_address": _("Which mailbox is it? And to or from which address?"),
    "one_or_all": _("Does it happen with one mail only, or with all of them?"),
}


def questions(
    phenomenon: str, *, steps: str = "", error: str = "", language: str = ""
) -> list[Promise]:
    """The questions, most useful first, whose answers are not there yet."""
    if len(phenomenon.strip()) < FEWEST:
        return []
    answered = {
        code
        for code, given in (("what_did_you_do", steps), ("what_did_it_say", error))
        if given.strip()
    }
    codes = questions_for("\n".join(filter(None, (phenomenon, steps, error))), language)
    return [QUESTIONS[c] for c in codes if c in QUESTIONS and c not in answered][:MOST]
