"""A desk with a mailbox of its own on a mail server of this machine."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from django.utils import timezone

from channels_ingest import api, outbox, polling
from channels_ingest.sandbox.email import MailServer
from tests.channels_ingest.doors import drain
from tests.channels_ingest.mails import SUPPORT, raw_mail
from tickets.actions import answer_places
from tickets.models import Channel


def mail_channel(server: MailServer, slug: str = "mail") -> Channel:
    """The channel of support's mailbox; its cursor stands before whatever comes next."""
    plain = {"imap_security": "plain", "smtp_security": "plain", "imap_host": "127.0.0.1"}
    values = {
        **plain,
        "imap_port": str(server.imap.port),
        "imap_user": SUPPORT,
        "imap_password": "imap-secret",
        "smtp_host": "127.0.0.1",
        "smtp_port": str(server.smtp.port),
        "smtp_password": "smtp-secret",
        "address": SUPPORT,
        "name": "Shop support",
    }
    made = api.create_channel(
        kind="email", slug=slug, label="Mail", values=values, now=timezone.now()
    )
    polling.pull(made.channel.pk, now=timezone.now())
    return made.channel


def settle(**later: float) -> None:
    """What the workers do for addresses that were named: write there, open what is proved."""
    now = timezone.now() + timedelta(**later)
    answer_places.settle_due(now=now)
    outbox.deliver(clock=lambda: now)


def mails(server: MailServer, address: str) -> list[EmailMessage]:
    """What lies in a mailbox of somebody else, oldest first."""
    found = server.post.folder(address).mails
    return [message_from_bytes(each.raw, policy=default) for each in found]


def code_in(mail: EmailMessage) -> str:
    """The six digits of a mail."""
    (found,) = re.findall(r"[:：]\s*(\d{6})\s*$", mail.get_content(), re.MULTILINE)
    return str(found)


def link_in(mail: EmailMessage) -> str:
    """The path of the link in a mail."""
    (found,) = re.findall(r"https?://[^/\s]+(/support/answers/\S+)", mail.get_content())
    return str(found)


def answers_by_mail(server: MailServer, channel: Channel, mail: EmailMessage, text: str) -> None:
    """The customer presses reply; the desk looks into its mailbox and reads it."""
    named = mail["Message-ID"]
    chain = f"{mail['References'] or ''} {named}".strip()
    fields = {
        "From": "kim@mail.example",
        "Subject": f"Re: {mail['Subject']}",
        "Message_ID": f"<answer-{named.strip('<>')}>",
        "In_Reply_To": named,
        "References": chain,
    }
    server.post.put(SUPPORT, raw_mail(text, **fields))
    polling.pull(channel.pk, now=timezone.now() + timedelta(hours=1))
    drain()
