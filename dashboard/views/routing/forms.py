"""What leads and managers may say about routing, checked. Nothing is saved here."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tickets.models import Category, Channel, Priority, RoutingRule, Team, User

LONGEST_WORD, LONGEST_TAG = 60, 40
MOST_ENTRIES = 200
MOST_LOAD = 1000
_BETWEEN = re.compile(r"[,，、;；\n]")
LISTS = ("categories", "languages", "plans", "kinds", "channels", "priorities", "words", "tags")
ONES = ("name", "team", "assigns", "skill", "priority", "flags_lead", "is_enabled")


class Entries(forms.CharField):
    """Several short entries, each on a line or after a comma."""

    def __init__(self, *, longest: int, **options: Any) -> None:
        super().__init__(required=False, strip=True, **options)
        self.longest = longest

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        said = super().clean(value)
        found = list(
            dict.fromkeys(filter(None, (" ".join(e.split()) for e in _BETWEEN.split(said))))
        )
        if any(len(entry) > self.longest for entry in found):
            raise forms.ValidationError(
                _("An entry may have at most %(n)d characters.") % {"n": self.longest}
            )
        if len(found) > MOST_ENTRIES:
            raise forms.ValidationError(_("At most %(n)d entries.") % {"n": MOST_ENTRIES})
        return found


class Lines(Entries):
    """The same, shown one on a line."""

    widget = forms.Textarea(attrs={"rows": 12})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value


class _Boxes(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple


class RuleForm(forms.Form):
    """A rule: what it asks of a case, and what it does."""

    name = forms.CharField(max_length=80, label=_("Name"))
    categories = _Boxes(choices=Category.choices, required=False, label=_("Category"))
    languages = _Boxes(required=False, label=_("Language"))
    plans = Entries(
        longest=40,
        label=_("Plan of the customer"),
        help_text=_("Codes like enterprise or api, with commas; empty means any plan."),
    )
    kinds = _Boxes(required=False, label=_("Sort of channel"))
    channels = _Boxes(required=False, label=_("Channel"))
    priorities = _Boxes(choices=Priority.choices, required=False, label=_("Priority so far"))
    words = Entries(
        longest=LONGEST_WORD,
        label=_("The customer writes one of"),
        help_text=_("With commas. Quoted mails do not count."),
    )
    team = forms.ModelChoiceField(
        Team.objects.order_by("name"), required=False, label=_("Team"), empty_label=_("Leave it")
    )
    assigns = forms.BooleanField(
        required=False, label=_("Give it to somebody of the team who is free")
    )
    skill = forms.CharField(
        max_length=40,
        required=False,
        label=_("Skill they must have"),
        help_text=_("As it is written on the people's page. Empty means anybody."),
        widget=forms.TextInput(attrs={"list": "skills", "autocomplete": "off"}),
    )
    priority = forms.ChoiceField(
        choices=[("", _("Leave it")), *Priority.choices], required=False, label=_("Priority")
    )
    flags_lead = forms.BooleanField(required=False, label=_("Call a lead"))
    tags = Entries(longest=LONGEST_TAG, label=_("Tags"), help_text=_("With commas."))
    is_enabled = forms.BooleanField(required=False, label=_("In force"))

    CONDITIONS = ("categories", "languages", "plans", "kinds", "channels", "priorities", "words")
    OUTCOMES = ("team", "assigns", "skill", "priority", "flags_lead", "tags")

    def __init__(
        self, data: Any = None, *, rule: RoutingRule, kinds: Iterable[tuple[str, str]]
    ) -> None:
        initial = {name: getattr(rule, name) for name in (*LISTS, *ONES)}
        super().__init__(data, initial=initial, label_suffix="")
        self.rule = rule
        self._offer("languages", settings.LANGUAGES, rule.languages)
        self._offer("kinds", kinds, rule.kinds)
        channels = Channel.objects.order_by("label").values_list("slug", "label")
        self._offer("channels", channels, rule.channels)
        _dress(self)

    def _offer(self, name: str, known: Iterable[tuple[str, Any]], kept: Iterable[str]) -> None:
        """What is known, and what the rule asks for although it is gone by now."""
        choices = list(known)
        gone = [(each, each) for each in kept if each not in dict(choices)]
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [*choices, *gone]

    def asked(self) -> list[forms.BoundField]:
        return [self[name] for name in self.CONDITIONS]

    def done(self) -> list[forms.BoundField]:
        return [self[name] for name in self.OUTCOMES]

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if RoutingRule.objects.filter(name=name).exclude(pk=self.rule.pk).exists():
            raise forms.ValidationError(_("Another rule has this name."))
        return name

    def clean_plans(self) -> list[str]:
        return [plan.lower() for plan in self.cleaned_data["plans"]]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("skill") and not given.get("assigns"):
            given["assigns"] = True  # who asks for a skill wants somebody to have the case
        if given.get("assigns") and not given.get("team"):
            self.add_error("team", _("Of which team?"))
        if not any(given.get(name) for name in self.OUTCOMES):
            raise forms.ValidationError(_("The rule does nothing yet."))
        return given

    def filled(self) -> RoutingRule:
        """The rule as it was written."""
        for name in (*LISTS, *ONES):
            setattr(self.rule, name, self.cleaned_data[name])
        return self.rule


class PersonForm(forms.Form):
    """What somebody can do, and how much of it at once."""

    skills = Entries(longest=40, label=_("Skills"), help_text=_("With commas."))
    languages = _Boxes(
        choices=settings.LANGUAGES,
        required=False,
        label=_("Languages"),
        help_text=_("None chosen means any."),
    )
    load_limit = forms.IntegerField(
        min_value=0,
        max_value=MOST_LOAD,
        required=False,
        label=_("Open cases at most"),
        help_text=_("Nothing is given beyond that; taking cases oneself is always possible."),
    )

    def __init__(self, data: Any = None, *, person: User) -> None:
        names = ("skills", "languages", "load_limit")
        initial = {name: getattr(person, name) for name in names}
        super().__init__(data, initial=initial, label_suffix="")
        self.fields["skills"].widget.attrs["list"] = "skills"
        _dress(self)


class AlarmForm(forms.Form):
    """The words that call a lead, and the phrases in which they do not."""

    words = Lines(longest=LONGEST_WORD, label=_("Words"), help_text=_("One on a line."))
    exceptions = Lines(
        longest=LONGEST_WORD,
        label=_("But not within"),
        help_text=_("One phrase on a line; … stands for a few characters of the same sentence."),
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, label_suffix="", **options)
        _dress(self)


class AwayForm(forms.Form):
    """Until when somebody is away; nothing said means until they are back."""

    until = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M"], required=False)


def _dress(form: forms.BaseForm) -> None:
    plain = (forms.CheckboxInput, forms.CheckboxSelectMultiple)
    for field in form.fields.values():
        if not isinstance(field.widget, plain):
            is_choice = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "select" if is_choice else "input"
