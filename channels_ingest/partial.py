"""A file of a form that comes in pieces over a line that may break."""

import uuid

from django.db import models


class Upload(models.Model):
    """One file on its way in: how much of it is here, and what became of it.

    `form` is the form that it is sent with and `client_key` how its page calls it, so that a
    repeated beginning begins nothing new. `lane` is where the form's envelope will stand. The
    pieces lie in the file store until the whole is kept there under its `sha256`; a file that is
    not taken has a `problem` instead.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.ForeignKey("tickets.Channel", models.CASCADE, related_name="+")
    form = models.CharField(max_length=64)
    lane = models.CharField(max_length=255)
    client_key = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127, blank=True)
    size = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)
    pieces = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64, blank=True)
    problem = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("form", "client_key"), name="upload_once_per_form"),
            models.CheckConstraint(
                condition=models.Q(received__lte=models.F("size")), name="upload_is_not_longer"
            ),
        )
        indexes = (
            models.Index("created_at", name="upload_age"),
            models.Index("sha256", name="upload_content", condition=~models.Q(sha256="")),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.received}/{self.size}"
