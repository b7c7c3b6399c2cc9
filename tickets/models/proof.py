"""Proofs: somebody asks for a case by its number and shows, by a code, that it is theirs."""

import uuid

from django.db import models


class CaseProof(models.Model):
    """One browser's wish to see the case of a number; made alike whatever the number leads to.

    `browser` is the hash of a word that only this browser holds, `asker` that of the network from
    which it asked, or else the same. `code` is a keyed hash of the
    digits that a worker has sent to `identity`; where nothing was sent it is random, and no code
    fits. The page stays open to the browser until `granted_until`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=14)
    browser = models.BinaryField(max_length=32)
    asker = models.BinaryField(max_length=32, default=b"")
    code = models.BinaryField(max_length=32)
    tries_left = models.PositiveSmallIntegerField(default=5)
    asked_at = models.DateTimeField()
    code_until = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    identity = models.ForeignKey("tickets.Identity", models.CASCADE, null=True, related_name="+")
    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, null=True, related_name="+")
    granted_until = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(granted_until__isnull=True)
                | models.Q(identity__isnull=False, ticket__isnull=False),
                name="proof_grants_a_known_case",
            ),
        )
        indexes = (
            models.Index("number", "asker", "asked_at", name="proof_asked"),
            models.Index("browser", name="proof_browser"),
            models.Index(
                "asked_at", name="proof_unsettled", condition=models.Q(settled_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"proof {self.pk}"
