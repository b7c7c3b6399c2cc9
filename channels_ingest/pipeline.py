"""Turn stored envelopes into messages: claim lanes, parse, hand batches to the domain."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import QuerySet

from tickets import files
from tickets.actions import bot, intake
from tickets.actions.intake import Arrival, Landing
from tickets.interchange import IncomingMessage, Parsed, Receipt, Unknown
from tickets.models import Message

from . import accounts, faults, lanes, late_receipts, promises, trials
from .connectors.base import Connector, StoredEnvelope
from .lanes import Lane, Waiting
from .models import ChannelAccount, Envelope, EnvelopeState
from .tidying import tidy
from .waking import wake

logger = logging.getLogger(__name__)


class Unreadable(Exception):
    """No connector can make anything of this envelope, now or later."""


def read(connector: Connector, envelope: Envelope) -> list[Parsed]:
    """What an envelope says. Raises Unreadable, or OSError where its body cannot be had."""
    stored = StoredEnvelope(
        key=envelope.key,
        lane=envelope.lane,
        body=_body(envelope),
        reserved_number=envelope.reserved_number,
        received_at=envelope.received_at,
    )
    try:
        return list(connector.parse(stored))
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # whatever it is, the same bytes will raise it again
        raise Unreadable(f"{type(error).__name__}: {error}") from error


def process(*, now: datetime, limit: int = 500) -> int:
    """Process unread envelopes until none is left or `limit` is reached; return how many.

    Safe to run in any number of workers at once.
    """
    done = 0
    while done < limit and (handled := _process_batch(now)):
        done += handled
    return done


def replay(envelopes: QuerySet[Envelope]) -> int:
    """Put dead-lettered envelopes back, as if they had just come; return how many."""
    dead = envelopes.filter(state=EnvelopeState.DEAD)
    count = dead.update(
        state=EnvelopeState.NEW, attempts=0, retry_at=None, processed_at=None, error={}
    )
    wake("channels_ingest.tasks.process_envelopes")
    return count


def _process_batch(now: datetime) -> int:
    """Process one batch in one transaction; where it fails, each envelope in one of its own.

    That these envelopes are being tried is committed first, so that one that kills its worker
    is known by it. Return how many were settled, buried or put off; 0: there is nothing to do.
    """
    batch = trials.begin(now=now)
    if not batch or trials.bury_hopeless(batch, now=now):
        return len(batch)
    try:
        _try(batch, now)
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # noqa: BLE001 - it is logged and recorded
        if len(batch) > 1:
            logger.info("batch of %d failed, one by one: %s", len(batch), type(error).__name__)
            _try_one_by_one(batch, now)
        else:
            _note_failure(batch[0], error, now)
    faults.point("after_commit")
    return len(batch)


def _try(batch: Sequence[Waiting], now: datetime) -> None:
    with transaction.atomic():
        envelopes = lanes.hold(batch)
        faults.point("after_claim")
        if envelopes:
            _settle(envelopes, now)
        faults.point("before_commit")


def _try_one_by_one(batch: Sequence[Waiting], now: datetime) -> None:
    """Try each envelope of a failed batch alone; behind one that fails its lane waits."""
    failed: set[Lane] = set()
    untried = []
    for each in batch:
        if each.lane in failed:
            untried.append(each)
            continue
        try:
            _try([each], now)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:  # noqa: BLE001 - it is logged and recorded
            _note_failure(each, error, now)
            failed.add(each.lane)
    trials.take_back(untried)


def _note_failure(waiting: Waiting, error: Exception, now: datetime) -> None:
    logger.error("envelope %s could not be processed", waiting.pk, exc_info=error)
    trials.note_failure(waiting, error, now=now)


def _settle(batch: Sequence[Envelope], now: datetime) -> None:
    """Give every envelope of the batch what it says to the domain, and note what came of it."""
    arrivals: list[Arrival] = []
    owners: list[Envelope] = []
    reasons: dict[int, list[str]] = {envelope.pk: [] for envelope in batch}
    connectors = _connectors(batch)
    said = {each.pk: _items(connectors[each.channel_id], each, now) for each in batch}
    held_up = promises.held_up(batch, said)
    promises.put_off(held_up, now=now)
    batch = [each for each in batch if each.pk not in held_up]
    for envelope in batch:
        for item in said[envelope.pk]:
            if isinstance(item, Unknown):
                reasons[envelope.pk].append(item.reason)
            else:
                arrivals.append(Arrival(envelope.channel, tidy(item)))
                owners.append(envelope)
    landings = intake.receive(arrivals, now=now)
    items = [arrival.item for arrival in arrivals]
    bot.answer(messages=_for_the_machine(connectors, owners, items, landings), now=now)
    early = late_receipts.owners(owners, landings, now=now)
    taken = set()
    for envelope, landing in zip(owners, landings, strict=True):
        if landing.outcome == "ignored":
            reasons[envelope.pk].append(landing.reason)
        else:
            taken.add(envelope.pk)
    for envelope in batch:
        if envelope.pk in early:
            late_receipts.put_off(envelope, now=now)
        elif envelope.state == EnvelopeState.NEW:
            _note_outcome(envelope, envelope.pk in taken, reasons[envelope.pk], now)
    _save(batch, now)


def _for_the_machine(
    connectors: Mapping[int, Connector],
    owners: Sequence[Envelope],
    items: Sequence[IncomingMessage | Receipt],
    landings: Sequence[Landing],
) -> list[Message]:
    """New messages of channels on which the desk's machine answers before people do."""
    found = []
    for envelope, item, landing in zip(owners, items, landings, strict=True):
        is_new = landing.outcome == "new" and connectors[envelope.channel_id].answers_first
        if not is_new or landing.message is None:
            continue
        if isinstance(item, IncomingMessage) and item.category:
            landing.message.decision["chose"] = item.category
        found.append(landing.message)
    return found


