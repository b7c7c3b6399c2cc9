"""Who works on a case: assignee and team."""

import pytest

from tests.tickets.cast import ada, agent, case, codes, later, standing
from tickets.actions import merging
from tickets.actions.assignment import assign, move_to_team
from tickets.actions.refusals import Refused
from tickets.models import History, Role, Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail() -> Team:
    return Team.objects.create(name="Mail", slug="mail")


def test_case_is_given_to_an_agent_and_taken_back() -> None:
    ticket, lea = case(), agent("lea", role=Role.LEAD)

    assign(ticket=ticket, assignee=lea, by=ada(), now=later(minutes=1))
    assert standing(ticket).assignee == lea

    assign(ticket=ticket, assignee=None, by=ada(), now=later(minutes=2))
    assert standing(ticket).assignee is None
    told = History.objects.filter(code="assigned").order_by("pk").values_list("data", flat=True)
    assert list(told) == [{"before": None, "after": lea.pk}, {"before": lea.pk, "after": None}]
    assert standing(ticket).version == ticket.version + 2


def test_assigning_again_changes_nothing() -> None:
    ticket, lea = case(), agent("lea")
    assign(ticket=ticket, assignee=lea, by=ada(), now=later(minutes=1))
    version = standing(ticket).version

    assign(ticket=ticket, assignee=lea, by=ada(), now=later(minutes=2))

    assert standing(ticket).version == version
    assert codes(ticket).count("assigned") == 1


@pytest.mark.parametrize("fields", [{"role": Role.HELPER}, {"is_active": False}])
def test_case_is_not_given_to_somebody_who_cannot_work_on_it(fields: dict[str, object]) -> None:
    ticket = case()

    with pytest.raises(Refused, match="not_an_agent"):
        assign(ticket=ticket, assignee=agent("hal", **fields), by=ada(), now=later())

    assert standing(ticket).assignee is None


def test_case_moves_to_a_team_and_out_of_it(mail: Team) -> None:
    ticket = case()

    move_to_team(ticket=ticket, team=mail, by=ada(), now=later(minutes=1))
    assert standing(ticket).team == mail

    move_to_team(ticket=ticket, team=None, by=ada(), now=later(minutes=2))
    assert standing(ticket).team is None
    assert codes(ticket)[-2:] == ["moved_to_team", "moved_to_team"]


def test_moving_to_the_same_team_changes_nothing(mail: Team) -> None:
    ticket = case()
    move_to_team(ticket=ticket, team=mail, by=ada(), now=later(minutes=1))
    version = standing(ticket).version

    move_to_team(ticket=ticket, team=mail, by=ada(), now=later(minutes=2))

    assert standing(ticket).version == version


def test_assignee_outside_the_new_team_lets_go_in_the_same_change(mail: Team) -> None:
    ticket = case()
    assign(ticket=ticket, assignee=agent("otto"), by=ada(), now=later(minutes=1))
    version = standing(ticket).version

    move_to_team(ticket=ticket, team=mail, by=ada(), now=later(minutes=2))

    after = standing(ticket)
    assert after.assignee is None
    assert after.version == version + 1
    assert codes(ticket)[-2:] == ["moved_to_team", "assigned"]


def test_assignee_of_the_new_team_keeps_the_case(mail: Team) -> None:
    ticket, lea = case(), agent("lea")
    lea.teams.add(mail)
    assign(ticket=ticket, assignee=lea, by=ada(), now=later(minutes=1))

    move_to_team(ticket=ticket, team=mail, by=ada(), now=later(minutes=2))

    assert standing(ticket).assignee == lea


def test_merged_case_is_given_to_nobody(mail: Team) -> None:
    source, target = case("kim"), case("lin", "附件传不上去")
    merging.merge(source=source, target=target, by=ada(), now=later(minutes=1))

    with pytest.raises(Refused, match="merged"):
        assign(ticket=source, assignee=agent("lea"), by=ada(), now=later(minutes=2))
    with pytest.raises(Refused, match="merged"):
        move_to_team(ticket=source, team=mail, by=ada(), now=later(minutes=2))
