"""Read, check and keep what a channel is given, and open its connector."""

import secrets as randomness
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, Field, dataclass, fields
from datetime import datetime
from functools import cached_property
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import requests
from django.conf import settings
from django.utils import timezone

from tickets.actions import deliveries
from tickets.interchange import IncomingFile
from tickets.models import Channel

from . import credentials
from .connectors import connector_class, kinds
from .connectors.base import Connector, Token
from .models import ChannelAccount
from .safe_fetch import guarded_session, safe_fetch
from .tokens import Tokens

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off"}


class BadSetting(ValueError):
    """A value that the connector's Settings cannot take; the text is for the person typing."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Values that fit a connector, parted into what may be shown and what may not."""

    shown: dict[str, Any]
    secret: dict[str, Any]
    generated: dict[str, str]


class OpenAccount:
    """The Account that connectors of this installation are given."""

    def __init__(self, account: ChannelAccount, values: Any) -> None:
        self.settings = values
        self._tokens = Tokens(account)

    @cached_property
    def http(self) -> requests.Session:
        return guarded_session(allow_private=settings.ALLOW_PRIVATE_ADDRESSES)

    def close(self) -> None:
        """Close the connections that were opened, if any."""
        if "http" in vars(self):
            self.http.close()

    @property
    def hidden(self) -> set[str]:
        return self._tokens.known

    def now(self) -> datetime:
        return timezone.now()

    def token(self, renew: Callable[[], Token], *, refused: str = "") -> str:
        return self._tokens.current(renew, refused=refused, now=self.now())

    def fetch_media(self, url: str) -> IncomingFile:
        """Fetch a file that a vendor offers. Raises safe_fetch.FetchError."""
        fetched = safe_fetch(url, allow_private=settings.ALLOW_PRIVATE_ADDRESSES)
        return IncomingFile(
            name=url.rpartition("/")[2] or "file",
            content_type=fetched.content_type,
            data=fetched.data,
        )


def connect(account: ChannelAccount) -> Connector:
    """The connector of a channel, ready to speak. Raises UnknownKind or credentials.Unreadable."""
    connector = connector_class(account.channel.kind)
    hidden = credentials.unseal(account.secrets, place=_place(account.channel))
    values = connector.Settings(**_known(connector, {**account.settings, **hidden}))
    return connector(OpenAccount(account, values))


@contextmanager
def connected(account: ChannelAccount) -> Iterator[Connector]:
    """The same for as long as it is spoken through; then its connections are closed."""
    connector = connect(account)
    try:
        yield connector
    finally:
        hang_up(connector)


def hang_up(connector: Connector) -> None:
    """Close the connections of a connector that `connect` has opened."""
    if isinstance(connector.account, OpenAccount):
        connector.account.close()


def traceback_of(error: BaseException, connector: Connector) -> str:
    """A connector's fault as a log may show it: libraries put addresses and keys into errors."""
    return connector.without_secrets("".join(traceback.format_exception(error)))


def check(kind: str, given: Mapping[str, str], kept: Mapping[str, Any] | None = None) -> Checked:
    """Check typed values against the kind's Settings; make what is ours to choose.

    `kept` are values that stay unless given anew. Raises BadSetting with one clear line, or
    UnknownKind.
    """
    known = {each.name: each for each in fields(connector_class(kind).Settings)}
    if unknown := sorted(set(given) - set(known)):
        raise BadSetting(f"unknown setting {unknown[0]}; there are: {', '.join(known) or 'none'}")
    hints = get_type_hints(connector_class(kind).Settings)
    values: dict[str, Any] = dict(kept or {})
    values |= {name: _typed(name, text, hints[name]) for name, text in given.items()}
    generated = {
        name: randomness.token_urlsafe(32)
        for name, each in known.items()
        if each.metadata.get("generated") and not values.get(name)
    }
    values |= generated
    _refuse_missing(known.values(), values)
    secret = {name for name, each in known.items() if each.metadata.get("secret")}
    return Checked(
        shown={name: value for name, value in values.items() if name not in secret},
        secret={name: value for name, value in values.items() if name in secret},
        generated=generated,
    )


def keep(channel: Channel, checked: Checked, *, now: datetime) -> ChannelAccount:
    """Write a channel's checked values, and what follows from them, into its account."""
    sealed = credentials.seal(checked.secret, place=_place(channel))
    account, _ = ChannelAccount.objects.update_or_create(
        channel=channel,
        defaults={"settings": checked.shown, "secrets": sealed},
    )
    connector = connect(account)
    account.replies_are_fetched = connector.is_polled
    account.next_pull_at = now if poll_every(connector) is not None else None
    account.save(update_fields=("replies_are_fetched", "next_pull_at"))
    deliveries.hurry(channel=channel, now=now)
    return account


