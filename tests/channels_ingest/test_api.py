"""What the dashboard may ask of channels: descriptions, health, secrets that are replaced."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pytest

from channels_ingest import accounts, api
from channels_ingest.connectors.base import Connector, FetchFailure, setting
from channels_ingest.models import AccessToken, ChannelAccount, Envelope
from channels_ingest.store import store
from tests.channels_ingest.doors import NOON, SECRET, Obedient, http_door, obedient_channel, raw
from tickets.models import Channel, Team

pytestmark = pytest.mark.django_db


def fields(kind: str) -> dict[str, api.SettingField]:
    return {each.name: each for each in api.described(kind).fields}


def given(channel: Channel) -> Connector:
    return accounts.connect(ChannelAccount.objects.select_related("channel").get(channel=channel))


def test_settings_are_described_by_their_types() -> None:
    types = {name: each.type for name, each in fields("obedient").items()}

    assert types == {
        "word": "text",
        "count": "number",
        "is_loud": "yes_no",
        "names": "list",
        "password": "text",
    }
    assert fields("discourse")["category_ids"].part == "number"


def test_what_must_be_given_what_is_hidden_and_what_is_made_is_told() -> None:
    mail, http = fields("email"), fields("http")

    assert mail["imap_host"].is_required
    assert not mail["imap_port"].is_required
    assert mail["imap_port"].default == 993
    assert mail["imap_password"].is_secret
    assert (http["secret"].is_generated, http["secret"].is_required) == (True, False)


@pytest.mark.parametrize(
    ("kind", "name", "previous"),
    [
        ("http", "secret", "previous_secret"),
        ("discourse", "webhook_secret", "webhook_previous_secret"),
        ("http", "callback_url", ""),
        ("http", "previous_secret", ""),
    ],
)
def test_setting_that_keeps_the_old_value_is_found(kind: str, name: str, previous: str) -> None:
    assert fields(kind)[name].previous == previous


def test_kind_tells_whether_its_vendor_calls_us_and_can_be_called() -> None:
    can = {each.name: (each.takes_pushes, each.can_be_tested) for each in api.offered()}

    assert can["http"] == (True, False)
    assert can["email"] == (False, True)
    assert can["discourse"] == (True, True)


def test_every_kind_has_words_about_it_and_help_for_every_setting() -> None:
    for each in api.offered():
        assert each.about, each.name
        assert all(field.help for field in each.fields), each.name


def test_settings_are_given_back_without_secrets() -> None:
    channel = obedient_channel(word="hello", password="a-long-password-9f3k")

    shown = api.given(channel)

    assert shown.shown["word"] == "hello"
    assert "password" not in shown.shown
    assert shown.secrets == {"password": "9f3k"}


@pytest.mark.parametrize(("password", "secrets"), [("", {}), ("short-9f3k", {"password": ""})])
def test_end_of_a_short_secret_is_not_told(password: str, secrets: dict[str, str]) -> None:
    assert api.given(obedient_channel(password=password)).secrets == secrets


def test_new_secret_takes_over_while_the_old_one_is_accepted() -> None:
    channel = http_door().channel

    made = api.rotate_secret(channel, name="secret", now=NOON)
    both = given(channel).settings
    api.retire_secret(channel, name="secret", now=NOON)

    assert (both.secret, both.previous_secret) == (made, SECRET)
    assert given(channel).settings.previous_secret == ""
    assert given(channel).settings.secret == made


@pytest.mark.parametrize(
    "act",
    [
        lambda channel: api.rotate_secret(channel, name="callback_url", now=NOON),
        lambda channel: api.rotate_secret(channel, name="nothing", now=NOON),
        lambda channel: api.retire_secret(channel, name="callback_url", now=NOON),
    ],
)
def test_what_is_no_such_secret_is_not_replaced(act: Callable[[Channel], object]) -> None:
    channel = http_door(callback_url="https://shop.example/replies").channel
    before = given(channel).settings

    with pytest.raises(api.BadSetting):
        act(channel)

    assert given(channel).settings == before


class Vouched(Obedient):
    """A kind whose secret the vendor makes, and whose old one stays valid for a while."""

    kind: ClassVar[str] = "vouched"
    label: ClassVar[str] = "Vouched"

    @dataclass(frozen=True, slots=True)
    class Settings(Connector.Settings):
        token: str = setting("theirs", secret=True)
        previous_token: str = setting("the one before", "", secret=True)


def test_secret_that_the_other_side_makes_is_not_made_by_us() -> None:
    values = {"token": "theirs"}
    channel = api.create_channel(kind="vouched", slug="v", values=values, now=NOON).channel

    with pytest.raises(api.BadSetting):
        api.rotate_secret(channel, name="token", now=NOON)
    api.change_channel(channel, values={"token": "newer"}, keep_old=("token",), now=NOON)

    settings = given(channel).settings
    assert (settings.token, settings.previous_token) == ("newer", "theirs")


def test_channel_gets_another_name_and_team() -> None:
    channel = http_door().channel
    team = Team.objects.create(name="Mail", slug="mail")

    api.relabel(channel, label="Shop", team=team)

    channel.refresh_from_db()
    assert (channel.label, channel.team) == ("Shop", team)


class Faulty(Obedient):
    """A kind whose test has a fault, with a secret in its words."""

    kind: ClassVar[str] = "faulty"
    label: ClassVar[str] = "Faulty"

    def test(self) -> str:
        raise RuntimeError(self.settings.password)


def test_fault_of_a_connector_is_told_as_a_failed_test_without_secrets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    values = {"password": "a-hidden-password"}
    channel = api.create_channel(kind="faulty", slug="f", values=values, now=NOON).channel

    with pytest.raises(FetchFailure) as caught:
        api.test_channel(channel)

    assert (caught.value.code, caught.value.detail) == ("internal", "RuntimeError")
    assert "RuntimeError" in caplog.text
    assert "a-hidden-password" not in caplog.text


def test_lag_counts_from_the_oldest_that_is_unread() -> None:
    channel = obedient_channel()
    store(channel=channel, envelopes=[raw("1")], now=NOON)
    store(channel=channel, envelopes=[raw("2")], now=NOON + timedelta(minutes=1))

    before = api.health_of(channel).oldest_unread_at
    Envelope.objects.filter(key="1").update(state="dead", processed_at=NOON)

    assert before == NOON
    assert api.health_of(channel).oldest_unread_at == NOON + timedelta(minutes=1)


def test_channel_fails_while_nothing_can_be_sent() -> None:
    channel = obedient_channel()
    ChannelAccount.objects.update(send_error={"code": "bad_credentials", "detail": ""})

    health = api.health_of(channel)

    assert (health.condition, health.error["code"]) == ("failing", "bad_credentials")


def test_end_of_the_access_token_is_told_only_where_there_is_one() -> None:
    channel = obedient_channel()
    token = AccessToken.objects.create(account_id=channel.pk)

    without = api.health_of(channel).token_until
    token.sealed, token.until = b"sealed", NOON
    token.save()

    assert (without, api.health_of(channel).token_until) == (None, NOON)


def test_health_of_one_channel_counts_nothing_of_another() -> None:
    here, there = obedient_channel("here"), http_door("there").channel
    store(channel=there, envelopes=[raw("1")], now=NOON)

    assert api.health_of(here).unread == 0
    assert api.health_of(there).unread == 1
