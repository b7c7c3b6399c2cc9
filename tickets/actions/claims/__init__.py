"""Claims: somebody quoted a case's number; find out whether it was its owner, and decide."""

from .answering import answer, question_of, try_code
from .asking import CODE_FOR, LINK_FOR, ask_owner, owners_conversation, question_link
from .deciding import How, reject, verify

__all__ = [
    "CODE_FOR",
    "LINK_FOR",
    "How",
    "answer",
    "ask_owner",
    "owners_conversation",
    "question_link",
    "question_of",
    "reject",
    "try_code",
    "verify",
]
