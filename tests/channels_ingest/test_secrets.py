"""What a channel is given stays with us: no log, no error and no health row repeats it."""

import pytest

from channels_ingest import api, outbox, polling
from channels_ingest.connectors.base import FetchFailure, TemporaryFailure
from channels_ingest.models import ChannelAccount
from tests.channels_ingest.desk import Desk, again
from tests.channels_ingest.doors import NOON, Obedient, obedient_channel
from tickets.models import Channel

pytestmark = pytest.mark.django_db

SECRET = "pass word/9+"
ADDRESS = "GET https://vendor.example/token?key="
WRITINGS = (SECRET, "pass%20word%2F9%2B", "pass+word%2F9%2B")


def give_secret(channel: Channel) -> None:
    api.change_channel(channel, values={"password": SECRET}, now=NOON)


def is_kept(text: str) -> bool:
    return not any(writing in text for writing in WRITINGS)


@pytest.mark.parametrize("written", WRITINGS)
def test_log_of_a_fault_in_sending_repeats_no_secret(
    written: str, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk()
    give_secret(desk.channel)
    delivery = desk.answers()
    Obedient.outcomes.append(RuntimeError(ADDRESS + written))

    outbox.deliver(clock=desk.clock)

    assert "RuntimeError: GET https://vendor.example/token?key=…" in caplog.text
    assert is_kept(caplog.text)
    assert is_kept(str(again(delivery).error))


def test_error_of_a_failed_sending_repeats_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    give_secret(desk.channel)
    delivery = desk.answers()
    Obedient.outcomes.append(TemporaryFailure("refused", f"{SECRET} is not the password"))

    outbox.deliver(clock=desk.clock)

    assert again(delivery).error == {"code": "refused", "detail": "… is not the password"}
    assert is_kept(caplog.text)


@pytest.mark.parametrize(
    "failure", [FetchFailure("refused", f"not {SECRET}"), RuntimeError(ADDRESS + SECRET)]
)
def test_failed_pull_shows_no_secret_in_log_and_health(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    channel = obedient_channel(password=SECRET)
    Obedient.pages.append(failure)

    polling.pull(channel.pk, now=NOON)

    account = ChannelAccount.objects.get()
    assert account.last_error
    assert is_kept(str(account.last_error))
    assert is_kept(caplog.text)


def test_failed_test_of_a_channel_tells_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    # The obedient vendor has no test of its own, and one test needs it to fail.
    def refuses(self: Obedient) -> str:
        raise FetchFailure("refused", f"not {SECRET}")

    monkeypatch.setattr(Obedient, "test", refuses)
    channel = obedient_channel(password=SECRET)

    with pytest.raises(FetchFailure) as caught:
        api.test_channel(channel)

    assert caught.value.detail == "not …"


def test_secrets_are_sealed_in_the_database() -> None:
    obedient_channel(password=SECRET)

    account = ChannelAccount.objects.get()

    assert SECRET.encode() not in bytes(account.secrets)
    assert SECRET not in str(account.settings)