def pause(channel: Channel, *, error: Mapping[str, Any] | None = None) -> None:
    """Send and ask nothing through `channel` until it is resumed; pushes are still stored."""
    Channel.objects.filter(pk=channel.pk).update(is_paused=True)
    if error:
        ChannelAccount.objects.filter(channel=channel).update(last_error=dict(error))


def resume(channel: Channel, *, now: datetime) -> None:
    """Take up a paused channel again, and ask its vendor at once."""
    Channel.objects.filter(pk=channel.pk).update(is_paused=False)
    asked = ChannelAccount.objects.filter(channel=channel, next_pull_at__isnull=False)
    asked.update(next_pull_at=now)
    deliveries.hurry(channel=channel, now=now)


def refresh_capabilities(**_signal: Any) -> None:
    """Copy anew what each channel can do: an upgrade may have taught its connector more."""
    known = kinds()
    for channel in Channel.objects.filter(kind__in=known):
        capabilities = dict(known[channel.kind].capabilities.as_data())
        if channel.capabilities != capabilities:
            Channel.objects.filter(pk=channel.pk).update(capabilities=capabilities)


def note_send_error(channel: Channel, error: Mapping[str, Any]) -> None:
    """Say in the channel's health that nothing can be sent until a person mends it."""
    ChannelAccount.objects.filter(channel=channel).update(send_error=dict(error))


def note_sent(channel: Channel) -> None:
    """Take back what `note_send_error` said: something was sent."""
    ChannelAccount.objects.filter(channel=channel).exclude(send_error={}).update(send_error={})


def given_values(account: ChannelAccount) -> dict[str, Any]:
    """Every value of an account, the secret ones too."""
    return {
        **account.settings,
        **credentials.unseal(account.secrets, place=_place(account.channel)),
    }


def reseal(account: ChannelAccount) -> None:
    """Encrypt an account's secrets by the first of the configured keys. Raises Unreadable."""
    account.secrets = credentials.reseal(account.secrets)
    account.save(update_fields=("secrets",))


def poll_every(connector: Connector) -> float | None:
    """Seconds between two pulls: the channel's own setting, else the kind's; None for no pulls."""
    chosen = getattr(connector.settings, "poll_every", None)
    return float(chosen) if chosen else connector.poll_every


def _place(channel: Channel) -> str:
    return f"channels_ingest.channelaccount:{channel.pk}:secrets"


def _known(connector: type[Connector], values: Mapping[str, Any]) -> dict[str, Any]:
    """Only what the connector still knows: an upgrade may have dropped a setting."""
    names = {each.name for each in fields(connector.Settings)}
    hints = get_type_hints(connector.Settings)
    return {
        name: tuple(value) if _plain(hints[name])[0] is tuple else value
        for name, value in values.items()
        if name in names
    }


def _refuse_missing(known: Iterable[Field[Any]], values: Mapping[str, Any]) -> None:
    for each in known:
        optional = each.default is not MISSING or each.default_factory is not MISSING
        if not optional and values.get(each.name) in (None, "", [], ()):
            help_text = each.metadata.get("help", "")
            raise BadSetting(f"missing setting {each.name}: {help_text}".rstrip(": "))


def _typed(name: str, text: str, hint: Any) -> Any:
    """Read a typed value. Raises BadSetting."""
    kind, inner = _plain(hint)
    try:
        if kind is bool:
            return _yes_or_no(text)
        if kind in (int, float):
            return kind(text)
        if kind in (list, tuple):
            parts = (part.strip() for part in text.split(","))
            return [_typed(name, part, inner) for part in parts if part]
    except ValueError:
        raise BadSetting(f"{name} cannot be {text!r}; it must be {_word(kind)}") from None
    return text


def _plain(hint: Any) -> tuple[Any, Any]:
    """The type of a value without "or None", and the type of its parts where it is a list."""
    if get_origin(hint) in (Union, UnionType):
        hint = next(each for each in get_args(hint) if each is not type(None))
    inner = next(iter(get_args(hint)), str)
    return get_origin(hint) or hint, inner


def _yes_or_no(text: str) -> bool:
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    raise ValueError(text)


def _word(kind: Any) -> str:
    return {bool: "yes or no", int: "a whole number", float: "a number"}.get(kind, "text")
