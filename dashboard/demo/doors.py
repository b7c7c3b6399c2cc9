"""The demo's channels, and how a customer and a message are named on each of them."""

import secrets
import socket
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from channels_ingest import api
from channels_ingest.mail.writing import message_id
from tickets.models import Channel, Delivery, Team

from .people import DOMAIN

ADDRESS = f"support@{DOMAIN}"
FORUM_USER = "desk"
ASKED_EVERY = "5"  # seconds; nobody minds on this machine
KEPT_AS = "sandbox"  # the name of the secret that desk and sandbox share


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the sandbox listens on this machine."""

    imap: int
    smtp: int
    forum: int
    callbacks: int


def make_channels(ports: Ports, *, now: datetime) -> dict[str, Channel]:
    """Make every door of the demo, those of other vendors wired to the sandbox; by slug."""
    teams = {team.slug: team for team in Team.objects.all()}
    given = (
        ("web", "web_form", "官网表单", "general", {"brand": "青梧邮箱"}),
        ("app", "http", "App 内客服", "general", {"secret": sandbox_secret()}),
        ("api", "http", "开放接口", "enterprise", {"secret": sandbox_secret()}),
        ("mail", "email", "客服邮箱（沙盒）", "general", _mailbox()),
        ("forum", "discourse", "用户论坛（沙盒）", "general", _forum()),
    )
    made = {}
    for slug, kind, label, team, values in given:
        created = api.create_channel(
            kind=kind,
            slug=slug,
            label=label,
            team=teams[team],
            values={**values, **addresses(ports).get(slug, {})},
            now=now,
        )
        made[slug] = created.channel
    return made


def addresses(ports: Ports) -> dict[str, dict[str, str]]:
    """The settings of each channel that follow from where the sandbox listens."""
    here = "http://127.0.0.1"
    return {
        "app": {"callback_url": f"{here}:{ports.callbacks}/app"},
        "api": {"callback_url": f"{here}:{ports.callbacks}/api"},
        "mail": {"imap_port": str(ports.imap), "smtp_port": str(ports.smtp)},
        "forum": {"base_url": f"{here}:{ports.forum}"},
    }


def free_ports() -> Ports:
    """Four ports of the loopback that nobody listens on now."""
    probes = [socket.socket() for _ in range(4)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return Ports(*(int(probe.getsockname()[1]) for probe in probes))
    finally:
        for probe in probes:
            probe.close()


def is_free(port: int) -> bool:
    """Whether a server can listen on this port of the loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def sandbox_secret() -> str:
    """What the desk and the sandbox prove themselves with; random, kept beside the data."""
    kept: str = settings.FOLDERS.kept_secret(KEPT_AS, lambda: secrets.token_urlsafe(24))
    return kept


def outgoing_id(delivery: Delivery, post: str = "") -> str:
    """How the vendor of a delivery would have named it; `post` is the place in the forum."""
    match delivery.channel.kind:
        case "email":
            return message_id(str(delivery.key), ADDRESS)
        case "web_form":
            return f"reply:{delivery.key}"
        case "discourse":
            return post
    return str(delivery.key)


def _mailbox() -> dict[str, str]:
    return {
        "imap_host": "127.0.0.1",
        "imap_security": "plain",
        "imap_user": ADDRESS,
        "imap_password": sandbox_secret(),
        "smtp_host": "127.0.0.1",
        "smtp_security": "plain",
        "address": ADDRESS,
        "name": "青梧邮箱客服",
        "poll_every": ASKED_EVERY,
    }


def _forum() -> dict[str, str]:
    return {
        "api_key": sandbox_secret(),
        "api_username": FORUM_USER,
        "poll_every": ASKED_EVERY,
    }
