"""Where the customer of a chat wants the answer, said to the machine outside working hours."""

from ..actor import Actor
from ..models import AnswerPlace, Channel, Identity, IdentityStatus
from ..triage.first_answer import wishes
from . import answer_places, bot_wording
from .bot_turn import Turn
from .refusals import Refused

MOST_BESIDE = 12  # characters beside the address in a message that corrects it


def take_wish(turn: Turn) -> bool:
    """Note where the answer should go, if that was asked and is said now.

    Once; where a mail can prove the address, a message that is little else corrects it.
    """
    asked = any(each.get("asks_wish") for each in turn.earlier)
    noted = [each for each in turn.earlier if each.get("kind") == "wish"]
    kind, address = wishes(turn.message.text)
    if not asked or not kind or any(each.get("proven") for each in noted):
        return False
    channel = answer_places.channel_for(turn.ticket) if kind == "email" else None
    is_short = len(turn.message.text.strip()) - len(address) <= MOST_BESIDE
    if noted and not (channel and is_short):
        return False
    is_proven = _is_proven(turn.conversation.identity, kind, address)
    by = Actor.customer(turn.conversation.identity)
    turn.change.record(
        turn.ticket, "answer_wished", by=by, how=kind, address=address, proven=is_proven
    )
    text = _name(turn, channel, address, is_proven=is_proven)
    turn.say(text, kind="wish", proven=is_proven and channel is not None)
    return True


def take_code(turn: Turn) -> bool:
    """Check a code that was typed here, whoever has the case by now."""
    named = any(each.get("kind") == "wish" for each in turn.earlier)
    identity = turn.conversation.identity
    if not named or turn.message.automatic or identity.is_compromised:
        return False
    try:
        tried, place = answer_places.try_code(
            conversation=turn.conversation, text=turn.message.text, now=turn.now
        )
    except AnswerPlace.DoesNotExist:
        return False
    is_right = tried == "right"
    words = {
        "right": bot_wording.goes_to(place.address),
        "wrong": bot_wording.wrong_code(place.tries_left),
        "dead": bot_wording.dead_code(),
    }
    turn.say(words[tried], kind="wish" if is_right else "code", proven=is_right)
    return True


def _name(turn: Turn, channel: Channel | None, address: str, *, is_proven: bool) -> str:
    """Do about the address what can be done, and put it into words."""
    if channel is None:
        return bot_wording.wish_noted(address)
    try:
        answer_places.name_address(
            conversation=turn.conversation,
            channel=channel,
            address=address,
            is_proven=is_proven,
            now=turn.now,
        )
    except Refused:
        return bot_wording.enough_addresses()
    return bot_wording.goes_to(address) if is_proven else bot_wording.prove_it(address)


def _is_proven(identity: Identity, kind: str, address: str) -> bool:
    """Whether an address is known as this very customer's: they proved it by another account."""
    if kind != "email":
        return False
    own = Identity.objects.filter(contact=identity.contact_id, address=address.lower())
    return own.filter(status=IdentityStatus.VERIFIED).exists()