def _save(batch: Sequence[Envelope], now: datetime) -> None:
    """Write the outcomes: one query for all that ended alike, one for each that did not go well."""
    alike: dict[tuple[str, str], list[int]] = defaultdict(list)
    for envelope in batch:
        if envelope.error:
            envelope.save(update_fields=("state", "lane", "error", "retry_at", "processed_at"))
        else:
            alike[envelope.state, envelope.reason].append(envelope.pk)
    for (state, reason), ids in alike.items():
        Envelope.objects.filter(pk__in=ids).update(
            state=state, reason=reason, error={}, retry_at=None, processed_at=now
        )


def _connectors(envelopes: Sequence[Envelope]) -> dict[int, Connector]:
    """One connector for each channel that the envelopes came by; they share its one row, too."""
    channels = {envelope.channel_id for envelope in envelopes}
    rows = ChannelAccount.objects.select_related("channel").filter(pk__in=channels)
    found = {account.pk: account for account in rows}
    for envelope in envelopes:
        envelope.channel = found[envelope.channel_id].channel
    return {pk: accounts.connect(account) for pk, account in found.items()}


def _items(connector: Connector, envelope: Envelope, now: datetime) -> list[Parsed]:
    """What an envelope says; one that cannot be read is dead and says nothing."""
    try:
        return read(connector, envelope)
    except Unreadable as error:
        logger.warning("envelope %s cannot be read: %s", envelope.pk, error)
        trials.bury(envelope, "unreadable", str(error), now=now)
        return []


def _note_outcome(
    envelope: Envelope, was_taken: bool, reasons: Sequence[str], now: datetime
) -> None:
    envelope.state = EnvelopeState.PROCESSED if was_taken else EnvelopeState.IGNORED
    given = "; ".join(reason for reason in reasons if reason)
    envelope.reason = given[:200] if was_taken or given else "empty"
    envelope.error = {}
    envelope.retry_at = None
    envelope.processed_at = now


def _body(envelope: Envelope) -> bytes:
    if envelope.body is None:
        return files.read(envelope.body_sha256)
    return bytes(envelope.body)
