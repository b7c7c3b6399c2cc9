"""The public form: a plain HTML form that stores, then redirects."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from . import sending, tokens
from .asking import question_of
from .forms import ProblemForm
from .pages import again, door, offer_times, page
from .submission import Submission


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_case(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Show the form, or store what it brought and lead to the private page of the new case."""
    channel, now = door(slug), timezone.now()
    if request.method != "POST":
        token = tokens.form_token(channel, now=now)
        form = ProblemForm()
        form.initial["phenomenon"] = question_of(request)  # what the help did not answer
        offer_times(form, channel, now=now)
        return page(request, "new", channel, {"form": form, "token": token})
    sent = Submission(request, ProblemForm, now)
    if sent.check(channel) and isinstance(sent.form, ProblemForm):
        key = sending.open_case(
            channel=channel,
            form=sent.key.form,
            sections=sent.form.sections(),
            files=sent.files,
            name=sent.form.sender_name(),
            language=get_language() or "",
            wishes=sent.form.wishes(),
            now=now,
        )
        return redirect("channels_ingest:support_case", token=tokens.case_token(key, now=now))
    offer_times(sent.form, channel, now=now)
    return again(request, "new", channel, sent, {})
