"""Accounts: values are checked against the kind, secrets sealed for their own row."""

import pytest
from cryptography.fernet import Fernet
from pytest_django.fixtures import Settings as DjangoSettings

from channels_ingest import accounts, api, credentials
from channels_ingest.models import ChannelAccount
from tests.channels_ingest.doors import NOON, Obedient, http_door, obedient_channel
from tickets.models import Channel

pytestmark = pytest.mark.django_db


def test_values_are_read_by_their_types() -> None:
    channel = obedient_channel(
        word="hello", count="7", is_loud="yes", names="a, b,", password="hidden"
    )

    values = accounts.connect(channel.account).settings

    assert values == Obedient.Settings("hello", 7, True, ("a", "b"), "hidden")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"colour": "red"}, "unknown setting colour; there are: word, count"),
        ({"count": "many"}, "count cannot be 'many'; it must be a whole number"),
        ({"is_loud": "perhaps"}, "is_loud cannot be 'perhaps'; it must be yes or no"),
    ],
)
def test_value_that_does_not_fit_is_refused_in_one_clear_line(
    given: dict[str, str], words: str
) -> None:
    with pytest.raises(api.BadSetting) as caught:
        accounts.check("obedient", given)

    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


def test_missing_value_is_named_with_its_help() -> None:
    with pytest.raises(api.BadSetting, match="missing setting base_url: "):
        accounts.check("discourse", {})


def test_secret_is_made_where_none_is_given() -> None:
    created = api.create_channel(kind="http", slug="shop", values={}, now=NOON)

    secret = created.generated["secret"]
    assert len(secret) >= 32
    assert accounts.connect(created.channel.account).settings.secret == secret


def test_secrets_are_not_in_the_database_as_they_are() -> None:
    account = ChannelAccount.objects.get(channel=http_door(secret="plain-secret").channel)

    assert b"plain-secret" not in bytes(account.secrets)
    assert "plain-secret" not in str(account.settings)
    assert "secret" not in account.settings


def test_secrets_moved_to_another_row_do_not_open() -> None:
    here = ChannelAccount.objects.get(channel=http_door("here").channel)
    there = ChannelAccount.objects.get(channel=http_door("there").channel)
    here.secrets = there.secrets
    here.save()

    with pytest.raises(credentials.Unreadable):
        accounts.connect(here)


def test_new_first_key_takes_over_and_the_old_one_may_go(settings: DjangoSettings) -> None:
    account = ChannelAccount.objects.get(channel=http_door(secret="kept").channel)
    old, new = settings.CREDENTIALS_KEYS[0], Fernet.generate_key().decode()

    settings.CREDENTIALS_KEYS = [new, old]
    resealed = api.reseal_all()
    settings.CREDENTIALS_KEYS = [new]
    account.refresh_from_db()

    assert resealed == 1
    assert accounts.connect(account).settings.secret == "kept"


def test_lost_key_is_told_from_a_wrong_value(settings: DjangoSettings) -> None:
    account = ChannelAccount.objects.get(channel=http_door().channel)
    settings.CREDENTIALS_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(credentials.Unreadable, match="CREDENTIALS_KEY"):
        accounts.connect(account)


def test_changing_one_value_keeps_the_others() -> None:
    channel = obedient_channel(word="old", count="7", password="hidden")

    api.change_channel(channel, values={"word": "new"}, now=NOON)

    values = accounts.connect(ChannelAccount.objects.get()).settings
    assert (values.word, values.count, values.password) == ("new", 7, "hidden")


def test_channel_learns_from_its_connector_what_it_can_do() -> None:
    fetched = http_door().channel
    called = http_door("called", callback_url="https://shop.example/replies").channel

    assert fetched.resend == "idempotent"
    assert fetched.account.replies_are_fetched
    assert not called.account.replies_are_fetched


def test_setting_that_an_upgrade_dropped_is_passed_over() -> None:
    channel = obedient_channel(word="hello")
    ChannelAccount.objects.update(settings={"word": "hello", "dropped": 1})

    assert accounts.connect(ChannelAccount.objects.get(channel=channel)).settings.word == "hello"


def test_slug_is_given_once_and_fit_for_an_address() -> None:
    http_door("shop")

    with pytest.raises(api.SlugTaken):
        http_door("shop")
    with pytest.raises(api.BadSetting, match="slug"):
        http_door("not a slug")


def test_used_channel_is_not_removed() -> None:
    unused, used = http_door("unused"), http_door("used")
    used.says("hello", key="m-1")

    api.remove_channel(unused.channel)
    with pytest.raises(api.InUse):
        api.remove_channel(used.channel)

    assert list(ChannelAccount.objects.values_list("channel__slug", flat=True)) == ["used"]


@pytest.mark.django_db
def test_upgrade_brings_what_a_connector_has_learnt_to_its_channels() -> None:
    channel = obedient_channel()
    Channel.objects.filter(pk=channel.pk).update(capabilities={"html": True})

    accounts.refresh_capabilities()

    channel.refresh_from_db()
    assert channel.capabilities == dict(Obedient.capabilities.as_data())
