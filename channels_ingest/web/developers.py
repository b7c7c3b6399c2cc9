"""The form for those who build on the open API: it goes to the line of the API at once."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tickets.models import Category

from ..connectors.web_form import Section, Wishes
from . import sending, tokens
from .forms import GuardedForm
from .hiding_secrets import hide_secrets
from .pages import again, door, page
from .submission import Submission

LINE = "api"  # the slug of the team that looks after the API
FUTURE = timedelta(minutes=5)  # by which a developer's clock may be ahead
OLDEST = timedelta(days=400)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:\.\d+)? ?(Z|UTC|[+-]\d\d:?\d\d)?")
_IN_CODE = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class UtcField(forms.CharField):
    """A moment in UTC. Without a zone it is taken as UTC; with another it is worked out."""

    def clean(self, value: Any) -> datetime | None:
        written = super().clean(value)
        if not written:
            return None
        at, now = _moment(written.strip()), timezone.now()
        if at is None:
            raise forms.ValidationError(_("Please write it like 2026-11-20T03:14:07Z."))
        if at > now + FUTURE:
            raise forms.ValidationError(
                _(
                    "This is in the future: it looks like local time. In UTC it is now {now}."
                ).format(now=_printed(now))
            )
        if at < now - OLDEST:
            raise forms.ValidationError(_("This is more than a year ago. Please look it over."))
        return at


class DeveloperForm(GuardedForm):
    """What an engineer needs to find one request among millions."""

    app_id = forms.CharField(
        max_length=80, label=gettext_lazy("App ID"), widget=forms.TextInput(attrs=_IN_CODE)
    )
    error_code = forms.CharField(
        required=False,
        max_length=80,
        label=gettext_lazy("Error code"),
        widget=forms.TextInput(attrs=_IN_CODE),
    )
    method = forms.ChoiceField(
        choices=[(each, each) for each in METHODS],
        initial="POST",
        label=gettext_lazy("Method"),
    )
    endpoint = forms.CharField(
        max_length=300,
        label=gettext_lazy("Endpoint"),
        help_text=gettext_lazy("The path is enough: /v2/messages/send"),
        widget=forms.TextInput(attrs=_IN_CODE),
    )
    request_id = forms.CharField(
        required=False,
        max_length=120,
        label=gettext_lazy("Request ID"),
        help_text=gettext_lazy("It stands in the response header X-Request-Id; one is enough."),
        widget=forms.TextInput(attrs=_IN_CODE),
    )
    happened_at = UtcField(
        max_length=40,
        label=gettext_lazy("Time it happened, UTC"),
        help_text=gettext_lazy("Like 2026-11-20T03:14:07Z"),
        widget=forms.TextInput(attrs={**_IN_CODE, "data-utc": ""}),
    )
    phenomenon = forms.CharField(
        max_length=10_000,
        label=gettext_lazy("What happened, and what did you expect"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    payload = forms.CharField(
        required=False,
        max_length=50_000,
        strip=False,
        label=gettext_lazy("Request and response"),
        help_text=gettext_lazy(
            "Keys, tokens and signatures are blacked out in your browser and once more by us."
        ),
        widget=forms.Textarea(attrs={**_IN_CODE, "rows": 7, "data-hides-secrets": ""}),
    )
    frequency = forms.ChoiceField(
        required=False,
        label=gettext_lazy("How often"),
        choices=[
            ("", "—"),
            ("always", gettext_lazy("Every time")),
            ("often", gettext_lazy("Often")),
            ("once", gettext_lazy("Once so far")),
        ],
    )
    contact = forms.EmailField(
        max_length=254,
        label=gettext_lazy("Technical contact"),
        help_text=gettext_lazy("A mailbox that is read by whoever can change the program."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_payload(self) -> str:
        return hide_secrets(self.cleaned_data["payload"])

    def clean_phenomenon(self) -> str:
        return hide_secrets(self.cleaned_data["phenomenon"])

    def sections(self) -> list[Section]:
        """What is sent, under the words by which it was asked."""
        values = self.cleaned_data
        often = dict(self.fields["frequency"].choices)[values["frequency"]]  # type: ignore[attr-defined]  # stubs know a plain Field
        return [
            Section("", values["phenomenon"]),
            Section(_("App ID:"), values["app_id"]),
            Section(_("Endpoint:"), f"{values['method']} {values['endpoint']}"),
            Section(_("Request ID:"), values["request_id"]),
            Section(_("Error code:"), values["error_code"]),
            Section(_("Time (UTC):"), _printed(values["happened_at"])),
            Section(_("How often:"), str(often) if values["frequency"] else ""),
            Section(_("Technical contact:"), values["contact"]),
            Section(_("Request and response:"), values["payload"].strip("\r\n")),
        ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_case(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Show the form, or store what it brought and lead to the private page of the new case."""
    channel, now = door(slug), timezone.now()
    if request.method != "POST":
        token = tokens.form_token(channel, now=now)
        return page(request, "developers", channel, {"form": DeveloperForm(), "token": token})
    sent = Submission(request, DeveloperForm, now)
    if not sent.check(channel) or not isinstance(sent.form, DeveloperForm):
        return again(request, "developers", channel, sent, {})
    key = sending.open_case(
        channel=channel,
        form=sent.key.form,
        sections=sent.form.sections(),
        files=sent.files,
        name=sent.form.cleaned_data["contact"],
        language=get_language() or "",
        wishes=Wishes(category=Category.API_INTEGRATION, line=LINE),
        now=now,
    )
    return redirect("channels_ingest:support_case", token=tokens.case_token(key, now=now))


def _moment(written: str) -> datetime | None:
    found = _MOMENT.fullmatch(written)
    if found is None:
        return None
    day, clock, seconds, zone = found.groups()
    offset = "+00:00" if zone in {None, "Z", "UTC"} else zone
    try:
        return datetime.fromisoformat(f"{day}T{clock}{seconds or ':00'}{offset}").astimezone(UTC)
    except ValueError:
        return None


def _printed(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
