"""What a manager may say about policies and calendars, checked. Nothing is saved here."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from tickets.clocks import parse_hours
from tickets.models import DayKind, Priority, ServiceCalendar, ServicePolicy

LONGEST_MINUTES = 366 * 24 * 60
MINUTES = ("first_response_minutes", "next_response_minutes", "resolution_minutes")
HOURS_HELP = _("Like 9:00-12:00, 13:00-18:00; 22:00-6:00 ends next morning; empty is closed.")


def _check_hours(text: str) -> None:
    try:
        parse_hours(text)
    except ValueError:
        raise forms.ValidationError(HOURS_HELP) from None


def _dress(form: forms.BaseForm) -> None:
    for field in form.fields.values():
        if not isinstance(field.widget, forms.CheckboxInput):
            is_choice = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "select" if is_choice else "input"


if TYPE_CHECKING:
    PolicyModelForm = forms.ModelForm[ServicePolicy]  # at run time Django's forms take no type
else:
    PolicyModelForm = forms.ModelForm


class PolicyForm(PolicyModelForm):
    class Meta:
        model = ServicePolicy
        fields = (
            "name",
            "plan",
            "channel",
            "priority",
            "calendar",
            *MINUTES,
            "warn_percent",
            "escalate_on",
            "escalate_team",
            "escalate_priority",
            "escalate_to_lead",
        )
        labels = {
            "name": _("Name"),
            "plan": _("Plan of the customer"),
            "channel": _("Channel of the case"),
            "priority": _("Priority of the case"),
            "calendar": _("Calendar"),
            "first_response_minutes": _("Minutes to the first response"),
            "next_response_minutes": _("Minutes to each further response"),
            "resolution_minutes": _("Minutes to the resolution"),
            "warn_percent": _("Warn when this part of the time is used (percent)"),
            "escalate_on": _("Escalate"),
            "escalate_team": _("Move to the team"),
            "escalate_priority": _("Raise the priority to"),
            "escalate_to_lead": _("Assign to the team's lead"),
        }
        help_texts = {
            "plan": _("A code like enterprise or api; empty means any plan."),
            "first_response_minutes": _("Of the calendar's time. Left empty, no clock runs."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("channel", _("Any channel")), ("escalate_team", _("No team"))):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.empty_label = label
        for name, label in (("priority", _("Any priority")), ("escalate_priority", _("Leave it"))):
            choice = self.fields[name]
            assert isinstance(choice, forms.TypedChoiceField)
            choice.choices = [("", label), *Priority.choices]
        for name in MINUTES:
            self.fields[name].validators.append(_at_most_a_year)
        _dress(self)

    def clean_plan(self) -> str:
        return str(self.cleaned_data["plan"]).strip().lower()


def _at_most_a_year(minutes: int) -> None:
    if not 0 < minutes <= LONGEST_MINUTES:
        raise forms.ValidationError(_("From one minute to a year."))


class CalendarForm(forms.Form):
    """Name, place and the hours of each weekday."""

    name = forms.CharField(max_length=80, label=_("Name"))
    time_zone = forms.CharField(
        max_length=40, label=_("Time zone"), help_text=_("Like Asia/Shanghai or Europe/Berlin.")
    )
    country = forms.RegexField(
        r"^[A-Za-z]{2}$",
        required=False,
        label=_("Public holidays of the country"),
        help_text=_("Two letters, like CN or JP. Left empty, no holiday matters."),
    )

    def __init__(self, data: Any = None, *, calendar: ServiceCalendar) -> None:
        week = {f"day{n}": hours for n, hours in enumerate(calendar.week)}
        about = {name: getattr(calendar, name) for name in ("name", "time_zone", "country")}
        super().__init__(data, initial={**about, **week})
        self.calendar = calendar
        for n, name in WEEKDAYS.items():
            self.fields[f"day{n}"] = forms.CharField(
                max_length=60, required=False, label=name, validators=[_check_hours]
            )
        self.fields["day0"].help_text = HOURS_HELP
        _dress(self)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if ServiceCalendar.objects.filter(name=name).exclude(pk=self.calendar.pk).exists():
            raise forms.ValidationError(_("Another calendar has this name."))
        return name

    def clean_time_zone(self) -> str:
        name = str(self.cleaned_data["time_zone"]).strip()
        if name not in available_timezones():
            raise forms.ValidationError(_("This time zone is not known."))
        return name

    def filled(self) -> ServiceCalendar:
        """The calendar as it was written."""
        self.calendar.name = self.cleaned_data["name"]
        self.calendar.time_zone = self.cleaned_data["time_zone"]
        self.calendar.country = self.cleaned_data["country"].upper()
        self.calendar.week = [self.cleaned_data[f"day{n}"].strip() for n in range(7)]
        return self.calendar


class DayForm(forms.Form):
    """What one day is."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(choices=DayKind, label=_("It is"))
    hours = forms.CharField(
        max_length=60,
        required=False,
        label=_("Hours, if they are its own"),
        validators=[_check_hours],
    )
    name = forms.CharField(max_length=120, required=False, label=_("Name"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        _dress(self)


class TrialForm(forms.Form):
    """A moment and a promise, to see what they come to."""

    received = forms.DateTimeField(
        input_formats=["%Y-%m-%dT%H:%M"],
        label=_("Received"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    minutes = forms.IntegerField(
        min_value=1, max_value=LONGEST_MINUTES, initial=240, label=_("Minutes")
    )

    def __init__(self, data: Any, *, now: datetime) -> None:
        super().__init__(data, initial={"received": f"{now:%Y-%m-%dT%H:%M}"})
        _dress(self)

    @property
    def promised(self) -> timedelta:
        return timedelta(minutes=self.cleaned_data["minutes"])
