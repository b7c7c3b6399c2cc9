"""Calls to the vendor's API: with a token that is renewed once, and answers that can be trusted."""

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

import requests

from channels_ingest import wire
from channels_ingest.connectors.base import Account, FetchFailure, Token
from channels_ingest.weixin.errors import BadAnswer, NoAnswer, Refusal, Table, Trouble, is_stale
from tickets.interchange import IncomingFile, OutgoingFile

LARGEST_FILE = 20 * 1024 * 1024  # bytes; the vendor itself takes no larger ones
CHUNK = 64 * 1024
ERROR_PAGE = re.compile(rb'\s*\{\s*"(?:errcode|errmsg|video_url)"')
HIDDEN = ("access_token", "corpsecret")  # fields of a query that no error may repeat

T = TypeVar("T")


class Api:
    """One account's calls. `renew` asks for a token and may raise Trouble; `table` knows codes."""

    def __init__(
        self, account: Account, host: str, renew: Callable[["Api"], Token], table: Table
    ) -> None:
        self._account = account
        self._host = host.rstrip("/")
        self._renew = renew
        self._table = table

    def ask(self, path: str, body: object = None, **query: str) -> dict[str, Any]:
        """Call with the access token: GET, or POST where there is a body. Raises Trouble."""
        return self._with_token(lambda token: self.plain(path, body, access_token=token, **query))

    def plain(self, path: str, body: object = None, **query: str) -> dict[str, Any]:
        """The same without a token, as for asking for one. Raises Trouble."""
        content = {} if body is None else {"data": _written(body)}
        response = self._call("GET" if body is None else "POST", path, query, **content)
        return _understood(response, response.content, query)

    def upload(self, kind: str, file: OutgoingFile) -> str:
        """Hand over one file for a message to come; return its media id. Raises Trouble."""

        def uploaded(token: str) -> dict[str, Any]:
            query = {"access_token": token, "type": kind}
            files = {"media": (file.name, file.data, file.content_type)}
            response = self._call("POST", "/cgi-bin/media/upload", query, files=files)
            return _understood(response, response.content, query)

        try:
            answer = self._with_token(uploaded)
        except Trouble as trouble:
            trouble.nothing_sent = True
            raise
        return str(answer.get("media_id") or "")

    def media(self, media_id: str) -> IncomingFile:
        """Fetch a file by its id; a video may come as its `url` alone.

        Raises Trouble, or FetchFailure for one that is too large.
        """
        return self._with_token(lambda token: self._media(media_id, token))

    def _media(self, media_id: str, token: str) -> IncomingFile:
        query = {"access_token": token, "media_id": media_id}
        response = self._call("GET", "/cgi-bin/media/get", query, stream=True)
        with response:
            data = _body_of(response)
        if response.status_code != 200 or ERROR_PAGE.match(data):
            answer = _understood(response, data, query)
            return IncomingFile("video.mp4", "video/mp4", url=str(answer.get("video_url") or ""))
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
        return IncomingFile(_name_of(response), kind or "application/octet-stream", data)

    def _with_token(self, call: Callable[[str], T]) -> T:
        token = self._token()
        try:
            return call(token)
        except Refusal as refusal:
            if not is_stale(refusal, self._table):
                raise
        return call(self._token(refused=token))

    def _token(self, refused: str = "") -> str:
        try:
            return self._account.token(lambda: self._renew(self), refused=refused)
        except Trouble as trouble:
            trouble.nothing_sent = True
            raise

    def _call(
        self, method: str, path: str, query: dict[str, str], **content: Any
    ) -> requests.Response:
        try:
            return self._account.http.request(
                method,
                self._host + path,
                params=query,
                timeout=wire.TIMEOUT,
                allow_redirects=False,  # the token goes to this host and nowhere else
                **content,
            )
        except requests.RequestException as error:
            raise NoAnswer(error) from None


def token_in(answer: dict[str, Any]) -> Token:
    """The token of an answer. Raises Refusal if it holds none."""
    value, seconds = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(value, str) or not value or not isinstance(seconds, int | float):
        raise Refusal(0, "the answer has no access token")
    return Token(value, float(seconds))


def _written(body: object) -> bytes:
    """JSON as the vendor wants it: escapes like \\u4e2d are refused (40033)."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def _understood(response: requests.Response, data: bytes, query: dict[str, str]) -> dict[str, Any]:
    """The answer as an object. Raises BadAnswer or Refusal."""
    if response.status_code != 200:
        raise BadAnswer(response)
    try:
        answer = wire.json_object(data)
    except ValueError:
        raise BadAnswer(response) from None
    errcode = answer.get("errcode") or 0
    if not isinstance(errcode, int):
        raise BadAnswer(response)
    if errcode:
        said = str(answer.get("errmsg") or "")
        for hidden in filter(None, map(query.get, HIDDEN)):
            said = said.replace(hidden, "…")
        raise Refusal(errcode, said)
    return answer


def _body_of(response: requests.Response) -> bytes:
    """The bytes of a file. Raises FetchFailure for one that is too large, else Trouble."""
    data = bytearray()
    try:
        for chunk in response.iter_content(CHUNK):
            data += chunk
            if len(data) > LARGEST_FILE:
                raise FetchFailure("too_large", f"more than {LARGEST_FILE} bytes")
    except requests.RequestException as error:
        raise NoAnswer(error) from None
    return bytes(data)


def _name_of(response: requests.Response) -> str:
    """The name that the vendor gives a file; it writes UTF-8 where HTTP expects Latin-1."""
    told = re.search(r'filename="?([^";]+)', response.headers.get("Content-Disposition", ""))
    if told is None:
        return "file"
    try:
        return wire.storable(told[1].encode("latin-1").decode())[:200]
    except UnicodeError:
        return wire.storable(told[1])[:200]
