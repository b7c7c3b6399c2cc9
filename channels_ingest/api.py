"""What others may ask of this package: make, change, test and watch channels."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.urls import reverse

from tickets.models import Channel, Team

from . import accounts
from .accounts import BadSetting, pause, resume
from .connectors import UnknownKind, connector_class, kinds
from .connectors.base import FetchFailure, SendFailure
from .health import Health, health
from .models import ChannelAccount

__all__ = [
    "BadSetting",
    "Created",
    "FetchFailure",
    "Health",
    "InUse",
    "SlugTaken",
    "UnknownKind",
    "change_channel",
    "create_channel",
    "health",
    "kinds",
    "pause",
    "remove_channel",
    "reseal_all",
    "resume",
    "test_channel",
    "webhook_address",
]


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


def change_channel(channel: Channel, *, values: Mapping[str, str], now: datetime) -> None:
    """Give a channel other values; what is not named stays. Raises BadSetting."""
    kept = accounts.given_values(channel.account)
    accounts.keep(channel, accounts.check(channel.kind, values, kept), now=now)


def test_channel(channel: Channel) -> str:
    """Call the vendor for real and return in one line what answered. Raises FetchFailure."""
    with accounts.connected(channel.account) as connector:
        try:
            return connector.test()
        except (FetchFailure, SendFailure) as failure:
            detail = connector.without_secrets(failure.detail)
            raise FetchFailure(failure.code, detail) from None


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


def webhook_address(channel: Channel) -> str:
    """The address at which a vendor reaches the channel."""
    return str(settings.PUBLIC_URL) + reverse("channels_ingest:hook", args=(channel.slug,))
