"""Every address of the desk, against everybody who must not get through it."""

from collections.abc import Callable

import pytest

from dashboard.urls import ticket_patterns
from tests import factories
from tests.dashboard.conftest import Desk
from tests.factories import NOW
from tickets import files
from tickets.actions.linking import link_identity
from tickets.actor import Actor
from tickets.models import (
    Approval,
    ContactNote,
    Conversation,
    Draft,
    DraftFile,
    History,
    Identity,
    LaterReply,
    Link,
    Merging,
    Move,
    Promise,
    Review,
    ReviewFile,
    Ticket,
    User,
)

pytestmark = pytest.mark.django_db

READS = (
    "",
    "merge/",
    "mentionable/",
    "links/{link}/undo/",
    "moves/{move}/undo/",
    "mergings/{merging}/undo/",
    "verifications/{verified}/undo/",
    "reviews/{review}/",
    "reviews/{review}/photos/{photo}/",
    "macros/",
    "articles/",
)
WRITES = (
    "replies/",
    "notes/",
    "invitations/",
    "posts/{message}/hiding/",
    "recalled/{message}/opening/",
    "assignment/",
    "team/",
    "priority/",
    "category/",
    "plan/",
    "subject/",
    "escalation/",
    "tags/",
    "tags/removal/",
    "solutions/",
    "resolution/",
    "reopening/",
    "wait/",
    "snooze/",
    "promises/{promise}/",
    "following/",
    "calls/",
    "merge/",
    "conversations/{conversation}/split/",
    "claims/{conversation}/verification/",
    "claims/{conversation}/rejection/",
    "claims/{conversation}/question/",
    "identities/{identity}/verification/",
    "identities/{identity}/takeover/",
    "people/{identity}/link/",
    "links/{link}/undo/",
    "moves/{move}/undo/",
    "mergings/{merging}/undo/",
    "verifications/{verified}/undo/",
    "relations/",
    "relations/{relation}/removal/",
    "duplicates/dismissal/",
    "customer-notes/",
    "customer-notes/{note}/",
    "deliveries/{delivery}/resending/",
    "review/",
    "reviews/{review}/decision/",
    "reviews/{review}/more/",
    "refund/",
    "approvals/{approval}/decision/",
    "draft/",
    "draft/dismissal/",
    "draft/files/",
    "draft/files/{file}/removal/",
    "preview/",
    "later/{later}/",
    "messages/{sent}/taking-back/",
)
# What belongs to answering is for helpers too, in public conversations.
ANSWERING = {"replies/", "draft/", "draft/dismissal/", "draft/files/", "preview/"}


@pytest.fixture
def case(ada: User) -> Ticket:
    """A case on which everything could be done: a claim, a delivery, a move."""
    case = factories.ticket()
    claim = factories.claim(case, factories.kim(factories.channel("qq")))
    answer = factories.answer(case.conversations.earliest("pk"), "Hello", ada, state="failed")
    factories.promise(answer)
    joined = factories.ticket()
    merging = Merging.objects.create(target=case, merged_at=NOW)
    Move.objects.create(kind="merge", source=joined, target=case, moved_at=NOW, merging=merging)
    Link.objects.create(ticket=case, other=joined, kind="related", created_at=NOW)
    ContactNote.objects.create(contact=case.contact, text="Between ourselves", created_at=NOW)
    History.objects.create(
        ticket=case, version=1, at=NOW, actor_kind="system", code="claim_verified",
        data={"conversation": claim.pk},
    )  # fmt: skip
    other = factories.kim(factories.channel("phone"))
    link_identity(identity=other, contact=case.contact, on=case, by=Actor.of(ada), now=NOW)
    review = Review.objects.create(ticket=case, opened_at=NOW)
    ReviewFile.objects.create(review=review, path="reviews/none", size=1, created_at=NOW)
    place = case.conversations.earliest("pk")
    LaterReply.objects.create(
        conversation=place, author=ada, send_at=NOW, seen_version=1, created_at=NOW, changed_at=NOW
    )
    draft = Draft.objects.create(ticket=case, user=ada, text="half", changed_at=NOW)
    DraftFile.objects.create(draft=draft, name="a", size=1, created_at=NOW)
    Approval.objects.create(ticket=case, kind="refund", asked_by=ada, asked_at=NOW)
    return case


