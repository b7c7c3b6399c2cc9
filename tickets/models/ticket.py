"""The case itself, the numbers that lead to it, and its links to other cases."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    OPEN = "open", _("Open")
    PENDING = "pending", _("Waiting for customer")
    SNOOZED = "snoozed", _("Snoozed")
    CLOSED = "closed", _("Resolved")


class Priority(models.TextChoices):
    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")
    URGENT = "urgent", _("Urgent")


class Category(models.TextChoices):
    ACCOUNT_SECURITY = "account_security", _("Account security")
    SENDING_RECEIVING = "sending_receiving", _("Sending and receiving")
    SPAM_BLOCKING = "spam_blocking", _("Spam and blocking")
    ATTACHMENTS = "attachments", _("Attachments")
    FEATURES_SETTINGS = "features_settings", _("Features and settings")
    CLIENT_SETUP = "client_setup", _("Mail clients")
    BILLING_ENTERPRISE = "billing_enterprise", _("Billing and enterprise")
    API_INTEGRATION = "api_integration", _("API and integration")
    FEEDBACK_SUGGESTION = "feedback_suggestion", _("Suggestions")
    OTHER = "other", _("Other")


class Ticket(models.Model):
    """One case. `version` is raised under the row lock by every action that touches it.

    `due_at` and `warn_at` are those of the clock that runs out next, see `Clock`. `answer_after` is
    before when its customer, who is in no hurry, wants no answer; `answer_by` the account on which
    they want to be answered, where they chose one. `escalated_at` is
    since when a lead is called and `escalation` why, as data; `triaged_at` when triage looked.
    `indexed_version` is the one that search knows; any other is read again, whoever made it.
    """

    number = models.CharField(max_length=14, unique=True)
    subject = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    priority = models.CharField(max_length=6, choices=Priority, default=Priority.NORMAL)
    category = models.CharField(max_length=20, choices=Category, blank=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    language = models.CharField(max_length=10, blank=True)
    contact = models.ForeignKey("tickets.Contact", models.PROTECT, related_name="tickets")
    team = models.ForeignKey("tickets.Team", models.SET_NULL, null=True, related_name="tickets")
    assignee = models.ForeignKey(
        "tickets.User", models.SET_NULL, null=True, related_name="assigned_tickets"
    )
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged_from")
    follows = models.ForeignKey("self", models.SET_NULL, null=True, related_name="followed_by")
    version = models.PositiveIntegerField(default=0)
    review = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField()
    last_activity_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)
    first_replied_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    answer_after = models.DateTimeField(null=True)
    answer_by = models.ForeignKey(
        "tickets.Identity", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    clocks_stale = models.BooleanField(default=False)
    triaged_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    escalation = models.JSONField(default=dict)
    indexed_version = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="ticket_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(priority__in=Priority.values), name="ticket_priority_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(category="") | models.Q(category__in=Category.values),
                name="ticket_category_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.CLOSED, closed_at__isnull=False)
                | (~models.Q(state=State.CLOSED) & models.Q(closed_at__isnull=True)),
                name="ticket_closed_has_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.SNOOZED, snoozed_until__isnull=False)
                | (~models.Q(state=State.SNOOZED) & models.Q(snoozed_until__isnull=True)),
                name="ticket_snoozed_has_an_end",
            ),
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("id")),
                name="ticket_not_merged_into_itself",
            ),
            models.CheckConstraint(
                condition=~models.Q(follows=models.F("id")), name="ticket_does_not_follow_itself"
            ),
        )
        indexes = (
            models.Index(
                models.F("last_activity_at").desc(),
                models.F("id").desc(),
                name="ticket_inbox",
                condition=~models.Q(state=State.CLOSED) & models.Q(merged_into__isnull=True),
            ),
            models.Index(
                "team",
                models.F("last_activity_at").desc(),
                models.F("id").desc(),
                name="ticket_inbox_team",
                condition=~models.Q(state=State.CLOSED) & models.Q(merged_into__isnull=True),
            ),
            models.Index(
                "assignee",
                models.F("last_activity_at").desc(),
                models.F("id").desc(),
                name="ticket_inbox_assignee",
                condition=~models.Q(state=State.CLOSED) & models.Q(merged_into__isnull=True),
            ),
            models.Index(
                models.F("last_activity_at").desc(),
                models.F("id").desc(),
                name="ticket_inbox_closed",
                condition=models.Q(state=State.CLOSED) & models.Q(merged_into__isnull=True),
            ),
            models.Index(
                "due_at",
                "id",
                name="ticket_due",
                condition=models.Q(state__in=[State.OPEN, State.SNOOZED], merged_into__isnull=True),
            ),
            models.Index(
                "team",
                "state",
                "assignee",
                name="ticket_census",
                condition=~models.Q(state=State.CLOSED) & models.Q(merged_into__isnull=True),
                include=("due_at",),
            ),
            models.Index(
                models.F("last_activity_at").desc(),
                models.F("id").desc(),
                name="ticket_all",
                condition=models.Q(merged_into__isnull=True),
            ),
            models.Index(
                "waiting_since",
                "id",
                name="ticket_waiting",
                condition=~models.Q(state=State.CLOSED) & models.Q(merged_into__isnull=True),
            ),
            models.Index(
                "created_at", name="ticket_opened", condition=models.Q(merged_into__isnull=True)
            ),
            models.Index("id", name="ticket_clocks_stale", condition=models.Q(clocks_stale=True)),
            models.Index(
                "created_at",
                name="ticket_untriaged",
                condition=models.Q(triaged_at__isnull=True, merged_into__isnull=True),
            ),
            models.Index(
                "id", name="ticket_escalated", condition=models.Q(escalated_at__isnull=False)
            ),
            models.Index(
                models.F("last_activity_at").desc(),
                models.F("id").desc(),
                name="ticket_latest",
                condition=models.Q(merged_into__isnull=True),
            ),
            models.Index(
                "id",
                name="ticket_unindexed",
                condition=~models.Q(indexed_version=models.F("version")),
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def is_closed(self) -> bool:
        return self.state == State.CLOSED

    @property
    def is_merged(self) -> bool:
        return self.merged_into_id is not None


class AliasOrigin(models.TextChoices):
    OWN = "own", _("its own number")
    RESERVED = "reserved", _("promised to a sender before the case was known")
    CLAIM = "claim", _("given to a claim")
    CORRECTED = "corrected", _("a number typed wrongly at first")
    IMPORTED = "imported", _("imported")


class Alias(models.Model):
    """A number that leads to a ticket, for ever. A ticket's own number is one of them.

    A merged ticket's numbers stay with it: who reads them follows `merged_into`.
    """

    number = models.CharField(max_length=14, unique=True)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="aliases")
    origin = models.CharField(max_length=9, choices=AliasOrigin, default=AliasOrigin.OWN)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(origin__in=AliasOrigin.values), name="alias_origin_is_known"
            ),
        )

    def __str__(self) -> str:
        return self.number


class NumberSeries(models.Model):
    """The installation's secret permutation of case numbers; one row, made once."""

    key = models.BinaryField(max_length=32)
    digits = models.PositiveSmallIntegerField(default=8)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(id=1), name="number_series_is_one_row"),
            models.CheckConstraint(
                condition=models.Q(digits__in=(8, 12)), name="number_series_has_8_or_12_digits"
            ),
        )

    def __str__(self) -> str:
        return f"{self.digits} digits"


class LinkKind(models.TextChoices):
    DUPLICATE = "duplicate", _("Possible duplicate")
    QUOTED = "quoted", _("Quoted number")
    NEAR_MISS = "near_miss", _("Number nearly right")
    RELATED = "related", _("Related case")
    PARENT = "parent", _("Parent case")


class LinkState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    ACCEPTED = "accepted", _("Accepted")
    DISMISSED = "dismissed", _("Dismissed")


class Link(models.Model):
    """A relation between two cases: one that a person should look at, with its reason as data, or
    one that a person made. Of kind "parent", `other` is the parent of `ticket`; there is one."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="links")
    other = models.ForeignKey(Ticket, models.CASCADE, related_name="links_from")
    kind = models.CharField(max_length=9, choices=LinkKind)
    state = models.CharField(max_length=9, choices=LinkState, default=LinkState.PROPOSED)
    reason = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("ticket", "other", "kind"), name="link_once"),
            models.CheckConstraint(
                condition=~models.Q(ticket=models.F("other")), name="link_joins_two_tickets"
            ),
            models.UniqueConstraint(
                fields=("ticket",), condition=models.Q(kind="parent"), name="link_one_parent"
            ),
        )

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.kind} {self.other_id}"
