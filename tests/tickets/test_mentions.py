"""Who is called by name in a note, and who hears of it."""

import pytest

from tests.tickets.cast import NOON, agent, case, later, says
from tickets.actions import following, lifecycle, merging, notes
from tickets.actor import Actor
from tickets.mentions import mentioned
from tickets.models import Follower, Notification, Role, Team, Ticket, User

NAMES = {1: "Ada", 2: "Ada Ling", 3: "林二", 4: "Lea"}
CALLS: tuple[tuple[str, list[int]], ...] = (
    ("@Ada look", [1]),
    ("thanks, @ada!", [1]),
    ("@Ada Ling, please", [2]),
    ("@林二看一下", [3]),
    ("请@林二 和 @Lea 处理", [3, 4]),
    ("ada@desk.example", []),
    ("@Adam", []),
    ("@ Ada", []),
    ("no call", []),
    ("@", []),
    ("@Ada @Ada", [1]),
)


@pytest.mark.parametrize(("text", "keys"), CALLS)
def test_name_behind_an_at_calls_its_owner(text: str, keys: list[int]) -> None:
    assert mentioned(text, NAMES) == keys


def note(ticket: Ticket, text: str, by: User) -> None:
    notes.add_note(ticket=ticket, text=text, by=Actor.of(by), now=later(minutes=1))


def kinds(user: User) -> list[str]:
    return list(
        Notification.objects.filter(user=user).order_by("pk").values_list("kind", flat=True)
    )


@pytest.mark.django_db
class TestCalls:
    def test_mentioned_colleague_is_told_and_follows_from_then_on(self) -> None:
        ticket, ada, bea = case(), agent("ada"), agent("bea")

        note(ticket, "@Bea 请看日志", ada)

        told = Notification.objects.get(user=bea)
        assert (told.kind, told.ticket, told.actor) == ("mention", ticket, ada)
        assert Follower.objects.filter(ticket=ticket, user=bea).exists()

    def test_nobody_is_told_of_calling_themselves(self) -> None:
        note(case(), "@Ada remember", agent("ada"))

        assert kinds(agent("ada")) == []

    def test_who_cannot_see_the_case_is_not_told(self) -> None:
        ticket, otto, hal = case(), agent("otto"), agent("hal", role=Role.HELPER)
        ticket.team = Team.objects.create(name="Mail", slug="mail")
        ticket.save()

        note(ticket, "@Otto @Hal look", agent("ada"))

        assert kinds(otto) == kinds(hal) == []

    def test_called_in_they_get_the_case_and_the_news(self) -> None:
        ticket, ada, otto = case(), agent("ada"), agent("otto")
        ticket.team = Team.objects.create(name="Mail", slug="mail")
        ticket.save()

        following.call_in(ticket=ticket, user=otto, note=None, by=ada, now=NOON)

        ticket.refresh_from_db()
        assert ticket.assignee == otto
        assert kinds(otto) == ["mention"]


@pytest.mark.django_db
class TestFollowers:
    def test_followers_hear_of_the_customer_and_of_changes_of_others(self) -> None:
        ticket, ada, bea = case("kim"), agent("ada"), agent("bea")
        for each in (ada, bea):
            following.follow(ticket=ticket, user=each, now=NOON)

        lifecycle.wait_for_customer(ticket=ticket, by=Actor.of(ada), now=later(minutes=1))
        following.tell_followers(now=later(minutes=2))
        assert (kinds(ada), kinds(bea)) == ([], ["changed"])

        says("kim", "还是收不到邮件", at=later(minutes=3))
        following.tell_followers(now=later(minutes=4))
        following.tell_followers(now=later(minutes=5))
        assert (kinds(ada), kinds(bea)) == (["replied"], ["changed", "replied"])

    def test_several_messages_in_a_row_are_one_notice(self) -> None:
        ticket, bea = case("kim"), agent("bea")
        following.follow(ticket=ticket, user=bea, now=NOON)

        for n in range(3):
            says("kim", f"第 {n} 次还是收不到", at=later(minutes=n))
            following.tell_followers(now=later(minutes=n))

        assert kinds(bea) == ["replied"]

    def test_they_follow_a_case_into_the_one_that_took_it_in(self) -> None:
        one, other, bea = case("kim"), case("lin", "邮箱登录不上"), agent("bea")
        following.follow(ticket=one, user=bea, now=NOON)
        merging.merge(source=one, target=other, by=Actor.of(agent("ada")), now=later(minutes=1))
        following.tell_followers(now=later(minutes=2))
        Notification.objects.all().delete()

        says("lin", "还是登录不上", at=later(minutes=3))
        following.tell_followers(now=later(minutes=4))

        assert kinds(bea) == ["replied"]

    def test_who_lost_sight_of_the_case_hears_nothing(self) -> None:
        ticket, bea = case("kim"), agent("bea")
        following.follow(ticket=ticket, user=bea, now=NOON)
        Ticket.objects.update(team=Team.objects.create(name="Mail", slug="mail"))

        says("kim", "还是收不到", at=later(minutes=1))
        following.tell_followers(now=later(minutes=2))

        assert kinds(bea) == []

    def test_unfollowing_ends_it(self) -> None:
        ticket, bea = case("kim"), agent("bea")
        following.follow(ticket=ticket, user=bea, now=NOON)
        following.unfollow(ticket=ticket, user=bea)

        assert not Follower.objects.exists()