def address(case: Ticket, what: str) -> str:
    claim = Conversation.objects.get(claim="pending")
    return f"/tickets/QM-{case.number[:4]}-{case.number[4:8]}-{case.number[8:]}/" + what.format(
        conversation=claim.pk,
        identity=Identity.objects.earliest("pk").pk,
        message=case.conversations.earliest("pk").messages.earliest("pk").pk,
        link=case.history.get(code="identity_linked").pk,
        move=Move.objects.get().pk,
        merging=Merging.objects.get().pk,
        verified=case.history.get(code="claim_verified").pk,
        relation=Link.objects.get(kind="related").pk,
        note=ContactNote.objects.get().pk,
        review=Review.objects.get().pk,
        photo=ReviewFile.objects.get().pk,
        promise=Promise.objects.get().pk,
        approval=Approval.objects.get().pk,
        later=LaterReply.objects.get().pk,
        file=DraftFile.objects.get().pk,
        sent=case.conversations.earliest("pk").messages.latest("pk").pk,
        delivery=case.conversations.earliest("pk").messages.latest("pk").deliveries.get().pk,
    )


def test_list_of_addresses_misses_none() -> None:
    tried = {what.partition("?")[0].rpartition("{")[0] for what in (*READS, *WRITES) if "{" in what}
    tried |= {what.partition("?")[0] for what in (*READS, *WRITES) if "{" not in what}

    for pattern in ticket_patterns:
        route = str(pattern.pattern).partition("<")[0]
        assert route in tried, f"{pattern.pattern} is tried by nobody"


@pytest.mark.parametrize("what", READS)
def test_otto_of_another_team_reads_nothing(
    sign_in: Callable[[User], Desk], case: Ticket, what: str
) -> None:
    answer = sign_in(factories.otto()).get(address(case, what))

    assert answer.status_code == 404 or answer.content == b""


@pytest.mark.parametrize("what", WRITES)
def test_otto_of_another_team_changes_nothing(
    sign_in: Callable[[User], Desk], case: Ticket, what: str
) -> None:
    before = Ticket.objects.get(pk=case.pk).version

    answer = sign_in(factories.otto()).send(address(case, what), {"text": "x", "tag": "x"})

    assert answer.status_code == 404
    assert Ticket.objects.get(pk=case.pk).version == before


@pytest.mark.parametrize("what", [w for w in WRITES if w not in ANSWERING])
def test_helper_does_nothing_but_answer(
    sign_in: Callable[[User], Desk], case: Ticket, what: str
) -> None:
    forum = factories.channel("discourse", is_public=True)
    factories.conversation(case, factories.kim(forum))

    answer = sign_in(factories.hal()).send(address(case, what), {"text": "x", "tag": "x"})

    assert answer.status_code == 404


@pytest.mark.parametrize("what", WRITES)
def test_nothing_is_changed_without_the_token_of_the_form(
    desk: Desk, case: Ticket, what: str
) -> None:
    assert desk.post(address(case, what)).status_code == 403


@pytest.mark.parametrize("what", WRITES)
def test_nothing_is_changed_by_following_a_link(desk: Desk, case: Ticket, what: str) -> None:
    if what == "merge/" or what.endswith("/undo/"):
        assert desk.get(address(case, what)).status_code == 200
    else:
        assert desk.get(address(case, what)).status_code == 405


def test_files_and_formatted_messages_of_a_foreign_case_do_not_exist(
    sign_in: Callable[[User], Desk], case: Ticket
) -> None:
    message = case.conversations.earliest("pk").messages.earliest("pk")
    message.html = "<p>Hello</p>"
    message.save()
    file = factories.attachment(message, sha256=files.store(b"x"), problem="")
    otto = sign_in(factories.otto())

    assert otto.get(f"/attachments/{file.pk}/").status_code == 404
    assert otto.get(f"/messages/{message.pk}/formatted/").status_code == 404


def test_private_files_do_not_exist_for_a_helper(
    sign_in: Callable[[User], Desk], case: Ticket
) -> None:
    forum = factories.channel("discourse", is_public=True)
    factories.conversation(case, factories.kim(forum))
    private = case.conversations.earliest("pk").messages.earliest("pk")
    file = factories.attachment(private, sha256=files.store(b"x"), problem="")

    assert sign_in(factories.hal()).get(f"/attachments/{file.pk}/").status_code == 404


def test_merge_cannot_be_undone_by_who_sees_one_end_only(
    sign_in: Callable[[User], Desk], ada: User, case: Ticket
) -> None:
    move = Move.objects.get()
    move.source.team = factories.team("Billing")
    move.source.save()

    assert sign_in(ada).send(address(case, "moves/{move}/undo/")).status_code == 404


def test_manager_sees_cases_of_every_team(sign_in: Callable[[User], Desk], case: Ticket) -> None:
    assert sign_in(factories.mia()).get(address(case, "")).status_code == 200
