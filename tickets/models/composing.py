"""What is written before it leaves: drafts, replies for later, ready texts, sends to take back."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class DraftMode(models.TextChoices):
    REPLY = "reply", _("Reply")
    NOTE = "note", _("Note")


class Draft(models.Model):
    """What one person has begun to write on one case and not sent.

    `version` is raised by every save, so that a device that has not seen the newest text does not
    write over it. `suggestion` names the suggested draft that the person wants to see no more.
    """

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="drafts")
    user = models.ForeignKey("tickets.User", models.CASCADE, related_name="drafts")
    mode = models.CharField(max_length=5, choices=DraftMode, default=DraftMode.REPLY)
    text = models.TextField(blank=True)
    conversation = models.ForeignKey(
        "tickets.Conversation", models.SET_NULL, null=True, related_name="+"
    )
    macro = models.ForeignKey("tickets.Macro", models.SET_NULL, null=True, related_name="+")
    suggestion = models.CharField(max_length=80, blank=True)
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("ticket", "user", "mode"), name="draft_once"),
            models.CheckConstraint(
                condition=models.Q(mode__in=DraftMode.values), name="draft_mode_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.mode} on {self.ticket_id} by {self.user_id}"


class DraftFile(models.Model):
    """A file that waits beside a draft; its content is stored once under its sha256."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="files")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        return self.content_type in {"image/png", "image/jpeg", "image/gif", "image/webp"}


class LaterState(models.TextChoices):
    WAITING = "waiting", _("Scheduled")
    SENT = "sent", _("Sent")
    STOPPED = "stopped", _("Stopped")
    CANCELLED = "cancelled", _("Cancelled")


class LaterReply(models.Model):
    """A reply that is to be sent at a moment, unless the customer writes before.

    `files` describe stored uploads. `reason` says as a code why it was stopped; a stopped one
    stays before its author's eyes until they decide.
    """

    conversation = models.ForeignKey(
        "tickets.Conversation", models.CASCADE, related_name="later_replies"
    )
    author = models.ForeignKey("tickets.User", models.CASCADE, related_name="+")
    text = models.TextField(blank=True)
    files = models.JSONField(default=list)
    then = models.CharField(max_length=8, blank=True)
    macro = models.ForeignKey("tickets.Macro", models.SET_NULL, null=True, related_name="+")
    client_key = models.CharField(max_length=64, blank=True)
    seen_version = models.PositiveIntegerField()
    send_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=LaterState, default=LaterState.WAITING)
    reason = models.CharField(max_length=40, blank=True)
    message = models.OneToOneField("tickets.Message", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=LaterState.values), name="later_state_is_known"
            ),
            models.UniqueConstraint(
                fields=("author", "client_key"),
                condition=~models.Q(client_key=""),
                name="later_once_per_press",
            ),
        )
        indexes = (
            models.Index(
                "send_at", "id", name="later_due", condition=models.Q(state=LaterState.WAITING)
            ),
        )

    def __str__(self) -> str:
        return f"{self.state} {self.pk}"

    @property
    def id_text(self) -> str:
        return str(self.pk)

    @property
    def is_stopped(self) -> bool:
        return self.state == LaterState.STOPPED


class SendHold(models.Model):
    """A sent reply that can still be taken back: how the case stood before it and after it."""

    message = models.OneToOneField("tickets.Message", models.CASCADE, related_name="hold")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"hold of {self.message_id}"


class MacroAudience(models.TextChoices):
    PRIVATE = "private", _("Only me")
    TEAM = "team", _("A team")
    EVERYONE = "everyone", _("Everyone")


class Macro(models.Model):
    """A ready text with variables, and what is done to the case when it is sent.

    `texts` are by language; `actions` are those of `tickets.macros`. `kinds` are the kinds of
    channel that it is for, none for all. An archived one is offered to nobody.
    """

    name = models.CharField(max_length=80)
    shortcut = models.CharField(max_length=20, blank=True)
    texts = models.JSONField(default=dict)
    actions = models.JSONField(default=dict)
    audience = models.CharField(max_length=8, choices=MacroAudience, default=MacroAudience.PRIVATE)
    owner = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="macros")
    team = models.ForeignKey("tickets.Team", models.CASCADE, null=True, related_name="macros")
    kinds = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(audience__in=MacroAudience.values),
                name="macro_audience_is_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(audience=MacroAudience.TEAM) | models.Q(team__isnull=False),
                name="macro_of_a_team_has_one",
            ),
        )

    def __str__(self) -> str:
        return self.name
