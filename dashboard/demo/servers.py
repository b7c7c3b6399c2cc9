"""The further processes of a demo: the vendors that its channels speak to."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from channels_ingest import api
from channels_ingest.models import ChannelAccount
from tickets.models import Channel

from .doors import (
    addresses,
    kept_wiring,
    make_channels,
    new_wiring,
    sandbox_secret,
    wiring_path,
    with_callbacks,
)
from .loading import sandbox_folder
from .wiring import ADDRESS, Wiring, are_free, write_wiring


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
    if not is_demo():
        return []
    wiring = kept_wiring()
    if not are_free(wiring.ports.values()):
        wiring = new_wiring()
    channels = make_channels(wiring, now=timezone.now())
    _rewire(channels, wiring)
    write_wiring(wiring_path(), with_callbacks(wiring, channels))
    return [Child("sandbox", _words())]


def is_demo() -> bool:
    """Whether this desk is a demo whose vendors are played by the sandbox."""
    if not settings.DEMO:
        return False
    mail = ChannelAccount.objects.filter(channel__slug="mail").first()
    return mail is not None and mail.settings.get("imap_user") == ADDRESS


def sandbox_lines() -> list[str]:
    """Where the demo's vendors listen, in lines for the log."""
    if not is_demo():
        return []
    wiring = kept_wiring()
    ports = wiring.ports
    return [
        "sandbox (emulators on this machine, nothing leaves it):",
        f"  mail to {ADDRESS}: SMTP 127.0.0.1:{ports['smtp']}, IMAP 127.0.0.1:{ports['imap']}",
        f"  forum: {wiring.url('forum')}  password and key: {sandbox_secret()}",
        *(f"  {name}: {wiring.url(name)}" for name in ("qq", "wechat", "weibo")),
    ]


def _rewire(channels: dict[str, Channel], wiring: Wiring) -> None:
    """Tell each channel where its vendor listens now, and its secrets if those were made anew."""
    for slug, values in addresses(wiring).items():
        if slug not in channels:
            continue
        account = channels[slug].account
        stale = any(
            str(account.settings.get(name, value)) != value for name, value in values.items()
        )
        if stale:
            api.change_channel(channels[slug], values=values, now=timezone.now())


def _words() -> tuple[str, ...]:
    """The command line of the sandbox. Secrets stay out of it: anybody can read that."""
    return (
        "dashboard.demo.sandbox",
        f"--folder={sandbox_folder()}",
        f"--wiring={wiring_path()}",
    )
