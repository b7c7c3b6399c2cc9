"""The one gate: what each role finds, and that everything asks it alike."""

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.tickets.cast import ada, agent, case, claim_on, door, later, only_conversation
from tickets import access
from tickets.actions.assignment import assign, move_to_team
from tickets.actions.notes import add_note
from tickets.actions.replies import reply
from tickets.interchange import OutgoingFile
from tickets.models import Attachment, Message, Role, Team, Ticket, User

pytestmark = pytest.mark.django_db


def team(slug: str) -> Team:
    found, _made = Team.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
    return found


def member(name: str, slug: str, role: str = Role.AGENT) -> User:
    user = agent(name, role=role)
    user.teams.add(team(slug))
    return user


def case_of(slug: str, who: str = "kim", **fields: str) -> Ticket:
    ticket = case(who, **fields)
    return move_to_team(ticket=ticket, team=team(slug), by=ada(), now=later(minutes=1))


def sees(user: User, ticket: Ticket) -> bool:
    return access.visible_tickets(user).filter(pk=ticket.pk).exists()


@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD])
def test_agents_and_leads_see_their_own_teams_and_nobodys(role: str) -> None:
    lea = member("lea", "mail", role)

    assert sees(lea, case_of("mail"))
    assert sees(lea, case("lin", "没有小组的工单"))
    assert not sees(lea, case_of("billing", "max"))


def test_whoever_a_case_is_assigned_to_sees_it() -> None:
    otto, ticket = member("otto", "billing"), case_of("mail")
    assert not sees(otto, ticket)

    assign(ticket=ticket, assignee=otto, by=ada(), now=later(minutes=2))

    assert sees(otto, ticket)


def test_member_of_two_teams_finds_each_case_once() -> None:
    lea = member("lea", "mail")
    lea.teams.add(team("billing"))
    tickets = {case_of("mail"), case_of("billing", "lin")}

    assert sorted(t.pk for t in access.visible_tickets(lea)) == sorted(t.pk for t in tickets)


def test_manager_sees_everything() -> None:
    mia = agent("mia", role=Role.MANAGER)

    assert sees(mia, case_of("mail"))
    assert sees(mia, case_of("billing", "lin"))


def test_helper_sees_what_was_posted_in_public_only() -> None:
    door("forum", is_public=True)
    hal = agent("hal", role=Role.HELPER)
    public, private = case_of("mail", by="forum"), case_of("mail", "lin")

    assert sees(hal, public)
    assert not sees(hal, private)


def test_helper_reads_only_the_public_part_of_a_case() -> None:
    door("forum", is_public=True)
    hal, ticket = agent("hal", role=Role.HELPER), case("kim")
    post = claim_on(ticket, by="forum")
    add_note(ticket=ticket, text="内部", by=ada(), now=later(minutes=1))

    assert list(access.visible_conversations(hal, ticket)) == [post]
    assert [m.conversation for m in access.readable_messages(hal)] == [post]
    assert access.visible_conversations(agent("ada"), ticket).count() == 2
    assert access.readable_messages(agent("ada")).count() == 3


@pytest.mark.parametrize("role", Role.values)
def test_somebody_who_has_left_sees_nothing(role: str) -> None:
    ticket = case()
    reply(
        conversation=only_conversation(ticket),
        text="",
        by=ada(),
        now=later(minutes=1),
        files=[OutgoingFile("a.txt", "text/plain", b"a")],
    )
    gone = agent("gone", role=role, is_active=False)

    assert not access.visible_tickets(gone).exists()
    assert not access.readable_messages(gone).exists()
    assert not access.visible_attachments(gone).exists()


def test_hidden_and_missing_numbers_are_refused_alike() -> None:
    otto, ticket = member("otto", "billing"), case_of("mail")

    for number in (ticket.number, "9" * 10):
        with pytest.raises(Ticket.DoesNotExist):
            access.ticket_for(otto, number)
    assert access.ticket_for(agent("mia", role=Role.MANAGER), ticket.number) == ticket


def test_files_follow_the_messages_that_they_hang_on() -> None:
    door("forum", is_public=True)
    public, private = case_of("mail", by="forum"), case_of("mail", "lin")
    file = [OutgoingFile("a.txt", "text/plain", b"a")]
    for ticket in (public, private):
        reply(
            conversation=only_conversation(ticket),
            text="",
            by=ada(),
            now=later(hours=1),
            files=file,
        )
    add_note(ticket=public, text="", by=ada(), now=later(hours=1), files=file)

    def found(user: User) -> set[str]:
        messages = Message.objects.filter(attachments__in=access.visible_attachments(user))
        return {
            f"{m.direction} {m.conversation.channel.slug if m.conversation else ''}"
            for m in messages
        }

    assert Attachment.objects.count() == 3
    assert found(agent("hal", role=Role.HELPER)) == {"outbound forum"}
    assert found(member("otto", "billing")) == set()
    assert found(member("lea", "mail")) == {"outbound forum", "outbound chat", "note "}


def test_roles_may_do_what_the_design_lets_them() -> None:
    door("forum", is_public=True)
    post, chat = only_conversation(case(by="forum")), only_conversation(case("lin"))
    users = {role: agent(role, role=role) for role in Role.values}

    may_change = {role for role, user in users.items() if access.may_change(user)}
    reads_notes = {role for role, user in users.items() if access.may_read_notes(user)}
    manages = {role for role, user in users.items() if access.may_manage_channels(user)}

    assert may_change == reads_notes == {"agent", "lead", "manager"}
    assert manages == {"manager"}
    assert all(access.may_reply(user, post) for user in users.values())
    assert {role for role, user in users.items() if access.may_reply(user, chat)} == may_change


def test_filters_offer_what_a_person_may_see() -> None:
    door("forum", is_public=True)
    door("chat")
    lea, hal, mia = (
        member("lea", "mail"),
        agent("hal", role=Role.HELPER),
        agent("mia", role="manager"),
    )
    team("billing")

    assert [t.slug for t in access.teams_of(lea)] == ["mail"]
    assert access.teams_of(mia).count() == 2
    assert [c.slug for c in access.channels_for(hal)] == ["forum"]
    assert access.channels_for(lea).count() == 2


def test_visible_tickets_cost_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    ticket, lea = case_of("mail"), member("lea", "mail")

    with django_assert_num_queries(1):
        found = list(access.visible_tickets(lea))

    assert found == [ticket]
