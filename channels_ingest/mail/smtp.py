"""Hand one mail to a server by SMTP and say precisely what became of it."""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from channels_ingest.connectors.base import (
    OutcomeUnknown,
    PermanentFailure,
    SendFailure,
    TemporaryFailure,
)
from channels_ingest.mail.imap import Server, is_loopback, shown

PAUSE = 300.0  # seconds to stay away after a refusal that passes

# Words of refusals whose number alone says the wrong thing; the first that occurs decides.
REFUSALS: tuple[tuple[re.Pattern[str], str, float | None], ...] = tuple(
    (re.compile(words, re.IGNORECASE), code, pause)
    for words, code, pause in (
        (r"frequency limited|too many|rate limit|throttl|try again later", "busy", PAUSE),
        (r"mailbox unavailable or access denied", "busy", PAUSE),
        (r"too large|size limit|exceeds.{1,20}size", "too_large", None),
        (r"content denied|spam|virus|blocked content", "content", None),
        (r"mailbox not found|no such user|user unknown|unknown user", "recipient_gone", None),
    )
)
ENHANCED = re.compile(r"\b5\.(\d{1,3})\.\d{1,3}\b")


def deliver(server: Server, sender: str, recipient: str, mail: bytes) -> None:
    """Send a mail to one recipient.

    Raises TemporaryFailure or PermanentFailure where it certainly did not arrive, OutcomeUnknown
    where the connection broke after its last line was on the way.
    """
    with connected(server) as connection:
        _check_size(connection, mail)
        _expect(connection.mail(sender), "sender")
        _expect(connection.rcpt(recipient), "recipient")
        code, words = connection.docmd("DATA")
        if code != 354:
            raise refusal(code, words, "content")
        _expect(_hand_over(connection, mail), "content")


def greet(server: Server) -> None:
    """Sign in without sending anything. Raises SendFailure."""
    with connected(server) as connection:
        _expect(connection.noop(), "sender")


@contextmanager
def connected(server: Server) -> Iterator[smtplib.SMTP]:
    """Connect and sign in; what breaks until the mail itself is sent is a TemporaryFailure."""
    connection: smtplib.SMTP | None = None
    try:
        connection = _connect(server)
        yield connection
        with suppress(smtplib.SMTPException, OSError):
            connection.quit()
    except ssl.SSLError as error:
        raise TemporaryFailure("tls", shown(error)) from None
    except smtplib.SMTPResponseException as error:
        # The greeting, EHLO or STARTTLS: it says nothing about this mail, so it is not final.
        detail = f"{error.smtp_code} {shown(error.smtp_error)}"
        raise TemporaryFailure("connect", detail) from None
    except (smtplib.SMTPException, OSError) as error:
        raise TemporaryFailure("connect", shown(error)) from None
    finally:
        if connection is not None:
            connection.close()


def _connect(server: Server) -> smtplib.SMTP:
    if server.security not in ("tls", "starttls", "plain"):
        raise PermanentFailure("settings", "smtp_security is tls, starttls or plain")
    if server.security == "plain" and not is_loopback(server.host):
        raise PermanentFailure("settings", "plain is only for a server on this machine")
    connection: smtplib.SMTP
    context = ssl.create_default_context()
    if server.security == "tls":
        connection = smtplib.SMTP_SSL(
            server.host, server.port, timeout=server.timeout, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
    try:
        if server.security == "starttls":
            connection.starttls(context=context)
        connection.ehlo_or_helo_if_needed()
        if server.user:
            _log_in(connection, server)
    except BaseException:
        connection.close()
        raise
    return connection


def _log_in(connection: smtplib.SMTP, server: Server) -> None:
    """Sign in. A refusal is temporary: replies wait while a person mends the password."""
    try:
        connection.login(server.user, server.password)
    except smtplib.SMTPResponseException as error:
        detail = f"{error.smtp_code} {shown(error.smtp_error)}"
        raise TemporaryFailure("login", detail, retry_after=PAUSE) from None
    except (smtplib.SMTPNotSupportedError, UnicodeEncodeError):
        detail = "the server offers no way to sign in with this user and password"
        raise TemporaryFailure("login", detail, retry_after=PAUSE) from None


def _check_size(connection: smtplib.SMTP, mail: bytes) -> None:
    limit = connection.esmtp_features.get("size", "")
    if limit.isdigit() and 0 < int(limit) < len(mail):
        raise PermanentFailure("too_large", f"{len(mail)} bytes; the server takes {limit}")


def _hand_over(connection: smtplib.SMTP, mail: bytes) -> tuple[int, bytes]:
    """Send the mail and its end; from here on a broken connection proves nothing."""
    stuffed = re.sub(rb"(?m)^\.", b"..", mail)
    ending = b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n"
    try:
        connection.send(stuffed + ending)
        return connection.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise OutcomeUnknown("no_answer", shown(error)) from None


def _expect(answer: tuple[int, bytes], about: str) -> None:
    code, words = answer
    if code // 100 != 2:
        raise refusal(code, words, about)


def refusal(code: int, words: bytes, about: str) -> SendFailure:
    """What a server's refusal means; `about` is what it refused: sender, recipient or content."""
    said = shown(words)
    detail = f"{code} {said}"
    if code // 100 != 5:
        # Nothing but 4xx belongs here; a server that speaks nonsense may speak sense later.
        return TemporaryFailure("busy", detail)
    for pattern, meaning, pause in REFUSALS:
        if pattern.search(said):
            if pause is not None:
                return TemporaryFailure(meaning, detail, retry_after=pause)
            return PermanentFailure(meaning, detail)
    return PermanentFailure(_by_number(code, said, about), detail)


def _by_number(code: int, said: str, about: str) -> str:
    enhanced = ENHANCED.search(said)
    subject = int(enhanced[1]) if enhanced else None
    if code == 552:
        return "recipient_gone" if subject == 2 else "too_large"
    if about == "recipient" and (
        subject in (1, 2) or (subject is None and code in (550, 551, 553))
    ):
        return "recipient_gone"
    return "content" if about == "content" and subject in (None, 6, 7) else "refused"
