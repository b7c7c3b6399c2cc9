"""Readers of articles: nothing but a random cookie tells one from another."""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

COOKIE = "help-reader"
COOKIE_AGE = 365 * 24 * 3600


def token_of(request: HttpRequest) -> str:
    """The reader's random word; a new one for somebody who has none yet."""
    return request.COOKIES.get(COOKIE, "") or secrets.token_urlsafe(16)


def hashed(token: str) -> str:
    """What is kept of a reader's word."""
    return salted_hmac("help.reader", token, algorithm="sha256").hexdigest()


def remember(response: HttpResponse, token: str) -> None:
    """Have the browser bring the word along next time."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=COOKIE_AGE,
        path="/support/",
        samesite="Lax",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
    )
