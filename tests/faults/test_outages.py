"""Servers and workers go away and come back: what was accepted is taken in, each thing once."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from channels_ingest.sandbox.http import CallbackReceiver
from tests.channels_ingest.doors import SECRET
from tests.faults.town import Customers, Town, freeze_server, kill_server, new_folder
from tests.waiting import wait_for

pytestmark = pytest.mark.faults

BROKER_TIMEOUT = 10.0  # seconds for which a frozen Redis would hold up whoever waits for it


@pytest.fixture(scope="module")
def receiver() -> Iterator[CallbackReceiver]:
    with CallbackReceiver(SECRET) as listening:
        yield listening


@pytest.fixture(scope="module")
def town(receiver: CallbackReceiver) -> Iterator[Town]:
    folder = new_folder()
    town = Town(folder, receiver)
    try:
        town.start()
        yield town
    finally:
        town.stop()
        shutil.rmtree(folder, ignore_errors=True)


def settled(town: Town, customers: Customers) -> None:
    """All that was accepted is taken in, once, and the audit holds."""
    accepted = customers.stop()
    mine = f"{customers.prefix} "

    def taken_in() -> Any:
        return [text for text in town.taken_in() if text.startswith(mine)]

    wait_for(lambda: len(taken_in()) >= len(accepted), "all taken in", within=40)
    assert taken_in() == accepted
    town.manage("audit")


def test_messages_are_accepted_while_all_workers_are_stopped(town: Town) -> None:
    town.worker.kill()
    town.beat.kill()
    customers = Customers(town, "no workers")

    customers.wait_for_more(30)
    meanwhile = [text for text in town.taken_in() if text.startswith("no workers")]
    town.worker.start()
    town.beat.start()

    assert meanwhile == []
    assert customers.refused == []
    settled(town, customers)


def test_emptied_redis_loses_nothing(town: Town) -> None:
    customers = Customers(town, "empty redis")

    for _ in range(5):
        customers.wait_for_more(10)
        town.empty_redis()

    assert customers.refused == []
    settled(town, customers)


def test_frozen_and_then_killed_redis_delays_no_answer_and_loses_nothing(town: Town) -> None:
    customers = Customers(town, "killed redis")
    customers.wait_for_more(10)

    freeze_server(town.redis)
    customers.wait_for_more(30)
    kill_server(town.redis)
    customers.wait_for_more(30)
    town.redis.start()
    customers.wait_for_more(10)

    assert customers.refused == []
    assert customers.slowest < BROKER_TIMEOUT / 2
    settled(town, customers)


def test_killed_postgres_refuses_for_a_while_and_loses_nothing(town: Town) -> None:
    customers = Customers(town, "killed postgres")
    customers.wait_for_more(20)

    kill_server(town.postgres)
    wait_for(lambda: 503 in customers.refused, "refusals")
    town.postgres.start()
    customers.wait_for_more(20)

    assert set(customers.refused) <= {503}
    assert town.worker.is_alive
    settled(town, customers)


def test_every_acknowledgement_of_all_that_happened_left_once(
    town: Town, receiver: CallbackReceiver
) -> None:
    customers = Customers(town, "at last")
    customers.wait_for_more(3)
    settled(town, customers)
    due = "SELECT FROM tickets_acknowledgement WHERE state = 'due'"
    wait_for(lambda: not town.rows(due), "all acknowledged", within=60)
    wait_for(lambda: _delivered_after_waits(town), "all delivered", within=60)

    told = [each["recipient"]["id"] for each in receiver.messages]
    assert told
    assert len(told) == len(set(told))
    town.manage("audit", "--patience", "0")


def _delivered_after_waits(town: Town) -> bool:
    """Whether all is delivered; what an outage interrupted need not wait for minutes."""
    for waits in (
        "lease_until = now() WHERE state = 'started' AND changed_at < now() - interval '20 s'",
        "next_attempt_at = now() WHERE state = 'queued' AND next_attempt_at > now()",
    ):
        town.rows(f"UPDATE tickets_delivery SET {waits} RETURNING id")  # noqa: S608 - the two above
    return not town.rows("SELECT FROM tickets_delivery WHERE state IN ('queued', 'started')")
