"""Ask a mailbox by IMAP: sign in, list what is there, fetch mails without marking them read.

The standard imaplib is enough and hands over the raw bytes; a library that parses mails itself
would only stand between us and the traps of servers that this module is about.
"""

import base64
import imaplib
import ipaddress
import re
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from channels_ingest.connectors.base import FetchFailure

LOGIN_PAUSE = 300.0  # some servers say "wrong password" when they mean "too often"
LONGEST_MAIL = 25 * 1024 * 1024
PAGE = 50  # mails that are fetched and stored together
PAGE_BYTES = 32 * 1024 * 1024
OMITTED = "X-Anhao-Omitted"  # first line of a mail of which only the headers were fetched
CLIENT = '("name" "Anhao" "vendor" "Anhao" "version" "1.0")'

UID = re.compile(rb"\bUID (\d+)")
SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
ARRIVED = re.compile(rb'\bINTERNALDATE "([^"]{1,60})"')
DASHED = re.compile(r"^\s*(\d{1,2})-(\w{3})-(\d{4})")
UNSAFE_LOGIN = ("unsafe login", "id command")


@dataclass(frozen=True, slots=True)
class Server:
    """Where a mailbox lives and how to enter it."""

    host: str
    port: int
    security: str
    user: str
    password: str
    timeout: float


@dataclass(frozen=True, slots=True)
class Listed:
    """One mail of the folder, known by its facts only."""

    uid: int
    size: int
    arrived_at: datetime | None


def is_loopback(host: str) -> bool:
    """Does the name stand for this machine, so that an unencrypted connection stays inside?"""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def signed_in(server: Server) -> Iterator["Mailbox"]:
    """Connect, sign in and say who we are; every trouble until the end is a FetchFailure."""
    connection: imaplib.IMAP4 | None = None
    try:
        connection = _connect(server)
        _log_in(connection, server)
        yield Mailbox(connection)
        connection.logout()
    except ssl.SSLError as error:
        raise FetchFailure("tls", shown(error)) from None
    except (imaplib.IMAP4.abort, OSError, EOFError) as error:
        raise FetchFailure("connect", shown(error)) from None
    except imaplib.IMAP4.error as error:
        raise FetchFailure("refused", shown(error)) from None
    finally:
        if connection is not None:
            _hang_up(connection)


def _connect(server: Server) -> imaplib.IMAP4:
    if server.security == "tls":
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(
            server.host, server.port, ssl_context=context, timeout=server.timeout
        )
    if server.security not in ("starttls", "plain"):
        raise FetchFailure("settings", "imap_security is tls, starttls or plain")
    if server.security == "plain" and not is_loopback(server.host):
        raise FetchFailure("settings", "plain is only for a server on this machine")
    connection = imaplib.IMAP4(server.host, server.port, timeout=server.timeout)
    if server.security == "starttls":
        try:
            connection.starttls(ssl.create_default_context())
        except BaseException:
            _hang_up(connection)
            raise
    return connection


