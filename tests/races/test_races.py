"""Things that happen at the same instant: one ticket, every message once, no deadlock.

Each test runs its race 200 times in parallel processes on a real PostgreSQL.
"""

from collections.abc import Iterator, Sequence

import pytest
from django.db import connection
from django.db.models import Count, F, Max
from django.utils import timezone

from channels_ingest import api
from channels_ingest.connectors.http import sign
from tests.conftest import database_url
from tests.races.crew import CREW, Crew, crew
from tickets.actions import merging
from tickets.actions.intake import Arrival, receive
from tickets.actor import Actor
from tickets.interchange import IncomingMessage, Sender
from tickets.models import (
    Alias,
    Channel,
    Contact,
    Conversation,
    Delivery,
    Direction,
    Identity,
    Message,
    Move,
    Ticket,
    User,
)

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

ROUNDS = 200


@pytest.fixture(scope="module")
def members(django_db_setup: None) -> Iterator[Crew]:
    """A crew on the test's database; between races it holds no row of it."""
    with crew(database_url()) as members:
        yield members


@pytest.fixture
def racers(transactional_db: None, members: Crew) -> Iterator[Crew]:
    """The crew before empty tables, and proof that PostgreSQL saw no deadlock."""
    User.objects.create_user("ada@example.com", name="Ada")
    User.objects.create_user("bea@example.com", name="Bea")
    for slug in ("chat", "mail"):
        Channel.objects.create(slug=slug, kind="http", label=slug)
    before = _deadlocks(members)
    yield members
    assert _deadlocks(members) == before


