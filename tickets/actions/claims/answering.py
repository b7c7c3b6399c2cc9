"""Take the owner's answer to a claim: by signed link, or by the code that only they were sent."""

import hmac
import re
import unicodedata
from datetime import datetime

from django.core import signing

from ...actor import Actor
from ...models import ClaimQuestion, Conversation, IdentityStatus
from ...quoting import split_quoted
from ..refusals import Refused
from .asking import SALT, code_digest
from .deciding import deciding, reject_claim, verify_claim

_CODE = re.compile(r"\D{0,20}([0-9]{6})\D{0,20}")


def question_of(token: str, *, now: datetime) -> ClaimQuestion:
    """The question behind a signed link, while the link lives. Raises Refused("link_dead")."""
    try:
        pk = signing.TimestampSigner(salt=SALT).unsign(token)
        question = ClaimQuestion.objects.select_related("conversation", "asked").get(pk=int(pk))
    except (signing.BadSignature, ClaimQuestion.DoesNotExist, ValueError):
        raise Refused("link_dead") from None
    if not _is_alive(question, now):
        raise Refused("link_dead")
    return question


def answer(*, question: ClaimQuestion, yes: bool, now: datetime) -> ClaimQuestion:
    """The owner says whether they wrote it.

    Raises Refused: link_dead, not_pending, moved, or compromised (the claimer).
    """
    _check_link(ClaimQuestion.objects.select_related("asked").get(pk=question.pk), now)
    by = Actor.customer(question.asked)
    conversation = question.conversation
    with deciding(conversation, by=by, now=now, may_reject=not yes) as (change, claim):
        fresh = ClaimQuestion.objects.select_for_update().get(pk=question.pk)
        _check_link(fresh, now)
        if yes:
            verify_claim(change, claim, "link")
        else:
            reject_claim(change, claim, "link")
        return _answered(fresh, yes, now)


def try_code(*, conversation: Conversation, text: str, now: datetime) -> bool:
    """Check a code that the claimer typed in their own private conversation; True verifies.

    A wrong code costs one of five tries; after them the code is dead.
    """
    code = _code_in(text)
    if not code or conversation.is_public:
        return False
    by = Actor.customer(conversation.identity)
    try:
        with deciding(conversation, by=by, now=now) as (change, claim):
            question = _open_question(claim, now)
            if question is None:
                return False
            if not hmac.compare_digest(bytes(question.code), code_digest(claim, code)):
                question.tries_left -= 1
                question.save(update_fields=["tries_left"])
                return False
            _answered(question, True, now)
            verify_claim(change, claim, "code")
            return True
    except Refused:
        return False  # decided or moved a moment ago, or typed by a stolen account


def _check_link(question: ClaimQuestion, now: datetime) -> None:
    if question.answered_at or not _is_alive(question, now):
        raise Refused("link_dead")


def _is_alive(question: ClaimQuestion, now: datetime) -> bool:
    return now < question.link_until and not question.asked.is_compromised


def _code_in(text: str) -> str:
    """The six digits of a message that says little else, below no quoted mail; or ""."""
    own = unicodedata.normalize("NFKC", split_quoted(text).own[:200]).strip()
    found = _CODE.fullmatch(own)
    return found.group(1) if found else ""


def _open_question(claim: Conversation, now: datetime) -> ClaimQuestion | None:
    questions = ClaimQuestion.objects.filter(
        conversation=claim,
        answered_at__isnull=True,
        code_until__gt=now,
        tries_left__gt=0,
    ).exclude(asked__status=IdentityStatus.COMPROMISED)
    return questions.order_by("pk").last()


def _answered(question: ClaimQuestion, yes: bool, now: datetime) -> ClaimQuestion:
    question.answered_at = now
    question.answer = "yes" if yes else "no"
    question.save()
    return question
