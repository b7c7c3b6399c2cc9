"""Who calls: `Authorization: Bearer anhao_…`, in the name of a user. Cookies do not count."""

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from ..models import ApiToken, User

_SCHEME = "bearer"


class TokenAuthentication(BaseAuthentication):
    """Find the user of a token that was issued and not revoked."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """None without a token. Raises AuthenticationFailed on one that is no (longer) good."""
        scheme, _space, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != _SCHEME:
            return None
        token = (
            ApiToken.objects.select_related("user")
            .filter(digest=ApiToken.digest_of(secret.strip()), revoked_at__isnull=True)
            .first()
        )
        if token is None or not token.user.is_active:
            raise AuthenticationFailed(_("This token is not valid, or not any more."))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
