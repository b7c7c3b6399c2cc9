"""The demo's channels, and how a message of ours is named on each of them."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from channels_ingest import api
from channels_ingest.mail.writing import message_id
from channels_ingest.sandbox.qq_people import DEMO_APP_ID as QQ_APP
from channels_ingest.sandbox.wechat import APP_ID as WECHAT_APP
from channels_ingest.sandbox.weibo import ACCOUNT as WEIBO_ACCOUNT
from tickets.models import Channel, Delivery, Team

from .wiring import ADDRESS, Wiring, free_ports, read_wiring, write_wiring

FORUM_USER = "desk"
ASKED_EVERY = "5"  # seconds; nobody minds on this machine
KEPT_AS = "sandbox"  # the name of the secret that desk and sandbox share
WIRING_FILE = "sandbox.json"
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to look for ourselves

# Slug, kind, label and team of each.
DOORS = (
    ("web", "web_form", "官网表单", "general"),
    ("chat", "chat", "在线客服", "general"),
    ("app", "http", "App 内客服", "general"),
    ("api", "http", "开放接口", "enterprise"),
    ("mail", "email", "客服邮箱（沙盒）", "general"),
    ("forum", "discourse", "用户论坛（沙盒）", "general"),
    ("qq", "qq", "QQ 机器人（沙盒）", "general"),
    ("wechat", "wechat", "微信公众号（沙盒）", "general"),
    ("weibo", "weibo", "微博（沙盒）", "general"),
    ("phone", "phone", "客服热线", "enterprise"),
)
PUSHED_BY = {"forum": "forum", "qq": "qq", "wechat": "wechat", "weibo": "weibo"}


def make_channels(wiring: Wiring, *, now: datetime) -> dict[str, Channel]:
    """Make the doors that are missing, those of vendors wired to the sandbox; all of them by slug.

    An older demo has fewer: it gets the others when it is started by this version. A channel that
    somebody has made under one of these names as another kind is left alone.
    """
    teams = {team.slug: team for team in Team.objects.all()}
    known = {channel.slug: channel for channel in Channel.objects.all()}
    for slug, kind, label, team in DOORS:
        if slug not in known:
            values = {**given(wiring).get(slug, {}), **addresses(wiring).get(slug, {})}
            created = api.create_channel(
                kind=kind, slug=slug, label=label, team=teams.get(team), values=values, now=now
            )
            known[slug] = created.channel
    return {slug: known[slug] for slug, kind, *_rest in DOORS if known[slug].kind == kind}


def addresses(wiring: Wiring) -> dict[str, dict[str, str]]:
    """The settings of each channel that follow from where the sandbox listens."""
    qq, weibo = wiring.url("qq"), f"{wiring.url('weibo')}/2"
    return {
        "app": {"callback_url": f"{wiring.url('callbacks')}/app"},
        "api": {"callback_url": f"{wiring.url('callbacks')}/api"},
        "mail": {
            "imap_port": str(wiring.ports["imap"]),
            "smtp_port": str(wiring.ports["smtp"]),
        },
        "forum": {"base_url": wiring.url("forum"), "webhook_secret": wiring.word("forum")},
        "qq": {"api_base": qq, "token_url": f"{qq}/app/getAppAccessToken"},
        "wechat": {"host": wiring.url("wechat")},
        "weibo": {"message_base": weibo, "public_base": weibo, "upload_base": weibo},
    }


def given(wiring: Wiring) -> dict[str, dict[str, str]]:
    """The settings of each channel that never change."""
    return {
        "web": {"brand": "青梧邮箱"},
        "chat": {"brand": "青梧邮箱客服", "sites": "*"},
        "app": {"secret": wiring.secret},
        "api": {"secret": wiring.secret},
        "mail": _mailbox(wiring.secret),
        "forum": {
            "api_key": wiring.secret,
            "api_username": FORUM_USER,
            "poll_every": ASKED_EVERY,
        },
        "qq": {"app_id": QQ_APP, "app_secret": wiring.word("qq")},
        "wechat": {
            "app_id": WECHAT_APP,
            "app_secret": wiring.word("wechat"),
            "token": wiring.word("wechat token"),
            "encoding_aes_key": wiring.key("wechat"),
        },
        "weibo": {
            "uid": str(WEIBO_ACCOUNT),
            "app_secret": wiring.word("weibo"),
            "access_token": wiring.word("weibo token"),
            "public_token": wiring.word("weibo token"),
            "rip": "127.0.0.1",
            "poll_every": ASKED_EVERY,
        },
    }


def kept_wiring() -> Wiring:
    """The wiring of this installation; made with free ports where there is none yet."""
    return read_wiring(wiring_path()) or new_wiring()


def new_wiring() -> Wiring:
    """The same secret, but other ports; kept at once."""
    wiring = Wiring(sandbox_secret(), free_ports())
    write_wiring(wiring_path(), wiring)
    return wiring


def with_callbacks(wiring: Wiring, channels: Mapping[str, Channel]) -> Wiring:
    """The wiring with the addresses to which the vendors push as the desk runs now."""
    here = {
        vendor: desk_url() + urlsplit(api.webhook_address(channels[slug])).path
        for slug, vendor in PUSHED_BY.items()
        if slug in channels
    }
    linked = (urlsplit(settings.PUBLIC_URL).netloc,)
    return Wiring(wiring.secret, wiring.ports, here, linked)


def desk_url() -> str:
    """Where the desk is reached from its own machine, whatever its public address is."""
    host = EVERYWHERE.get(settings.HOST, settings.HOST)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}"


def wiring_path() -> Path:
    secret_folder: Path = settings.FOLDERS.secrets
    return secret_folder / WIRING_FILE


def sandbox_secret() -> str:
    """What the desk and the sandbox prove themselves with; random, kept beside the data."""
    kept: str = settings.FOLDERS.kept_secret(KEPT_AS, lambda: secrets.token_urlsafe(24))
    return kept


def outgoing_id(delivery: Delivery, post: str = "") -> str:
    """How the vendor of a delivery would have named it; `post` is the place in the forum."""
    match delivery.channel.kind:
        case "email":
            return message_id(str(delivery.key), ADDRESS)
        case "web_form" | "chat":
            return f"reply:{delivery.key}"
        case "discourse":
            return post
    return str(delivery.key)


def _mailbox(secret: str) -> dict[str, str]:
    return {
        "imap_host": "127.0.0.1",
        "imap_security": "plain",
        "imap_user": ADDRESS,
        "imap_password": secret,
        "smtp_host": "127.0.0.1",
        "smtp_security": "plain",
        "address": ADDRESS,
        "name": "青梧邮箱客服",
        "poll_every": ASKED_EVERY,
    }
