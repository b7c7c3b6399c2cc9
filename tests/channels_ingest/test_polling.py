"""Polling: pages and cursor move together, one pull at a time, and trouble shows in the health."""

from datetime import timedelta

import pytest

from channels_ingest import api, polling, store
from channels_ingest.connectors.base import Fetched, FetchFailure
from channels_ingest.models import ChannelAccount, Envelope
from tests.channels_ingest.doors import NOON, Obedient, obedient_channel, raw

pytestmark = pytest.mark.django_db


def account() -> ChannelAccount:
    return ChannelAccount.objects.get()


def page(cursor: int, *keys: str) -> Fetched:
    return Fetched(tuple(raw(key) for key in keys), {"at": cursor})


def test_pull_stores_every_page_and_remembers_how_far_it_read() -> None:
    channel = obedient_channel()
    Obedient.pages += [page(1, "a", "b"), page(2, "c")]

    came = polling.pull(channel.pk, now=NOON)

    assert came == 3
    assert account().cursor == {"at": 2}
    assert list(Envelope.objects.order_by("pk").values_list("key", flat=True)) == ["a", "b", "c"]


def test_next_pull_goes_on_from_the_cursor_and_only_when_due() -> None:
    channel = obedient_channel()
    Obedient.pages.append(page(1, "a"))
    polling.pull(channel.pk, now=NOON)

    polling.pull(channel.pk, now=NOON + timedelta(seconds=30))
    polling.pull(channel.pk, now=NOON + timedelta(seconds=60))

    assert Obedient.cursors == [{}, {"at": 1}]


def test_page_that_was_read_before_changes_nothing() -> None:
    channel = obedient_channel()
    Obedient.pages += [page(1, "a"), page(1, "a")]

    polling.pull(channel.pk, now=NOON)

    assert Envelope.objects.count() == 1


def test_failure_keeps_the_pages_before_it_and_shows_in_the_health() -> None:
    channel = obedient_channel()
    Obedient.pages += [page(1, "a"), FetchFailure("login", "wrong password")]

    polling.pull(channel.pk, now=NOON)

    row = account()
    assert row.cursor == {"at": 1}
    assert row.last_error == {"code": "login", "detail": "wrong password"}
    assert (row.failures, row.failing_since) == (1, NOON)
    assert api.health()[0].condition == "failing"


def test_each_failure_waits_longer_and_success_clears_it() -> None:
    channel = obedient_channel()
    now, waits = NOON, []
    for _ in range(8):
        Obedient.pages.append(FetchFailure("unreachable"))
        polling.pull(channel.pk, now=now)
        waits.append((account().next_pull_at or now) - now)
        now = account().next_pull_at or now
    polling.pull(channel.pk, now=now)

    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=30)
    assert waits[-1] == polling.LONGEST_BACK_OFF
    row = account()
    assert (row.failures, row.failing_since, row.last_error) == (0, None, {})
    assert row.next_pull_at == now + timedelta(seconds=60)


def test_vendor_that_names_a_longer_wait_is_obeyed() -> None:
    channel = obedient_channel()
    Obedient.pages.append(FetchFailure("login", retry_after=3600))

    polling.pull(channel.pk, now=NOON)

    assert account().next_pull_at == NOON + timedelta(hours=1)


def test_fault_of_our_own_shows_in_the_health_without_its_words() -> None:
    channel = obedient_channel()
    Obedient.pages.append(RuntimeError("password hunter2"))

    polling.pull(channel.pk, now=NOON)

    assert account().last_error == {"code": "internal", "detail": "RuntimeError"}


def test_paused_channel_is_not_asked_and_resuming_asks_at_once() -> None:
    channel = obedient_channel()
    api.pause(channel)

    polling.pull(channel.pk, now=NOON + timedelta(hours=1))
    asked_while_paused = list(Obedient.cursors)
    api.resume(channel, now=NOON + timedelta(hours=2))
    polling.pull(channel.pk, now=NOON + timedelta(hours=2))

    assert asked_while_paused == []
    assert len(Obedient.cursors) == 1


def test_channel_being_asked_is_left_alone_until_the_lease_ends() -> None:
    channel = obedient_channel()
    ChannelAccount.objects.update(pull_lease_until=NOON + polling.LEASE)

    polling.pull(channel.pk, now=NOON)
    meanwhile = list(Obedient.cursors)
    polling.pull(channel.pk, now=NOON + polling.LEASE + timedelta(seconds=1))

    assert meanwhile == []
    assert len(Obedient.cursors) == 1


def test_pull_that_lost_its_lease_writes_nothing_more() -> None:
    channel = obedient_channel()

    def overtaken() -> Fetched:
        ChannelAccount.objects.update(pulls=99, cursor={"at": 50})
        return page(1, "late")

    Obedient.pages += [page(0, "early"), overtaken]

    polling.pull(channel.pk, now=NOON)

    assert account().cursor == {"at": 50}
    assert list(Envelope.objects.values_list("key", flat=True)) == ["early"]


def test_cursor_and_envelopes_are_committed_together() -> None:
    channel = obedient_channel()
    Obedient.pages.append(page(1, "a"))
    ChannelAccount.objects.update(pulls=7)
    lost = ChannelAccount.objects.select_related("channel").get()
    ChannelAccount.objects.update(pulls=8)

    with pytest.raises(polling.LostLease):
        polling._keep(lost, page(1, "a"), NOON)

    assert not Envelope.objects.exists()
    assert store.store(channel=channel, envelopes=[raw("a")], now=NOON)[0].is_duplicate is False


def test_push_that_comes_while_the_vendor_is_asked_has_it_asked_again_at_once() -> None:
    channel = obedient_channel()
    called = NOON + timedelta(seconds=2)

    def page_while_a_push_comes() -> Fetched:
        ChannelAccount.objects.update(next_pull_at=called)
        return page(1, "a")

    Obedient.pages.append(page_while_a_push_comes)

    polling.pull(channel.pk, now=NOON)

    assert account().next_pull_at == called
