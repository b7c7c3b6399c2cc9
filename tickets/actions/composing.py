"""Send what was composed, with all that belongs to it, and take it back while it is held."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from .. import formatting
from ..actor import Actor
from ..interchange import OutgoingFile
from ..macros import Actions
from ..models import (
    Conversation,
    Delivery,
    DeliveryState,
    Message,
    SendHold,
    State,
    Ticket,
)
from .changes import Change, changing
from .conversations import ticket_of
from .drafts import bring_back, drop
from .macros import perform
from .outgoing import StoredUpload, already_written, stored_uploads
from .promises import take_back_answer
from .refusals import Refused
from .replies import Then, reply

_UNSENT = (DeliveryState.QUEUED, DeliveryState.WAITING)
_TIMES = ("closed_at", "snoozed_until", "first_replied_at", "waiting_since")
_FACTS = ("state", "assignee_id", "team_id", "priority", "category", "tags", *_TIMES)
_STANDS = {
    State.OPEN: "reopened",
    State.PENDING: "waits_for_customer",
    State.SNOOZED: "snoozed",
    State.CLOSED: "resolved",
}


def send(
    *,
    conversation: Conversation,
    text: str,
    by: Actor,
    now: datetime,
    files: Sequence[OutgoingFile] = (),
    stored: Sequence[StoredUpload] = (),
    client_key: str = "",
    seen_version: int | None = None,
    then: Then = "",
    actions: Actions | None = None,
    hold_until: datetime | None = None,
    keeps_draft: bool = False,
) -> Message:
    """Send a reply, do what its macro does and drop the draft, all in one transaction.

    Marks become a format where the channel carries one. Until `hold_until` the author may take
    it back. Raises what `replies.reply` and the macro's actions raise; then nothing is changed.
    """
    uploads = [*stored_uploads(files), *stored]
    with transaction.atomic():
        if written := already_written(by, client_key):
            return written
        ticket = ticket_of(conversation)
        before = _facts(Ticket.objects.select_for_update().get(pk=ticket.pk))
        places = _places(conversation)
        said = formatting.Formatted(text, "")
        if conversation.channel.takes_html:
            said = formatting.formatted(text)
        message = reply(
            conversation=conversation,
            text=said.text,
            html=said.html,
            stored=uploads,
            by=by,
            now=now,
            client_key=client_key,
            seen_version=seen_version,
            then=then,
            hold_until=hold_until,
        )
        if actions is not None:
            perform(actions=actions, ticket=ticket, by=by, now=now)
        if by.user is not None and not keeps_draft:
            drop(ticket=ticket, user=by.user, mode="reply")
        if hold_until is not None:
            after = _facts(Ticket.objects.get(pk=ticket.pk))
            kept = {**before, **places, "source": text}
            SendHold.objects.create(message=message, before=kept, after=after, until=hold_until)
        return message


def take_back(*, message: Message, by: Actor, now: datetime) -> Ticket:
    """Take back a reply of which nothing has left yet: its words and files are a draft again.

    What was done to the case with it is undone where nobody has changed it since. Raises
    Refused("left") when a worker was faster, or Refused("not_yours").
    """
    if by.user is None or message.author_id != by.user.pk or message.conversation is None:
        raise Refused("not_yours")
    conversation = message.conversation
    with changing(ticket_of(conversation), by=by, now=now) as change:
        ticket = change[ticket_of(conversation)]
        hold = SendHold.objects.filter(message=message).first()
        if hold is None or not _is_all_here(message):
            raise Refused("left")
        bring_back(
            ticket=ticket,
            user=by.user,
            text=hold.before.get("source", message.text),
            conversation=conversation,
            files=message.attachments.order_by("created_at", "pk"),
            now=now,
        )
        _put_back(change, ticket, hold)
        _put_back_place(conversation, hold)
        take_back_answer(change, ticket, message)
        change.record(ticket, "reply_taken_back", channel=conversation.channel.slug)
        message.delete()
        return ticket


def forget_holds(*, now: datetime, limit: int = 1000) -> int:
    """Delete what can be taken back no more; return of how many replies."""
    over = SendHold.objects.filter(until__lt=now).order_by("pk")[:limit]
    return SendHold.objects.filter(pk__in=list(over.values_list("pk", flat=True))).delete()[0]


def _is_all_here(message: Message) -> bool:
    """Whether no part of it has been tried; from now on no worker may take one."""
    rows = list(Delivery.objects.filter(message=message).select_for_update().order_by("pk"))
    return bool(rows) and all(row.state in _UNSENT and not row.attempts for row in rows)


def _facts(ticket: Ticket) -> dict[str, Any]:
    facts = {name: getattr(ticket, name) for name in _FACTS}
    return {**facts, **{name: facts[name] and facts[name].isoformat() for name in _TIMES}}


def _places(conversation: Conversation) -> dict[str, Any]:
    """What of the conversation a reply changes."""
    waiting, last = conversation.claim_waiting_since, conversation.last_message_at
    return {
        "claim_waiting_since": waiting and waiting.isoformat(),
        "last_message_at": last and last.isoformat(),
    }


def _put_back(change: Change, ticket: Ticket, hold: SendHold) -> None:
    """Give the case back what the reply took, as far as nobody has changed it since."""
    now, before, after = _facts(ticket), hold.before, hold.after
    same = {name for name in _FACTS if now[name] == after[name] != before[name]}
    if "state" in same:
        same |= {"closed_at", "snoozed_until"}
        until = {"until": before["snoozed_until"]} if before["snoozed_until"] else {}
        change.record(ticket, _STANDS[State(before["state"])], quiet=True, **until)
    else:
        same -= {"closed_at", "snoozed_until"}
    for name in same:
        setattr(ticket, name, _read(name, before[name]))


def _put_back_place(conversation: Conversation, hold: SendHold) -> None:
    row = Conversation.objects.select_for_update().get(pk=conversation.pk)
    if row.replies_left is not None:
        row.replies_left += hold.message.deliveries.filter(state=DeliveryState.QUEUED).count()
    row.last_message_at = _read("last_message_at", hold.before["last_message_at"])
    if row.is_pending_claim:
        waiting = hold.before["claim_waiting_since"]
        row.claim_waiting_since = _read("claim_waiting_since", waiting)
    row.save(update_fields=["replies_left", "last_message_at", "claim_waiting_since"])


def _read(name: str, value: Any) -> Any:
    is_time = name in {*_TIMES, "claim_waiting_since", "last_message_at"}
    return datetime.fromisoformat(value) if is_time and value else value
