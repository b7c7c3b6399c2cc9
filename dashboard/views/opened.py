"""Which recalled messages somebody has open: until they look at a case anew, with its files."""

from dashboard.desk import DeskRequest
from tickets.models import Message

SESSION_KEY = "opened"
MOST = 50


def remember_opened(request: DeskRequest, message: Message) -> None:
    """Keep it at once: a page that hears of the opening may ask before this request has ended."""
    request.session[SESSION_KEY] = [*opened(request), message.pk][-MOST:]
    request.session.save()


def opened(request: DeskRequest) -> list[int]:
    """The keys of the recalled messages that are open, each on record in its case."""
    return list(request.session.get(SESSION_KEY, []))


def fold_all(request: DeskRequest) -> None:
    request.session.pop(SESSION_KEY, None)
