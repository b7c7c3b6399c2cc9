"""How the demo routes: its people's skills and limits, and the rules to begin with."""

from collections.abc import Mapping
from typing import NamedTuple

from tickets.actions.routing import set_working
from tickets.actions.starting_rules import seed_rules
from tickets.models import User


class Working(NamedTuple):
    """What somebody can do, in which languages, and how many open cases at once."""

    skills: tuple[str, ...]
    languages: tuple[str, ...]
    limit: int | None


WORKING = {
    "lin": Working(("imap", "delivery"), ("zh-hans", "en"), 15),
    "zhou": Working(("imap", "delivery", "attachments"), ("zh-hans",), 30),
    "he": Working(("identity", "recovery"), ("zh-hans", "en"), 15),
    "zheng": Working(("identity", "recovery"), ("zh-hans",), 30),
    "sun": Working(("contracts", "api", "dns"), ("zh-hans",), 25),
    "amy": Working(("api", "delivery"), ("en",), 25),
    "aoi": Working(("delivery", "contracts"), ("ja", "en"), 25),
}


def set_up_routing(users: Mapping[str, User]) -> None:
    """Say what everybody can do and make the rules; cases of the past stay where they are."""
    for key, working in WORKING.items():
        set_working(
            person=users[key],
            skills=list(working.skills),
            languages=list(working.languages),
            load_limit=working.limit,
        )
    seed_rules()
