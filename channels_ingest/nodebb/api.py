"""The API of a NodeBB forum: one call, two ways to read, and what its refusals mean."""

import json
import re
from typing import Any

import requests

from channels_ingest import wire
from channels_ingest.connectors.base import (
    FetchFailure,
    Misconfigured,
    OutcomeUnknown,
    PermanentFailure,
    SendFailure,
    TemporaryFailure,
)

CODES = {401: "bad_credentials", 403: "not_allowed", 404: "missing", 429: "limited"}

# Most refusals are a 400 with words in the language that we ask for; this part of them stays.
WORDS: tuple[tuple[str, str], ...] = (
    (r"only post once every|wait before posting|already posting|too many messages", "limited"),
    (r"uploaded too many files|wait \d+ second", "limited"),
    (r"maintenance", "unavailable"),
    (r"topic (has been |is )?locked|(topic|room) does not exist|not in room", "closed"),
    (r"restricted (their|incoming) |blocked|user does not exist", "recipient_gone"),
    (r"shorter post|(can ?not|can't) be longer", "too_long"),
    (r"longer post|not enough reputation to post links", "content_refused"),
    (r"banned|been muted|email (is|has been|has not been) confirmed", "not_allowed"),
)


class Forum:
    """One forum as the owner of a token sees it through `http`."""

    def __init__(
        self, base_url: str, token: str, http: requests.Session, *, as_uid: str = ""
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._token = token
        self._http = http
        self._as_uid = as_uid  # a master token speaks for whomever it names

    def call(self, method: str, path: str, **content: Any) -> requests.Response:
        """Ask the forum whatever it may answer. Raises requests.RequestException."""
        query = {"lang": "en-GB", **content.pop("params", {})}
        if self._as_uid:
            query["_uid"] = self._as_uid
        return self._http.request(
            method,
            f"{self.base_url}/api{path}",
            params=query,
            headers={"Authorization": f"Bearer {self._token}", "Accept": "application/json"},
            timeout=wire.TIMEOUT,
            allow_redirects=False,  # the token goes to this forum and nowhere else
            **content,
        )

    def read(self, path: str, query: dict[str, Any] | None = None) -> Any:
        """Read JSON of any kind. Raises FetchFailure."""
        try:
            response = self.call("GET", path, params=query or {})
        except requests.RequestException as error:
            raise wire.broken_fetch(error) from None
        if response.status_code != 200:
            code = CODES.get(response.status_code) or self._word(response)
            raise FetchFailure(code, self.said(response), retry_after=wait(response))
        try:
            return json.loads(response.content)
        except (ValueError, RecursionError):
            raise FetchFailure("refused", "the answer is no JSON") from None

    def read_v3(self, path: str, query: dict[str, Any] | None = None) -> dict[str, Any]:
        """Read what the newer API wraps into an envelope. Raises FetchFailure."""
        wrapped = self.read(f"/v3{path}", query)
        response = wrapped.get("response") if isinstance(wrapped, dict) else None
        if not isinstance(response, dict):
            raise FetchFailure("refused", "the answer has no response")
        return response

    def write(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        """Change something, once. Raises a SendFailure."""
        try:
            response = self.call(method, path, **content)
        except requests.RequestException as error:
            raise wire.broken_send(error) from None
        if response.status_code not in (200, 202):
            raise self._refusal(response)
        try:
            done = wire.json_object(response.content).get("response")
        except ValueError:
            raise OutcomeUnknown("no_answer", "the answer is no JSON object") from None
        return done if isinstance(done, dict) else {}

    def _refusal(self, response: requests.Response) -> SendFailure:
        status, said = response.status_code, self.said(response)
        word = {401: "bad_credentials", 404: "closed", 429: "limited", 503: "unavailable"}.get(
            status
        ) or self._word(response)
        if word in ("limited", "unavailable") and status in (400, 429, 503):
            return TemporaryFailure(word, said, retry_after=wait(response))
        if status >= 500:
            return OutcomeUnknown("unavailable", said)
        if word == "bad_credentials" or (word == "not_allowed" and "banned" in said):
            return Misconfigured(word, said)
        return PermanentFailure("not_allowed" if status == 403 else word, said)

    def _word(self, response: requests.Response) -> str:
        if response.status_code >= 500:
            return "unavailable"
        said = self.said(response).lower()
        return next((word for pattern, word in WORDS if re.search(pattern, said)), "refused")

    def said(self, response: requests.Response) -> str:
        """The forum's own words about a failure, short and without our token."""
        try:
            body = wire.json_object(response.content)
        except ValueError:
            body = {}
        status = body.get("status")
        message = status.get("message") if isinstance(status, dict) else body.get("error")
        words = wire.storable(str(message or "")).replace(self._token, "…")
        return f"HTTP {response.status_code} {words}".strip()[:300]


def wait(response: requests.Response) -> float | None:
    """The seconds after which the forum wants to be asked again, where it says so."""
    return wire.retry_after(response.headers)
