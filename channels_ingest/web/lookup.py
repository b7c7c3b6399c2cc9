"""Find a case by its number: the same words and the same work for every number, known or not."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tickets import case_numbers
from tickets.actions import proofs
from tickets.actions.refusals import Refused
from tickets.models import CaseProof

from ..waking import wake
from . import viewers
from .forms import GuardedForm
from .limits import TooMany, count_attempt, network_of
from .pages import door, page
from .submission import LIMITED, UNREADY

ASKS = 10  # in ten minutes from one network, whatever the numbers
TRIES = 20


class LookupForm(GuardedForm):
    """A case number in any writing."""

    number = forms.CharField(
        max_length=80,
        label=gettext_lazy("Case number"),
        help_text=gettext_lazy(
            "It stands in every message that we sent you, and looks like QM-4821-0937-10."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )

    def clean_number(self) -> str:
        """Its digits. Only what is typed is judged here, never whether the case exists."""
        prefix: str = settings.CASE_NUMBER_PREFIX
        number = case_numbers.parse_one(self.cleaned_data["number"], prefix=prefix)
        if number is None:
            raise forms.ValidationError(_("This is not a case number. Please copy it again."))
        return number


class CodeForm(forms.Form):
    """The six digits of a message."""

    code = forms.CharField(
        max_length=20,
        label=gettext_lazy("Six-digit code"),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean_code(self) -> str:
        """Its digits alone; what is none simply does not fit."""
        return "".join(str(int(c)) for c in self.cleaned_data["code"] if c.isdecimal())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lookup(request: HttpRequest) -> HttpResponse:
    """Ask for a number; whatever it leads to, go on to the page that asks for the code."""
    channel, now = door(), timezone.now()
    if request.method != "POST":
        form = LookupForm()
        form.initial = {"number": request.GET.get("number", "")[:80]}
        return page(request, "lookup", channel, {"form": form})
    form = LookupForm(request.POST)
    try:
        count_attempt(request, "ask", limit=ASKS, now=now)
        if form.is_valid():
            return _ask(request, form.cleaned_data["number"], now)
    except TooMany as refused:
        return _too_many(request, "lookup", {"form": form}, refused.wait)
    except Refused:
        said = _("Codes for this number were asked for often enough. Please try again later.")
        context = {"form": form, "problems": [said]}
        return page(request, "lookup", channel, context, status=LIMITED)
    return page(request, "lookup", channel, {"form": form}, status=UNREADY)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for the code and, where it is right, open the case to this browser."""
    now = timezone.now()
    try:
        proof = proofs.proof_of(pk, browser=viewers.browser_of(request))
    except CaseProof.DoesNotExist:
        return redirect("channels_ingest:support_lookup")
    form, problems, status = CodeForm(label_suffix=""), [], 200
    if request.method == "POST":
        form = CodeForm(request.POST, label_suffix="")
        status = UNREADY
        try:
            count_attempt(request, "code", limit=TRIES, now=now)
            if form.is_valid():
                opened = proofs.open_case(proof=proof, code=form.cleaned_data["code"], now=now)
                word = viewers.printed(opened.number)
                return redirect("channels_ingest:support_case", token=word)
        except TooMany as refused:
            return _too_many(request, "code", _shown(proof, form, now), refused.wait)
        except Refused as refused:
            problems = [_why(refused)]
            proof.refresh_from_db()
    context = {**_shown(proof, form, now), "problems": problems}
    return page(request, "code", door(), context, status=status)


@never_cache
@require_http_methods(["POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Close everything that codes have opened to this browser."""
    proofs.leave(browser=viewers.browser_of(request), now=timezone.now())
    return redirect("channels_ingest:support_lookup")


def _ask(request: HttpRequest, number: str, now: datetime) -> HttpResponse:
    """Note the wish and go on. Raises Refused."""
    browser = viewers.browser_of(request) or viewers.new_browser()
    network = network_of(request.META.get("REMOTE_ADDR", ""))
    proof = proofs.ask(number=number, browser=browser, network=network, now=now)
    wake("channels_ingest.tasks.send_codes")
    answer = redirect("channels_ingest:support_code", pk=proof.pk)
    viewers.remember(answer, browser)
    return answer


def _shown(proof: CaseProof, form: CodeForm, now: datetime) -> dict[str, object]:
    is_dead = bool(proof.granted_until) or not proof.tries_left or now >= proof.code_until
    return {
        "form": form,
        "number": viewers.printed(proof.number),
        "until": proof.code_until,
        "tries": proof.tries_left,
        "is_dead": is_dead,
    }


def _why(refused: Refused) -> str:
    if refused.code == "wrong_code":
        return _("This is not the code that was sent.")
    return _("This code does not work any more. Please ask for a new one.")


def _too_many(
    request: HttpRequest, template: str, context: dict[str, object], wait: int
) -> HttpResponse:
    minutes = -(-wait // 60)
    said = _("Too many attempts from your network. Please try again in {minutes} minutes.")
    shown = {**context, "problems": [said.format(minutes=minutes)]}
    response = page(request, template, door(), shown, status=LIMITED)
    response["Retry-After"] = str(wait)
    return response
