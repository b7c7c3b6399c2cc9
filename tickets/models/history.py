"""History: every change of a ticket with its actor; and the merges that can be undone."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ActorKind(models.TextChoices):
    USER = "user", _("Agent")
    CONTACT = "contact", _("Customer")
    RULE = "rule", _("Rule")
    SYSTEM = "system", _("System")


class History(models.Model):
    """One thing that happened to a ticket: a code with data, put into words on display."""

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="history")
    version = models.PositiveIntegerField()
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=7, choices=ActorKind)
    actor_user = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="+")
    actor_identity = models.ForeignKey(
        "tickets.Identity", models.SET_NULL, null=True, related_name="+"
    )
    code = models.CharField(max_length=40)
    data = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(actor_kind__in=ActorKind.values), name="history_actor_is_known"
            ),
        )
        indexes = (
            models.Index("ticket", "version", "id", name="history_timeline"),
            models.Index("at", name="history_hide_asked", condition=models.Q(code="hide_asked")),
        )

    def __str__(self) -> str:
        return f"{self.ticket_id} v{self.version} {self.code}"


class MoveKind(models.TextChoices):
    MERGE = "merge", _("Merged")
    SPLIT = "split", _("Split")
    CORRECTION = "correction", _("Number corrected")
    CLAIM = "claim", _("Claim decided")


class Move(models.Model):
    """A re-pointing of conversations from one ticket to another, and whether it was undone.

    `conversations` are the ids of those moved; undoing sends them home with all they got since.
    `merging` joins the moves of several cases that were merged at once.
    """

    kind = models.CharField(max_length=10, choices=MoveKind)
    source = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="moves_out")
    target = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="moves_in")
    conversations = models.JSONField(default=list)
    moved_at = models.DateTimeField()
    moved_by = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="+")
    merging = models.ForeignKey("tickets.Merging", models.SET_NULL, null=True, related_name="moves")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(source=models.F("target")), name="move_joins_two_tickets"
            ),
            models.UniqueConstraint(
                fields=("source",),
                condition=models.Q(kind="merge", undone_at__isnull=True),
                name="move_one_standing_merge",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.source_id} -> {self.target_id}"
