"""An address is named, and proved: by a code typed in the chat, or by the link in the mail."""

import hmac
import re
import secrets
import unicodedata
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction

from ...models import AnswerPlace, Channel, Conversation, Ticket
from ..refusals import Refused

Tried = Literal["right", "wrong", "dead"]

CODE_FOR = timedelta(minutes=15)
LINK_FOR = timedelta(hours=24)
MOST_OF_A_CHAT = 3  # addresses a day
SALT = "tickets.answer_place"
_CODE = re.compile(r"\D{0,20}([0-9]{6})\D{0,20}")


def channel_for(ticket: Ticket) -> Channel | None:
    """By which channel we may write first to an address, the case's own team's before others."""
    able = Channel.objects.filter(
        capabilities__writes_first="email", is_paused=False, is_public=False
    )
    ranked = sorted(able.order_by("pk"), key=lambda each: each.team_id != ticket.team_id)
    return ranked[0] if ranked else None


def name_address(
    *, conversation: Conversation, channel: Channel, address: str, is_proven: bool, now: datetime
) -> AnswerPlace:
    """Note that the answer should go there. Call it under the case's lock.

    With `is_proven` the address is known as theirs already. Raises Refused("asked_enough").
    """
    named = AnswerPlace.objects.filter(conversation=conversation)
    if named.filter(asked_at__gt=now - timedelta(days=1)).count() >= MOST_OF_A_CHAT:
        raise Refused("asked_enough")
    return AnswerPlace.objects.create(
        conversation=conversation,
        channel=channel,
        address=address.lower()[:254],
        code=secrets.token_bytes(32),
        asked_at=now,
        code_until=now + CODE_FOR,
        link_until=now + LINK_FOR,
        proven_at=now if is_proven else None,
    )


def try_code(*, conversation: Conversation, text: str, now: datetime) -> tuple[Tried, AnswerPlace]:
    """Check six digits that were typed in the chat in which the address was named.

    A wrong code costs one of five tries. Raises AnswerPlace.DoesNotExist where the text is no
    code, or nothing waits for one.
    """
    code = _code_in(text)
    unproven = AnswerPlace.objects.filter(conversation=conversation, proven_at__isnull=True)
    place = unproven.select_for_update().order_by("asked_at").last() if code else None
    if place is None:
        raise AnswerPlace.DoesNotExist
    if not place.tries_left or now >= place.code_until:
        return "dead", place
    if not hmac.compare_digest(bytes(place.code), code_digest(place, code)):
        place.tries_left -= 1
        place.save(update_fields=["tries_left"])
        return "wrong" if place.tries_left else "dead", place
    _prove(place, now)
    return "right", place


def place_of(token: str, *, now: datetime) -> AnswerPlace:
    """The address behind a signed link. Raises Refused("link_dead")."""
    try:
        pk = UUID(signing.TimestampSigner(salt=SALT).unsign(token))
        place = AnswerPlace.objects.select_related("conversation__ticket").get(pk=pk)
    except (signing.BadSignature, AnswerPlace.DoesNotExist, ValueError):
        raise Refused("link_dead") from None
    if now >= place.link_until and place.proven_at is None:
        raise Refused("link_dead")
    return place


def confirm(*, place: AnswerPlace, now: datetime) -> AnswerPlace:
    """Whoever reads the mail says that the address is theirs; said twice it changes nothing."""
    with transaction.atomic():
        locked = AnswerPlace.objects.select_for_update().get(pk=place.pk)
        if locked.proven_at is None:
            _prove(locked, now)
        return locked


def link_of(place: AnswerPlace) -> str:
    """The address at which whoever reads the mail can confirm."""
    token = signing.TimestampSigner(salt=SALT).sign(str(place.pk))
    return f"{settings.PUBLIC_URL}/support/answers/{token}/"


def code_digest(place: AnswerPlace, code: str) -> bytes:
    """What is kept of a code; only the mail that was sent holds its digits."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"{SALT}:{place.pk}:{code}".encode(), sha256).digest()


def _prove(place: AnswerPlace, now: datetime) -> None:
    place.proven_at, place.settled_at = now, None
    place.code = secrets.token_bytes(32)
    place.save(update_fields=["proven_at", "settled_at", "code"])


def _code_in(text: str) -> str:
    """The six digits of a message that says little else, or ""."""
    found = _CODE.fullmatch(unicodedata.normalize("NFKC", text[:200]).strip())
    return found.group(1) if found else ""
