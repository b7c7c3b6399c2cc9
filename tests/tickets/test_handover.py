"""A queue passed on: cases, promises and notes go at once, and come back with one undo."""

import pytest

from tests.tickets.cast import agent, case, codes, later, only_conversation
from tickets.actions import assignment, handover, lifecycle, promises
from tickets.actions.refusals import Refused
from tickets.actions.replies import reply
from tickets.actor import Actor
from tickets.models import Draft, HandOver, Notification, Promise, Team, Ticket, User
from tickets.queries.handover import cases_to_pass, passing, receivers

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return agent("ada")


@pytest.fixture
def bea() -> User:
    return agent("bea")


@pytest.fixture
def queue(ada: User) -> list[Ticket]:
    """Ada's: one with a promise, one snoozed, one plain."""
    made = [case("kim"), case("lin", "邮箱登录不上"), case("wu", "发票怎么开")]
    for each in made:
        assignment.assign(ticket=each, assignee=ada, by=Actor.of(ada), now=later(minutes=1))
    conversation = only_conversation(made[0])
    reply(
        conversation=conversation, text="10 分钟内给您结果", by=Actor.of(ada), now=later(minutes=2)
    )
    promises.confirm(promise=Promise.objects.get(), by=Actor.of(ada), now=later(minutes=2))
    lifecycle.snooze(ticket=made[1], until=later(hours=9), by=Actor.of(ada), now=later(minutes=2))
    return [Ticket.objects.get(pk=each.pk) for each in made]


def give(queue: list[Ticket], to: User | Team, by: User) -> HandOver:
    notes = {queue[2].pk: "等客户的抬头"}
    return handover.hand_over(
        tickets=queue, to=to, by=by, now=later(minutes=5), note="502 已恢复", notes=notes
    )


def assignees() -> set[User | None]:
    return {each.assignee for each in Ticket.objects.select_related("assignee")}


def test_everything_goes_at_once_and_each_case_says_so(
    queue: list[Ticket], ada: User, bea: User
) -> None:
    give(queue, bea, ada)

    assert assignees() == {bea}
    assert [codes(each)[-1] for each in queue] == ["handed_over", "handed_over", "handed_over_note"]
    queue[1].refresh_from_db()
    assert queue[1].state == "snoozed"
    assert Notification.objects.get(user=bea).kind == "handover"


def test_promises_stay_with_the_giver_until_it_is_accepted(
    queue: list[Ticket], ada: User, bea: User
) -> None:
    made = give(queue, bea, ada)
    assert Promise.objects.get().by == ada

    handover.accept(handover=made, by=bea, now=later(minutes=6))

    assert Promise.objects.get().by == bea
    with pytest.raises(Refused, match="accepted_already"):
        handover.accept(handover=made, by=bea, now=later(minutes=7))


def test_one_undo_puts_everything_back_but_what_moved_on(
    queue: list[Ticket], ada: User, bea: User
) -> None:
    made = give(queue, bea, ada)
    handover.accept(handover=made, by=bea, now=later(minutes=6))
    cyd = agent("cyd")
    assignment.assign(ticket=queue[0], assignee=cyd, by=Actor.of(bea), now=later(minutes=7))

    handover.take_back(handover=made, by=ada, now=later(minutes=8))

    assert [Ticket.objects.get(pk=each.pk).assignee for each in queue] == [cyd, ada, ada]
    assert Promise.objects.get().by == ada
    with pytest.raises(Refused, match="undone_already"):
        handover.take_back(handover=made, by=ada, now=later(minutes=9))


def test_team_finds_it_in_its_queue_and_whoever_accepts_takes_it(
    queue: list[Ticket], ada: User, bea: User
) -> None:
    night = Team.objects.create(name="Night", slug="night")
    bea.teams.add(night)
    made = give(queue, night, ada)
    assert assignees() == {None}
    assert {each.team for each in Ticket.objects.all()} == {night}

    handover.accept(handover=made, by=bea, now=later(minutes=6))

    assert assignees() == {bea}


def test_drafts_go_along_below_what_the_receiver_has_begun_and_come_back(
    queue: list[Ticket], ada: User, bea: User
) -> None:
    first, second, *_rest = queue
    begun = {"mode": "reply", "changed_at": later()}
    Draft.objects.create(ticket=first, user=ada, text="Good day", **begun)
    Draft.objects.create(ticket=second, user=ada, text="from Ada", **begun)
    Draft.objects.create(ticket=second, user=bea, text="from Bea", **begun)

    made = give(queue, bea, ada)

    assert texts(bea) == {first.pk: "Good day", second.pk: "from Bea\n\nfrom Ada"}
    assert texts(ada) == {}
    handover.take_back(handover=made, by=ada, now=later(minutes=6))
    assert texts(ada) == {first.pk: "Good day", second.pk: "from Bea\n\nfrom Ada"}


def texts(user: User) -> dict[int, str]:
    return dict(Draft.objects.filter(user=user).values_list("ticket", "text"))


def test_only_the_receiver_accepts_and_only_the_giver_takes_back(
    queue: list[Ticket], ada: User, bea: User
) -> None:
    made = give(queue, bea, ada)

    with pytest.raises(Refused, match="not_allowed"):
        handover.accept(handover=made, by=agent("otto"), now=later(minutes=6))
    with pytest.raises(Refused, match="not_allowed"):
        handover.take_back(handover=made, by=bea, now=later(minutes=6))


def test_nothing_to_nobody_is_refused(queue: list[Ticket], ada: User) -> None:
    with pytest.raises(Refused, match="nothing_to_hand_over"):
        handover.hand_over(tickets=[], to=agent("bea"), by=ada, now=later(minutes=2))
    with pytest.raises(Refused, match="nobody_to_take_over"):
        give(queue, ada, ada)


def test_preview_puts_promises_first_and_costs_the_same_for_many(
    queue: list[Ticket], ada: User, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        found = passing(cases_to_pass(ada), ada, later(minutes=2))

    assert next(each.promise for each in found) == "10 分钟内给您结果"
    assert [each.is_snoozed for each in found].count(True) == 1


def test_cases_of_another_team_cannot_be_handed_over(queue: list[Ticket], ada: User) -> None:
    hidden = case("otto")
    hidden.team = Team.objects.create(name="Billing", slug="billing")
    hidden.save()

    assert hidden not in cases_to_pass(ada, [hidden.number])
    with pytest.raises(Refused, match="nothing_to_hand_over"):
        handover.hand_over(tickets=[hidden], to=agent("bea"), by=ada, now=later(minutes=2))


def test_receivers_are_colleagues_of_ones_teams_and_their_queues(ada: User, bea: User) -> None:
    night = Team.objects.create(name="Night", slug="night")
    night.members.set([ada, bea])
    agent("otto")

    assert [each.key for each in receivers(ada, later())] == [f"user:{bea.pk}", f"team:{night.pk}"]
