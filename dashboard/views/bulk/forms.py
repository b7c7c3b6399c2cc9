"""What the bar of a list sends: which cases, and what to do to them."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict

from dashboard.views.changes import end_of_span

MOST_NAMED = 5000
_OTHERS = {"merge", "read", "unread"}  # of these no run is made
_LABELS = {"priority", "category"}
_PEOPLE = {"assign", "team"}
_TAGS = {"tag", "untag"}


class BulkForm(forms.Form):
    """`do` is an action, with its value after a colon where a button carries one."""

    do = forms.CharField(max_length=60)
    view = forms.CharField(max_length=2000, required=False)
    all = forms.BooleanField(required=False)
    sure = forms.BooleanField(required=False)
    tag = forms.CharField(max_length=200, required=False)
    until = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M"], required=False)


def numbers_in(data: QueryDict) -> list[str]:
    """The chosen case numbers: one field each, or all in one where a script has gathered them."""
    named = [*data.getlist("number"), *data.get("numbers", "").split(",")]
    return [each for each in dict.fromkeys(named) if each.isascii() and each.isdigit()][:MOST_NAMED]


def wish(form: BulkForm, now: datetime) -> tuple[str, dict[str, Any]] | None:
    """What is to be done and with what; None for what no button sends."""
    action, _colon, value = form.cleaned_data["do"].partition(":")
    if action in _PEOPLE:
        is_key = value.isascii() and value.isdigit() and len(value) < 19
        if value and not is_key:
            return None
        return action, {"id": int(value) if value else None}
    if action in _LABELS:
        return action, {"value": value}
    if action in _TAGS:
        return action, {"value": form.cleaned_data["tag"].strip().lstrip("#")}
    if action == "snooze":
        offered = end_of_span(value, None, now) if value else None
        return action, {"until": offered or form.cleaned_data["until"]}
    if action in {"wait", "resolve", "reopen", *_OTHERS}:
        return action, {}
    return None
