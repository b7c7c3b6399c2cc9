"""The structured form: who can be reached, when they want the answer, what helps while typing."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from channels_ingest.models import Envelope
from channels_ingest.web import limits
from channels_ingest.web.forms import same_mailbox
from channels_ingest.web.questions import questions
from channels_ingest.web.waiting import calm_choices, hours_of, length, waiting_words
from tests.channels_ingest.doors import drain
from tests.channels_ingest.test_web_pages import Visitor, door, kim, surroundings, upload
from tests.tickets.articles import published, starters
from tests.tickets.clocks.promising import clock, only_promise
from tests.tickets.test_archives import zipped
from tickets import case_numbers
from tickets.models import ArticleVote, Attachment, Message, Team, Ticket
from tickets.waits import Better, HourFigure, Waiting

__all__ = ["door", "kim", "surroundings"]
pytestmark = pytest.mark.django_db

HELP = "/support/typing/"
DEVELOPERS = "/support/developers/"
NOW = datetime(2026, 11, 18, 10, 37, tzinfo=ZoneInfo("Asia/Shanghai"))


def minutes(n: int) -> timedelta:
    return timedelta(minutes=n)


class TestContact:
    def test_phone_alone_is_enough_and_stands_among_the_words(self, kim: Visitor) -> None:
        kim.sends(email="", phone="+86 138 0013 8000")
        drain()

        assert "Phone: +86 138 0013 8000" in Message.objects.get().text
        assert Ticket.objects.get().contact.name == "+86 138 0013 8000"

    def test_without_mailbox_and_phone_it_asks_for_one(self, kim: Visitor) -> None:
        kim.page = kim.posts(kim.opens().fields(email=""))

        assert kim.page.status_code == 422
        assert "Please leave a mailbox or a phone number" in kim.html

    @pytest.mark.parametrize("written", ["kim@mail.example", " KIM+help@Mail.Example "])
    def test_mailbox_that_is_broken_is_not_the_only_way_to_us(
        self, kim: Visitor, written: str
    ) -> None:
        kim.page = kim.posts(kim.opens().fields(broken_mailbox=written))

        assert kim.page.status_code == 422
        assert "our answer might not reach you" in kim.html
        assert Envelope.objects.count() == 0

    @pytest.mark.parametrize(
        "reach", [{"phone": "010-6552 9988 转 12"}, {"email": "kim@work.example"}]
    )
    def test_broken_mailbox_with_another_way_is_fine(
        self, kim: Visitor, reach: dict[str, str]
    ) -> None:
        kim.sends(broken_mailbox="kim@mail.example", **reach)
        drain()

        assert "Mailbox that has the problem: kim@mail.example" in Message.objects.get().text

    @pytest.mark.parametrize("typed", ["call me", "12", "１３８abc"])
    def test_phone_that_cannot_be_one_is_told(self, kim: Visitor, typed: str) -> None:
        kim.page = kim.posts(kim.opens().fields(phone=typed))

        assert 'id="id_phone_error"' in kim.html

    def test_empty_mailbox_is_the_same_as_none(self) -> None:
        assert not same_mailbox("", "")
        assert not same_mailbox("kim@mail.example", "")


class TestNoHurry:
    @pytest.fixture(autouse=True)
    def around_the_clock(self) -> None:
        only_promise()

    def test_time_chosen_from_the_list_moves_the_clock_and_is_told_again(
        self, kim: Visitor
    ) -> None:
        chosen = kim.opens().page.context["form"].fields["answer_after"].widget.choices[1][0]

        kim.follows(kim.posts(kim.fields(answer_after=chosen)))
        assert "You are in no hurry: we answer" in kim.html
        drain()

        ticket = Ticket.objects.get()
        assert ticket.answer_after == datetime.fromisoformat(chosen)
        assert clock(ticket, "first_response").due_at == ticket.answer_after + minutes(60)
        assert "Answer wanted after:" in Message.objects.get().text

    def test_time_that_has_passed_meanwhile_is_no_mistake(self, kim: Visitor) -> None:
        kim.sends(answer_after=(timezone.now() - minutes(1)).isoformat())
        drain()

        assert Ticket.objects.get().answer_after is None

    @pytest.mark.parametrize("typed", ["soon", "2026-11-18T14:00", "2999-01-01T00:00:00+00:00"])
    def test_time_that_we_never_offered_is_refused(self, kim: Visitor, typed: str) -> None:
        kim.page = kim.posts(kim.opens().fields(answer_after=typed))

        assert 'id="id_answer_after_error"' in kim.html

    def test_choice_is_kept_while_the_form_is_mended(self, kim: Visitor) -> None:
        chosen = (timezone.now() + minutes(61)).isoformat()

        kim.page = kim.posts(kim.opens().fields(phenomenon="", answer_after=chosen))

        assert f'<option value="{chosen}" selected>' in kim.html


class TestWaitingWords:
    @pytest.fixture(autouse=True)
    def in_english(self) -> Any:
        with translation.override("en"):
            yield

    def test_present_wait_and_a_better_hour_are_said(self) -> None:
        better = Better(NOW.replace(hour=14, minute=0), minutes(8))

        said = waiting_words(Waiting(NOW, minutes(23), minutes(38), better=better), now=NOW)

        assert said.now == (
            "Half of all answers come within 25 minutes at present, most within 40 minutes."
        )
        assert said.usually == "After 14:00 it is usually under 8 minutes."

    def test_nothing_is_said_where_nobody_knows(self) -> None:
        assert waiting_words(Waiting(NOW), now=NOW).now == ""

    def test_outside_hours_it_says_when_people_are_back(self) -> None:
        back = NOW.replace(day=19, hour=9, minute=0)

        said = waiting_words(Waiting(NOW, minutes(5), minutes(9), opens_at=back), now=NOW)

        assert said.now == "People are here again tomorrow at 09:00."
        assert said.usually == "From then on most answers come within 9 minutes."

    def test_times_for_people_in_no_hurry_are_named_by_day(self) -> None:
        calm = (NOW.replace(hour=14, minute=0), NOW.replace(day=23, hour=9, minute=0))

        labels = [each.label for each in calm_choices(Waiting(NOW, calm=calm), now=NOW)]

        assert labels == ["today at 14:00 or later", "Monday at 09:00 or later"]

    def test_bars_of_a_calendar_elsewhere_stand_on_our_clock(self) -> None:
        hours = (HourFigure(1, 0.5, is_busy=False), HourFigure(2, 1.0, is_busy=True))

        bars = hours_of(Waiting(NOW.astimezone(UTC), hours=hours))

        assert [(each["hour"], each["is_busy"], each["is_now"]) for each in bars] == [
            (9, False, False),
            (10, True, True),
        ]

    @pytest.mark.parametrize(
        ("span", "said"),
        [(0, "1 minute"), (8, "8 minutes"), (11, "15 minutes"), (99, "2 hours"), (130, "3 hours")],
    )
    def test_length_is_rounded_up_and_pretends_no_precision(self, span: int, said: str) -> None:
        assert length(minutes(span)) == said


class TestHelpWhileTyping:
    def asks(self, kim: Visitor, **typed: str) -> Any:
        token = kim.opens().hidden("csrfmiddlewaretoken")
        return kim.client.post(HELP, {"csrfmiddlewaretoken": token, **typed})

    def test_vague_words_are_answered_by_kind_questions(self, kim: Visitor) -> None:
        html = self.asks(kim, phenomenon="坏了不行").json()["html"]

        assert "Which page or function is it?" in html
        assert "You need not: you can send it as it is." in html

    def test_what_was_filled_in_is_not_asked(self) -> None:
        asked = questions("邮件发不出去，一直转圈，怎么办", steps="点发送", error="554 DT:SPM")

        assert asked == []

    def test_article_that_fits_is_offered_with_its_steps(self, kim: Visitor) -> None:
        starters()

        html = self.asks(kim, phenomenon="退信 554 DT:SPM", error_message="554 DT:SPM").json()[
            "html"
        ]

        assert "<details" in html
        assert "This solved it" in html

    def test_mistyped_number_is_told_at_once_and_never_whether_a_case_exists(
        self, kim: Visitor
    ) -> None:
        kim.sends()
        drain()
        existing = case_numbers.format_number(Ticket.objects.get().number)
        unknown = case_numbers.format_number(case_numbers.issue(77, key=b"k" * 32))

        said = [
            self.asks(kim, known_number=number).json()["number"]
            for number in ("QM-1234-5678-90", existing, unknown)
        ]

        assert said[0].startswith("This is not a case number.")
        assert said[1:] == ["", ""]

    def test_nothing_is_stored_and_a_script_without_our_page_is_refused(self, kim: Visitor) -> None:
        self.asks(kim, phenomenon="坏了不行")

        assert Envelope.objects.count() == 0
        assert kim.client.post(HELP, {"phenomenon": "坏了"}).status_code == 403

    def test_network_that_asks_too_often_is_told_to_wait(
        self, kim: Visitor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # The real limit would take some hundred requests to reach.
        monkeypatch.setattr(limits, "TYPING_LIMIT", 1)

        assert self.asks(kim).status_code == 200
        assert self.asks(kim).status_code == 429

    def test_this_solved_it_sends_nothing_and_counts_for_the_article(self, kim: Visitor) -> None:
        article = published()
        token = kim.opens().hidden("csrfmiddlewaretoken")
        sent = {"csrfmiddlewaretoken": token, "article": article.slug}

        answer = kim.client.post("/support/solved/", sent)

        assert answer["Location"] == "/support/solved/"
        assert "Nothing was sent" in kim.opens("/support/solved/").html
        assert Envelope.objects.count() == 0
        assert ArticleVote.objects.get(version__article=article).helped

    def test_unknown_article_solves_nothing_and_is_thanked_alike(self, kim: Visitor) -> None:
        token = kim.opens().hidden("csrfmiddlewaretoken")

        answer = kim.client.post(
            "/support/solved/", {"csrfmiddlewaretoken": token, "article": "none"}
        )

        assert answer["Location"] == "/support/solved/"
        assert not ArticleVote.objects.exists()


class TestArchive:
    def test_archive_is_listed_for_agents_and_not_unpacked(self, kim: Visitor) -> None:
        data = zipped({"mail.log": b"x" * 9, "setup.exe": b"MZ"})

        kim.sends(files=upload("logs.zip", data, "application/zip"))
        drain()

        assert Attachment.objects.get().listing == {
            "kind": "zip",
            "entries": [["mail.log", 9], ["setup.exe", 2]],
            "more": 0,
            "programs": 1,
        }


class TestDevelopers:
    TYPED: dict[str, str] = {
        "app_id": "app_7f20c4",
        "error_code": "40013",
        "method": "POST",
        "endpoint": "/v2/callback/verify",
        "request_id": "req-20261120021407-9c1e",
        "happened_at": "2026-11-20T03:14:07+01:00",
        "phenomenon": "Signature is refused.",
        "payload": 'Authorization: Bearer 1234567890abcdef\n{"errcode": 40013}',
        "frequency": "always",
        "contact": "dev@works.example",
    }

    @pytest.fixture(autouse=True)
    def in_season(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The example's day must be neither ahead nor too long ago."""
        monkeypatch.setitem(
            self.TYPED,
            "happened_at",
            f"{timezone.now() - timedelta(days=2):%Y-%m-%d}T03:14:07+01:00",
        )

    def sends(self, kim: Visitor, **typed: str) -> Any:
        kim.opens(DEVELOPERS)
        return kim.posts({**kim.fields(email=""), **self.TYPED, **typed}, DEVELOPERS)

    def test_it_goes_to_the_line_of_the_api_with_everything_in_its_place(
        self, kim: Visitor
    ) -> None:
        team = Team.objects.create(slug="api", name="API")

        kim.follows(self.sends(kim))
        drain()

        ticket, text = Ticket.objects.get(), Message.objects.get().text
        assert (ticket.category, ticket.team) == ("api_integration", team)
        assert text.startswith("Signature is refused.")
        assert "Endpoint: POST /v2/callback/verify" in text
        assert "T02:14:07Z" in text
        assert "How often: Every time" in text

    def test_secrets_are_black_before_anything_is_stored(self, kim: Visitor) -> None:
        self.sends(kim)

        body = bytes(Envelope.objects.get().body or b"").decode()
        assert "1234567890abcdef" not in body
        assert "Bearer ••••(16)" in body
        assert "40013" in body

    def test_without_a_team_of_the_api_it_goes_where_the_form_belongs(self, kim: Visitor) -> None:
        self.sends(kim)
        drain()

        assert (Ticket.objects.get().category, Ticket.objects.get().team) == (
            "api_integration",
            None,
        )

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("yesterday", "Please write it like"),
            ("2026-13-41T00:00:00Z", "Please write it like"),
            ("2001-01-01T00:00:00Z", "more than a year ago"),
        ],
    )
    def test_time_that_cannot_be_is_told(self, kim: Visitor, typed: str, said: str) -> None:
        kim.page = self.sends(kim, happened_at=typed)

        assert said in kim.html
        assert typed in kim.html

    def test_local_time_given_as_utc_is_noticed_where_it_lies_ahead(self, kim: Visitor) -> None:
        ahead = timezone.now() + timedelta(hours=8)

        kim.page = self.sends(kim, happened_at=f"{ahead:%Y-%m-%d %H:%M}")

        assert "it looks like local time" in kim.html


def test_form_costs_few_queries_and_fewer_while_the_figures_are_fresh(
    kim: Visitor, django_assert_num_queries: Any
) -> None:
    kim.opens()  # fills what every process keeps

    with django_assert_num_queries(2):  # the door, and the chat beside it
        kim.opens()
