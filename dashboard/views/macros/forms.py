"""What may be said about a macro, checked. Nothing is saved here."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dashboard.views.routing.forms import LONGEST_TAG, Entries
from dashboard.words.composer import SPANS, THEN
from tickets.access import teams_of
from tickets.macros import Actions, BadVariable, check
from tickets.models import Category, Macro, MacroAudience, Priority, Role, Team, User

LONGEST_TEXT = 5000
TEXTS = {f"text_{code[:2]}": (code[:2], str(name)) for code, name in settings.LANGUAGES}


class MacroForm(forms.Form):
    """A macro: its name, its text in each language, what it does and who is offered it."""

    name = forms.CharField(max_length=80, label=_("Name"))
    shortcut = forms.SlugField(
        max_length=20,
        required=False,
        allow_unicode=True,
        label=_("Short name"),
        help_text=_("Typed behind the slash, for example: bz"),
    )
    assign = forms.BooleanField(required=False, label=_("Assign the case to whoever sends it"))
    team = forms.ModelChoiceField(Team.objects.order_by("name"), required=False, label=_("Team"))
    tags = Entries(longest=LONGEST_TAG, label=_("Tags"))
    priority = forms.ChoiceField(
        choices=[("", _("as it is")), *Priority.choices], required=False, label=_("Priority")
    )
    category = forms.ChoiceField(
        choices=[("", _("as it is")), *Category.choices], required=False, label=_("Category")
    )
    then = forms.ChoiceField(
        choices=[("", _("as the send button says")), *THEN.items()],
        required=False,
        label=_("After sending"),
    )
    snooze = forms.ChoiceField(
        choices=[("", _("not at all")), *SPANS.items()], required=False, label=_("Snooze")
    )
    audience = forms.ChoiceField(label=_("Who is offered it"))
    for_team = forms.ModelChoiceField(Team.objects.none(), required=False, label=_("Which team"))
    kinds = forms.MultipleChoiceField(
        required=False,
        label=_("Only on"),
        help_text=_("Where none is chosen, on every kind of channel."),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, data: Any, *, macro: Macro, user: User, kinds: list[tuple[str, str]]
    ) -> None:
        super().__init__(data, initial=_initial(macro), label_suffix="")
        self.macro = macro
        for name, (code, label) in TEXTS.items():
            self.fields[name] = forms.CharField(
                max_length=LONGEST_TEXT,
                required=False,
                label=label,
                widget=forms.Textarea(attrs={"rows": 5, "lang": code}),
            )
        self._choices("audience", _audiences(user))
        self._choices("kinds", kinds)
        teams = self.fields["for_team"]
        assert isinstance(teams, forms.ModelChoiceField)
        teams.queryset = teams_of(user).order_by("name")
        for field in self.fields.values():
            if isinstance(field.widget, forms.Select):
                field.widget.attrs["class"] = "select"
            elif not isinstance(field.widget, forms.CheckboxInput | forms.CheckboxSelectMultiple):
                field.widget.attrs["class"] = "input"

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for name in TEXTS:
            try:
                check(said.get(name, ""))
            except BadVariable as bad:
                self.add_error(name, _("There is no variable “%(name)s”.") % {"name": bad.name})
        if said.get("audience") == MacroAudience.TEAM and not said.get("for_team"):
            self.add_error("for_team", _("Say for which team it is."))
        return said

    @property
    def texts(self) -> list[forms.BoundField]:
        return [self[name] for name in TEXTS]

    @property
    def done(self) -> list[forms.BoundField]:
        """What it does beside its text."""
        names = ("then", "snooze", "assign", "team", "priority", "category", "tags")
        return [self[name] for name in names]

    def filled(self) -> Macro:
        """The macro as it would be saved."""
        said, macro = self.cleaned_data, self.macro
        macro.name, macro.shortcut = said["name"], said["shortcut"]
        macro.texts = {code: said[name] for name, (code, _label) in TEXTS.items()}
        macro.actions = self._actions().as_data()
        macro.audience, macro.team, macro.kinds = said["audience"], said["for_team"], said["kinds"]
        return macro

    def _actions(self) -> Actions:
        said = self.cleaned_data
        return Actions(
            assign="me" if said["assign"] else "",
            team=said["team"].pk if said["team"] else None,
            tags=tuple(said["tags"]),
            priority=said["priority"],
            category=said["category"],
            then=said["then"],
            snooze=said["snooze"],
        )

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


def _initial(macro: Macro) -> dict[str, Any]:
    does = Actions.read(macro.actions)
    return {
        "name": macro.name,
        "shortcut": macro.shortcut,
        "assign": bool(does.assign),
        "team": does.team,
        "tags": list(does.tags),
        "priority": does.priority,
        "category": does.category,
        "then": does.then,
        "snooze": does.snooze,
        "audience": macro.audience,
        "for_team": macro.team_id,
        "kinds": macro.kinds,
        **{name: macro.texts.get(code, "") for name, (code, _label) in TEXTS.items()},
    }


def _audiences(user: User) -> list[tuple[str, str]]:
    """For whom somebody may write: leads for their teams, managers for everybody."""
    allowed = {MacroAudience.PRIVATE}
    if user.role in {Role.LEAD, Role.MANAGER}:
        allowed.add(MacroAudience.TEAM)
    if user.role == Role.MANAGER:
        allowed.add(MacroAudience.EVERYONE)
    return [(each.value, str(each.label)) for each in MacroAudience if each in allowed]
