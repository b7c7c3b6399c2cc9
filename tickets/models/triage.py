"""What triage made of a case's first words, and what an agent made of that."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from .ticket import Category, Priority


class Triage(models.Model):
    """One assessment of a case; its latest counts. It stays with its case in a merge.

    `missing` are the parts of a report that are not there, `signs` what an agent should look at,
    both as codes; `articles` may help: each with slug, title, steps and score. What an agent chose
    afterwards is kept beside the guess, for the next training.
    """

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="triages")
    model = models.CharField(max_length=40)
    category = models.CharField(max_length=20, choices=Category)
    confidence = models.FloatField()
    abstained = models.BooleanField()
    urgency = models.CharField(max_length=6, choices=Priority)
    urgency_confidence = models.FloatField()
    missing = ArrayField(models.CharField(max_length=20), default=list)
    signs = ArrayField(models.CharField(max_length=20), default=list)
    articles = models.JSONField(default=list)
    at = models.DateTimeField()
    corrected_category = models.CharField(max_length=20, choices=Category, blank=True)
    corrected_urgency = models.CharField(max_length=6, choices=Priority, blank=True)
    corrected_by = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="+")
    corrected_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(category__in=Category.values), name="triage_category_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(urgency__in=Priority.values), name="triage_urgency_is_known"
            ),
        )
        indexes = (
            models.Index(
                "corrected_at",
                name="triage_corrected",
                condition=models.Q(corrected_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.category} {self.confidence:.2f}"
