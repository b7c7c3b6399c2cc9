"""Identity reviews: what proves who an account belongs to, who looked at it, who decided."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReviewState(models.TextChoices):
    WAITING = "waiting", _("Waiting for material")
    CHECKING = "checking", _("Being checked")
    SECOND = "second", _("Waiting for a second person")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    LAPSED = "lapsed", _("Lapsed")


DECIDED = (ReviewState.APPROVED, ReviewState.REJECTED, ReviewState.LAPSED)


class Review(models.Model):
    """The check of who a stolen account belongs to.

    The first material starts the clock, `due_at`; asking for more stops it. `places` are the
    earlier log-in places and times, sealed like the files. After `delete_at` nothing of the
    material is left, and `deleted_at` says so.
    """

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="reviews")
    state = models.CharField(max_length=8, choices=ReviewState, default=ReviewState.WAITING)
    opened_by = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField()
    places = models.BinaryField(blank=True)
    wanted = models.CharField(max_length=500, blank=True)
    material_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    delete_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=ReviewState.values), name="review_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=DECIDED, decided_at__isnull=False)
                | (~models.Q(state__in=DECIDED) & models.Q(decided_at__isnull=True)),
                name="review_decided_has_a_time",
            ),
            models.UniqueConstraint(
                fields=("ticket",),
                condition=~models.Q(state__in=DECIDED),
                name="review_one_open_per_case",
            ),
        )
        indexes = (
            models.Index(
                "due_at",
                name="review_due",
                condition=models.Q(due_at__isnull=False, decided_at__isnull=True),
            ),
            models.Index(
                "delete_at",
                name="review_to_delete",
                condition=models.Q(delete_at__isnull=False, deleted_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"review {self.pk}"

    @property
    def is_decided(self) -> bool:
        return self.state in DECIDED


class ReviewFile(models.Model):
    """One picture of a review. Its content lies sealed under `path` and is never served as such."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    review = models.ForeignKey(Review, models.CASCADE, related_name="files")
    path = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class ReviewView(models.Model):
    """One look at the material of a review, at a photo or at the written part; it outlives both."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="views")
    file = models.ForeignKey(ReviewFile, models.SET_NULL, null=True, related_name="+")
    is_photo = models.BooleanField()
    viewer = models.ForeignKey("tickets.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.viewer_id} at {self.at}"


class ApprovalKind(models.TextChoices):
    UNLOCK = "unlock", _("Unlock the account")
    REFUND = "refund", _("Refund")


class ApprovalState(models.TextChoices):
    ASKED = "asked", _("Waiting for a second person")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")


class Approval(models.Model):
    """What one person wants to do and another one must agree to."""

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="approvals")
    review = models.ForeignKey(Review, models.CASCADE, null=True, related_name="approvals")
    kind = models.CharField(max_length=6, choices=ApprovalKind)
    note = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=ApprovalState, default=ApprovalState.ASKED)
    asked_by = models.ForeignKey("tickets.User", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey("tickets.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=ApprovalKind.values), name="approval_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("asked_by")),
                name="approval_takes_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(state=ApprovalState.ASKED, decided_by__isnull=True)
                | models.Q(
                    state__in=(ApprovalState.APPROVED, ApprovalState.REFUSED),
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="approval_decided_by_somebody",
            ),
            models.UniqueConstraint(
                fields=("ticket", "kind"),
                condition=models.Q(state=ApprovalState.ASKED),
                name="approval_one_asked_per_kind",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
