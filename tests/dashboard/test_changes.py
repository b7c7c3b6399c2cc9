"""What agents do to a case with its buttons, as plain forms and through htmx."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests import factories
from tests.dashboard.conftest import Desk
from tickets.actions.replies import reply
from tickets.actor import Actor
from tickets.models import Delivery, IdentityStatus, Message, State, Ticket, User

pytestmark = pytest.mark.django_db


def send(desk: Desk, ticket: Ticket, what: str, data: dict[str, Any] | None = None) -> Any:
    answer = desk.send(f"/tickets/{ticket.number}/{what}/", data)
    ticket.refresh_from_db()
    return answer


def test_case_is_assigned_to_a_colleague_and_to_nobody(desk: Desk, ada: User) -> None:
    case = factories.ticket()
    lea = factories.lea()

    answer = send(desk, case, "assignment", {"assignee": lea.pk})
    taken = case.assignee
    send(desk, case, "assignment", {"assignee": ""})

    assert answer.status_code == 302
    assert (taken, case.assignee) == (lea, None)


def test_case_is_not_assigned_outside_its_team(desk: Desk) -> None:
    case = factories.ticket()

    answer = send(desk, case, "assignment", {"assignee": factories.otto().pk})

    assert (answer.status_code, case.assignee) == (400, None)


def test_case_given_to_a_foreign_team_is_left_for_the_list(desk: Desk) -> None:
    case = factories.ticket()
    billing = factories.team("Billing")

    answer = send(desk, case, "team", {"team": billing.pk})

    assert (answer["Location"], case.team) == ("/", billing)
    assert "a team whose cases you do not see" in desk.get("/").content.decode()


def test_htmx_is_told_to_leave_a_case_given_away(desk: Desk) -> None:
    case = factories.ticket()
    data = {"team": factories.team("Billing").pk}

    url = f"/tickets/{case.number}/team/?view=open"
    answer = desk.send(url, data, headers={"hx-request": "true"})

    assert answer["HX-Redirect"] == "/open/"


@pytest.mark.parametrize(
    ("what", "data", "field", "value"),
    [
        ("priority", {"priority": "urgent"}, "priority", "urgent"),
        ("category", {"category": "attachments"}, "category", "attachments"),
        ("subject", {"subject": "Bounced  mail"}, "subject", "Bounced mail"),
        ("tags", {"tag": "#bounce"}, "tags", ["old", "bounce"]),
        ("tags/removal", {"tag": "old"}, "tags", []),
        ("resolution", {}, "state", State.CLOSED),
        ("wait", {}, "state", State.PENDING),
    ],
)
def test_button_changes_the_case(
    desk: Desk, what: str, data: dict[str, str], field: str, value: object
) -> None:
    case = factories.ticket(tags=["old"])

    answer = send(desk, case, what, data)

    assert answer.status_code == 302
    assert getattr(case, field) == value


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("priority", {"priority": "sky-high"}),
        ("category", {"category": "nonsense"}),
        ("subject", {"subject": " "}),
        ("tags", {"tag": ""}),
        ("team", {"team": "x"}),
        ("snooze", {}),
        ("snooze", {"until": "2020-01-01T00:00"}),
    ],
)
def test_hand_made_nonsense_changes_nothing(desk: Desk, what: str, data: dict[str, str]) -> None:
    case = factories.ticket()

    answer = send(desk, case, what, data)

    assert (answer.status_code, case.version) == (400, 1)


def test_resolved_case_is_reopened(desk: Desk) -> None:
    case = factories.ticket(state=State.CLOSED, closed_at=factories.NOW)

    send(desk, case, "reopening")

    assert case.state == State.OPEN


@pytest.mark.parametrize("span", ["hour", "evening", "tomorrow", "monday"])
def test_snooze_ends_within_eight_days_in_the_time_of_who_asked(desk: Desk, span: str) -> None:
    case = factories.ticket()
    now = timezone.now()

    send(desk, case, "snooze", {"span": span})

    assert case.snoozed_until is not None
    assert now < case.snoozed_until <= now + timedelta(days=8)
    assert span == "hour" or case.snoozed_until.minute == 0


def test_change_of_a_merged_case_says_why_it_was_not_done(desk: Desk) -> None:
    kept = factories.ticket()
    gone = factories.ticket(merged_into=kept)

    send(desk, gone, "resolution")

    assert gone.state == State.OPEN
    assert "has been merged into another one" in desk.get("/").content.decode()


def test_reply_is_written_and_queued_with_its_files(desk: Desk, ada: User) -> None:
    case = factories.ticket()
    data = {
        "conversation": case.conversations.get().pk,
        "text": "Please try again.",
        "uploads": [SimpleUploadedFile("a.txt", b"one"), SimpleUploadedFile("b.txt", b"two")],
        "then": "pending",
        "seen_version": case.version,
    }

    answer = send(desk, case, "replies", data)

    message = Message.objects.get(direction="outbound")
    assert answer.status_code == 302
    assert (message.text, message.author, case.state) == ("Please try again.", ada, State.PENDING)
    assert [a.name for a in message.attachments.order_by("name")] == ["a.txt", "b.txt"]
    assert Delivery.objects.get(message=message).state == "queued"


def test_reply_pressed_twice_goes_out_once(desk: Desk) -> None:
    case = factories.ticket()
    data = {"conversation": case.conversations.get().pk, "text": "Hello", "client_key": "k1"}

    send(desk, case, "replies", data)
    send(desk, case, "replies", data)

    assert Delivery.objects.count() == 1


def test_empty_reply_is_given_back(desk: Desk) -> None:
    case = factories.ticket()

    answer = send(desk, case, "replies", {"conversation": case.conversations.get().pk, "text": " "})

    assert answer.status_code == 422
    assert "There is nothing to send yet." in answer.content.decode()


def test_answer_of_a_colleague_stops_the_reply_once_and_keeps_its_text(desk: Desk) -> None:
    case = factories.ticket()
    mail = case.conversations.get()
    data = {"conversation": mail.pk, "text": "My own words", "seen_version": case.version}
    reply(
        conversation=mail, text="Lea was faster", by=Actor.of(factories.lea()), now=timezone.now()
    )

    stopped = send(desk, case, "replies", data)
    shown = stopped.content.decode()
    again = send(desk, case, "replies", data | {"seen_version": case.version})

    assert stopped.status_code == 409
    assert "Lea has answered meanwhile" in shown
    assert "My own words</textarea>" in shown
    assert f'name="seen_version" value="{case.version}"' not in again.content.decode()
    assert again.status_code == 302


def test_words_of_the_case_do_not_go_to_somebody_who_only_quoted_its_number(desk: Desk) -> None:
    secret = "the white list is at nanqiao.example and mail.nanqiao.example"
    case = factories.ticket(text=f"Remember, {secret}, as we said.")
    claim = factories.claim(case, factories.kim(factories.channel("qq"), "Lo"))

    answer = send(desk, case, "replies", {"conversation": claim.pk, "text": f"Sure: {secret}."})

    assert answer.status_code == 422
    assert "comes from earlier in the case" in answer.content.decode()
    assert not Delivery.objects.exists()


def test_reply_into_another_cases_conversation_is_refused(desk: Desk) -> None:
    case, other = factories.ticket(), factories.ticket()

    data = {"conversation": other.conversations.get().pk, "text": "Hello"}
    answer = send(desk, case, "replies", data)

    assert answer.status_code == 422
    assert not Delivery.objects.exists()


def test_helper_answers_in_public_and_nowhere_else(sign_in: Any) -> None:
    case = factories.ticket()
    forum = factories.channel("discourse", "Forum", is_public=True)
    post = factories.conversation(case, factories.kim(forum))
    hal = sign_in(factories.hal())

    public = send(hal, case, "replies", {"conversation": post.pk, "text": "In public"})
    private = case.conversations.earliest("pk")
    hidden = send(hal, case, "replies", {"conversation": private.pk, "text": "In private"})

    assert (public.status_code, hidden.status_code) == (302, 422)
    assert [m.text for m in Message.objects.filter(direction="outbound")] == ["In public"]


def test_note_is_written_and_an_empty_one_given_back(desk: Desk, ada: User) -> None:
    case = factories.ticket()

    written = send(desk, case, "notes", {"text": "Between ourselves", "client_key": "n1"})
    empty = send(desk, case, "notes", {"text": "  "})

    assert (written.status_code, empty.status_code) == (302, 422)
    assert Message.objects.get(direction="note").author == ada


@pytest.mark.parametrize(
    ("decision", "state"),
    [("resending", "queued"), ("confirmation", "sent"), ("cancellation", "cancelled")],
)
def test_doubtful_delivery_is_decided_by_a_person(
    desk: Desk, ada: User, decision: str, state: str
) -> None:
    case = factories.ticket()
    message = factories.answer(case.conversations.get(), "Hello", ada, state="unknown")
    delivery = message.deliveries.get()

    send(desk, case, f"deliveries/{delivery.pk}/{decision}")

    delivery.refresh_from_db()
    assert delivery.state == state


def test_delivery_that_has_moved_on_is_left_alone(desk: Desk, ada: User) -> None:
    case = factories.ticket()
    delivery = factories.answer(case.conversations.get(), "Hello", ada).deliveries.get()

    answer = send(desk, case, f"deliveries/{delivery.pk}/resending")

    delivery.refresh_from_db()
    assert (answer.status_code, delivery.state) == (302, "sent")


@pytest.mark.parametrize(
    ("decision", "status"),
    [("takeover", IdentityStatus.COMPROMISED), ("verification", IdentityStatus.VERIFIED)],
)
def test_account_of_a_customer_is_judged(desk: Desk, decision: str, status: str) -> None:
    kim = factories.kim()
    kim.status = IdentityStatus.UNVERIFIED
    kim.save()
    case = factories.ticket(kim)

    send(desk, case, f"identities/{kim.pk}/{decision}")

    kim.refresh_from_db()
    assert kim.status == status
