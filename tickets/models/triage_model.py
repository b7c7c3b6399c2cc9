"""Versions of the triage model that this desk has trained for itself."""

from django.db import models


class TriageModel(models.Model):
    """Weights with their scores; at most one is active, and with none the starter model counts.

    `activated_at` is when it was last made active: going back finds the one before by it.
    """

    version = models.CharField(max_length=40, unique=True)
    weights = models.BinaryField()
    scores = models.JSONField(default=dict)
    is_active = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("is_active",),
                condition=models.Q(is_active=True),
                name="triage_model_one_active",
            ),
        )

    def __str__(self) -> str:
        return self.version
