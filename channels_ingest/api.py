"""What others may ask of this package: make, change, test and watch channels."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.urls import reverse

from tickets.models import Channel, Message, Team

from . import accounts, journal
from .accounts import BadSetting, pause, resume
from .calls import BadNumber, record_call
from .connectors import UnknownKind, connector_class, kinds
from .connectors.base import FetchFailure, SendFailure
from .credentials import Unreadable
from .health import Health, health, health_of
from .models import ChannelAccount
from .rounds import take as take_round
from .setting_fields import KindOnOffer, SettingField, described, offered
from .web.chat import live as chats

__all__ = [
    "BadNumber",
    "BadSetting",
    "Created",
    "FetchFailure",
    "Given",
    "Health",
    "InUse",
    "KindOnOffer",
    "SettingField",
    "SlugTaken",
    "UnknownKind",
    "Unreadable",
    "change_channel",
    "chats",
    "create_channel",
    "described",
    "given",
    "health",
    "health_of",
    "journal",
    "kinds",
    "offered",
    "original_address",
    "pause",
    "record_call",
    "relabel",
    "remove_channel",
    "reseal_all",
    "resume",
    "retire_secret",
    "rotate_secret",
    "take_round",
    "test_channel",
    "webhook_address",
]

logger = logging.getLogger(__name__)

LONG_SECRET = 12  # characters; of shorter ones even the end would give too much away
SHOWN_OF_SECRET = 4


class SlugTaken(ValueError):
    """Another channel has this slug."""


class InUse(Exception):
    """The channel has received or sent something; pause it instead of removing it."""


@dataclass(frozen=True, slots=True)
class Created:
    """A new channel, the secrets made for it (to be shown once) and where its vendor calls."""

    channel: Channel
    generated: Mapping[str, str]
    address: str


@dataclass(frozen=True, slots=True)
class Given:
    """What a channel has been given: `shown` as it is, of `secrets` only how each ends.

    A secret that is not set is not among them; the end of a short one is "".
    """

    shown: Mapping[str, Any]
    secrets: Mapping[str, str]


def create_channel(
    *,
    kind: str,
    slug: str,
    values: Mapping[str, str],
    now: datetime,
    label: str = "",
    team: Team | None = None,
) -> Created:
    """Make a channel from typed values; what it may do is copied from its connector.

    Raises UnknownKind, BadSetting or SlugTaken, each with one line for the person who typed.
    """
    connector = connector_class(kind)
    checked = accounts.check(kind, values)
    channel = Channel(
        slug=slug,
        kind=kind,
        label=label or f"{connector.label} {slug}",
        team=team,
        is_public=connector.capabilities.is_public,
        capabilities=dict(connector.capabilities.as_data()),
    )
    try:
        channel.clean_fields(exclude=("team", "capabilities"))
        with transaction.atomic():
            channel.save()
            accounts.keep(channel, checked, now=now)
    except ValidationError as error:
        name, words = next(iter(error.message_dict.items()))
        raise BadSetting(f"{name}: {words[0]}") from None
    except IntegrityError:
        raise SlugTaken(f"there is a channel {slug} already") from None
    return Created(channel, checked.generated, webhook_address(channel))


def given(channel: Channel) -> Given:
    """What `channel` was given, as people may see it. Raises Unreadable: a lost key."""
    secret = {each.name for each in described(channel.kind).fields if each.is_secret}
    values = accounts.given_values(_account(channel))
    return Given(
        shown={name: value for name, value in values.items() if name not in secret},
        secrets={name: _end(str(values[name])) for name in secret if values.get(name)},
    )


def change_channel(
    channel: Channel,
    *,
    values: Mapping[str, str],
    now: datetime,
    keep_old: Collection[str] = (),
) -> Mapping[str, str]:
    """Give a channel other values; what is not named stays.

    Of the secrets in `keep_old` the value before is still accepted. Return the secrets that had
    to be made, to be shown once. Raises BadSetting or Unreadable.
    """
    with transaction.atomic():
        # Two people may change it at once: neither may write back what the other replaced.
        ChannelAccount.objects.select_for_update().get(channel=channel)
        kept = accounts.given_values(_account(channel))
        old = {_previous(channel, name): str(kept.get(name, "")) for name in keep_old}
        checked = accounts.check(channel.kind, {**values, **old}, kept)
        accounts.keep(channel, checked, now=now)
    return checked.generated


def relabel(channel: Channel, *, label: str, team: Team | None) -> None:
    """Give a channel another name on screen and another team whose queue it feeds."""
    channel.label, channel.team = label, team
    channel.save(update_fields=("label", "team"))


def rotate_secret(channel: Channel, *, name: str, now: datetime) -> str:
    """Make a new secret and return it, to be shown once; the old one stays valid beside it.

    Raises BadSetting where the secret is not ours to make or the kind knows no second one.
    """
    if not _setting(channel, name).is_generated:
        raise BadSetting(f"{name} is made by the other side")
    return change_channel(channel, values={name: ""}, now=now, keep_old=(name,))[name]


def retire_secret(channel: Channel, *, name: str, now: datetime) -> None:
    """Accept the secret before `name` no longer. Raises BadSetting."""
    change_channel(channel, values={_previous(channel, name): ""}, now=now)


def test_channel(channel: Channel) -> str:
    """Call the vendor for real and return in one line what answered. Raises FetchFailure."""
    with accounts.connected(channel.account) as connector:
        try:
            return connector.test()
        except (FetchFailure, SendFailure) as failure:
            detail = connector.without_secrets(failure.detail)
            raise FetchFailure(failure.code, detail) from None
        except Exception as error:  # noqa: BLE001 - a connector's own fault is an answer, too
            fault = accounts.traceback_of(error, connector)
            logger.error("test of channel %s failed\n%s", channel.slug, fault)
            raise FetchFailure("internal", type(error).__name__) from None


def remove_channel(channel: Channel) -> None:
    """Delete a channel that was never used. Raises InUse."""
    try:
        channel.delete()
    except ProtectedError:
        raise InUse(f"{channel.slug} has messages; pause it instead") from None


def reseal_all() -> int:
    """Encrypt all secrets by the first configured key; safe to stop and to run again."""
    every = ChannelAccount.objects.order_by("pk")
    for account in every:
        accounts.reseal(account)
    return len(every)


def original_address(message: Message) -> str:
    """The web address at which a customer's message can be seen at its vendor, or ""."""
    conversation = message.conversation
    if conversation is None or not message.external_id:
        return ""
    with accounts.connected(conversation.channel.account) as connector:
        address = connector.link_to(message.external_id, conversation.thread)
    return address if address.startswith(("https://", "http://")) else ""


def webhook_address(channel: Channel) -> str:
    """The address at which a vendor reaches the channel."""
    key = accounts.connect(channel.account).hook_key
    if key:
        path = reverse("channels_ingest:keyed_hook", args=(channel.slug, key))
    else:
        path = reverse("channels_ingest:hook", args=(channel.slug,))
    return f"{settings.PUBLIC_URL}{path}"


def _account(channel: Channel) -> ChannelAccount:
    """What the channel was given as it stands now, not as `channel` may remember it."""
    return ChannelAccount.objects.select_related("channel").get(channel=channel)


def _previous(channel: Channel, name: str) -> str:
    """The setting that keeps the secret before `name`. Raises BadSetting."""
    previous = _setting(channel, name).previous
    if not previous:
        raise BadSetting(f"{name} cannot be replaced step by step")
    return previous


def _setting(channel: Channel, name: str) -> SettingField:
    known = {each.name: each for each in described(channel.kind).fields}
    if name not in known:
        raise BadSetting(f"unknown setting {name}")
    return known[name]


def _end(secret: str) -> str:
    return secret[-SHOWN_OF_SECRET:] if len(secret) >= LONG_SECRET else ""
