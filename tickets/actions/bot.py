"""Let the machine answer a chat first: articles, questions, and people as soon as they must.

It runs in the transaction that takes the message in, so a lost worker repeats nothing. While it
talks the case waits for the customer and stands in nobody's list of open work; handed over it is
open, and the clocks of an answer by a person run.
"""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, transaction

from ..actor import RULE, Actor
from ..models import (
    Acknowledgement,
    AcknowledgementState,
    Article,
    Category,
    Conversation,
    Direction,
    Message,
    SolvedBy,
    State,
    Ticket,
)
from ..queries.hours import opening
from ..queries.knowledge import Suggested, suggested
from ..queries.triage_model import current_model
from ..triage import names_nothing, structure_of
from ..triage.first_answer import Answer, Talk, first_answer
from . import bot_wishes, bot_wording, wording
from .answer_places import channel_for
from .bot_turn import Turn
from .changes import changing
from .knowledge import mark_solved
from .refusals import Refused
from .triage import triage

logger = logging.getLogger(__name__)

MOST_WORDS = 12  # messages of the visitor that are weighed together
API = Category.API_INTEGRATION
THEFT_CATEGORY = {"account_theft": "account_security", "refund": "billing_enterprise"}


def answer(*, messages: Iterable[Message], now: datetime) -> int:
    """Answer what has just come in, once for each conversation; return how many were answered.

    Whatever goes wrong leaves the case open for people. Call it in the transaction of the intake.
    """
    newest = {each.conversation_id: each for each in messages if each.conversation_id}
    done = 0
    for conversation, message in newest.items():
        try:
            with transaction.atomic():
                done += _answer(conversation, message, now)
        except Refused as refused:
            logger.info("the machine may not answer: %s", refused.code)
        except (SoftTimeLimitExceeded, DatabaseError):
            raise  # the whole batch is tried again
        except Exception:
            logger.exception("the machine could not answer message %s", message.pk)
    return done


def _answer(conversation_id: int | None, message: Message, now: datetime) -> bool:
    conversation = Conversation.objects.select_related(
        "ticket__team", "channel", "identity__contact"
    ).get(pk=conversation_id or 0)
    with changing(conversation.ticket, by=RULE, now=now) as change:
        ticket = change[conversation.ticket]
        earlier = _earlier(conversation)
        was_handed_over = _was_handed_over(earlier)
        turn = Turn(change, ticket, conversation, message, earlier)
        with wording.speaking_to(conversation):
            if bot_wishes.take_code(turn):
                return True
        if not _is_ours(conversation, ticket, message):
            if earlier and not was_handed_over:
                _leave_to_triage(ticket)
            return False
        with wording.speaking_to(conversation):
            if was_handed_over:
                return bot_wishes.take_wish(turn)
            decided = _talk(turn)
    _note_solution(ticket, decided, Actor.customer(conversation.identity), now)
    if ticket.triaged_at is None and ticket.state == State.OPEN:
        triage(ticket=ticket, now=now)  # people take it up: by the rules, to the right ones
    return True


def _note_solution(ticket: Ticket, decided: Answer, by: Actor, now: datetime) -> None:
    """Count the case for the article that has solved it."""
    slugs = decided.articles if decided.kind == "solved" else ()
    for article in Article.objects.filter(slug__in=slugs):
        mark_solved(article=article, ticket=ticket, said_by=SolvedBy.BOT, by=by, now=now)


def _leave_to_triage(ticket: Ticket) -> None:
    """People take the case up without being handed it: it is assessed and routed like any other."""
    Ticket.objects.filter(pk=ticket.pk).update(triaged_at=None)


def _is_ours(conversation: Conversation, ticket: Ticket, message: Message) -> bool:
    """Whether this is still a talk with the machine: no person's case, no claim, no quoted number.

    Whoever quotes a number is told the same whether it exists or not, by the acknowledgement.
    """
    begun_here = conversation.opened_on_id == ticket.pk and not conversation.claim
    quotes = message.decision.get("numbers") or message.decision.get("remembers")
    by_person = Message.objects.filter(
        conversation__ticket=ticket, direction=Direction.OUTBOUND, automatic=""
    )
    return (
        begun_here
        and ticket.state == State.OPEN
        and not ticket.is_merged
        and ticket.assignee_id is None
        and not conversation.identity.is_compromised
        and not message.automatic
        and not quotes
        and not by_person.exists()
    )


def _earlier(conversation: Conversation) -> list[dict[str, Any]]:
    """What the machine said in this conversation, as data, oldest first."""
    said = conversation.messages.filter(direction=Direction.OUTBOUND, automatic="bot")
    return [each.get("bot", {}) for each in said.order_by("pk").values_list("decision", flat=True)]


def _was_handed_over(earlier: list[dict[str, Any]]) -> bool:
    return any(each.get("kind") == "hand_over" for each in earlier)


