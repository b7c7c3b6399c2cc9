"""Take in what an agent writes down during a call, like anything that comes by a door of ours."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from tickets.actions import numbers
from tickets.models import Channel, User

from . import accounts
from .connectors.phone import BadNumber, Phone, call_envelope
from .models import Envelope
from .store import store

__all__ = ["BadNumber", "record_call"]


def record_call(
    *,
    channel: Channel,
    form: str,
    caller: str,
    name: str,
    notes: str,
    case_number: str,
    language: str,
    call_back_at: datetime | None,
    taken_by: User,
    now: datetime,
) -> str:
    """Store a call and return the number that leads to its case once a worker has read it.

    The case is then put aside until `call_back_at`, if the caller is known as its customer. `form`
    is the id of the page: sent twice, it is one call. Raises BadNumber, and what `store` raises.
    """
    connector = accounts.connect(channel.account)
    assert isinstance(connector, Phone), "calls are written down for a telephone only"
    envelope = call_envelope(
        form=form,
        caller=connector.number(caller) if caller.strip() else "",
        name=name,
        lines=_lines(notes, case_number, call_back_at),
        language=language,
        reserved_number=numbers.reserve(1)[0],
        taken_by=taken_by.pk,
        call_back_at=call_back_at,
    )
    (accepted,) = store(channel=channel, envelopes=[envelope], now=now)
    if accepted.is_duplicate and accepted.envelope_id:
        return Envelope.objects.get(pk=accepted.envelope_id).reserved_number
    return envelope.reserved_number


def _lines(notes: str, case_number: str, call_back_at: datetime | None) -> list[str]:
    """What stands in the message; the appointment too, so that a claim's is not overlooked."""
    lines = [notes]
    if case_number:
        lines.append(f"{_('Case number:')} {case_number}")
    if call_back_at:
        at = date_format(localtime(call_back_at), "DATETIME_FORMAT")
        lines.append(f"{_('Call back:')} {at} ({localtime(call_back_at):%Z})")
    return lines
