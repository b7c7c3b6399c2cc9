"""Put one arrival on its case: ask matching, then carry out what it decided."""

from dataclasses import replace
from datetime import timedelta

from django.conf import settings

from ... import matching
from ...interchange import IncomingMessage, Receipt
from ...models import Message
from .acknowledging import owe_acknowledgement
from .arrival import Arrival, Landing
from .batch import Batch
from .ledger import content_of, ledger_key
from .place import Place
from .placing import Placing
from .reading import Read
from .revising import apply_receipt, as_new, revise, revised_message
from .writing import add_message, stir


def land(batch: Batch, arrival: Arrival) -> Landing:
    """Decide about one arrival and apply the decision to the batch."""
    item = arrival.item
    if isinstance(item, Receipt):
        return apply_receipt(batch, arrival.channel, item)
    read = batch.reads[id(arrival)]
    if item.action != "create":
        message = revised_message(batch, arrival.channel, item)
        if message is not None:
            return revise(batch, arrival.channel, message, item)
        if item.action == "recall":
            return Landing("ignored", reason="recall_of_nothing_here")
        if batch.has_message(arrival.channel, item.target_id or item.external_id):
            return Landing("ignored", reason="edit_by_somebody_else")
        return _land_new(batch, arrival, as_new(item), read)
    key = ledger_key(arrival)
    if key and key not in batch.fresh_keys:
        if batch.known_content.get(key, content_of(arrival)) == content_of(arrival):
            return Landing("duplicate")
        return _land_collision(batch, arrival, item)
    if batch.has_message(arrival.channel, item.external_id):
        return Landing("duplicate")  # its edit came first
    if key:
        batch.fresh_keys.discard(key)
        batch.known_content[key] = content_of(arrival)
    return _land_new(batch, arrival, item, read)


def _land_collision(batch: Batch, arrival: Arrival, item: IncomingMessage) -> Landing:
    """The vendor's id again with other content: keep it under an id of its own, and say so."""
    suffix = content_of(arrival).hex()[:12]
    kept = replace(item, external_id=f"{item.external_id[:240]}#{suffix}")
    place = (arrival.channel.pk, kept.external_id)
    known = Message.objects.filter(channel=arrival.channel, external_id=kept.external_id)
    if place in batch.messages or known.exists():
        return Landing("duplicate")
    landing = _land_new(batch, arrival, kept, batch.reads[id(arrival)])
    if landing.message:
        landing.message.decision["same_id"] = item.external_id
    return landing


def _land_new(batch: Batch, arrival: Arrival, item: IncomingMessage, read: Read) -> Landing:
    place = Place(batch, arrival, item, read)
    decision = matching.decide(place.situation(), read.words, _policy())
    ticket, conversation = Placing(batch, place).carry_out(decision)
    message = add_message(batch, arrival, item, conversation, ticket, decision, read)
    stir(batch, ticket, conversation, item, decision, read)
    if not decision.is_quiet:
        owe_acknowledgement(batch, conversation, ticket, decision, read)
    return Landing("new", ticket, message)


def _policy() -> matching.Policy:
    return matching.Policy(
        reopen_for=timedelta(days=settings.REOPEN_DAYS),
        current_for=timedelta(hours=settings.CURRENT_CONVERSATION_HOURS),
    )
