"""What the outside world left with us: accounts, envelopes and signs of life."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .partial import Upload

__all__ = [
    "AccessToken",
    "ChannelAccount",
    "Envelope",
    "EnvelopeState",
    "Heartbeat",
    "Round",
    "Upload",
]


class ChannelAccount(models.Model):
    """What a channel needs to speak to its vendor, how far it has read, and how it fares.

    `secrets` is sealed by `credentials`. `pulls` counts the pulls begun and fences them: a pull
    writes only while the count is still its own and `pull_lease_until` keeps others away. `hint`
    is what the last push said about where to look. `send_error` stands while nothing can be sent
    until a person mends the channel.
    """

    channel = models.OneToOneField(
        "tickets.Channel", models.CASCADE, primary_key=True, related_name="account"
    )
    settings = models.JSONField(default=dict)
    secrets = models.BinaryField()
    replies_are_fetched = models.BooleanField(default=False)
    cursor = models.JSONField(default=dict)
    hint = models.JSONField(default=dict)
    pulls = models.PositiveBigIntegerField(default=0)
    pull_lease_until = models.DateTimeField(null=True)
    next_pull_at = models.DateTimeField(null=True)
    last_pull_at = models.DateTimeField(null=True)
    last_received_at = models.DateTimeField(null=True)
    last_error = models.JSONField(default=dict)
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    send_error = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(failures=0, failing_since__isnull=True)
                | models.Q(failures__gt=0, failing_since__isnull=False),
                name="account_failing_has_a_beginning",
            ),
        )
        indexes = (
            models.Index(
                "next_pull_at",
                name="account_due",
                condition=models.Q(next_pull_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"account of channel {self.channel_id}"


class AccessToken(models.Model):
    """The vendor's current access token of an account, sealed. Whoever renews it locks the row."""

    account = models.OneToOneField(
        ChannelAccount, models.CASCADE, primary_key=True, related_name="access_token"
    )
    sealed = models.BinaryField(null=True)
    until = models.DateTimeField(null=True)
    renewed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"token of account {self.account_id}"


class EnvelopeState(models.TextChoices):
    NEW = "new", _("Not yet read")
    PROCESSED = "processed", _("Read")
    IGNORED = "ignored", _("Passed over")
    DEAD = "dead", _("Could not be read")


class Envelope(models.Model):
    """What a vendor delivered, verbatim. Nothing refers to it, so it can be dropped by age.

    Large bodies lie in the file store under `body_sha256`. Which keys were ever accepted is the
    business of the ledger `tickets.Seen`; `is_conflict` marks a repeated key with other content,
    kept under a key of its own. An envelope with `retry_at` holds up its lane until then.
    """

    channel = models.ForeignKey("tickets.Channel", models.PROTECT, related_name="envelopes")
    key = models.CharField(max_length=255, blank=True)
    lane = models.CharField(max_length=255, blank=True)
    body = models.BinaryField(null=True)
    body_sha256 = models.CharField(max_length=64, blank=True)
    content_sha256 = models.BinaryField(max_length=32)
    received_at = models.DateTimeField()
    reserved_number = models.CharField(max_length=14, blank=True)
    is_conflict = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=EnvelopeState, default=EnvelopeState.NEW)
    reason = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    error = models.JSONField(default=dict)
    processed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=EnvelopeState.values), name="envelope_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(body__isnull=False, body_sha256="")
                | (models.Q(body__isnull=True) & ~models.Q(body_sha256="")),
                name="envelope_body_is_in_one_place",
            ),
            models.CheckConstraint(
                condition=models.Q(state=EnvelopeState.NEW, processed_at__isnull=True)
                | (~models.Q(state=EnvelopeState.NEW) & models.Q(processed_at__isnull=False)),
                name="envelope_settled_has_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=EnvelopeState.IGNORED) | ~models.Q(reason=""),
                name="envelope_ignored_has_a_reason",
            ),
        )
        indexes = (
            models.Index("channel", "key", name="envelope_key"),
            models.Index("id", name="envelope_new", condition=models.Q(state="new")),
            models.Index(
                "channel", "lane", "id", name="envelope_lanes", condition=models.Q(state="new")
            ),
            models.Index(
                "reserved_number",
                name="envelope_promises",
                condition=models.Q(state="new") & ~models.Q(reserved_number=""),
            ),
            models.Index("channel", "id", name="envelope_dead", condition=models.Q(state="dead")),
        )

    def __str__(self) -> str:
        return f"envelope {self.pk}"


class Heartbeat(models.Model):
    """When a worker's main process last showed that it lives."""

    name = models.CharField(max_length=255, unique=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Round(models.Model):
    """When a periodic duty was last taken up, so that two beats do not do it twice."""

    duty = models.CharField(max_length=40, unique=True)
    taken_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.duty
