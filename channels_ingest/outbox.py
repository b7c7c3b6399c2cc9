"""Send queued deliveries through their channels, each once as far as the vendor allows."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from tickets import files
from tickets.actions import deliveries, wording
from tickets.case_numbers import format_number
from tickets.interchange import OutgoingFile, OutgoingMessage
from tickets.models import (
    Attachment,
    Channel,
    ClaimState,
    Conversation,
    Delivery,
    Direction,
    Message,
)

from . import accounts, faults
from .connectors.base import (
    Connector,
    Misconfigured,
    OutcomeUnknown,
    PermanentFailure,
    SendFailure,
    TemporaryFailure,
    WindowClosed,
)

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]

BUDGET = 15.0  # seconds in which attempts are begun; the last one may still take its time
MENDED_WITHIN = timedelta(days=1)  # so long a reply waits for somebody to mend its channel
TRY_A_BROKEN_ONE = timedelta(minutes=15)
ASK_FOR = timedelta(hours=1)  # how long a vendor is asked before a person must decide
MOST_REFERENCES = 20


def deliver(*, clock: Clock = timezone.now, limit: int = 20) -> int:
    """Send what is due, one after the other, for a while; return how many attempts were made."""
    until = time.monotonic() + BUDGET
    made = settle_expired(clock=clock)
    while made < limit and time.monotonic() < until:
        delivery = deliveries.claim(channels=sending_channels(), now=clock())
        if delivery is None:
            break
        attempt(delivery, clock=clock)
        made += 1
    return made


def sending_channels() -> QuerySet[Channel]:
    """Channels through which we send by calling; from others the replies are fetched."""
    return Channel.objects.filter(account__replies_are_fetched=False)


def attempt(delivery: Delivery, *, clock: Clock) -> None:
    """Make the claimed attempt and record its outcome. No transaction is open meanwhile."""
    if delivery.recipient.is_compromised:
        deliveries.record_failed(delivery=delivery, error={"code": "compromised"}, now=clock())
        return
    try:
        connector = accounts.connect(delivery.channel.account)
        message = compose(delivery)
    except Exception as error:  # nothing was sent yet, whatever went wrong here
        logger.exception("delivery %s could not be prepared", delivery.key)
        _retry(delivery, Connector, {"code": "internal", "detail": type(error).__name__}, clock())
        return
    try:
        faults.point("before_send")
        sent = connector.send(message)
        faults.point("after_send")
    except Exception as error:  # noqa: BLE001 - a connector's own fault leaves it open, too
        _record_failure(delivery, connector, error, clock())
    else:
        deliveries.record_sent(
            delivery=delivery, external_id=sent.external_id, state=sent.state, now=clock()
        )
        accounts.note_sent(delivery.channel)
    finally:
        accounts.hang_up(connector)


def settle_expired(*, clock: Clock, limit: int = 20) -> int:
    """Find out, or have a person find out, what became of attempts whose process died."""
    taken = 0
    for delivery in deliveries.expired(now=clock())[:limit]:
        if deliveries.take_over(delivery=delivery, now=clock()):
            taken += 1
            with accounts.connected(delivery.channel.account) as connector:
                _settle_unknown(delivery, connector, {"code": "interrupted", "detail": ""}, clock())
    return taken


def compose(delivery: Delivery) -> OutgoingMessage:
    """What a connector needs to send a delivery. Raises FileNotFoundError for a lost file."""
    message = delivery.message
    conversation = message.conversation
    if conversation is None:
        raise ValueError("an internal note is never sent")
    answered = _answered_ids(conversation, message) or _own_ids(delivery, conversation)
    text, attached = _piece(delivery, message)
    return OutgoingMessage(
        delivery_id=str(delivery.key),
        recipient=delivery.recipient.external_id,
        recipient_name=delivery.recipient.name,
        thread=conversation.thread,
        text=text,
        subject=_subject(conversation, message),
        case_number=format_number(_number(conversation), prefix=settings.CASE_NUMBER_PREFIX),
        in_reply_to=delivery.answers or (answered[-1] if answered else ""),
        sequence=delivery.sequence or 1,
        references=_references(conversation, answered),
        files=tuple(
            OutgoingFile(each.name, each.content_type, files.read(each.sha256)) for each in attached
        ),
        automatic=bool(message.automatic),
        is_public=conversation.is_public,
        page=_page(conversation, message),
        language=wording.language_for(conversation),
        html="" if delivery.piece else message.html,
    )


def _piece(delivery: Delivery, message: Message) -> tuple[str, list[Attachment]]:
    """The text and the files of this delivery's part of the message."""
    attached = list(message.attachments.order_by("created_at", "pk"))
    if not delivery.piece:
        return message.text, attached
    if alone := delivery.piece.get("file"):
        return "", [each for each in attached if str(each.pk) == alone]
    start, end = delivery.piece["text"]
    return message.text[start:end], attached if delivery.piece.get("files") else []


