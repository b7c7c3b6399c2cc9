"""The sweep is what makes time pass on the desk: it tells of clocks and renews them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from channels_ingest import sweeping
from tests.tickets.cast import case, codes, standing
from tests.tickets.clocks.promising import only_promise
from tickets.actions.service import save_policy
from tickets.models import ServiceCalendar, SpecialDay

pytestmark = pytest.mark.django_db


def test_sweep_tells_that_a_clock_has_run_out() -> None:
    only_promise()
    now = timezone.now()
    ticket = case(at=now - timedelta(minutes=61))

    sweeping.sweep(now=now)

    assert "clock_breached" in codes(ticket)


def test_sweep_works_clocks_out_anew_after_a_change() -> None:
    policy = only_promise()
    now = timezone.now()
    ticket = case(at=now)
    policy.first_response_minutes = 5
    save_policy(policy)

    sweeping.sweep(now=now)

    assert standing(ticket).due_at == now + timedelta(minutes=5)


def test_sweep_fills_in_the_holidays_of_this_year() -> None:
    SpecialDay.objects.all().delete()
    ServiceCalendar.objects.create(
        name="Osaka", time_zone="Asia/Tokyo", week=["9-18"] * 7, country="JP"
    )
    now = timezone.now()

    sweeping.sweep(now=now)

    assert SpecialDay.objects.filter(calendar__name="Osaka", day__year=now.year).exists()
