"""What search knows: the words of cases, of messages and of people, as PostgreSQL looks them up."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Audience(models.TextChoices):
    """Who may find by these words: a helper must not by what only the desk may read."""

    ALL = "all"
    DESK = "desk"
    HELPERS = "helpers"


class CaseWords(models.Model):
    """The words of one message or note, or (without a message) of a case itself and its people.

    `case` is where they stood when they were read, at the survivor of merged cases; `ticket` is
    that of a note or of the case itself, `version` that of the message. Rows are made by
    `actions.indexing` alone; their cases and conversations are not locked for it, so they are no
    foreign keys in the database.
    """

    case = models.ForeignKey(
        "tickets.Ticket", models.CASCADE, related_name="+", db_constraint=False
    )
    message = models.ForeignKey("tickets.Message", models.CASCADE, null=True, related_name="+")
    conversation = models.ForeignKey(
        "tickets.Conversation", models.CASCADE, null=True, related_name="+", db_constraint=False
    )
    ticket = models.ForeignKey(
        "tickets.Ticket", models.CASCADE, null=True, related_name="+", db_constraint=False
    )
    audience = models.CharField(max_length=7, choices=Audience)
    version = models.PositiveIntegerField(default=0)
    words = SearchVectorField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("message", "audience"),
                condition=models.Q(message__isnull=False),
                name="case_words_once_per_message",
            ),
            models.UniqueConstraint(
                fields=("ticket", "audience"),
                condition=models.Q(message__isnull=True),
                name="case_words_once_per_case",
            ),
        )
        indexes = (GinIndex("words", name="case_words_found"),)

    def __str__(self) -> str:
        return f"words of {self.message_id or self.ticket_id}"
