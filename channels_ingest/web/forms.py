"""What a visitor types: checked here, stored elsewhere."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets import case_numbers

from ..connectors.web_form import Section

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

    def clean_known_number(self) -> str:
        """Its usual writing. Only what is typed is judged here, never whether the case exists."""
        typed: str = self.cleaned_data["known_number"]
        if not typed:
            return ""
        prefix: str = settings.CASE_NUMBER_PREFIX
        number = case_numbers.parse_one(typed, prefix=prefix)
        if number is None:
            raise forms.ValidationError(
                _("This is not a case number. Please copy it again or leave the field empty.")
            )
        return case_numbers.format_number(number, prefix=prefix)

    def sections(self) -> list[Section]:
        """What is sent, under the words by which it was asked."""
        values = self.cleaned_data
        return [
            Section("", values["phenomenon"]),
            Section(_("Steps:"), values["steps"]),
            Section(_("Error message:"), values["error_message"]),
            Section(_("Case number:"), values["known_number"]),
        ]


class ProblemForm(KnownForm):
    """The same from somebody of whom we know nothing."""

    email = forms.EmailField(
        max_length=254,
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("Only our agents see it. Replies appear on your case page."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    name = forms.CharField(
        required=False,
        max_length=80,
        label=gettext_lazy("Name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def sections(self) -> list[Section]:
        return [*super().sections(), Section(_("E-mail:"), self.cleaned_data["email"])]

    def sender_name(self) -> str:
        """How agents see who wrote; the address is no proof of anybody."""
        name: str = self.cleaned_data["name"] or self.cleaned_data["email"]
        return name


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
