"""Signing in and out, and how somebody wants the desk to look."""

from django.conf import settings
from django.contrib import auth
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dashboard import throttling
from dashboard.desk import DeskRequest, desk
from tickets.actions.preferences import prefer
from tickets.models import User

THEMES = ("system", "light", "dark")
YEAR_SECONDS = 365 * 24 * 3600


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Ask for address and password. Every failure reads the same, so it tells nothing."""
    if request.user.is_authenticated:
        return redirect(_next(request))
    if request.method == "GET":
        return _login_page(request)
    email, address = request.POST.get("email", ""), request.META.get("REMOTE_ADDR", "")
    if throttling.is_blocked(email, address):
        return _login_page(request, _("Too many attempts. Try again in 15 minutes."), status=429)
    user = authenticate(request, username=email, password=request.POST.get("password", ""))
    if not isinstance(user, User):
        throttling.count_failure(email, address)
        return _login_page(request, _("The address or the password is not right."), status=422)
    throttling.forget(email, address)
    auth.login(request, user)
    return _with_language(redirect(_next(request)), user.language)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    return redirect("dashboard:login")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Show everything in another language from now on, on every device after signing in."""
    wanted = request.POST.get("language", "")
    response = redirect(_next(request))
    if wanted not in dict(settings.LANGUAGES):
        return response
    if request.user.is_authenticated and request.user.language != wanted:
        request.user.language = wanted
        request.user.save(update_fields=["language"])
    return _with_language(response, wanted)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or whatever the system says."""
    wanted = request.POST.get("theme", "")
    response = redirect(_next(request))
    if wanted in THEMES:
        response.set_cookie(
            "theme", wanted, max_age=YEAR_SECONDS, samesite="Lax", secure=request.is_secure()
        )
    return response


@require_POST
@desk
def single_keys(request: DeskRequest) -> HttpResponse:
    """Have single letters do something on the pages, or nothing."""
    prefer(user=request.user, single_keys=request.POST.get("single_keys") != "off")
    return redirect(_next(request))


def _login_page(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    context = {"error": error, "email": request.POST.get("email", ""), "next": _next(request)}
    return render(request, "dashboard/login.html", context, status=status)


def _next(request: HttpRequest) -> str:
    """Where to go on, never to another site."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else "/"


def _with_language(response: HttpResponseRedirect, language: str) -> HttpResponseRedirect:
    if language and check_for_language(language):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR_SECONDS, samesite="Lax"
        )
    return response
