"""A form made of what a kind of channel must be given. It saves nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from channels_ingest.api import KindOnOffer, SettingField
from dashboard.words import setting_name
from tickets.models import Channel, Team

LONGEST_VALUE = 2000
SETTING = "setting-"
FORGET = "forget-"
GO_ON = "go-on-"


class ChannelForm(forms.Form):
    """Name, team and the settings of one kind of channel.

    `given` are values to begin with, `kept` the ends of the secrets that are set: those fields
    come empty, and left empty they change nothing.
    """

    def __init__(
        self,
        kind: KindOnOffer,
        data: Any = None,
        *,
        initial: Mapping[str, Any],
        given: Mapping[str, Any] | None = None,
        kept: Mapping[str, str] | None = None,
        is_new: bool = False,
        is_locked: bool = False,
    ) -> None:
        super().__init__(data, initial=dict(initial))
        self.kind, self.kept = kind, kept or {}
        self.fields["label"] = forms.CharField(label=_("Name on screen"), max_length=80)
        if is_new:
            self.fields["slug"] = _slug()
        self.fields["team"] = forms.ModelChoiceField(
            Team.objects.order_by("name"),
            label=_("Team"),
            required=False,
            empty_label=_("No team"),
            help_text=_("New cases go to this team's queue."),
        )
        self.settings = list(_on_screen(kind))
        for each in self.settings:
            self._add(each, (given or {}).get(each.name, each.default))
        for field in self.fields.values():
            field.disabled = is_locked
            _dress(field)

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"])
        if Channel.objects.filter(slug=slug).exists():
            raise forms.ValidationError(_("Another channel has this name; choose one of its own."))
        return slug

    def values(self) -> dict[str, str]:
        """The settings as they were typed, for those who check them; kept secrets left out."""
        values = {}
        for each in self.settings:
            given = self.cleaned_data.get(SETTING + each.name)
            if self.cleaned_data.get(FORGET + each.name):
                values[each.name] = ""
            elif not _is_left_out(each, given):
                values[each.name] = _typed(each, given)
        return values

    def go_on_with(self) -> list[str]:
        """The secrets that were given anew and of which the old one is still to be accepted."""
        given = self.values()
        return [
            each.name
            for each in self.settings
            if self.cleaned_data.get(GO_ON + each.name) and given.get(each.name)
        ]

    @property
    def common(self) -> list[forms.BoundField]:
        return [self[name] for name in ("label", "slug", "team") if name in self.fields]

    @property
    def needed(self) -> list["SettingOnScreen"]:
        """The settings that somebody must give."""
        return [each for each in self._shown() if each.is_needed]

    @property
    def further(self) -> list["SettingOnScreen"]:
        """The settings that may stay as they are."""
        return [each for each in self._shown() if not each.is_needed]

    @property
    def further_is_open(self) -> bool:
        return any(each.bound.errors for each in self.further)

    def _add(self, setting: SettingField, value: Any) -> None:
        self.fields[SETTING + setting.name] = _field(setting, is_kept=setting.name in self.kept)
        if not setting.is_secret:
            self.initial[SETTING + setting.name] = _shown(setting, value)
        elif setting.name in self.kept and setting.previous:
            self.fields[GO_ON + setting.name] = forms.BooleanField(
                label=_("Go on accepting the old one for now"), required=False, initial=True
            )
        elif setting.name in self.kept and not setting.is_required and not setting.is_generated:
            self.fields[FORGET + setting.name] = forms.BooleanField(
                label=_("Forget it"), required=False
            )

    def _shown(self) -> Iterator["SettingOnScreen"]:
        for each in self.settings:
            yield SettingOnScreen(self, each)


class SettingOnScreen:
    """A setting beside its field, as the template places it."""

    def __init__(self, form: ChannelForm, setting: SettingField) -> None:
        self.setting = setting
        self.bound = form[SETTING + setting.name]
        choices = (FORGET + setting.name, GO_ON + setting.name)
        self.choice = next((form[name] for name in choices if name in form.fields), None)
        self.is_kept = setting.name in form.kept
        self.end = form.kept.get(setting.name, "")

    @property
    def is_needed(self) -> bool:
        return self.setting.is_required or (self.setting.is_generated and self.is_kept)

    @property
    def rotates(self) -> bool:
        """Whether a new one can be made while the old one is still accepted."""
        return self.is_kept and self.setting.is_generated and bool(self.setting.previous)


def _on_screen(kind: KindOnOffer) -> Iterator[SettingField]:
    """What is asked for. Old secrets are kept by replacing one, the secret part of an address
    is shown as a part of it: neither is ever typed."""
    left_out = {"hook_key", *(each.previous for each in kind.fields)}
    return (each for each in kind.fields if each.name not in left_out)


def _slug() -> forms.Field:
    return forms.SlugField(
        label=_("Name in addresses"),
        max_length=40,
        help_text=_("Small letters, digits and hyphens. It stays for ever."),
    )


def _field(setting: SettingField, *, is_kept: bool) -> forms.Field:
    given: dict[str, Any] = {
        "label": setting_name(setting.name),
        "help_text": _(setting.help) if setting.help else "",
        "required": setting.is_required and not is_kept,
    }
    match setting.type:
        case "yes_no":
            return forms.BooleanField(**{**given, "required": False})
        case "number":
            wrong = _("Enter a whole number, in digits only.")
            return forms.IntegerField(**given, error_messages={"invalid": wrong})
        case "decimal":
            return forms.FloatField(**given)
        case "list":
            return ListField(part=setting.part, **given)
    if setting.is_secret:
        # Never shown again, not even after an error elsewhere in the form.
        given["widget"] = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(max_length=LONGEST_VALUE, **given)


class ListField(forms.CharField):
    """Several values with commas between them."""

    def __init__(self, *, part: str, **given: Any) -> None:
        super().__init__(max_length=LONGEST_VALUE, **given)
        self.part = part

    def clean(self, value: Any) -> str:
        text = str(super().clean(value)).replace("，", ",").replace("、", ",")
        parts = [part.strip() for part in text.split(",")]
        if self.part == "number" and not all(part.isdecimal() for part in parts if part):
            raise forms.ValidationError(_("Enter whole numbers with commas between them."))
        return ", ".join(part for part in parts if part)


def _shown(setting: SettingField, value: Any) -> Any:
    if setting.type == "list":
        return ", ".join(str(each) for each in value or ())
    return value


def _is_left_out(setting: SettingField, given: Any) -> bool:
    """Whether nothing was given: a secret is then kept or made, a number keeps its default."""
    if setting.is_secret:
        return not given
    return given is None and setting.default is None


def _typed(setting: SettingField, given: Any) -> str:
    if setting.type == "yes_no":
        return "yes" if given else "no"
    return str(setting.default if given is None else given)


def _dress(field: forms.Field) -> None:
    widget = field.widget
    if isinstance(widget, forms.Select):
        widget.attrs["class"] = "select"
    elif not isinstance(widget, forms.CheckboxInput):
        widget.attrs |= {"class": "input", "autocapitalize": "off", "spellcheck": "false"}
        widget.attrs.setdefault("autocomplete", "off")
