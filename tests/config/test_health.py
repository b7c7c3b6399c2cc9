"""The health page names what is missing, and a worker's row is what shows that it lives."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from channels_ingest.models import Heartbeat
from config.celery import beat, forget_the_dead

# A beat closes its connection, which a test's own transaction would not survive.
pytestmark = pytest.mark.django_db(transaction=True)


def test_everything_up_is_200(client: Client) -> None:
    beat("worker@host")

    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "web": "up",
        "database": "up",
        "redis": "up",
        "worker": "up",
    }


def test_worker_that_is_silent_for_15_seconds_is_down(client: Client) -> None:
    Heartbeat.objects.create(
        name="worker@host", beat_at=timezone.now() - timedelta(seconds=15, milliseconds=1)
    )

    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert answer.json()["worker"] == "down"
    assert answer.json()["status"] == "unavailable"


@override_settings(REDIS_URL="unix:///nowhere/redis.sock")
def test_redis_that_is_away_is_named(client: Client) -> None:
    beat("worker@host")

    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert [name for name, state in answer.json().items() if state == "down"] == ["redis"]


def test_health_page_is_never_cached_and_takes_no_post(client: Client) -> None:
    assert "no-store" in client.get("/healthz").headers["Cache-Control"]
    assert client.post("/healthz").status_code == 405


def test_beat_renews_one_row() -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    Heartbeat.objects.create(name="worker@host", beat_at=long_ago)

    beat("worker@host")

    assert Heartbeat.objects.get().beat_at > timezone.now() - timedelta(seconds=5)


def test_workers_gone_for_a_day_are_forgotten() -> None:
    now = timezone.now()
    Heartbeat.objects.create(name="gone", beat_at=now - timedelta(days=1, seconds=1))
    Heartbeat.objects.create(name="here", beat_at=now - timedelta(hours=23))

    forget_the_dead()

    assert [row.name for row in Heartbeat.objects.all()] == ["here"]


def test_worker_goes_on_without_its_database(caplog: pytest.LogCaptureFixture) -> None:
    with connection.execute_wrapper(database_is_away):
        beat("worker@host")

    assert "no heartbeat" in caplog.text


def database_is_away(*_: object) -> None:
    from django.db import OperationalError

    raise OperationalError("away")
