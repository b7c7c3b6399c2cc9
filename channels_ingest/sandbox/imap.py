"""The IMAP half of the mail emulator: what clients use of RFC 3501, and known misbehaviour."""

import re
import select
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC

from channels_ingest.sandbox.mailboxes import Dialogue, Dropped, Folder, Mail

ARGUMENT = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)|\S+')
AMBIGUOUS = (
    "Login fail. Account is abnormal, service is not open, password is incorrect, "
    "login frequency limited, or system is busy."
)


@dataclass(slots=True)
class Quirks:
    """In which ways this server is difficult."""

    knows_id: bool = True
    demands_id: bool = False  # without ID no folder is opened
    knows_idle: bool = True
    hides_uidnext: bool = False
    uid_after_literal: bool = False
    refused_uids: tuple[int, ...] = ()  # FETCH says NO to their bodies
    refused_heads: tuple[int, ...] = ()  # and to their headers too


class ImapDialogue(Dialogue):
    """One IMAP connection."""

    quirks: Quirks

    def talk(self) -> None:
        self.quirks = self.server.quirks
        self.folder: Folder | None = None
        self.user = ""
        self.said_id = False
        if fault := self.post.fault("imap greeting"):
            self.say(self.stumble(fault))
        self.say(f"* OK [CAPABILITY {self.capabilities}] ready")
        while True:
            tag, name, rest = (*self.line().split(" ", 2), "", "")[:3]
            by_uid = name.upper() == "UID"
            if by_uid:
                name, _space, rest = rest.partition(" ")
            if name.upper() == "LOGOUT":
                self.say("* BYE")
                self.say(f"{tag} OK LOGOUT done")
                return
            self.say(f"{tag} {self.answer(name.upper(), rest, by_uid=by_uid)}")

    @property
    def capabilities(self) -> str:
        known = ["IMAP4rev1", "ID" * self.quirks.knows_id, "IDLE" * self.quirks.knows_idle]
        return " ".join(filter(None, known))

    def answer(self, name: str, rest: str, *, by_uid: bool) -> str:
        """Carry out one command and return its last line without the tag."""
        if fault := self.post.fault(f"imap {name.lower()}"):
            return self.stumble(fault)
        commands: dict[str, Callable[[str], str]] = {
            "CAPABILITY": self.capability,
            "NOOP": lambda _rest: "OK NOOP done",
            "ID": self.identify,
            "LOGIN": self.log_in,
            "SELECT": self.select,
            "EXAMINE": self.select,
            "IDLE": self.idle,
            "SEARCH": lambda rest: self.search(rest, by_uid=by_uid),
            "FETCH": lambda rest: self.fetch(rest, by_uid=by_uid),
            "STORE": lambda rest: self.store(rest, by_uid=by_uid),
        }
        if name not in commands:
            return f"BAD unknown command {name}"
        if not self.user and name not in ("CAPABILITY", "NOOP", "ID", "LOGIN"):
            return "BAD log in first"
        return commands[name](rest)

    def capability(self, _rest: str) -> str:
        self.say(f"* CAPABILITY {self.capabilities}")
        return "OK CAPABILITY done"

    def identify(self, _rest: str) -> str:
        self.said_id = True
        self.say('* ID ("name" "sandbox")')
        return "OK ID done"

    def log_in(self, rest: str) -> str:
        user, password = (*_arguments(rest), "", "")[:2]
        if not self.post.may_log_in(password):
            return f"NO {AMBIGUOUS}"
        self.user = user
        return "OK LOGIN done"

    def select(self, _rest: str) -> str:
        if self.quirks.demands_id and not self.said_id:
            return "NO SELECT Unsafe Login. Please contact us for help"
        self.folder = folder = self.post.folder(self.user)
        self.say("* FLAGS (\\Seen \\Deleted)")
        self.say(f"* {len(folder.mails)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {folder.uidvalidity}] fixed")
        if not self.quirks.hides_uidnext:
            self.say(f"* OK [UIDNEXT {folder.next_uid}] next")
        return "OK [READ-ONLY] selected"

    def idle(self, _rest: str) -> str:
        folder = self.opened()
        self.say("+ idling")
        told = len(folder.mails)
        while not select.select([self.connection], [], [], 0.1)[0]:
            if len(folder.mails) != told:
                told = len(folder.mails)
                self.say(f"* {told} EXISTS")
        self.line()  # DONE
        return "OK IDLE done"

    def search(self, rest: str, *, by_uid: bool) -> str:
        chosen = list(enumerate(self.opened().mails, start=1))
        words = rest.upper().split()
        if "UID" in words:
            chosen = list(self.chosen(words[words.index("UID") + 1], by_uid=True))
        if "UNSEEN" in words:
            chosen = [(n, mail) for n, mail in chosen if "\\Seen" not in mail.flags]
        found = [str(mail.uid if by_uid else number) for number, mail in chosen]
        self.say(f"* SEARCH {' '.join(found)}".rstrip())
        return "OK SEARCH done"

    def fetch(self, rest: str, *, by_uid: bool) -> str:
        range_, _space, items = rest.partition(" ")
        wanted = items.upper().replace("RFC822.SIZE", "SIZE")
        has_body = "BODY" in wanted or "RFC822" in wanted
        chosen = list(self.chosen(range_, by_uid=by_uid))
        refused = self.quirks.refused_heads if "HEADER" in wanted else self.quirks.refused_uids
        if has_body and any(mail.uid in refused for _number, mail in chosen):
            return "NO internal error"
        cut = self.post.fault("imap body") if has_body else None
        for number, mail in chosen:
            answer = self.fetched(number, mail, wanted, has_body=has_body)
            if cut:
                self.write(answer[: len(answer) // 2])
                raise Dropped
            self.write(answer)
        return "OK FETCH done"

    def fetched(self, number: int, mail: Mail, wanted: str, *, has_body: bool) -> bytes:
        facts = [f"UID {mail.uid}"]
        if "FLAGS" in wanted:
            facts.append(f"FLAGS ({' '.join(sorted(mail.flags))})")
        if "INTERNALDATE" in wanted:
            at = mail.arrived_at.astimezone(UTC)
            facts.append(f'INTERNALDATE "{at:%d-%b-%Y %H:%M:%S} +0000"')
        if "SIZE" in wanted:
            facts.append(f"RFC822.SIZE {len(mail.raw)}")
        start = f"* {number} FETCH ("
        if not has_body:
            return f"{start}{' '.join(facts)})\r\n".encode()
        if "PEEK" not in wanted:
            mail.flags.add("\\Seen")
        part = "HEADER" if "HEADER" in wanted else ""
        data = mail.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if part else mail.raw
        label = "RFC822" if "BODY" not in wanted else f"BODY[{part}]"
        literal = f"{label} {{{len(data)}}}\r\n".encode() + data
        shown = " ".join(facts).encode()
        if self.quirks.uid_after_literal:
            return start.encode() + literal + b" " + shown + b")\r\n"
        return start.encode() + shown + b" " + literal + b")\r\n"

    def store(self, rest: str, *, by_uid: bool) -> str:
        range_, action, flags = (*rest.split(" ", 2), "", "")[:3]
        for _number, mail in self.chosen(range_, by_uid=by_uid):
            named = set(flags.strip("()").split())
            mail.flags = mail.flags - named if action.startswith("-") else mail.flags | named
        return "OK STORE done"

    def opened(self) -> Folder:
        if self.folder is None:
            raise Dropped
        return self.folder

    def chosen(self, range_: str, *, by_uid: bool) -> Iterator[tuple[int, Mail]]:
        """The mails of a range; an empty one ending in * means the last mail, as the RFC says."""
        with self.post.changed:
            mails = list(enumerate(self.opened().mails, start=1))
        last = (mails[-1][1].uid if by_uid else len(mails)) if mails else 0
        spans = []
        for piece in range_.split(","):
            ends = [last if end == "*" else int(end) for end in piece.split(":")]
            spans.append((min(ends), max(ends)))
        for number, mail in mails:
            place = mail.uid if by_uid else number
            if any(low <= place <= high for low, high in spans):
                yield number, mail


def _arguments(rest: str) -> list[str]:
    return [
        re.sub(r"\\(.)", r"\1", found[1:-1]) if found.startswith('"') else found
        for found in ARGUMENT.findall(rest)
    ]
