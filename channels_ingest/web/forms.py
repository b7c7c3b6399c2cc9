"""What a visitor types: checked here, stored elsewhere."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets import case_numbers

from ..connectors.web_form import Section, Wishes
from .waiting import Choice

NO_NUMBER = gettext_lazy(
    "This is not a case number. Please copy it again or leave the field empty."
)
LATEST_ANSWER = timedelta(days=15)  # ahead, to which somebody in no hurry may put us off
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{4,30}[0-9](?: ?(?:-|x|ext\.?|转) ?[0-9]{1,6})?")
QUICKEST = timedelta(seconds=3)  # nobody reads and fills a form faster


class GuardedForm(forms.Form):
    """A form that tells people from machines: by haste, and by a field that people do not see."""

    website = forms.CharField(
        required=False,
        label=gettext_lazy("Leave this field empty"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(
        self, data: Any = None, *, shown_at: datetime | None = None, now: datetime | None = None
    ) -> None:
        super().__init__(data, label_suffix="")
        self.was_hasty = bool(shown_at and now and now - shown_at < QUICKEST)

    @property
    def looks_made_by_a_machine(self) -> bool:
        return self.was_hasty or bool(self.data.get("website"))

    def clean(self) -> dict[str, Any]:
        if self.was_hasty:
            self.add_error(None, _("That was very quick. Please look it over and send it again."))
        if self.cleaned_data.get("website"):
            self.add_error("website", _("Please empty this field and send the form again."))
        return self.cleaned_data


class CalmTimeField(forms.CharField):
    """A moment before which no answer is wanted; one that is over by now is none."""

    widget = forms.Select

    def clean(self, value: Any) -> datetime | None:
        written = super().clean(value)
        if not written:
            return None
        at, now = _moment(written), timezone.now()
        if at is None or at > now + LATEST_ANSWER:
            raise forms.ValidationError(_("Please choose one of the times."))
        return at if at > now else None


class KnownForm(GuardedForm):
    """A new problem, in the parts that let one answer solve it, from somebody whom we know."""

    phenomenon = forms.CharField(
        max_length=10_000,
        label=gettext_lazy("What happened"),
        help_text=gettext_lazy(
            "Describe what you see. “The inbox shows no new mail” helps more than “mail is broken”."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    steps = forms.CharField(
        required=False,
        max_length=10_000,
        label=gettext_lazy("Steps"),
        help_text=gettext_lazy("What did you do before it happened? One step on each line."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    error_message = forms.CharField(
        required=False,
        max_length=2_000,
        label=gettext_lazy("Error message"),
        help_text=gettext_lazy("Copy it as it stands, with its code."),
    )
    known_number = forms.CharField(
        required=False,
        max_length=80,
        label=gettext_lazy("I already have a case number"),
        help_text=gettext_lazy("If you wrote to us by another channel before."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    answer_after = CalmTimeField(
        required=False,
        label=gettext_lazy("No hurry?"),
        help_text=gettext_lazy("Whoever can wait makes room for those who cannot."),
    )

    def offer(self, choices: Sequence[Choice]) -> None:
        """Say which times somebody in no hurry may choose; what was chosen stays on the list."""
        field = self.fields["answer_after"]
        offered = [(each.value, each.label) for each in choices]
        given = str(self.data.get("answer_after", ""))
        if self.is_bound and given and given not in dict(offered):
            at = _moment(given)
            offered += [(given, _absolute(at))] if at else []
        assert isinstance(field.widget, forms.Select)
        field.widget.choices = [("", _("As soon as you can")), *offered]

    def clean_known_number(self) -> str:
        """Its usual writing. Only what is typed is judged here, never whether the case exists."""
        typed: str = self.cleaned_data["known_number"]
        if not typed:
            return ""
        number = known_number(typed)
        if not number:
            raise forms.ValidationError(NO_NUMBER)
        return number

    def sections(self) -> list[Section]:
        """What is sent, under the words by which it was asked."""
        values = self.cleaned_data
        after: datetime | None = values["answer_after"]
        return [
            Section("", values["phenomenon"]),
            Section(_("Steps:"), values["steps"]),
            Section(_("Error message:"), values["error_message"]),
            Section(_("Case number:"), values["known_number"]),
            Section(_("Answer wanted after:"), _absolute(after) if after else ""),
        ]

    def wishes(self) -> Wishes:
        """What was chosen besides the words."""
        return Wishes(answer_after=self.cleaned_data["answer_after"])


class ProblemForm(KnownForm):
    """The same from somebody of whom we know nothing, and whom we must be able to reach."""

    email = forms.EmailField(
        required=False,
        max_length=254,
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("Only our agents see it. Replies appear on your case page."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        required=False,
        max_length=40,
        label=gettext_lazy("Phone"),
        help_text=gettext_lazy("If a mailbox does not work, this is how we reach you."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    broken_mailbox = forms.CharField(
        required=False,
        max_length=254,
        label=gettext_lazy("Mailbox that has the problem"),
        help_text=gettext_lazy("Leave it empty if the problem is about something else."),
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off"}),
    )
    name = forms.CharField(
        required=False,
        max_length=80,
        label=gettext_lazy("Name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def clean_phone(self) -> str:
        typed: str = self.cleaned_data["phone"].strip()
        if typed and not _PHONE.fullmatch(unicodedata.normalize("NFKC", typed)):
            raise forms.ValidationError(_("Please write the number in digits, with its area code."))
        return typed

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if "email" in self.errors or "phone" in self.errors:
            return values
        email, broken = values.get("email", ""), values.get("broken_mailbox", "")
        if not email and not values.get("phone"):
            self.add_error(
                "email", _("Please leave a mailbox or a phone number, so that we can reach you.")
            )
        elif email and not values.get("phone") and same_mailbox(email, broken):
            self.add_error(
                "email",
                _(
                    "This is the mailbox that has the problem, so our answer might not reach you"
                    " there. Please give another mailbox or a phone number."
                ),
            )
        return values

    def sections(self) -> list[Section]:
        values = self.cleaned_data
        return [
            *super().sections(),
            Section(_("E-mail:"), values["email"]),
            Section(_("Phone:"), values["phone"]),
            Section(_("Mailbox that has the problem:"), values["broken_mailbox"]),
        ]

    def sender_name(self) -> str:
        """How agents see who wrote; the address is no proof of anybody."""
        values = self.cleaned_data
        name: str = values["name"] or values["email"] or values["phone"]
        return name


def same_mailbox(one: str, other: str) -> bool:
    """Whether two writings mean one mailbox: case, width and a tag behind a plus do not matter."""
    return bool(one) and _bare(one) == _bare(other)


def known_number(typed: str) -> str:
    """The usual writing of a case number in any writing; "" for what can be none."""
    prefix: str = settings.CASE_NUMBER_PREFIX
    number = case_numbers.parse_one(typed, prefix=prefix)
    return "" if number is None else case_numbers.format_number(number, prefix=prefix)


def _bare(address: str) -> str:
    local, _at, domain = unicodedata.normalize("NFKC", address).strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain.rstrip('.')}"


def _moment(written: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _absolute(at: datetime) -> str:
    local = localtime(at)
    return f"{date_format(local, 'DATETIME_FORMAT')} ({local:UTC%z})"


class MoreForm(GuardedForm):
    """Something to add to a case, in words or in files."""

    message = forms.CharField(
        required=False,
        max_length=20_000,
        label=gettext_lazy("Add to your case or reply"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def sections(self) -> list[Section]:
        return [Section("", self.cleaned_data["message"])]