def test_same_webhook_twenty_times_is_one_message(racers: Crew) -> None:
    created = api.create_channel(kind="http", slug="hook", values={}, now=timezone.now())
    secret = created.generated["secret"]

    for n in range(ROUNDS):
        body = f'{{"id":"m-{n}","sender":{{"id":"u-{n}"}},"text":"hello {n}"}}'.encode()
        pushing = {"body": body, "times": 20 // CREW, "path": "/hooks/hook/"}
        act = ("push", {**pushing, "signature": sign(body, timezone.now(), secret)})
        statuses = [status for given in racers.together([act] * CREW) for status in given]
        assert statuses == [202] * 20
    racers.together([("process", {})] * CREW)

    texts = Message.objects.order_by("text").values_list("text", flat=True)
    assert sorted(texts) == sorted(f"hello {n}" for n in range(ROUNDS))
    assert Ticket.objects.count() == ROUNDS


def test_album_of_a_new_customer_is_one_ticket(racers: Crew) -> None:
    for n in range(ROUNDS):
        album = [{f"{n}-{i}": f"picture {i}", f"{n}-{i + 4}": f"picture {i + 4}"} for i in range(4)]
        act = {"channel": "chat", "sender": f"new-{n}"}
        numbers = racers.together([("write", {**act, "texts": texts}) for texts in album])

        assert len({number for given in numbers for number in given}) == 1
    assert Ticket.objects.count() == Contact.objects.count() == ROUNDS
    assert Message.objects.count() == 8 * ROUNDS
    _versions_have_no_gap()


def test_number_quoted_on_two_channels_at_once_joins_one_ticket(racers: Crew) -> None:
    for n, ticket in enumerate(_tickets("owner")):
        text = f"案号 QM{ticket.number}"
        racers.together(
            [
                ("write", {"channel": "chat", "sender": f"c-{n}", "texts": {f"c{n}": text}}),
                ("write", {"channel": "mail", "sender": f"m-{n}", "texts": {f"m{n}": text}}),
                ("write", {"channel": "chat", "sender": f"owner-{n}", "texts": {f"o{n}": text}}),
            ]
        )

        assert ticket.conversations.filter(claim="pending").count() == 2
        assert Message.objects.filter(conversation__ticket=ticket).count() == 4
    assert Ticket.objects.count() == ROUNDS
    _versions_have_no_gap()


def test_message_that_races_a_merge_lands_on_the_survivor(racers: Crew) -> None:
    for n, (source, target) in enumerate(_pairs("s", "t")):
        text = f"QM{source.number} 还没好"
        racers.together(
            [
                ("merge", {"source": source.pk, "target": target.pk}),
                ("write", {"channel": "chat", "sender": f"s-{n}", "texts": {f"a{n}": text}}),
                ("write", {"channel": "chat", "sender": f"t-{n}", "texts": {f"b{n}": "在吗"}}),
                ("write", {"channel": "mail", "sender": f"x-{n}", "texts": {f"x{n}": text}}),
            ]
        )

        assert not source.conversations.exists()
        assert Message.objects.filter(conversation__ticket=target).count() == 5
    assert Ticket.objects.filter(merged_into__isnull=True).count() == ROUNDS


def test_merging_each_into_the_other_makes_no_circle(racers: Crew) -> None:
    for a, b in _pairs("a", "b"):
        outcomes = racers.together(
            [
                ("merge", {"source": a.pk, "target": b.pk}),
                ("merge", {"source": b.pk, "target": a.pk}),
            ]
        )

        assert sorted(outcomes) in (["", "source_merged"], ["", "target_merged"])
        standing = Ticket.objects.filter(pk__in=(a.pk, b.pk), merged_into__isnull=True)
        assert standing.get().conversations.count() == 2


def test_undo_while_messages_arrive_sends_each_to_one_ticket(racers: Crew) -> None:
    ada = Actor.of(User.objects.get(email="ada@example.com"))
    for n, (source, target) in enumerate(_pairs("s", "t")):
        move: Move = merging.merge(source=source, target=target, by=ada, now=timezone.now())
        own = f"QM{source.number} 补充"
        racers.together(
            [
                ("undo", {"move": move.pk}),
                ("write", {"channel": "chat", "sender": f"s-{n}", "texts": {f"a{n}": own}}),
                ("write", {"channel": "chat", "sender": f"t-{n}", "texts": {f"b{n}": "在吗"}}),
            ]
        )

        assert Message.objects.filter(conversation__ticket=source).count() == 2
        assert Message.objects.filter(conversation__ticket=target).count() == 2
    assert not Ticket.objects.filter(merged_into__isnull=False).exists()


def test_what_is_decided_about_an_account_outlives_what_it_writes_meanwhile(racers: Crew) -> None:
    owned, stolen = _tickets("owner"), _tickets("stolen")
    claims = _tickets("claimer", quoting=owned)
    for n, (ticket, claim) in enumerate(zip(owned, claims, strict=True)):
        conversation = Conversation.objects.get(identity__external_id=f"claimer-{n}")
        racers.together(
            [
                ("mark_stolen", {"sender": f"stolen-{n}"}),
                ("write", {"channel": "chat", "sender": f"stolen-{n}", "texts": {f"s{n}": "在吗"}}),
                ("verify", {"conversation": conversation.pk}),
                (
                    "write",
                    {"channel": "chat", "sender": f"claimer-{n}", "texts": {f"c{n}": "在吗"}},
                ),
            ]
        )

        assert claim == ticket
        assert Identity.objects.get(external_id=f"stolen-{n}").is_compromised
        joined = Identity.objects.get(external_id=f"claimer-{n}")
        assert (joined.contact_id, joined.status) == (ticket.contact_id, "verified")
    assert Message.objects.filter(conversation__ticket__in=stolen).count() == 2 * ROUNDS


def test_two_agents_who_reply_at_once_do_not_both_answer_unseen(racers: Crew) -> None:
    for n, ticket in enumerate(_tickets("k")):
        conversation = Conversation.objects.get(ticket=ticket)
        said = {"conversation": conversation.pk, "seen_version": ticket.version}
        ada = {**said, "author": "ada@example.com", "text": "from Ada", "key": f"ada-{n}"}
        bea = {**said, "author": "bea@example.com", "text": "from Bea", "key": f"bea-{n}"}
        outcomes = racers.together([("answer", ada), ("answer", bea), ("answer", ada)])

        assert sorted({outcomes[0], outcomes[2]} | {outcomes[1]}) == ["", "somebody_answered"]
        replies = Message.objects.filter(conversation=conversation, direction=Direction.OUTBOUND)
        assert replies.count() == 1
        assert Delivery.objects.filter(message__in=replies).count() == 1


def _pairs(first: str, second: str) -> Iterator[tuple[Ticket, Ticket]]:
    return zip(_tickets(first), _tickets(second), strict=True)


def _tickets(sender: str, *, quoting: Sequence[Ticket] = ()) -> list[Ticket]:
    """The case on which sender-0, sender-1 and so on write first, all taken in at once."""
    now, chat = timezone.now(), Channel.objects.get(slug="chat")
    names = [f"{sender}-{n}" for n in range(ROUNDS)]
    texts = [f"案号 QM{ticket.number}" for ticket in quoting] or ["收不到邮件"] * ROUNDS
    landings = receive(
        [
            Arrival(chat, IncomingMessage(f"first-{name}", Sender(name), text, now))
            for name, text in zip(names, texts, strict=True)
        ],
        now=now,
    )
    tickets = [landing.ticket for landing in landings if landing.ticket is not None]
    assert len({ticket.pk for ticket in tickets}) == ROUNDS
    return tickets


def _versions_have_no_gap() -> None:
    """Every message has a version of its own on its ticket, none above the ticket's."""
    version = "conversations__messages__version"
    tickets = Ticket.objects.annotate(
        messages=Count(version), versions=Count(version, distinct=True), latest=Max(version)
    )
    assert not tickets.exclude(messages=F("versions"), latest__lte=F("version")).exists()
    assert Alias.objects.count() == Alias.objects.values("number").distinct().count()


def _deadlocks(members: Crew) -> int:
    members.together([("tell_statistics", {})] * CREW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
