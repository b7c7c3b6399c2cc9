"""A content security policy on every answer.

Setting and policy have the names that Django 6 gives them, so that upgrading deletes this module.
"""

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

HEADER = "Content-Security-Policy"
SELF = "'self'"
NONE = "'none'"


def policy(directives: Mapping[str, Iterable[str]]) -> str:
    """Write the directives as the header wants them."""
    return "; ".join(" ".join([name, *sources]) for name, sources in directives.items())


class ContentSecurityPolicyMiddleware(MiddlewareMixin):
    """Add the policy of `SECURE_CSP` to every answer that brings none of its own.

    A view that must differ (a page made to be framed) sets the header itself.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response.headers.setdefault(HEADER, policy(settings.SECURE_CSP))
        return response
