"""The form on which the author of a public post goes on in private.

Everybody who reads along in the public place can open it: it shows nothing of the case, and what
is sent by it is a claim until the existing ways have proved it.
"""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tickets.actions import inviting
from tickets.actions.refusals import Refused

from ..connectors.web_form import Section
from . import sending, tokens
from .forms import GuardedForm
from .pages import again, door, page
from .submission import Submission


class PrivateForm(GuardedForm):
    """What is for our eyes only, in words or in files, and who writes it."""

    message = forms.CharField(
        required=False,
        max_length=20_000,
        label=gettext_lazy("Your message"),
        help_text=gettext_lazy("Phone numbers and addresses are safe here; passwords never are."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    name = forms.CharField(
        required=False,
        max_length=80,
        label=gettext_lazy("Name there"),
        help_text=gettext_lazy("The name under which you wrote in public, so that we find you."),
    )

    def sections(self) -> list[Section]:
        return [Section("", self.cleaned_data["message"])]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def private(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form, or store what it brought and lead to a private page of its own."""
    channel, now = door(), timezone.now()
    try:
        invited = inviting.invited_conversation(token, now=now)
    except Refused:
        shown = {"is_dead": True, "channel": channel}
        return render(request, "channels_ingest/web/private.html", shown, status=410)
    if request.method != "POST":
        fresh = tokens.form_token(channel, now=now)
        return page(request, "private", channel, {"form": PrivateForm(), "token": fresh})
    sent = Submission(request, PrivateForm, now)
    if sent.check(channel) and isinstance(sent.form, PrivateForm):
        if sent.files or sent.form.cleaned_data["message"].strip():
            key = sending.open_case(
                channel=channel,
                form=sent.key.form,
                sections=sent.form.sections(),
                files=sent.files,
                name=sent.form.cleaned_data["name"],
                language=get_language() or "",
                invited_to=invited.pk,
                now=now,
            )
            return redirect("channels_ingest:support_case", token=tokens.case_token(key, now=now))
        sent.problems = [_("There is nothing to send yet.")]
    context: dict[str, Any] = {}
    return again(request, "private", channel, sent, context)
