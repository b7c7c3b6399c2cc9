"""`manage.py channel`: one clear line for each outcome."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from channels_ingest import accounts
from channels_ingest.connectors.base import FetchFailure
from channels_ingest.models import Envelope
from channels_ingest.store import store
from tests.channels_ingest.doors import NOON, Obedient, drain, http_door, obedient_channel, raw
from tickets.models import Channel, Team

pytestmark = pytest.mark.django_db


def run(*words: str, command: str = "channel") -> str:
    out = StringIO()
    call_command(command, *words, stdout=out)
    return out.getvalue()


def test_add_prints_the_secret_once_and_the_webhook_address() -> None:
    out = run("add", "http", "--slug", "shop", "--label", "Shop")

    channel = Channel.objects.get()
    secret = accounts.connect(channel.account).settings.secret
    assert channel.label == "Shop"
    assert f"secret: {secret}" in out
    assert "webhook address: http://testserver/hooks/shop/" in out
    assert secret not in run("list")


def test_add_takes_settings_and_a_team() -> None:
    team = Team.objects.create(name="Billing", slug="billing")

    run("add", "obedient", "--slug", "x", "--team", "billing", "--set", "word=a=b", "count=3")

    channel = Channel.objects.get()
    assert channel.team == team
    assert accounts.connect(channel.account).settings.word == "a=b"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("add", "pigeon", "--slug", "x"), "no connector for 'pigeon'"),
        (("add", "http", "--slug", "x", "--set", "colour=red"), "unknown setting colour"),
        (("add", "http", "--slug", "x", "--set", "colour"), "KEY=VALUE"),
        (("add", "http", "--slug", "x", "--team", "nobody"), "no team nobody"),
        (("add", "discourse", "--slug", "x"), "missing setting"),
        (("add", "http", "--slug", "shop"), "there is a channel shop already"),
        (("pause", "nowhere"), "there is no channel nowhere"),
    ],
)
def test_mistake_is_answered_by_one_clear_line(words: tuple[str, ...], complaint: str) -> None:
    http_door("shop")

    with pytest.raises(CommandError) as caught:
        run(*words)

    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)
    assert Channel.objects.count() == 1


def test_set_changes_what_is_named() -> None:
    channel = obedient_channel(word="old", count="3")

    run("set", "obedient", "--set", "word=new")

    values = accounts.connect(Channel.objects.get(pk=channel.pk).account).settings
    assert (values.word, values.count) == ("new", 3)


def test_pause_and_resume() -> None:
    http_door("shop")

    run("pause", "shop")
    paused = run("list")
    run("resume", "shop")

    assert "paused" in paused
    assert "ok" in run("list")


def test_test_says_what_the_vendor_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    obedient_channel()

    def refused(self: Obedient) -> str:
        raise FetchFailure("login", "wrong password")

    assert "only receives" in run("test", "obedient")
    monkeypatch.setattr(Obedient, "test", refused)
    with pytest.raises(CommandError, match="login: wrong password"):
        run("test", "obedient")


def test_remove_deletes_an_unused_channel() -> None:
    http_door("shop")

    run("remove", "shop")

    assert not Channel.objects.exists()


def test_kinds_lists_kinds_and_their_settings() -> None:
    assert "http  " in run("kinds")
    assert "secret (made for you): " in run("kinds", "http")


def test_replay_lists_dead_letters_and_puts_one_back() -> None:
    channel = obedient_channel()
    Obedient.parse_fails.add("a")
    store(channel=channel, envelopes=[raw("a")], now=NOON)
    drain(NOON)
    envelope = Envelope.objects.get()

    listed = run(command="replay")
    run(str(envelope.pk), command="replay")

    assert f"{envelope.pk}  obedient" in listed
    assert "unreadable" in listed
    assert Envelope.objects.get().state == "new"
    with pytest.raises(CommandError, match="no such dead letter"):
        run("--channel", "obedient", command="replay")
