"""One answer of the machine on its way: the locked case, and what was said before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..models import Conversation, Message, Ticket
from . import wording
from .changes import Change
from .replies import write_automatic


@dataclass(slots=True)
class Turn:
    """The newest message of a chat and all that is needed to answer it."""

    change: Change
    ticket: Ticket
    conversation: Conversation
    message: Message
    earlier: list[dict[str, Any]]

    @property
    def now(self) -> datetime:
        return self.change.now

    @property
    def number(self) -> str:
        return wording.printed(self.ticket.number)

    def say(self, text: str, **data: Any) -> Message:
        """Write what the machine says, with its reasons as data. Raises Refused."""
        said = write_automatic(self.change, self.conversation, text, kind="bot")
        said.decision = {"bot": data}
        said.save(update_fields=["decision"])
        return said
