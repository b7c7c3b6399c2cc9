"""What people type, checked. Nothing is saved here."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from tickets.models import Category, Conversation, Priority, Team, Ticket
from tickets.queries.people import assignable

LONGEST_TEXT = 20_000
MOST_FILES = 20
LARGEST_FILE = 20 * 1024 * 1024


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

    def __init__(self, data: Any, files: Any, conversations: list[Conversation]) -> None:
        super().__init__(data, files)
        possible = Conversation.objects.filter(pk__in=[each.pk for each in conversations])
        self.fields["conversation"] = forms.ModelChoiceField(possible)


class NoteForm(forms.Form):
    text = forms.CharField(max_length=LONGEST_TEXT)
    client_key = forms.CharField(max_length=64, required=False)


class AssignmentForm(forms.Form):
    """Nobody chosen takes the assignee away."""

    def __init__(self, data: Any, ticket: Ticket) -> None:
        super().__init__(data)
        self.fields["assignee"] = forms.ModelChoiceField(assignable(ticket), required=False)


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


class SnoozeForm(forms.Form):
    """Either one of the offered spans, or a moment of one's own."""

    until = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M"], required=False)
    span = forms.ChoiceField(
        choices=[("", ""), ("hour", ""), ("evening", ""), ("tomorrow", ""), ("monday", "")],
        required=False,
    )
