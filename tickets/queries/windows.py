"""Reply windows of vendors: which of them close soon."""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from tickets.models import Conversation

SOON = timedelta(hours=2)


def closing(conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Those of `conversations` that can still be answered, but not much longer."""
    has_reply = Q(replies_left__isnull=True) | Q(replies_left__gt=0)
    return conversations.filter(has_reply, reply_until__gt=Now(), reply_until__lte=Now() + SOON)
