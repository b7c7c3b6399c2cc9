"""The outbox: one delivery per outbound message and recipient, one row per attempt."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeliveryState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    WAITING = "waiting", _("Waiting for the customer to write")
    STARTED = "started", _("Sending")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    READ = "read", _("Read")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("Unknown, check")
    CANCELLED = "cancelled", _("Cancelled")


class Delivery(models.Model):
    """The sending of one outbound message, or one part of it, to one recipient by one channel.

    "started" is committed before the network call; a crash after it becomes "unknown", never a
    blind resend. `key` is the idempotency key that all attempts share. `part` counts from 0 the
    vendor messages into which a long one is cut, and `piece` says what this one holds, see
    `tickets.pieces`; an empty one holds everything. `answers` is the customer's message to which
    the vendor is told this is an answer, and `sequence` its place among those: fixed when the
    first attempt begins. Until `held_until` its author may still take the message back.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    message = models.ForeignKey("tickets.Message", models.CASCADE, related_name="deliveries")
    channel = models.ForeignKey("tickets.Channel", models.PROTECT, related_name="deliveries")
    recipient = models.ForeignKey("tickets.Identity", models.PROTECT, related_name="deliveries")
    part = models.PositiveSmallIntegerField(default=0)
    piece = models.JSONField(default=dict)
    answers = models.CharField(max_length=255, blank=True)
    sequence = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=9, choices=DeliveryState, default=DeliveryState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=255, blank=True)
    error = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("message", "recipient", "part"), name="delivery_once"),
            models.UniqueConstraint(
                fields=("channel", "answers", "sequence"),
                condition=~models.Q(answers="") & models.Q(sequence__isnull=False),
                name="delivery_answers_in_sequence",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=DeliveryState.values), name="delivery_state_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=DeliveryState.STARTED)
                | models.Q(lease_until__isnull=False),
                name="delivery_started_has_a_lease",
            ),
            models.UniqueConstraint(
                fields=("channel", "external_id"),
                condition=~models.Q(external_id=""),
                name="delivery_external_id_once",
            ),
        )
        indexes = (
            models.Index(
                "next_attempt_at",
                "id",
                name="delivery_due",
                condition=models.Q(state=DeliveryState.QUEUED),
            ),
            models.Index(
                "lease_until",
                name="delivery_leases",
                condition=models.Q(state=DeliveryState.STARTED),
            ),
        )

    def __str__(self) -> str:
        return str(self.key)


class Attempt(models.Model):
    """One network call for a delivery and how it ended; an empty outcome is still running."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempt_log")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=9, blank=True)
    error = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("delivery", "number"), name="attempt_number_once"),
        )
        indexes = (models.Index("started_at", name="attempt_recent"),)

    def __str__(self) -> str:
        return f"{self.delivery_id}#{self.number}"


class AcknowledgementState(models.TextChoices):
    DUE = "due", _("Waiting for a quiet moment")
    SENT = "sent", _("Sent")
    SKIPPED = "skipped", _("Not sent")


class Acknowledgement(models.Model):
    """The one automatic answer that a case owes an identity, sent once things are quiet."""

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="acknowledgements")
    identity = models.ForeignKey("tickets.Identity", models.CASCADE, related_name="+")
    conversation = models.ForeignKey("tickets.Conversation", models.CASCADE, related_name="+")
    number = models.CharField(max_length=14)
    state = models.CharField(
        max_length=7, choices=AcknowledgementState, default=AcknowledgementState.DUE
    )
    reason = models.CharField(max_length=20, blank=True)
    quotes_a_number = models.BooleanField(default=False)
    first_message_at = models.DateTimeField()
    due_at = models.DateTimeField()
    message = models.OneToOneField("tickets.Message", models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("ticket", "identity", "number"), name="acknowledged_once"
            ),
        )
        indexes = (
            models.Index(
                "due_at", "id", name="acknowledgement_due", condition=models.Q(state="due")
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.state}"
