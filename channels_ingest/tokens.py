"""The access token of an account: kept sealed, shared by all workers, renewed by one at a time."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from . import credentials
from .connectors.base import Token
from .models import AccessToken, ChannelAccount

MARGIN = 0.1  # of a token's life, at most five minutes: it is renewed so long before its end
LONGEST_MARGIN = 300.0  # seconds


class Tokens:
    """The tokens of one account, and all that this process has been given of them."""

    def __init__(self, account: ChannelAccount) -> None:
        self._account = account
        self._place = f"channels_ingest.accesstoken:{account.pk}:sealed"
        self.known: set[str] = set()

    def current(self, renew: Callable[[], Token], *, refused: str, now: datetime) -> str:
        """The token to use now. What `renew` raises goes through, and the old token stays.

        The row stays locked while the vendor is asked: the others need the answer anyway, and
        two renewals at once would make each other's tokens invalid.
        """
        found = self._kept(AccessToken.objects.filter(pk=self._account.pk).first(), refused, now)
        return found or self._renewed(renew, refused, now)

    def _renewed(self, renew: Callable[[], Token], refused: str, now: datetime) -> str:
        AccessToken.objects.get_or_create(account=self._account)
        with transaction.atomic():
            row = AccessToken.objects.select_for_update().get(pk=self._account.pk)
            if kept := self._kept(row, refused, now):
                return kept
            token = renew()
            self.known.add(token.value)
            margin = min(token.seconds * MARGIN, LONGEST_MARGIN)
            row.sealed = credentials.seal({"token": token.value}, place=self._place)
            row.until = now + timedelta(seconds=token.seconds - margin)
            row.renewed_at = now
            row.save()
        return token.value

    def _kept(self, row: AccessToken | None, refused: str, now: datetime) -> str:
        """The token of the row while it is good, else ""."""
        if row is None or row.sealed is None or row.until is None or now >= row.until:
            return ""
        value = str(credentials.unseal(row.sealed, place=self._place)["token"])
        self.known.add(value)
        return "" if value == refused else value
