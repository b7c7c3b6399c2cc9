"""Messages and their files."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Direction(models.TextChoices):
    INBOUND = "inbound", _("From customer")
    OUTBOUND = "outbound", _("To customer")
    NOTE = "note", _("Internal note")


class Message(models.Model):
    """One entry of a conversation, or an internal note on a ticket.

    `decision` says why an inbound message stands where it does: rule, evidence, confidence and,
    where a person must look, the review code. `version` is the ticket version that made it.
    `transcript` is what the vendor's machine heard in a voice message. `exposes` names the kinds
    of personal data that a public post shows; `hidden_at` is when it was taken out of sight there.
    """

    conversation = models.ForeignKey(
        "tickets.Conversation", models.CASCADE, null=True, related_name="messages"
    )
    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, null=True, related_name="notes")
    channel = models.ForeignKey("tickets.Channel", models.PROTECT, null=True, related_name="+")
    direction = models.CharField(max_length=8, choices=Direction)
    author = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="+")
    external_id = models.CharField(max_length=255, blank=True)
    client_key = models.CharField(max_length=64, blank=True)
    subject = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    transcript = models.TextField(blank=True)
    automatic = models.CharField(max_length=16, blank=True)
    is_public = models.BooleanField(default=False)
    exposes = models.JSONField(default=list)
    hidden_at = models.DateTimeField(null=True)
    decision = models.JSONField(default=dict)
    version = models.PositiveIntegerField()
    sent_at = models.DateTimeField()
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    recalled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("channel", "external_id"),
                condition=~models.Q(external_id=""),
                name="message_once_per_channel",
            ),
            models.UniqueConstraint(
                fields=("author", "client_key"),
                condition=~models.Q(client_key=""),
                name="message_once_per_press_of_send",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    direction=Direction.NOTE,
                    ticket__isnull=False,
                    conversation__isnull=True,
                    channel__isnull=True,
                )
                | (
                    ~models.Q(direction=Direction.NOTE)
                    & models.Q(
                        ticket__isnull=True, conversation__isnull=False, channel__isnull=False
                    )
                ),
                name="message_is_a_note_or_in_a_conversation",
            ),
        )
        indexes = (
            models.Index("conversation", "created_at", "id", name="message_timeline"),
            models.Index(
                "recalled_at",
                name="message_recalled",
                condition=models.Q(recalled_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.direction} {self.pk}"

    @property
    def is_inbound(self) -> bool:
        return self.direction == Direction.INBOUND

    @property
    def is_outbound(self) -> bool:
        return self.direction == Direction.OUTBOUND

    @property
    def is_note(self) -> bool:
        return self.direction == Direction.NOTE


class Revision(models.Model):
    """What a message said before its author edited it."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="revisions")
    text = models.TextField()
    html = models.TextField(blank=True)
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"revision {self.pk}"


_PLAYED = {
    f"audio/{kind}"
    for kind in ("mpeg", "mp3", "mp4", "m4a", "x-m4a", "aac", "ogg", "opus", "webm", "wav", "x-wav")
}


class Attachment(models.Model):
    """One file of a message. Its content is stored once under its sha256.

    `listing` names what lies in an archive, see `tickets.archives`; nothing is ever unpacked.
    `searched_at` is when a picture was searched for the code of a case number.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    content_id = models.CharField(max_length=255, blank=True)
    source_url = models.TextField(blank=True)
    problem = models.CharField(max_length=40, blank=True)
    listing = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    searched_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(sha256="") | ~models.Q(source_url="") | ~models.Q(problem=""),
                name="attachment_has_content_or_a_reason",
            ),
        )
        indexes = (
            models.Index(
                "created_at",
                name="attachment_unfetched",
                condition=models.Q(sha256="", problem="") & ~models.Q(source_url=""),
            ),
            models.Index(
                "created_at",
                name="attachment_unsearched",
                condition=models.Q(searched_at__isnull=True, content_type__startswith="image/")
                & ~models.Q(sha256=""),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_audio(self) -> bool:
        return self.content_type.startswith("audio/")

    @property
    def is_playable(self) -> bool:
        """Whether browsers play it; what phones record (AMR, SILK) they do not."""
        return self.content_type in _PLAYED

    @property
    def is_image(self) -> bool:
        return self.content_type in {"image/png", "image/jpeg", "image/gif", "image/webp"}
