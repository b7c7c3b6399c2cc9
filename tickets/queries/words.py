"""The words that search keeps: which somebody may read, how they are asked for, their weight."""

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, Q, QuerySet

from tickets.models import Audience, CaseWords, Message, Role, User
from tickets.searching import Question


class Asked(SearchQuery):
    """A tsquery made of words that are folded and cut already, so PostgreSQL must not parse it."""

    template = "%(expressions)s::tsquery"


def readable_words(user: User) -> QuerySet[CaseWords]:
    """Words that `user` may read; what was taken back since they were read is out at once."""
    taken_back = Q(recalled_at__isnull=False)
    if user.role == Role.HELPER:
        taken_back |= Q(hidden_at__isnull=False)
    gone = Message.objects.filter(taken_back).values("pk")  # few: looked up once
    readable = CaseWords.objects.exclude(message__in=gone)
    if user.role == Role.HELPER:
        public = Q(conversation__is_public=True) | Q(message__isnull=True)
        return readable.filter(public, audience__in=(Audience.ALL, Audience.HELPERS))
    return readable.filter(audience__in=(Audience.ALL, Audience.DESK))


def rank(question: Question) -> SearchRank:
    """What the words weigh in a row. Asked of the rows of few cases without a condition on words,
    whose frequency the planner misjudges: it would read every case that holds them.
    """
    return SearchRank(F("words"), Asked(question.any_of_it))
