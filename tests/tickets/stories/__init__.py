"""Stories of one customer's problem told at several doors, by what they are about."""

from tests.tickets.storytelling import Story

from . import chats, mails, numbers, strangers, unlinked

STORIES: tuple[Story, ...] = (
    *chats.STORIES,
    *mails.STORIES,
    *numbers.STORIES,
    *strangers.STORIES,
    *unlinked.STORIES,
)