def _talk(turn: Turn) -> Answer:
    _take_category(turn)
    talk = _talk_so_far(turn)
    text = "\n".join(talk.words)
    assessment = current_model().assess(text)
    found = suggested(text, language=wording.language_for(turn.conversation), limit=5)
    if chosen := turn.ticket.category:
        assessment = replace(assessment, category=chosen, confidence=1.0, abstains=False)
        found = [each for each in found if each.category == chosen]
    structure = structure_of(text, language=turn.ticket.language)
    decided = first_answer(talk, assessment, structure, found)
    _explain(turn, decided)
    _settle_acknowledgement(turn)
    if decided.kind == "articles":
        _offer(turn, decided, found)
    elif decided.kind == "ask":
        _ask(turn, decided)
    elif decided.kind == "solved":
        _close(turn, decided)
    else:
        _hand_over(turn, decided)
    return decided


def _take_category(turn: Turn) -> None:
    """The visitor says what it is about, where the machine took it for something else."""
    chosen = turn.message.decision.get("chose", "")
    before = turn.ticket.category
    if chosen in Category.values and chosen != before:
        turn.ticket.category = chosen
        by = Actor.customer(turn.conversation.identity)
        turn.change.record(turn.ticket, "category_set", by=by, before=before, after=chosen)


def _talk_so_far(turn: Turn) -> Talk:
    inbound = turn.conversation.messages.filter(direction=Direction.INBOUND, recalled_at=None)
    newest = inbound.order_by("-pk").values_list("text", flat=True)[:MOST_WORDS]
    words = tuple(reversed(newest))
    return Talk(
        words=words,
        names_nothing=names_nothing("\n".join(words)),
        offered=tuple(slug for each in turn.earlier for slug in each.get("articles", ())),
        failures=sum(bool(each.get("failed")) for each in turn.earlier),
        questions=sum(each.get("kind") == "ask" for each in turn.earlier),
        is_escalated=turn.ticket.escalated_at is not None,
    )


def _explain(turn: Turn, decided: Answer) -> None:
    """Say on the visitor's message what was decided about it."""
    turn.message.decision["bot"] = {"kind": decided.kind, "reason": decided.reason}
    turn.message.save(update_fields=["decision"])


def _settle_acknowledgement(turn: Turn) -> None:
    """The machine's own words take the place of the acknowledgement."""
    Acknowledgement.objects.filter(
        conversation=turn.conversation, state=AcknowledgementState.DUE
    ).update(state=AcknowledgementState.SKIPPED, reason="bot")


def _offer(turn: Turn, decided: Answer, found: list[Suggested]) -> None:
    shown = [each for each in found if each.slug in decided.articles]
    turn.say(
        bot_wording.offer(shown),
        kind="articles",
        articles=[each.slug for each in shown],
        cards=[{"slug": e.slug, "title": e.title, "steps": list(e.steps)} for e in shown],
        category=decided.category,
        failed=decided.failed,
    )
    _wait(turn)


def _ask(turn: Turn, decided: Answer) -> None:
    text = bot_wording.ask(
        decided.missing, is_first=not turn.earlier, is_api=decided.category == API
    )
    turn.say(text, kind="ask", missing=list(decided.missing), failed=decided.failed)
    _wait(turn)


def _wait(turn: Turn) -> None:
    """While the machine talks, no person has anything to do: the case waits for its customer."""
    turn.ticket.state = State.PENDING
    turn.ticket.waiting_since = None
    turn.ticket.triaged_at = turn.now  # nobody is given it before people must take it up
    turn.change.record(turn.ticket, "waits_for_customer", quiet=True)


def _close(turn: Turn, decided: Answer) -> None:
    """Close quietly what an article has solved, and say which one it was."""
    turn.say(bot_wording.closed(), kind="solved", solved_by=list(decided.articles))
    turn.ticket.state = State.CLOSED
    turn.ticket.closed_at = turn.now
    turn.ticket.waiting_since = None
    by = Actor.customer(turn.conversation.identity)
    turn.change.record(
        turn.ticket, "resolved", by=by, reason="solved_by_bot", articles=list(decided.articles)
    )


def _hand_over(turn: Turn, decided: Answer) -> None:
    """Give the case to people: open and waiting from now on; the rules say to whom it goes."""
    ticket = turn.ticket
    category = THEFT_CATEGORY.get(decided.reason, decided.category)
    if category and not ticket.category:
        turn.change.record(ticket, "category_set", before="", after=category)
        ticket.category = category
    ticket.waiting_since = turn.now
    ticket.triaged_at = None
    turn.change.record(ticket, "bot_handed_over", reason=decided.reason)
    hours = opening(
        plan=ticket.contact.plan,
        channel=turn.conversation.channel_id,
        priority=ticket.priority,
        now=turn.now,
    )
    data: dict[str, Any] = {"kind": "hand_over", "reason": decided.reason}
    if hours.opens_at is None:
        turn.say(bot_wording.passed_on(turn.number), **data)
    else:
        takes_address = channel_for(ticket) is not None
        text = bot_wording.nobody_there(turn.number, hours.opens_at, takes_address=takes_address)
        turn.say(text, **data, opens_at=hours.opens_at.isoformat(), asks_wish=True)
