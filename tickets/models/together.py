"""What colleagues tell each other: notices to one person, who follows what, shifts handed over."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class NotificationKind(models.TextChoices):
    MENTION = "mention", _("Mention")
    REPLIED = "replied", _("The customer wrote")
    CHANGED = "changed", _("The case changed")
    WOKEN = "woken", _("The case woke up")
    PROMISE_SOON = "promise_soon", _("A promise is due soon")
    PROMISE_BROKEN = "promise_broken", _("A promise was broken")
    HANDOVER = "handover", _("Hand-over")
    LATER_STOPPED = "later_stopped", _("A reply for later was stopped")


class Notification(models.Model):
    """Something that one person should know of a case; `data` says more, as codes and ids."""

    user = models.ForeignKey("tickets.User", models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=14, choices=NotificationKind)
    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, null=True, related_name="+")
    message = models.ForeignKey("tickets.Message", models.CASCADE, null=True, related_name="+")
    actor = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="+")
    data = models.JSONField(default=dict)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=NotificationKind.values),
                name="notification_kind_is_known",
            ),
        )
        indexes = (
            models.Index("user", models.F("at").desc(), name="notification_list"),
            models.Index(
                "user", name="notification_unread", condition=models.Q(read_at__isnull=True)
            ),
            models.Index("ticket", "user", name="notification_of_case"),
        )

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"


class Follower(models.Model):
    """Somebody who wants to hear of a case; told of everything up to `version`."""

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="followers")
    user = models.ForeignKey("tickets.User", models.CASCADE, related_name="following")
    version = models.PositiveIntegerField()
    since = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("ticket", "user"), name="follower_once"),)

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.ticket_id}"


class HandOver(models.Model):
    """A queue passed on, to a person or to a team, with one note for all of it."""

    by = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="handed_over")
    to_user = models.ForeignKey(
        "tickets.User", models.SET_NULL, null=True, related_name="handed_to"
    )
    to_team = models.ForeignKey("tickets.Team", models.SET_NULL, null=True, related_name="+")
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"hand-over {self.pk}"


class HandedOver(models.Model):
    """One case of a hand-over, with a note of its own and where the case stood before."""

    handover = models.ForeignKey(HandOver, models.CASCADE, related_name="cases")
    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="+")
    note = models.TextField(blank=True)
    before_assignee = models.ForeignKey(
        "tickets.User", models.SET_NULL, null=True, related_name="+"
    )
    before_team = models.ForeignKey("tickets.Team", models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("handover", "ticket"), name="handed_over_once"),
        )

    def __str__(self) -> str:
        return f"{self.ticket_id} in {self.handover_id}"