def _record_failure(
    delivery: Delivery, connector: Connector, failure: Exception, now: datetime
) -> None:
    error = _error(connector, failure)
    if isinstance(failure, TemporaryFailure):
        _retry(delivery, connector, error, now, retry_after=failure.retry_after)
    elif isinstance(failure, PermanentFailure):
        deliveries.record_failed(delivery=delivery, error=error, now=now)
        if failure.code == "gone":
            accounts.pause(delivery.channel, error=error)
    elif isinstance(failure, WindowClosed) and not _was_in_doubt(delivery):
        deliveries.record_waiting(delivery=delivery, error=error, now=now)
    elif isinstance(failure, WindowClosed) or _must_not_repeat(failure):
        deliveries.record_unknown(delivery=delivery, error=error, now=now)
    elif isinstance(failure, Misconfigured):
        accounts.note_send_error(delivery.channel, error)
        _wait_for_a_mender(delivery, error, now)
    else:
        if not isinstance(failure, OutcomeUnknown):
            fault = accounts.traceback_of(failure, connector)
            logger.error("connector %s failed in send\n%s", connector.kind, fault)
        _settle_unknown(delivery, connector, error, now)


def _was_in_doubt(delivery: Delivery) -> bool:
    """Whether an earlier attempt may have arrived: then a closed window proves nothing."""
    return delivery.attempt_log.filter(outcome="unknown").exists()


def _must_not_repeat(failure: Exception) -> bool:
    return isinstance(failure, OutcomeUnknown) and not failure.resend


def _wait_for_a_mender(delivery: Delivery, error: dict[str, Any], now: datetime) -> None:
    if now - delivery.created_at > MENDED_WITHIN:
        deliveries.record_failed(delivery=delivery, error=error, now=now)
        return
    deliveries.record_retry(delivery=delivery, error=error, at=now + TRY_A_BROKEN_ONE, now=now)


def _settle_unknown(
    delivery: Delivery, connector: Connector, error: dict[str, Any], now: datetime
) -> None:
    """Do with an attempt of unknown outcome what its vendor allows, and no more."""
    if delivery.channel.resend == "idempotent":
        _retry(delivery, connector, error, now, in_doubt=True)
    elif delivery.channel.resend == "lookup":
        _look_up(delivery, connector, error, now)
    else:
        deliveries.record_unknown(delivery=delivery, error=error, now=now)


def _look_up(
    delivery: Delivery, connector: Connector, error: dict[str, Any], now: datetime
) -> None:
    """Ask the vendor. While it does not answer, the lease runs out and it is asked anew."""
    try:
        found = connector.look_up(compose(delivery))
    except Exception as failure:  # noqa: BLE001 - no fault may leave it in doubt for ever
        if now - _begun(delivery) > ASK_FOR:
            deliveries.record_unknown(delivery=delivery, error=_error(connector, failure), now=now)
        return
    if found:
        deliveries.record_sent(
            delivery=delivery, external_id=found.external_id, state=found.state, now=now
        )
    else:
        _retry(delivery, connector, error, now)


