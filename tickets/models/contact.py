"""The customers: one contact is a person, each identity is that person on one channel."""

from django.db import models
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

_LONGEST_ID = 24  # characters of a vendor's id that people are shown whole


class Contact(models.Model):
    """A person who writes to us, by however many doors.

    `plan` is a code that service policies ask for: free, vip, enterprise, api or any other.
    `indexed_as` is what search knows of the name and the company.
    """

    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=10, blank=True)
    company = models.CharField(max_length=120, blank=True)
    plan = models.CharField(max_length=40, blank=True)
    account_manager = models.ForeignKey(
        "tickets.User", models.SET_NULL, null=True, related_name="accounts"
    )
    created_at = models.DateTimeField()
    indexed_as = models.CharField(max_length=250, blank=True, db_default="")

    class Meta:
        indexes = (
            models.Index(
                "id",
                name="contact_unindexed",
                condition=~models.Q(
                    indexed_as=Concat("name", models.Value("\n"), "company"),
                ),
            ),
        )

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"


class IdentityStatus(models.TextChoices):
    UNVERIFIED = "unverified", _("Unverified")
    VERIFIED = "verified", _("Verified")
    COMPROMISED = "compromised", _("Compromised")


class Identity(models.Model):
    """Who a contact is on one channel: an openid, an address, a forum user.

    `profiled_at` is when the vendor was last asked who this is; `facts` are what it told by
    itself about the account, for agents to read. `indexed_as` is what search knows of it.
    """

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="identities")
    channel = models.ForeignKey("tickets.Channel", models.CASCADE, related_name="identities")
    external_id = models.CharField(max_length=255)
    name = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    vouched = models.CharField(max_length=128, blank=True)
    status = models.CharField(
        max_length=12, choices=IdentityStatus, default=IdentityStatus.UNVERIFIED
    )
    created_at = models.DateTimeField()
    last_inbound_at = models.DateTimeField(null=True)
    profiled_at = models.DateTimeField(null=True)
    facts = models.JSONField(default=dict)
    indexed_as = models.CharField(max_length=450, blank=True, db_default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("channel", "external_id"), name="identity_once_per_channel"
            ),
            models.CheckConstraint(
                condition=~models.Q(external_id=""), name="identity_has_an_external_id"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=IdentityStatus.values),
                name="identity_status_is_known",
            ),
        )
        indexes = (
            models.Index("vouched", name="identity_vouched", condition=~models.Q(vouched="")),
            models.Index("address", name="identity_address", condition=~models.Q(address="")),
            models.Index("last_inbound_at", name="identity_wrote"),
            models.Index(
                "id",
                name="identity_unindexed",
                condition=~models.Q(
                    indexed_as=Concat(
                        "name", models.Value("\n"), "address", models.Value("\n"), "phone"
                    ),
                ),
            ),
        )

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """A name, or else what tells two accounts apart: of a long vendor id its end is enough."""
        told = self.name or self.address
        is_long = len(self.external_id) > _LONGEST_ID
        return told or (f"…{self.external_id[-8:]}" if is_long else self.external_id)

    @property
    def is_verified(self) -> bool:
        return self.status == IdentityStatus.VERIFIED

    @property
    def is_compromised(self) -> bool:
        return self.status == IdentityStatus.COMPROMISED
