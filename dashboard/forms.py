"""What people type, checked. Nothing is saved here."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets import case_numbers
from tickets.access import teams_of
from tickets.models import (
    Category,
    Channel,
    Conversation,
    DraftMode,
    Priority,
    Role,
    Team,
    Ticket,
    User,
    ViewAudience,
)
from tickets.queries.people import assignable
from tickets.spans import SPANS

LONGEST_TEXT = 20_000
MOST_FILES = 20
LARGEST_FILE = 20 * 1024 * 1024
LATER = [(each, "") for each in ("", "at", *SPANS)]


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several uploads under one name."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[bytes]]":
        files = [super(FilesField, self).clean(each, initial) for each in data or ()]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(_("At most %(n)d files.") % {"n": MOST_FILES})
        if any(each.size > LARGEST_FILE for each in files):
            raise forms.ValidationError(_("A file may have at most 20 MB."))
        return files


class ReplyForm(forms.Form):
    """An answer, the conversation it goes to and what its writer had seen."""

    text = forms.CharField(max_length=LONGEST_TEXT, required=False)
    client_key = forms.CharField(max_length=64, required=False)
    seen_version = forms.IntegerField(min_value=0, required=False)
    uploads = FilesField(required=False)
    then = forms.ChoiceField(choices=[("", ""), ("pending", ""), ("closed", "")], required=False)
    macro = forms.IntegerField(min_value=1, required=False)
    later = forms.ChoiceField(choices=LATER, required=False)
    send_at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M"], required=False)
    instead = forms.ChoiceField(
        choices=[(each, "") for each in ("", "new", "note", "drop", "without", "private", "two")],
        required=False,
    )
    rest = forms.CharField(max_length=LONGEST_TEXT, required=False)

    def __init__(self, data: Any, files: Any, conversations: list[Conversation]) -> None:
        super().__init__(data, files)
        possible = Conversation.objects.filter(pk__in=[each.pk for each in conversations])
        self.fields["conversation"] = forms.ModelChoiceField(possible)


class DraftForm(forms.Form):
    """What a device saves while somebody writes; `seen` is the version that it knows."""

    mode = forms.ChoiceField(choices=DraftMode.choices)
    text = forms.CharField(max_length=LONGEST_TEXT, required=False, strip=False)
    conversation = forms.IntegerField(min_value=1, required=False)
    macro = forms.IntegerField(min_value=1, required=False)
    seen = forms.IntegerField(min_value=0, required=False)


class MomentForm(forms.Form):
    """What is decided about a reply for later; a moment where it is to have another one."""

    decision = forms.ChoiceField(choices=[("move", ""), ("send", ""), ("cancel", "")])
    later = forms.ChoiceField(choices=LATER, required=False)
    send_at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M"], required=False)


class NoteForm(forms.Form):
    text = forms.CharField(max_length=LONGEST_TEXT)
    client_key = forms.CharField(max_length=64, required=False)


class AssignmentForm(forms.Form):
    """Nobody chosen takes the assignee away."""

    def __init__(self, data: Any, ticket: Ticket) -> None:
        super().__init__(data)
        self.fields["assignee"] = forms.ModelChoiceField(assignable(ticket), required=False)


class PlanForm(forms.Form):
    """A customer's plan, by its code, and who looks after them."""

    plan = forms.CharField(max_length=40, required=False)
    account_manager = forms.ModelChoiceField(
        User.objects.filter(is_active=True).exclude(role=Role.HELPER), required=False
    )


class TeamForm(forms.Form):
    team = forms.ModelChoiceField(Team.objects.all(), required=False)


class PriorityForm(forms.Form):
    priority = forms.ChoiceField(choices=Priority.choices)


class CategoryForm(forms.Form):
    category = forms.ChoiceField(choices=[("", ""), *Category.choices], required=False)


class SubjectForm(forms.Form):
    subject = forms.CharField(max_length=200)


class TagForm(forms.Form):
    tag = forms.CharField(max_length=40)

    def clean_tag(self) -> str:
        return " ".join(str(self.cleaned_data["tag"]).split()).lstrip("#")


class CallForm(forms.Form):
    """What an agent writes down while somebody is on the line."""

    number = forms.CharField(
        max_length=40,
        required=False,
        label=_("Caller's number"),
        help_text=_("Leave it empty if the caller withholds it."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    name = forms.CharField(max_length=80, required=False, label=_("Caller's name"))
    case_number = forms.CharField(
        max_length=80,
        required=False,
        label=_("Case number, if they quote one"),
        help_text=_("From a number that we do not know, it has to be verified first."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    notes = forms.CharField(
        max_length=LONGEST_TEXT,
        label=_("What was said"),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    language = forms.ChoiceField(label=_("The caller speaks"), choices=settings.LANGUAGES)
    call_back_at = forms.DateTimeField(
        input_formats=["%Y-%m-%dT%H:%M"],
        required=False,
        label=_("Call back at"),
        help_text=_("The case sleeps until then and comes back by itself."),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    client_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any, lines: QuerySet[Channel], **options: Any) -> None:
        super().__init__(data, label_suffix="", **options)
        self.fields["channel"] = forms.ModelChoiceField(
            lines, label=_("Line"), empty_label=None, initial=lines.first()
        )
        self.order_fields(["channel"])
        for field in self.fields.values():
            is_choice = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "select" if is_choice else "input"

    def clean_case_number(self) -> str:
        """Its usual writing; who mishears a digit can ask again while the caller is there."""
        typed: str = self.cleaned_data["case_number"]
        if not typed:
            return ""
        prefix: str = settings.CASE_NUMBER_PREFIX
        number = case_numbers.parse_one(typed, prefix=prefix)
        if number is None:
            raise forms.ValidationError(_("This is not a case number. Please ask for it again."))
        return case_numbers.format_number(number, prefix=prefix)

    def clean_call_back_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["call_back_at"]
        if at is not None and at <= timezone.now():
            raise forms.ValidationError(_("This moment has passed."))
        return at


class SnoozeForm(forms.Form):
    """Either one of the offered spans, or a moment of one's own."""

    until = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M"], required=False)
    span = forms.ChoiceField(
        choices=[("", ""), ("hour", ""), ("evening", ""), ("tomorrow", ""), ("monday", "")],
        required=False,
    )


class SavedViewForm(forms.Form):
    """A name for a list, and for whom: oneself, one of the teams (by its key), everyone."""

    name = forms.CharField(max_length=60, error_messages={"required": _("A view needs a name.")})
    audience = forms.CharField(max_length=20, required=False)

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        self.teams = {str(team.pk): team for team in teams_of(user)}

    def filled(self) -> dict[str, Any]:
        chosen = self.cleaned_data["audience"] or ViewAudience.PRIVATE
        team = self.teams.get(chosen)
        audience = ViewAudience.TEAM if team else chosen
        return {"name": self.cleaned_data["name"], "audience": audience, "team": team}
