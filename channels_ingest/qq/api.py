"""QQ's API: one call with the account's token, which is renewed once where QQ refuses it."""

from typing import Any

import requests

from channels_ingest import wire
from channels_ingest.connectors.base import Account, FetchFailure, Token
from channels_ingest.qq import errors

SHORTEST = 30.0  # seconds that a token is kept, whatever the vendor says


class Api:
    """The API as the bot of one account may use it."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> requests.Response:
        """Ask QQ whatever it may answer. Raises FetchFailure where no token is to be had, and
        requests.RequestException."""
        token = self._account.token(self._renew)
        response = self._ask(method, path, body, token)
        if errors.is_stale(response):
            token = self._account.token(self._renew, refused=token)
            response = self._ask(method, path, body, token)
        return response

    def _ask(
        self, method: str, path: str, body: dict[str, Any] | None, token: str
    ) -> requests.Response:
        return self._account.http.request(
            method,
            self._account.settings.api_base.rstrip("/") + path,
            json=body,
            headers={"Authorization": f"QQBot {token}"},
            timeout=wire.TIMEOUT,
            allow_redirects=False,  # the token goes to this host and nowhere else
        )

    def put(self, address: str, data: bytes) -> int:
        """Put bytes where QQ told us to; return the status. Raises requests.RequestException.

        The address proves itself: the token must not go with it.
        """
        response = self._account.http.put(
            address, data=data, timeout=wire.TIMEOUT, allow_redirects=False
        )
        return response.status_code

    def said(self, response: requests.Response) -> str:
        """The vendor's words about a failure, without what must not be told."""
        words = errors.said(response)
        given = self._account.settings
        hidden = (*self._account.hidden, given.app_secret, given.previous_app_secret)
        for secret in filter(None, hidden):
            words = words.replace(secret, "…")
        return words

    def _renew(self) -> Token:
        """Ask for a token. Raises FetchFailure."""
        given = self._account.settings
        try:
            response = self._account.http.post(
                given.token_url,
                json={"appId": given.app_id, "clientSecret": given.app_secret},
                timeout=wire.TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise wire.broken_fetch(error) from None
        try:
            body = wire.json_object(response.content)
        except ValueError:
            body = {}
        value = body.get("access_token")
        if response.status_code == 200 and isinstance(value, str) and value:
            return Token(value, _seconds(body.get("expires_in")))
        raise self._no_token(response)

    def _no_token(self, response: requests.Response) -> FetchFailure:
        """Why there is none: QQ says it with a code, mostly under the status 200."""
        code, words = errors.code_of(response), self.said(response)
        if errors.is_unlisted(response):
            return FetchFailure("address_not_listed", words)
        if response.status_code in (400, 401, 403) or 100000 <= code < 100100:
            return FetchFailure("bad_credentials", words)
        is_limited = response.status_code == 429 or code in errors.LIMITED
        wait = wire.retry_after(response.headers, self._account.now())
        return FetchFailure("limited" if is_limited else "unavailable", words, retry_after=wait)


def _seconds(value: object) -> float:
    """How long the token lives: documented as a number, sent as a text."""
    try:
        return max(float(str(value)), SHORTEST)
    except ValueError:
        return SHORTEST
