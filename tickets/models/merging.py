"""Several cases merged at once, and what was chosen then, so that one undo takes all of it back."""

from django.db import models


class Merging(models.Model):
    """The moves of one merge belong together by this.

    `chosen` holds, for each field of the survivor that took another value, `[before, after]`;
    people and teams by key.
    """

    target = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="mergings")
    chosen = models.JSONField(default=dict)
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"merging {self.pk} into {self.target_id}"
