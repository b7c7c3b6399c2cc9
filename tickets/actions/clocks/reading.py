"""Read in bulk what bears on the clocks of cases, merged ones and claims too.

Every change of a case reads this, so it is plain SQL: to write the same query anew each time takes
Django longer than to run it takes the database.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from ...clocks import Pause
from ...models import ClaimState, Clock, Conversation
from . import stops
from .stops import Happening

# A case comes in by the channel of its first conversation; those of a merged one have moved on.
_MEMBERS = """
WITH RECURSIVE tree (root, id, survivor) AS (
    SELECT id, id, NULL::bigint FROM tickets_ticket WHERE id = ANY(%s)
    UNION ALL
    SELECT tree.root, merged.id, tree.id
    FROM tickets_ticket merged JOIN tree ON merged.merged_into_id = tree.id
)
SELECT tree.root, tree.id, tree.survivor, ticket.state, ticket.priority, contact.plan,
    CASE WHEN tree.survivor IS NULL THEN (
        SELECT channel_id FROM tickets_conversation
        WHERE ticket_id = tree.id AND claim <> 'pending' ORDER BY created_at, id LIMIT 1
    ) ELSE (
        SELECT channel_id FROM tickets_conversation
        WHERE opened_on_id = tree.id ORDER BY created_at, id LIMIT 1
    ) END
FROM tree
JOIN tickets_ticket ticket ON ticket.id = tree.id
JOIN tickets_contact contact ON contact.id = ticket.contact_id
"""
_HISTORY = """
SELECT ticket_id, code, at, CASE WHEN code = 'answer_after' THEN data->>'until' END
FROM tickets_history
WHERE ticket_id = ANY(%s) AND code = ANY(%s) ORDER BY version, id
"""
_CLAIMS = """
SELECT claim.ticket_id, claim.id, contact.plan, claim.channel_id, claim.claim_waiting_since
FROM tickets_conversation claim
JOIN tickets_identity identity ON identity.id = claim.identity_id
JOIN tickets_contact contact ON contact.id = identity.contact_id
WHERE claim.ticket_id = ANY(%s) AND claim.claim = 'pending' ORDER BY claim.id
"""


@dataclass(slots=True)
class Case:
    """One ticket, whose plan it has, where it came in, and what happened to it."""

    pk: int
    state: str
    priority: str
    plan: str
    channel: int | None
    into: "Case | None" = None
    history: list[Happening] = field(default_factory=list)

    @property
    def merged_at(self) -> datetime | None:
        """When its clocks began to run for the survivor; None where they do not."""
        return stops.merged_at(self.history) if self.into else None

    @property
    def counts(self) -> bool:
        """Whether its clocks run: it stands, or it was merged into a case whose clocks run."""
        return self.into is None or (self.merged_at is not None and self.into.counts)

    def put_off(self, began: datetime) -> list[Pause]:
        """When the customer, in no hurry, wants no answer to what they wrote at `began`."""
        own = stops.put_off(self.history, began)
        if self.into is None:
            return own
        after = self.into.put_off(began)
        return [*own, *stops.cut(after, before=None, after=self.merged_at)]

    def stops(self, kind: str, now: datetime) -> list[Pause]:
        """When a clock of this kind stood still: before a merge as this case, then the survivor."""
        own = stops.stops(self.history, kind, state=self.state, now=now)
        if self.into is None:
            return own
        after = self.into.stops(kind, now)
        return [
            *stops.cut(own, before=self.merged_at, after=None),
            *stops.cut(after, before=None, after=self.merged_at),
        ]


@dataclass(frozen=True, slots=True)
class Claim:
    """A conversation not yet proved to be the owner's, and since when its author waits."""

    pk: int
    plan: str
    channel: int
    waiting_since: datetime | None


@dataclass(slots=True)
class Trees:
    """Standing cases with all that was merged into them, their claims, and every clock.

    The case that stands is the first of its members.
    """

    members: dict[int, list[Case]]
    claims: dict[int, list[Claim]]
    clocks: dict[int, list[Clock]]
    decided: set[int]  # conversations with a clock that are no pending claims any more

    def clocks_of(self, case: Case) -> list[Clock]:
        """The clocks that began on this very case, those of claims apart."""
        return [each for each in self.clocks[case.pk] if each.conversation_id is None]

    def clocks_of_claim(self, claim: Claim) -> list[Clock]:
        """The clocks of one claim, wherever they began."""
        rows = (each for rows in self.clocks.values() for each in rows)
        return [each for each in rows if each.conversation_id == claim.pk]


def read_trees(standing: Collection[int]) -> Trees:
    """Read everything about the cases with these keys, in a fixed number of queries."""
    members = _members(standing)
    cases = {case.pk: case for of in members.values() for case in of}
    for pk, code, at, until in _rows(_HISTORY, list(cases), list(stops.CODES)):
        ends = datetime.fromisoformat(until) if until else None
        cases[pk].history.append(Happening(code, at, ends))
    claims = _claims(standing)
    clocks = _clocks(cases, {each.pk for of in claims.values() for each in of})
    return Trees(members, claims, clocks, _decided(clocks))


def _members(standing: Collection[int]) -> dict[int, list[Case]]:
    rows = _rows(_MEMBERS, list(standing))
    cases = {pk: Case(pk, *facts) for _root, pk, _into, *facts in rows}
    members: dict[int, list[Case]] = defaultdict(list)
    for root, pk, into, *_facts in sorted(rows, key=lambda row: (row[2] is not None, row[1])):
        cases[pk].into = cases[into] if into is not None else None
        members[root].append(cases[pk])
    return members


def _claims(standing: Collection[int]) -> dict[int, list[Claim]]:
    found: dict[int, list[Claim]] = defaultdict(list)
    for ticket, *facts in _rows(_CLAIMS, list(standing)):
        found[ticket].append(Claim(*facts))
    return found


def _rows(sql: str, *params: list[int] | list[str]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _clocks(cases: Iterable[int], claims: Collection[int]) -> dict[int, list[Clock]]:
    """Every clock by the ticket on which it began."""
    wanted = Q(ticket__in=list(cases))
    if claims:
        wanted |= Q(conversation__in=claims)
    found: dict[int, list[Clock]] = defaultdict(list)
    for row in Clock.objects.filter(wanted).order_by("started_at", "pk"):
        found[row.ticket_id].append(row)
    return found


def _decided(clocks: dict[int, list[Clock]]) -> set[int]:
    running = (row for rows in clocks.values() for row in rows if row.met_at is None)
    asked = {row.conversation_id for row in running if row.conversation_id is not None}
    if not asked:
        return set()
    decided = Conversation.objects.filter(pk__in=asked).exclude(claim=ClaimState.PENDING)
    return set(decided.values_list("pk", flat=True))
