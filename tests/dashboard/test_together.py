"""Pages of working together: promises, notices, mentions, followers, hand-overs, digests."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from dashboard import digests
from dashboard.tasks import sweep_digests
from tests import factories
from tests.dashboard.conftest import Desk
from tickets.actions import following, notes, promises
from tickets.actions.notifying import notify
from tickets.actions.preferences import prefer
from tickets.actions.replies import reply
from tickets.actor import Actor
from tickets.case_numbers import format_number
from tickets.models import HandOver, Notification, NotificationKind, Promise, Ticket, User

SignIn = Callable[[User], Desk]


def page(case: Ticket) -> str:
    return f"/tickets/{format_number(case.number, prefix='QM')}/"


def promise(case: Ticket, by: User) -> Promise:
    conversation = case.conversations.get()
    reply(
        conversation=conversation,
        text="I'll get back to you within 2 hours.",
        by=Actor.of(by),
        now=timezone.now(),
    )
    return Promise.objects.get()


class TestPromises:
    def test_answer_with_a_time_asks_and_one_press_confirms(self, desk: Desk, ada: User) -> None:
        case = factories.ticket()
        row = promise(case, ada)
        assert "Is this a promise?" in desk.get(page(case)).content.decode()

        desk.send(f"{page(case)}promises/{row.pk}/", {"decision": "confirm"})

        after = desk.get(page(case)).content.decode()
        assert "Is this a promise?" not in after
        assert '<div class="msg-f"><span class="promise"' in after
        assert "Promised until" in after
        assert "data-until" in desk.get("/open/").content.decode()
        assert "Promised in" in desk.get("/open/").content.decode()

    def test_another_time_may_be_given(self, desk: Desk, ada: User) -> None:
        case = factories.ticket()
        row = promise(case, ada)
        wanted = (timezone.now() + timedelta(days=1)).replace(second=0, microsecond=0)
        local = timezone.localtime(wanted).strftime("%Y-%m-%dT%H:%M")

        desk.send(f"{page(case)}promises/{row.pk}/", {"decision": "confirm", "due": local})

        row.refresh_from_db()
        assert (row.state, row.due_at) == ("open", wanted)

    def test_strangers_and_helpers_may_not_decide(self, sign_in: SignIn, ada: User) -> None:
        case = factories.ticket()
        row = promise(case, ada)

        for stranger in (factories.otto(), factories.hal()):
            answer = sign_in(stranger).send(
                f"{page(case)}promises/{row.pk}/", {"decision": "confirm"}
            )
            assert answer.status_code == 404

    def test_promise_of_another_case_is_not_found(self, desk: Desk, ada: User) -> None:
        row = promise(factories.ticket(), ada)
        other = factories.ticket()

        answer = desk.send(f"{page(other)}promises/{row.pk}/", {"decision": "withdraw"})

        assert answer.status_code == 404


class TestNotices:
    def test_mention_rings_and_is_read_with_the_case(
        self, desk: Desk, sign_in: SignIn, ada: User
    ) -> None:
        case, lea = factories.ticket(), factories.lea()
        notes.add_note(ticket=case, text="@Ada look", by=Actor.of(lea), now=timezone.now())
        assert "n--hot" in desk.get("/notifications/bell/").content.decode()
        assert "Lea mentioned you" in desk.get("/notifications/").content.decode()
        assert case.number in desk.get("/mentions/").content.decode()

        desk.get(page(case))

        assert "n--hot" not in desk.get("/notifications/bell/").content.decode()
        assert Notification.objects.get().read_at is not None

    def test_all_may_be_read_at_once(self, desk: Desk, ada: User) -> None:
        for _n in range(2):
            notify(users=[ada], kind=NotificationKind.REPLIED, now=timezone.now())

        desk.send("/notifications/reading/")

        assert not Notification.objects.filter(read_at__isnull=True).exists()

    def test_what_one_may_not_see_any_more_is_not_listed(self, desk: Desk, ada: User) -> None:
        case = factories.ticket(text="Secret subject", team=factories.team("Billing"))
        notify(users=[ada], kind=NotificationKind.REPLIED, ticket=case, now=timezone.now())

        assert "Secret subject" not in desk.get("/notifications/").content.decode()

    def test_names_on_offer_say_who_cannot_see_the_case(self, desk: Desk, ada: User) -> None:
        case = factories.ticket()
        lea, _otto, hal = factories.lea(), factories.otto(), factories.hal()
        lea.away_since = timezone.now()
        lea.away_until = datetime(2036, 1, 1, tzinfo=UTC)
        lea.save()

        offered = desk.get(f"{page(case)}mentionable/").content.decode()

        assert "away until" in offered
        assert "cannot see this case" in offered
        assert hal.name not in offered

    def test_names_are_not_for_strangers_and_helpers(self, sign_in: SignIn) -> None:
        case = factories.ticket()
        for stranger in (factories.otto(), factories.hal()):
            assert sign_in(stranger).get(f"{page(case)}mentionable/").status_code == 404

    def test_who_was_called_in_vain_can_be_given_the_case(self, desk: Desk, ada: User) -> None:
        case, otto = factories.ticket(), factories.otto()
        notes.add_note(ticket=case, text="@Otto look", by=Actor.of(ada), now=timezone.now())
        assert "Otto cannot see this case" in desk.get(page(case)).content.decode()

        desk.send(f"{page(case)}calls/", {"user": otto.pk})

        case.refresh_from_db()
        assert case.assignee == otto
        assert Notification.objects.get(user=otto).kind == "mention"


def test_task_writes_letters_and_forgets_what_was_read_long_ago(
    ada: User, settings: Settings
) -> None:
    settings.EMAIL_HOST = "mail.desk.example"
    prefer(user=ada, digest="daily")
    now = timezone.now()
    for age in (timedelta(minutes=20), timedelta(days=100)):
        notify(users=[ada], kind=NotificationKind.REPLIED, now=now - age)
    Notification.objects.filter(at__lt=now - timedelta(days=1)).update(
        read_at=now - timedelta(days=95)
    )

    sweep_digests()

    assert len(mail.outbox) == 1
    assert Notification.objects.get().mailed_at is not None


class TestFollowing:
    def test_one_press_follows_and_another_ends_it(self, desk: Desk, ada: User) -> None:
        case = factories.ticket()

        desk.send(f"{page(case)}following/", {"follow": "yes"})
        assert "Following" in desk.get(page(case)).content.decode()

        desk.send(f"{page(case)}following/", {"follow": "no"})
        assert not case.followers.exists()

    def test_strangers_and_helpers_cannot_follow(self, sign_in: SignIn) -> None:
        case = factories.ticket()
        for stranger in (factories.otto(), factories.hal()):
            answer = sign_in(stranger).send(f"{page(case)}following/", {"follow": "yes"})
            assert answer.status_code == 404
        assert not case.followers.exists()


class TestHandOver:
    def test_form_shows_what_goes_and_the_receiver_accepts(
        self, desk: Desk, sign_in: SignIn, ada: User
    ) -> None:
        lea = factories.lea()
        case = factories.ticket(assignee=ada)
        row = promise(case, ada)
        desk.send(f"{page(case)}promises/{row.pk}/", {"decision": "confirm"})
        assert "within 2 hours" in desk.get("/handover/").content.decode()

        made = desk.send(
            "/handover/",
            {
                "to": f"user:{lea.pk}",
                "note": "502 is back",
                "case": case.number,
                f"note-{case.number}": "waits for the log",
            },
        )
        theirs = sign_in(lea)
        shown = theirs.get(made.url).content.decode()
        assert "502 is back" in shown
        assert "waits for the log" in shown
        theirs.send(f"{made.url}acceptance/")

        row.refresh_from_db()
        assert row.by == lea
        desk.send(f"{made.url}undoing/")
        case.refresh_from_db()
        assert case.assignee == ada

    def test_lead_hands_over_for_somebody_who_is_away(self, sign_in: SignIn, ada: User) -> None:
        ada.away_since = timezone.now()
        ada.save()
        case, ben = factories.ticket(assignee=ada), factories.person("Ben")
        ben.teams.set(ada.teams.all())
        row = promise(case, ada)
        promises.confirm(promise=row, by=Actor.of(ada), now=timezone.now())
        lead, other = sign_in(factories.lea()), sign_in(ben)
        assert "Ada is away and has 1 open case" in lead.get("/handover/").content.decode()
        assert case.number in lead.get(f"/handover/?of={ada.pk}").content.decode()
        assert case.number not in other.get(f"/handover/?of={ada.pk}").content.decode()

        made = lead.send("/handover/", {"to": f"user:{ben.pk}", "case": case.number})
        other.send(f"{made.url}acceptance/")

        row.refresh_from_db()
        assert row.by == ben
        lead.send(f"{made.url}undoing/")
        row.refresh_from_db()
        assert row.by == ada

    def test_without_a_receiver_the_form_comes_back(self, desk: Desk, ada: User) -> None:
        case = factories.ticket(assignee=ada)

        answer = desk.send("/handover/", {"to": "user:0", "case": case.number, "note": "kept"})

        assert answer.status_code == 422
        assert "kept" in answer.content.decode()

    def test_strangers_and_helpers_see_none_of_it(
        self, desk: Desk, sign_in: SignIn, ada: User
    ) -> None:
        lea = factories.lea()
        row = HandOver.objects.create(by=ada, to_user=lea, at=timezone.now())

        otto, hal = sign_in(factories.otto()), sign_in(factories.hal())

        assert otto.get(f"/handover/{row.pk}/").status_code == 404
        assert otto.send(f"/handover/{row.pk}/acceptance/").status_code == 404
        assert hal.get("/handover/").status_code == 404

    def test_cases_of_others_cannot_be_named(self, desk: Desk, ada: User) -> None:
        lea = factories.lea()
        hidden = factories.ticket(team=factories.team("Billing"))

        answer = desk.send("/handover/", {"to": f"user:{lea.pk}", "case": hidden.number})

        assert answer.status_code == 422
        hidden.refresh_from_db()
        assert hidden.assignee is None


class TestAway:
    def test_leads_find_the_cases_of_people_who_are_away(self, sign_in: SignIn, ada: User) -> None:
        ada.away_since = timezone.now()
        ada.save()
        case = factories.ticket(assignee=ada)

        assert case.number in sign_in(factories.lea()).get("/away/").content.decode()
        assert case.number not in sign_in(factories.person("Ben")).get("/away/").content.decode()


class TestDigest:
    @pytest.fixture(autouse=True)
    def server(self, settings: Settings) -> None:
        settings.EMAIL_HOST = "mail.desk.example"

    @pytest.fixture
    def told(self, ada: User) -> datetime:
        """Lea called Ada, who wants letters hourly; when she did."""
        now = timezone.now()
        prefer(user=ada, digest="hourly")
        case = factories.ticket(text="Secret words")
        notes.add_note(ticket=case, text="@Ada private", by=Actor.of(factories.lea()), now=now)
        return now

    def test_unread_is_sent_once_and_after_a_while(self, told: datetime, ada: User) -> None:
        minutes = (5, 11, 12, 80)

        sent = [digests.send_due(now=told + timedelta(minutes=n)) for n in minutes]

        assert sent == [0, 1, 0, 0]
        (letter,) = mail.outbox
        assert letter.to == [ada.email]
        assert "Lea mentioned you" in letter.body
        assert "private" not in letter.body
        assert "Secret" not in letter.body

    def test_the_next_letter_waits_its_time(self, told: datetime, ada: User) -> None:
        digests.send_due(now=told + timedelta(minutes=11))
        notify(users=[ada], kind=NotificationKind.REPLIED, now=told + timedelta(minutes=12))

        sent = [digests.send_due(now=told + timedelta(minutes=n)) for n in (30, 75)]

        assert sent == [0, 1]

    def test_nobody_who_is_away_or_wants_none_is_written_to(
        self, told: datetime, ada: User
    ) -> None:
        ada.away_since = told
        ada.save()
        assert digests.send_due(now=told + timedelta(hours=1)) == 0

        ada.away_since = None
        ada.save()
        prefer(user=ada, digest="off")
        assert digests.send_due(now=told + timedelta(hours=1)) == 0

    def test_without_a_server_nothing_is_tried(self, told: datetime, settings: Settings) -> None:
        settings.EMAIL_HOST = ""

        assert digests.send_due(now=told + timedelta(hours=1)) == 0

    def test_choice_is_made_on_the_page(self, desk: Desk, ada: User) -> None:
        assert "Once a day" in desk.get("/notifications/").content.decode()

        desk.send("/notifications/digest/", {"digest": "daily"})

        ada.refresh_from_db()
        assert ada.preferences["digest"] == "daily"
        assert desk.send("/notifications/digest/", {"digest": "often"}).status_code == 404


def test_followers_stand_beside_the_case(desk: Desk, ada: User) -> None:
    case = factories.ticket()
    following.follow(ticket=case, user=factories.lea(), now=timezone.now())

    assert "side-followers" in desk.get(page(case)).content.decode()
