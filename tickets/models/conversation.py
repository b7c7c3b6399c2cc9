"""Conversations: the messages of one identity in one thread about one ticket."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClaimState(models.TextChoices):
    PENDING = "pending", _("Not yet verified")
    VERIFIED = "verified", _("Verified")
    REJECTED = "rejected", _("Rejected")


class Conversation(models.Model):
    """A stretch of a thread. Merging, splitting and undoing re-point it and copy nothing.

    `opened_on` is the ticket on which it began and `via_number` the number that brought it
    there, so that an undone merge can send it home. `claim` is empty unless the conversation
    joined by a number from an identity not known to be the ticket's contact. In a public one
    anybody may read along, whatever other conversations of the same channel are.
    """

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, related_name="conversations")
    opened_on = models.ForeignKey("tickets.Ticket", models.PROTECT, related_name="+")
    channel = models.ForeignKey("tickets.Channel", models.PROTECT, related_name="conversations")
    identity = models.ForeignKey("tickets.Identity", models.PROTECT, related_name="conversations")
    thread = models.CharField(max_length=255, blank=True)
    is_current = models.BooleanField(default=True)
    is_public = models.BooleanField(default=False)
    via_number = models.CharField(max_length=14, blank=True)
    claim = models.CharField(max_length=8, choices=ClaimState, blank=True)
    claim_number = models.CharField(max_length=14, blank=True)
    claim_waiting_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    last_inbound_at = models.DateTimeField(null=True)
    last_message_at = models.DateTimeField(null=True)
    reply_until = models.DateTimeField(null=True)
    replies_left = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("channel", "thread", "identity"),
                condition=models.Q(is_current=True),
                name="conversation_one_current",
            ),
            models.CheckConstraint(
                condition=models.Q(claim="") | models.Q(claim__in=ClaimState.values),
                name="conversation_claim_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(claim="", claim_number="") | ~models.Q(claim=""),
                name="conversation_claim_number_needs_a_claim",
            ),
        )
        indexes = (
            models.Index(
                "created_at", "id", name="conversation_claims", condition=models.Q(claim="pending")
            ),
            models.Index(
                "reply_until",
                name="conversation_windows",
                condition=models.Q(reply_until__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel_id}/{self.thread or self.identity_id}"

    def takes_replies(self, now: datetime) -> bool:
        """Whether the vendor's reply window is open at `now` and a reply is left in it."""
        return self.replies_left != 0 and (self.reply_until is None or now < self.reply_until)

    @property
    def has_window(self) -> bool:
        """Whether the vendor limits until when, or how often, the customer can be answered."""
        return self.reply_until is not None or self.replies_left is not None

    @property
    def is_pending_claim(self) -> bool:
        return self.claim == ClaimState.PENDING


class ClaimQuestion(models.Model):
    """A question put to a case's owner: was this you? Answered by signed link or by code.

    `code` is a keyed hash; the six digits themselves are only in the message sent. The link
    lives 24 hours, the code 15 minutes and five tries.
    """

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="questions")
    asked = models.ForeignKey("tickets.Identity", models.CASCADE, related_name="+")
    code = models.BinaryField(max_length=32)
    tries_left = models.PositiveSmallIntegerField(default=5)
    asked_at = models.DateTimeField()
    code_until = models.DateTimeField()
    link_until = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=3, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(answer__in=("", "yes", "no")), name="claim_answer_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"question {self.pk}"
