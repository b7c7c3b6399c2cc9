"""Give the message that a raw mail carries: who wrote, what, answering which mail of ours."""

from dataclasses import dataclass

from channels_ingest.connectors.base import StoredEnvelope
from channels_ingest.mail import authentication, automatic, headers, imap, parsing, writing
from channels_ingest.mail.headers import Headers, Mailbox
from tickets.interchange import IncomingMessage, Parsed, Receipt, Sender, Unknown

RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To")
MOST_TOKENS = 5


@dataclass(frozen=True, slots=True)
class Us:
    """Who we are in a mail, and which server's word about its sender we trust ("" for none)."""

    address: str
    user_names: tuple[str, ...] = ()
    trusted_host: str = ""

    def wrote(self, sender: Mailbox) -> bool:
        """Is this one of our own addresses, with or without a +tag?"""
        ours = {each.lower() for each in (self.address, *self.user_names) if "@" in each}
        plain = f"{sender.local.partition('+')[0]}@{sender.domain}"
        return bool(ours & {sender.address, plain})

    def tokens(self, top: Headers) -> list[str]:
        """The ids of ours that stand in recipients' addresses: name+id@domain."""
        local, _at, domain = self.address.lower().rpartition("@")
        begins, ends = f"{local}+", f"@{domain}"
        written = dict.fromkeys(headers.addresses(top, *RECIPIENTS))
        found = [each for each in written if each.startswith(begins) and each.endswith(ends)]
        return [headers.short_id(each.removeprefix(begins)) for each in found[:MOST_TOKENS]]


def read(envelope: StoredEnvelope, us: Us) -> list[Parsed]:
    """Read a stored mail. Raises ValueError where it names nobody who could be answered."""
    top = headers.read_headers(headers.split_head(envelope.body)[0])
    sender = _sender(top)
    if us.wrote(sender):
        return [Unknown("own message")]
    if headers.value(top, writing.LOOP_MARK).lower() == us.address.lower():
        return [Unknown("loop")]
    machine = automatic.kind_of(top, sender)
    if not sender.address and machine != "bounce":
        raise ValueError("the mail names no sender")
    leaves = parsing.parts(envelope.body)
    content = parsing.content(leaves)
    sent_at = headers.written_at(top, envelope.received_at)
    # Not the envelope's key: one mail that came by two ways is stored twice, and is one message.
    own_id = headers.own_id(envelope.body)
    answered = [*us.tokens(top), *headers.ancestors(top)]
    receipts: list[Parsed] = []
    if machine == "bounce":
        bounce = automatic.read_bounce(leaves, content.text)
        answered = [each for each in (bounce.message_id, *answered) if each]
        if automatic.is_final(bounce):
            receipts.append(Receipt(bounce.message_id, "failed", sent_at, bounce.status))
    is_proven = authentication.is_proven(top, sender, us.trusted_host)
    message = IncomingMessage(
        external_id=own_id,
        sender=Sender(
            external_id=sender.address or "mailer-daemon",
            name=sender.name,
            proven=is_proven,
            address=sender.address,
            address_verified=is_proven,
        ),
        text=_omitted(top) or content.text,
        sent_at=sent_at,
        thread=headers.thread_root(top, own_id),
        subject=headers.text(top, "Subject")[:500],
        html=content.html,
        files=content.files,
        in_reply_to=tuple(dict.fromkeys(answered)),
        automatic=machine,
    )
    return [*receipts, message]


def _sender(top: Headers) -> Mailbox:
    author = headers.mailbox(headers.value(top, "From"))
    return author if author.address else headers.mailbox(headers.value(top, "Sender"))


def _omitted(top: Headers) -> str:
    """The words in place of a mail that was too large to fetch; our mark is its first line."""
    name, value = next(iter(top.items()), ("", ""))
    if name != imap.OMITTED or not value.strip().isdigit():
        return ""
    size = int(value.strip()[:15]) / 1024 / 1024
    return f"[{size:.0f} MB: too large to import, left in the mailbox]"