def _retry(
    delivery: Delivery,
    connector: Connector | type[Connector],
    error: dict[str, Any],
    now: datetime,
    *,
    retry_after: float | None = None,
    in_doubt: bool = False,
) -> None:
    """Queue it for another attempt, or give it up when the schedule is exhausted."""
    schedule, made = connector.retry_minutes, delivery.attempts
    if made > len(schedule):
        give_up = deliveries.record_unknown if in_doubt else deliveries.record_failed
        give_up(delivery=delivery, error=error, now=now)
        return
    wait = 60.0 * schedule[made - 1]
    if retry_after is not None:
        # A short wait that the vendor names is tried once; refused again, the schedule decides.
        wait = retry_after if made == 1 else max(wait, retry_after)
    at = now + timedelta(seconds=wait)
    deliveries.record_retry(delivery=delivery, error=error, at=at, now=now, in_doubt=in_doubt)


def _subject(conversation: Conversation, message: Message) -> str:
    """What an answer answers: the customer's last subject in this conversation.

    Never in automatic messages, which hold no words of a customer. The case's own subject, which a
    claimer may not learn, only to the proved customer to whom we write first.
    """
    if message.subject or message.automatic:
        return message.subject
    asked = conversation.messages.filter(direction=Direction.INBOUND, pk__lt=message.pk)
    last = asked.exclude(subject="").order_by("pk").last()
    if last is None and _was_begun_by_us(conversation):
        return conversation.ticket.subject
    return last.subject if last else ""


def _was_begun_by_us(conversation: Conversation) -> bool:
    is_private = not conversation.is_public and not conversation.claim
    return (
        bool(conversation.channel.writes_first) and is_private and not conversation.last_inbound_at
    )


def _answered_ids(conversation: Conversation, message: Message) -> list[str]:
    """The customer's own messages that this one follows, newest last."""
    earlier = conversation.messages.filter(
        direction=Direction.INBOUND, created_at__lte=message.created_at
    ).exclude(external_id="")
    newest = earlier.order_by("-created_at", "-pk").values_list("external_id", flat=True)
    return list(newest[:MOST_REFERENCES])[::-1]


def _references(conversation: Conversation, answered: list[str]) -> tuple[str, ...]:
    """The messages that this one follows; a mail names the first of its thread, too."""
    names_root = conversation.channel.writes_first and conversation.thread
    return (conversation.thread, *answered) if names_root else tuple(answered)


def _own_ids(delivery: Delivery, conversation: Conversation) -> list[str]:
    """Our earlier messages of a thread that we began: so it stays one thread at the customer's."""
    if not _was_begun_by_us(conversation):
        return []
    ours = Delivery.objects.filter(
        message__conversation=conversation, channel=delivery.channel_id, pk__lt=delivery.pk
    ).exclude(external_id="")
    return list(ours.order_by("pk").values_list("external_id", flat=True)[:MOST_REFERENCES])


def _number(conversation: Conversation) -> str:
    """Whom the case is not proven to belong to is only ever told the claim's own number."""
    if conversation.claim in (ClaimState.PENDING, ClaimState.REJECTED):
        return conversation.claim_number
    return conversation.ticket.number


def _page(conversation: Conversation, message: Message) -> str:
    """Where the case can be asked for, in acknowledgements: by the number that they tell anyway."""
    tells = message.automatic == "acknowledgement" and not conversation.is_public
    return wording.page_of(_number(conversation)) if tells else ""


def _begun(delivery: Delivery) -> datetime:
    return delivery.attempt_log.get(number=delivery.attempts).started_at


def _error(connector: Connector, failure: Exception) -> dict[str, Any]:
    if isinstance(failure, SendFailure):
        return {"code": failure.code, "detail": connector.without_secrets(failure.detail)[:500]}
    return {"code": "internal", "detail": type(failure).__name__}
