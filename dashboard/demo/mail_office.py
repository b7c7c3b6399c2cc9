"""The control face of the demo's mail server: a customer's letters, and what goes wrong with ours.

Mail itself travels by SMTP and IMAP; this listens beside them, as the other emulators' face does.
"""

import base64
import smtplib
from collections.abc import Mapping, Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import make_msgid, parseaddr
from typing import Any

from channels_ingest.sandbox.base import Answer, Call, Emulator
from channels_ingest.sandbox.email import MailServer
from channels_ingest.sandbox.mailboxes import Mail


class MailOffice(Emulator):
    """Lets somebody `say` something by mail, and shows what both sides of it wrote."""

    name = "mail sandbox"

    def __init__(self, server: MailServer, address: str, *, port: int = 0) -> None:
        super().__init__(port=port)
        self.server = server
        self.address = address
        self._read: dict[tuple[str, int], dict[str, Any]] = {}
        self._last = b""

    def answer(self, call: Call) -> Answer:
        return Answer(404)

    def inject(self, do: str = "say", **what: Any) -> Any:
        """Let somebody `say` something, or have `trouble` for the next reply."""
        if do not in ("say", "trouble"):
            raise LookupError(f"nobody does {do!r} here")
        return getattr(self, do)(**what)

    def say(
        self,
        sender: str,
        text: str,
        *,
        name: str = "",
        subject: str = "",
        files: Sequence[Mapping[str, str]] = (),
    ) -> str:
        """Send a mail to the desk by SMTP, in answer to its last one if there is one; its id."""
        letter = EmailMessage()
        letter["From"] = f"{name} <{sender}>" if name else sender
        letter["To"] = self.address
        letter["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        answered = self._latest_to(sender)
        letter["Subject"] = subject or (f"Re: {answered['Subject']}" if answered else text[:60])
        if answered:
            letter["In-Reply-To"] = letter["References"] = answered["Message-ID"]
        letter.set_content(text)
        for file in files:
            kind, _slash, subtype = file.get("type", "application/octet-stream").partition("/")
            data = base64.b64decode(file["data"])
            letter.add_attachment(data, maintype=kind, subtype=subtype, filename=file["name"])
        self._last = letter.as_bytes()
        with smtplib.SMTP("127.0.0.1", self.server.smtp.port, timeout=10) as post:
            post.sendmail(sender, self.address, self._last)
        return str(letter["Message-ID"])

    def trouble(self, name: str) -> None:
        """Raises LookupError for what mail does not know."""
        post = self.server.post
        match name:
            case "lost":
                post.fail("smtp end", "drop", processed=True)
            case "limited":
                post.fail("smtp mail", "451 4.7.1 Greylisted, please try again later")
            case "twice":
                post.put(self.address, self._last)
            case _:
                raise LookupError(f"mail knows no {name!r}")

    def inspect(self) -> Any:
        with self.server.post.changed:
            mails = [
                (address, mail)
                for address, box in self.server.post.folders.items()
                for mail in box.mails
            ]
        return {"messages": [self._shown(*each) for each in mails]}

    def _shown(self, address: str, mail: Mail) -> dict[str, Any]:
        key = (address, mail.uid)
        if key not in self._read:
            self._read[key] = self._opened(address, mail)
        return self._read[key]

    def _opened(self, address: str, mail: Mail) -> dict[str, Any]:
        letter = message_from_bytes(mail.raw, policy=default)
        body = letter.get_body(("plain", "html"))
        sender = parseaddr(str(letter["From"]))[1]
        is_in = address == self.address
        return {
            "direction": "in" if is_in else "out",
            **({"sender": sender} if is_in else {"recipient": address}),
            "thread": sender if is_in else address,
            "subject": str(letter["Subject"] or ""),
            "text": str(body.get_content()).strip() if body else "",
            "files": [str(part.get_filename()) for part in letter.iter_attachments()],
            "at": mail.arrived_at.isoformat(),
        }

    def _latest_to(self, address: str) -> EmailMessage | None:
        mails = self.server.post.folder(address).mails
        return message_from_bytes(mails[-1].raw, policy=default) if mails else None
