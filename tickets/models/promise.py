"""Promises: a time that somebody gave a customer in an answer, and whether it was kept."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PromiseState(models.TextChoices):
    PROPOSED = "proposed", _("To be confirmed")
    OPEN = "open", _("Promised")
    KEPT = "kept", _("Kept")
    BROKEN = "broken", _("Broken")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Promise(models.Model):
    """A time given in `message`; its words as they were written.

    It belongs to the message's conversation and so moves with every merge, split and undo. What a
    rule has read in an answer is only proposed until its author says so. `by` answers for it:
    whoever gave it, later whoever took the case over. A broken one is owed until `answered_at`.
    """

    message = models.ForeignKey("tickets.Message", models.CASCADE, related_name="promises")
    conversation = models.ForeignKey(
        "tickets.Conversation", models.CASCADE, related_name="promises"
    )
    words = models.CharField(max_length=200)
    state = models.CharField(max_length=9, choices=PromiseState, default=PromiseState.PROPOSED)
    by = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="promises")
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    warned_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.ForeignKey("tickets.Message", models.SET_NULL, null=True, related_name="kept")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("message",), name="promise_once_a_message"),
            models.CheckConstraint(
                condition=models.Q(state__in=PromiseState.values), name="promise_state_is_known"
            ),
        )
        indexes = (
            models.Index(
                "conversation",
                "due_at",
                name="promise_owed",
                condition=models.Q(state__in=("open", "broken"), answered_at__isnull=True),
            ),
            models.Index("warn_at", name="promise_runs", condition=models.Q(state="open")),
            models.Index(
                "settled_at", name="promise_settled", condition=models.Q(settled_at__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.state} {self.words}"
