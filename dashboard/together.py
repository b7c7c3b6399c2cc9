"""What the page of a case shows of colleagues: promises, followers, who was called in vain."""

from datetime import datetime
from typing import Any

from tickets.access import may_change
from tickets.mentions import mentioned
from tickets.models import User
from tickets.queries.case import CaseRead
from tickets.queries.together import colleagues, followers_of, seeing

from .promised import promise_pane


def together(case: CaseRead, user: User, now: datetime) -> dict[str, Any]:
    """What the templates of this part are given; two queries, none for a helper."""
    if not may_change(user):
        return {}
    followers = followers_of(case.ticket)
    return {
        "promised": promise_pane(case.conversations, now),
        "followers": followers,
        "is_following": user in followers,
        "unreached": _unreached(case, user),
    }


def _unreached(case: CaseRead, user: User) -> list[User]:
    """Whom the note called that `user` has just written, and who cannot see the case."""
    last = case.messages[-1] if case.messages else None
    if last is None or not last.is_note or last.author != user or "@" not in last.text:
        return []
    people = {each.pk: each for each in colleagues()}
    called = mentioned(last.text, {pk: each.name for pk, each in people.items()})
    sees = set(colleagues().filter(seeing(case.ticket)).values_list("pk", flat=True))
    return [people[pk] for pk in called if pk not in sees]
