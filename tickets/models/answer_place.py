"""Addresses at which customers of a chat want the answer, and how each is proved to be theirs."""

import uuid

from django.db import models


class AnswerPlace(models.Model):
    """One address that was named in one chat; made alike whether anybody knows it or not.

    `code` is a keyed hash of the digits that a worker has sent there; before that, and where
    nothing was sent, it is random and no code fits. `settled_at` is when a worker last did all
    that was to be done: a proof makes it due again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey("tickets.Conversation", models.CASCADE, related_name="+")
    channel = models.ForeignKey("tickets.Channel", models.CASCADE, related_name="+")
    address = models.CharField(max_length=254)
    code = models.BinaryField(max_length=32)
    tries_left = models.PositiveSmallIntegerField(default=5)
    asked_at = models.DateTimeField()
    code_until = models.DateTimeField()
    link_until = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)
    proven_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(address=""), name="answer_place_has_an_address"
            ),
        )
        indexes = (
            models.Index("address", "mailed_at", name="answer_place_mailed"),
            models.Index("asked_at", name="answer_place_asked"),
            models.Index(
                "asked_at",
                name="answer_place_unsettled",
                condition=models.Q(settled_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"answer place {self.pk}"
