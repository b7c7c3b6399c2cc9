"""Service levels: calendars of business hours, the terms of a plan, and the clocks of cases."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from .ticket import Priority


class ServiceCalendar(models.Model):
    """When a team is at work: the hours of each weekday, Monday first, as people write them.

    A country means that its public holidays matter; without one no special days are expected.
    """

    name = models.CharField(max_length=80, unique=True)
    time_zone = models.CharField(max_length=40)
    week = ArrayField(models.CharField(max_length=60, blank=True), size=7)
    country = models.CharField(max_length=2, blank=True)

    def __str__(self) -> str:
        return self.name


class DayKind(models.TextChoices):
    HOLIDAY = "holiday", _("Holiday")
    WORKING = "working", _("Make-up working day")
    ORDINARY = "ordinary", _("Like its weekday")


class DaySource(models.TextChoices):
    LIBRARY = "library", _("From the maintained table")
    HAND = "hand", _("By hand")


class SpecialDay(models.Model):
    """A day unlike its weekday. What was changed by hand no seeding overwrites.

    Without hours of its own a make-up working day has those of the week's first working day.
    """

    calendar = models.ForeignKey(ServiceCalendar, models.CASCADE, related_name="days")
    day = models.DateField()
    kind = models.CharField(max_length=8, choices=DayKind)
    hours = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=7, choices=DaySource, default=DaySource.HAND)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("calendar", "day"), name="special_day_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=DayKind.values), name="special_day_kind_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"


class ClockKind(models.TextChoices):
    FIRST_RESPONSE = "first_response", _("First response")
    NEXT_RESPONSE = "next_response", _("Next response")
    RESOLUTION = "resolution", _("Resolution")


class EscalateOn(models.TextChoices):
    NEVER = "", _("Never")
    WARNED = "warned", _("When time is nearly up")
    BREACHED = "breached", _("When it is late")


class ServicePolicy(models.Model):
    """What was promised to whom: minutes of the calendar's time for each clock.

    An empty plan or priority and no channel mean any; of the policies that hold for a case the
    most specific one counts. A clock without minutes does not run.
    """

    name = models.CharField(max_length=80, unique=True)
    plan = models.CharField(max_length=40, blank=True)
    channel = models.ForeignKey(
        "tickets.Channel", models.CASCADE, null=True, blank=True, related_name="+"
    )
    priority = models.CharField(max_length=6, choices=Priority, blank=True)
    calendar = models.ForeignKey(ServiceCalendar, models.PROTECT, related_name="policies")
    first_response_minutes = models.PositiveIntegerField(null=True, blank=True)
    next_response_minutes = models.PositiveIntegerField(null=True, blank=True)
    resolution_minutes = models.PositiveIntegerField(null=True, blank=True)
    warn_percent = models.PositiveSmallIntegerField(default=75)
    escalate_on = models.CharField(max_length=8, choices=EscalateOn, blank=True)
    escalate_team = models.ForeignKey(
        "tickets.Team", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    escalate_priority = models.CharField(max_length=6, choices=Priority, blank=True)
    escalate_to_lead = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "channel", "priority"),
                nulls_distinct=False,
                name="service_policy_once_for_the_same_cases",
                violation_error_message=_("Another policy holds for the same cases."),
            ),
            models.CheckConstraint(
                condition=models.Q(priority="") | models.Q(priority__in=Priority.values),
                name="service_policy_priority_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(warn_percent__gte=1, warn_percent__lte=100),
                name="service_policy_warns_in_time",
            ),
            models.CheckConstraint(
                condition=models.Q(escalate_on__in=EscalateOn.values),
                name="service_policy_escalation_is_known",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Clock(models.Model):
    """One promise to a customer: it began, it runs out, it was met or it was not.

    It stays with the case on which it began, also when that is merged: then it runs on for the
    survivor, and goes home with an undo. A claim has clocks of its own, with its conversation.
    While it is paused nothing is due. `why` says which policy counts and by what.
    """

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="clocks")
    conversation = models.ForeignKey(
        "tickets.Conversation", models.CASCADE, null=True, related_name="clocks"
    )
    kind = models.CharField(max_length=14, choices=ClockKind)
    started_at = models.DateTimeField()
    policy = models.ForeignKey(ServicePolicy, models.SET_NULL, null=True, related_name="+")
    why = models.JSONField(default=dict)
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("ticket", "conversation", "kind", "started_at"),
                nulls_distinct=False,
                name="clock_once",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=ClockKind.values), name="clock_kind_is_known"
            ),
        )
        indexes = (
            models.Index(
                "due_at",
                name="clock_runs_out",
                condition=models.Q(met_at__isnull=True, breached_at__isnull=True),
            ),
            models.Index(
                "warn_at",
                name="clock_warns",
                condition=models.Q(met_at__isnull=True, warned_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.kind} {self.due_at}"