def _log_in(connection: imaplib.IMAP4, server: Server) -> None:
    user, password = server.user, server.password
    if not (user + password).isascii() or not (user + password).isprintable():
        raise FetchFailure("login", "user and password must be printable ASCII")
    try:
        connection.login(_quoted(user), password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        # Not final, whatever the server says: only a person may decide that a password is wrong.
        raise FetchFailure("login", shown(error), retry_after=LOGIN_PAUSE) from None
    _say_who_we_are(connection)


def _say_who_we_are(connection: imaplib.IMAP4) -> None:
    """Send ID (RFC 2971) where it is known; some servers open no folder for a client without."""
    known = set(connection.capabilities)
    status, lines = connection.capability()
    if status == "OK":
        known |= {word.decode("ascii", "replace").upper() for word in _words(lines)}
    if "ID" in known:
        connection.xatom("ID", CLIENT)


def _words(lines: Iterable[object]) -> Iterator[bytes]:
    for line in lines:
        if isinstance(line, bytes):
            yield from line.split()


def _hang_up(connection: imaplib.IMAP4) -> None:
    with suppress(OSError):
        connection.shutdown()


class Mailbox:
    """A signed-in connection."""

    def __init__(self, connection: imaplib.IMAP4) -> None:
        self._connection = connection

    def open(self, folder: str) -> tuple[int, int]:
        """Open a folder for reading only; return its UIDVALIDITY and UIDNEXT."""
        status, lines = self._connection.select(_quoted(utf7(folder)), readonly=True)
        if status != "OK":
            said = shown(lines[0] if lines else b"")
            is_login = any(mark in said.lower() for mark in UNSAFE_LOGIN)
            raise FetchFailure("login" if is_login else "folder", said)
        validity, following = self._number("UIDVALIDITY"), self._number("UIDNEXT")
        return validity or 0, following or self._highest() + 1

    def _number(self, code: str) -> int | None:
        _code, values = self._connection.response(code)
        found = values[-1] if values else None
        return int(found) if isinstance(found, bytes) and found.isdigit() else None

    def _highest(self) -> int:
        return max((each.uid for each in self._facts("*")), default=0)

    def newer_than(self, uid: int) -> list[Listed]:
        """The mails after a UID in rising order.

        Asked of an empty range, servers answer with their highest mail: it is dropped. FETCH and
        not SEARCH, whose one long line imaplib refuses on a large folder.
        """
        found = {each.uid: each for each in self._facts(f"{uid + 1}:*") if each.uid > uid}
        return [found[each] for each in sorted(found)]

    def _facts(self, range_: str) -> Iterator[Listed]:
        for facts, _data in self._fetch(range_, "(UID INTERNALDATE RFC822.SIZE)") or ():
            if uid := UID.search(facts):
                size = SIZE.search(facts)
                yield Listed(int(uid[1]), int(size[1]) if size else 0, _arrived_at(facts))

    def bodies(self, mails: list[Listed]) -> dict[int, bytes]:
        """The raw mails by UID; of one that the server cannot give, what it can, or nothing."""
        small = [each for each in mails if each.size <= LONGEST_MAIL]
        raw = self._whole(small)
        for each in mails:
            if each.uid not in raw and (head := self._head(each)):
                raw[each.uid] = head
        return raw

    def _whole(self, mails: list[Listed]) -> dict[int, bytes]:
        if not mails:
            return {}
        answer = self._fetch(",".join(str(each.uid) for each in mails), "(UID BODY.PEEK[])")
        if answer is None and len(mails) > 1:  # one of them is the culprit: ask for each alone
            return {uid: raw for each in mails for uid, raw in self._whole([each]).items()}
        wanted = {each.uid for each in mails}
        pairs = ((UID.search(facts), data) for facts, data in answer or () if data is not None)
        return {int(uid[1]): data for uid, data in pairs if uid and data and int(uid[1]) in wanted}

    def _head(self, mail: Listed) -> bytes:
        """Our mark and the headers; b"" for a mail that is gone by now.

        Where the server refuses even these, a stand-in without a sender is given: it fails to
        parse and is seen by a person, while the mails behind it come in.
        """
        answer = self._fetch(str(mail.uid), "(UID BODY.PEEK[HEADER])")
        if answer is None:
            return f"Subject: unreadable mail, UID {mail.uid}\r\n\r\n".encode()
        head = next((data for _facts, data in answer if data), b"")
        return b"%s: %d\r\n%s" % (OMITTED.encode(), mail.size, head) if head else b""

    def _fetch(self, uids: str, items: str) -> list[tuple[bytes, bytes | None]] | None:
        """The answers to a FETCH as (facts, literal); None where the server says no."""
        status, answer = self._connection.uid("FETCH", uids, items)
        if status != "OK":
            return None
        found: list[tuple[bytes, bytes | None]] = []
        for item in answer:
            if isinstance(item, tuple):
                found.append((item[0], item[1]))
            elif isinstance(item, bytes) and item.startswith(b")"):
                continue  # closes a literal
            elif isinstance(item, bytes) and found and found[-1][1] is not None:
                # Facts may also follow the literal: "… {12}" literal " UID 7)".
                found[-1] = (found[-1][0] + b" " + item, found[-1][1])
            elif isinstance(item, bytes):
                found.append((item, None))
        return found


def paged(mails: list[Listed]) -> Iterator[list[Listed]]:
    """Cut the list so that neither the number nor the bytes of a page grow without end."""
    page: list[Listed] = []
    for mail in mails:
        size = sum(min(each.size, LONGEST_MAIL) for each in (*page, mail))
        if page and (len(page) == PAGE or size > PAGE_BYTES):
            yield page
            page = []
        page.append(mail)
    if page:
        yield page


def _arrived_at(facts: bytes) -> datetime | None:
    written = ARRIVED.search(facts)
    if not written:
        return None
    dashed = DASHED.sub(r"\1 \2 \3", written[1].decode("ascii", "replace"))
    try:
        at = parsedate_to_datetime(dashed)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def utf7(folder: str) -> str:
    """A folder's name in the modified UTF-7 of IMAP (RFC 3501 5.1.3)."""
    if any(ord(char) < 32 for char in folder):
        raise FetchFailure("folder", "the name holds control characters")

    def encode(found: re.Match[str]) -> str:
        if found[0] == "&":
            return "&-"
        coded = base64.b64encode(found[0].encode("utf-16-be")).rstrip(b"=").replace(b"/", b",")
        return f"&{coded.decode()}-"

    return re.sub(r"&|[^\x20-\x7e]+", encode, folder)


def shown(said: object) -> str:
    """What a server said, short and printable."""
    if isinstance(said, BaseException):
        said = said.args[0] if len(said.args) == 1 else str(said)
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return re.sub(r"[^\x20-\x7e\u00a0-\uffff]+", " ", text)[:200]
