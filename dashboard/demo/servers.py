"""The further processes of a demo: the vendors that its channels speak to."""

from dataclasses import astuple, dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from channels_ingest import api
from channels_ingest.models import ChannelAccount

from .doors import ADDRESS, KEPT_AS, Ports, addresses, free_ports, is_free, sandbox_secret
from .loading import sandbox_folder

WIRED = ("app", "api", "mail", "forum")


@dataclass(frozen=True, slots=True)
class Child:
    """A process to run beside the desk: its name in the log, and the words after `python -m`."""

    name: str
    words: tuple[str, ...]


def children() -> list[Child]:
    """What to start with the demo; nothing where there is no demo.

    Where somebody has taken a port since the last start, all ports are chosen anew and the
    channels changed with them.
    """
    accounts = _accounts()
    if accounts is None:
        return []
    ports = _ports(accounts)
    if not all(is_free(port) for port in astuple(ports)):
        ports = free_ports()
        for slug, values in addresses(ports).items():
            api.change_channel(accounts[slug].channel, values=values, now=timezone.now())
    return [Child("sandbox", _words(ports))]


def sandbox_lines() -> list[str]:
    """Where the demo's mail server and forum listen, in lines for the log."""
    accounts = _accounts()
    if accounts is None:
        return []
    ports = _ports(accounts)
    return [
        "sandbox (emulators on this machine, nothing leaves it):",
        f"  mail to {ADDRESS}: SMTP 127.0.0.1:{ports.smtp}, IMAP 127.0.0.1:{ports.imap}",
        f"  forum: http://127.0.0.1:{ports.forum}  password and key: {sandbox_secret()}",
    ]


def _accounts() -> dict[str, ChannelAccount] | None:
    """The demo's channels that speak to the sandbox, or None where this is no demo."""
    if not settings.DEMO:
        return None
    found = ChannelAccount.objects.filter(channel__slug__in=WIRED).select_related("channel")
    accounts = {account.channel.slug: account for account in found}
    mail = accounts.get("mail")
    is_ours = mail is not None and mail.settings.get("imap_user") == ADDRESS
    return accounts if is_ours and len(accounts) == len(WIRED) else None


def _ports(accounts: dict[str, ChannelAccount]) -> Ports:
    mail = accounts["mail"].settings
    return Ports(
        imap=mail["imap_port"],
        smtp=mail["smtp_port"],
        forum=urlsplit(accounts["forum"].settings["base_url"]).port or 0,
        callbacks=urlsplit(accounts["app"].settings["callback_url"]).port or 0,
    )


def _words(ports: Ports) -> tuple[str, ...]:
    """The command line of the sandbox. The secret stays out of it: anybody can read that."""
    sandbox_secret()
    return (
        "dashboard.demo.sandbox",
        f"--imap-port={ports.imap}",
        f"--smtp-port={ports.smtp}",
        f"--forum-port={ports.forum}",
        f"--callback-port={ports.callbacks}",
        f"--folder={sandbox_folder()}",
        f"--secret-file={settings.FOLDERS.secrets / KEPT_AS}",
    )
