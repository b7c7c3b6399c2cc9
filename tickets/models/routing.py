"""Who gets which case: the rules, in order, and the words that call a lead."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from .ticket import Category, Priority


class RoutingRule(models.Model):
    """If a case is like this, then do that. An empty condition asks for nothing.

    Channels are named by slug and sorts of channels by kind. `assigns` gives the case to somebody
    of the team at once; `skill` says what they must be able to do.
    """

    name = models.CharField(_("Name"), max_length=80, unique=True)
    position = models.PositiveIntegerField(default=0)
    is_enabled = models.BooleanField(_("In force"), default=True)
    categories = ArrayField(models.CharField(max_length=20, choices=Category), default=list)
    languages = ArrayField(models.CharField(max_length=10), default=list)
    plans = ArrayField(models.CharField(max_length=40), default=list)
    kinds = ArrayField(models.CharField(max_length=40), default=list)
    channels = ArrayField(models.CharField(max_length=50), default=list)
    priorities = ArrayField(models.CharField(max_length=6, choices=Priority), default=list)
    words = ArrayField(models.CharField(max_length=60), default=list)
    team = models.ForeignKey(
        "tickets.Team", models.SET_NULL, null=True, blank=True, related_name="routing_rules"
    )
    assigns = models.BooleanField(default=False)
    skill = models.CharField(max_length=40, blank=True)
    priority = models.CharField(max_length=6, choices=Priority, blank=True)
    flags_lead = models.BooleanField(default=False)
    tags = ArrayField(models.CharField(max_length=40), default=list)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(priority="") | models.Q(priority__in=Priority.values),
                name="routing_priority_is_known",
            ),
        )

    def __str__(self) -> str:
        return self.name


class EscalationList(models.Model):
    """The words that call a lead and the phrases in which they do not; one row, or the defaults."""

    words = ArrayField(models.CharField(max_length=60), default=list)
    exceptions = ArrayField(models.CharField(max_length=60), default=list)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(id=1), name="escalation_list_is_one_row"),
        )

    def __str__(self) -> str:
        return f"{len(self.words)} words"
