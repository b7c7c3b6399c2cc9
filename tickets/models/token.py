"""Keys by which programs speak to the API in a user's name."""

import hashlib
import secrets
from datetime import datetime

from django.db import models

_MARK = "anhao_"


class ApiToken(models.Model):
    """A secret that was shown once; only its sha256 is kept."""

    user = models.ForeignKey("tickets.User", models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user}: {self.name}"

    @classmethod
    def issue(cls, *, user: models.Model, name: str, now: datetime) -> tuple["ApiToken", str]:
        """Make a token; the second value is the secret, which cannot be had again."""
        secret = _MARK + secrets.token_urlsafe(32)
        token = cls.objects.create(
            user_id=user.pk, name=name, digest=cls.digest_of(secret), created_at=now
        )
        return token, secret

    @staticmethod
    def digest_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()
