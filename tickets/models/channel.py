"""The doors that customers write through, as far as the domain must know them."""

from django.db import models


class Channel(models.Model):
    """One configured door: this mailbox, that board. `kind` is the connector's own word."""

    slug = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=20)
    label = models.CharField(max_length=80)
    team = models.ForeignKey("tickets.Team", models.SET_NULL, null=True, blank=True)
    is_public = models.BooleanField(default=False)
    is_paused = models.BooleanField(default=False)
    capabilities = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.label

    @property
    def has_few_replies(self) -> bool:
        return bool(self.capabilities.get("few_replies"))

    @property
    def resend(self) -> str:
        """What may be done after an unknown outcome: "idempotent", "lookup" or "never"."""
        return str(self.capabilities.get("resend", "never"))

    @property
    def writes(self) -> bool:
        """Whether replies can leave through it at all."""
        return bool(self.capabilities.get("writes", True))

    @property
    def takes_html(self) -> bool:
        """Whether a reply can carry its format: bold, lists, links."""
        return bool(self.capabilities.get("html"))

    @property
    def splits(self) -> bool:
        """Whether a reply longer than `text_limit` leaves as several messages."""
        return bool(self.capabilities.get("splits"))

    @property
    def counts_bytes(self) -> bool:
        """Whether `text_limit` counts bytes of UTF-8 instead of characters."""
        return bool(self.capabilities.get("text_unit") == "bytes")

    @property
    def sends_per_minute(self) -> int | None:
        """The vendor's rate for the account, if it has one."""
        rate = self.capabilities.get("sends_per_minute")
        return rate if isinstance(rate, int) else None

    @property
    def links(self) -> bool:
        """Whether its messages can be seen at the vendor, at an address of their own."""
        return bool(self.capabilities.get("links"))

    @property
    def on_our_page(self) -> bool:
        """Whether replies reach nobody who does not open a page of ours."""
        return bool(self.capabilities.get("on_our_page"))

    @property
    def writes_first(self) -> str:
        """To whom it can write who never wrote: the holder of an address of this sort, or ""."""
        return str(self.capabilities.get("writes_first", ""))

    @property
    def sends_files_apart(self) -> bool:
        return bool(self.capabilities.get("files_apart"))

    @property
    def text_limit(self) -> int | None:
        limit = self.capabilities.get("text_limit")
        return limit if isinstance(limit, int) else None


class Seen(models.Model):
    """The ledger of vendor keys already taken in; it outlives the messages themselves.

    `key` is sha256 of a name space and the vendor's key, so that one channel's envelope keys
    and message ids never meet. `content` lets a repeat be told from a collision.
    """

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="+")
    key = models.BinaryField(max_length=32)
    content = models.BinaryField(max_length=32)
    seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("channel", "key"), name="seen_once_per_channel"),
        )

    def __str__(self) -> str:
        return f"{self.channel_id}:{bytes(self.key).hex()[:12]}"
