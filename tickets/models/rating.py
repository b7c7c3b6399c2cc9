"""Ratings: what a customer says of how a case was solved."""

from django.db import models


class Rating(models.Model):
    """One to five and a word. It stays on the case that was rated, whatever that is merged into."""

    ticket = models.OneToOneField("tickets.Ticket", models.CASCADE, related_name="rating")
    score = models.PositiveSmallIntegerField()
    word = models.CharField(max_length=500, blank=True)
    identity = models.ForeignKey("tickets.Identity", models.SET_NULL, null=True, related_name="+")
    rated_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(score__gte=1, score__lte=5), name="rating_is_one_to_five"
            ),
        )
        indexes = (models.Index("rated_at", name="rating_time"),)

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.score}"
