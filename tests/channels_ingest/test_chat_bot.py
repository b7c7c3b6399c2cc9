"""The machine in a chat: once for each message, out of the agents' way, and never in a person's."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from channels_ingest import audit
from channels_ingest.models import Envelope
from tests import factories
from tests.channels_ingest.chatting import (
    BOUNCE,
    Visitor,
    answers,
    chat_channel,
    host_token,
    nobody_is_at_work,
    somebody_is_at_work,
    work,
)
from tests.channels_ingest.doors import drain
from tests.tickets import articles
from tickets.actions import abandoned_talks, acknowledgements, bot, bot_wording
from tickets.actions.starting_rules import seed_rules
from tickets.models import (
    Acknowledgement,
    Category,
    Clock,
    Direction,
    History,
    Message,
    Solved,
    State,
    Ticket,
)
from tickets.queries import inbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Visitor:
    somebody_is_at_work(chat_channel())
    articles.published("bounce-554-dtspm")
    return Visitor()


def said_by_bot() -> list[dict[str, Any]]:
    said = Message.objects.filter(automatic="bot").order_by("pk")
    return [each.decision["bot"] for each in said]


def test_problem_is_answered_by_an_article_with_steps_and_a_question(visitor: Visitor) -> None:
    shown = visitor.talks(BOUNCE)

    own, answer = shown["entries"]
    assert (own["own"], own["text"], own["state"]) == (True, BOUNCE, "received")
    assert answer["cards"][0]["steps"]
    assert answer["question"].endswith(("?", "？"))
    assert answer["automatic"]
    assert shown["standing"] == "bot"
    assert shown["number"].startswith("QM-")


def test_while_the_machine_talks_the_case_waits_and_is_in_no_list_of_open_work(
    visitor: Visitor,
) -> None:
    visitor.talks(BOUNCE)

    ticket = Ticket.objects.get()
    mia = factories.mia()
    assert ticket.state == State.PENDING
    for name in ("open", "unassigned", "due"):
        assert not inbox.tickets_in(inbox.View(name), mia).exists()
    assert inbox.tickets_in(inbox.View("pending"), mia).get() == ticket


def test_machine_meets_no_clock_and_counts_as_no_answer(visitor: Visitor) -> None:
    visitor.talks(BOUNCE)

    ticket = Ticket.objects.get()
    clocks = Clock.objects.filter(ticket=ticket)
    assert ticket.first_replied_at is None
    assert {each.kind: (each.met_at, each.due_at) for each in clocks} == {
        "first_response": (None, None),
        "resolution": (None, None),
    }


def test_its_own_words_take_the_place_of_the_acknowledgement(visitor: Visitor) -> None:
    visitor.talks(BOUNCE)

    sent = acknowledgements.send_due(now=timezone.now() + timedelta(minutes=1))

    assert sent == 0
    assert Acknowledgement.objects.get().reason == "bot"


def test_solved_closes_quietly_and_says_by_which_article(visitor: Visitor) -> None:
    visitor.talks(BOUNCE)

    shown = visitor.talks("已解决")

    row = History.objects.get(code="resolved")
    assert (Ticket.objects.get().state, shown["standing"]) == (State.CLOSED, "closed")
    assert row.data == {"reason": "solved_by_bot", "articles": ["bounce-554-dtspm"]}
    assert row.actor_kind == "contact"
    solved = Solved.objects.get()
    assert (solved.article.slug, solved.by) == ("bounce-554-dtspm", "bot")


def test_asked_for_a_person_opens_the_case_for_the_right_team_and_starts_the_wait(
    visitor: Visitor,
) -> None:
    security = factories.team("Security")
    seed_rules()
    visitor.talks("我的邮箱被盗了")

    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.team, ticket.category) == (
        State.OPEN,
        security,
        Category.ACCOUNT_SECURITY,
    )
    assert ticket.waiting_since is not None
    assert History.objects.get(code="bot_handed_over").data == {"reason": "account_theft"}


def test_after_hand_over_the_window_shows_the_place_in_the_queue(visitor: Visitor) -> None:
    visitor.talks("转人工")
    second = Visitor()
    shown = second.talks("人工客服")

    assert (visitor.looks()["position"], shown["position"]) == (1, 2)
    assert shown["standing"] == "queue"
    assert shown["parts"][0] == ["phenomenon", False]


def test_machine_says_no_more_once_a_person_is_asked_for_or_has_answered(
    visitor: Visitor,
) -> None:
    visitor.talks("转人工")
    visitor.talks(BOUNCE)
    answers(factories.mia(), "Good day")
    shown = visitor.talks(BOUNCE)

    assert [each["kind"] for each in said_by_bot()] == ["hand_over"]
    assert (shown["standing"], shown["agent"]) == ("human", "Mia")


def test_two_failed_answers_bring_a_person(visitor: Visitor) -> None:
    visitor.talks(BOUNCE)
    visitor.talks("没解决，还是退信 554")
    visitor.talks("还是不行")

    last = said_by_bot()[-1]
    assert last["kind"] == "hand_over"
    assert Ticket.objects.get().state == State.OPEN


def test_burst_is_answered_once(visitor: Visitor) -> None:
    for text in ("在吗", "我有个问题", BOUNCE):
        visitor.says(text)
    drain()

    assert len(said_by_bot()) == 1


def test_message_sent_twice_is_one_message_with_one_answer(visitor: Visitor) -> None:
    visitor.says(BOUNCE, client_id="client-again")
    drain()
    visitor.says(BOUNCE, client_id="client-again")
    drain()

    assert Message.objects.filter(direction=Direction.INBOUND).count() == 1
    assert len(said_by_bot()) == 1


def test_outside_working_hours_it_becomes_a_case_and_notes_where_the_answer_should_go(
    visitor: Visitor,
) -> None:
    nobody_is_at_work()

    shown = visitor.talks("转人工")
    told = visitor.talks("发到 kim@mail.example")
    again = visitor.talks("或者 kim2@mail.example")

    assert shown["standing"] == "away"
    assert shown["opens_at"]
    assert shown["number"] in shown["entries"][-1]["text"]
    assert "kim@mail.example" in told["entries"][-1]["text"]
    row = History.objects.get(code="answer_wished")
    assert row.data == {"how": "email", "address": "kim@mail.example", "proven": False}
    assert again["entries"][-1]["own"]


def test_wish_for_an_address_that_is_proved_says_so(visitor: Visitor) -> None:
    nobody_is_at_work()
    visitor.opens(host_token(email="kim@mail.example", email_verified=True))

    visitor.talks("转人工")
    visitor.talks("Kim@mail.example")

    assert History.objects.get(code="answer_wished").data["proven"] is True


def test_whoever_quotes_a_number_is_told_the_same_whether_the_case_exists_or_not() -> None:
    somebody_is_at_work(chat_channel())
    real = factories.ticket()
    mine, other = Visitor(), Visitor()

    of_a_case = mine.talks(f"我的案号 QM-{real.number[:4]}-{real.number[4:8]}-{real.number[8:]}")
    of_none = other.talks("我的案号 QM-1111-1111-20")
    acknowledgements.send_due(now=timezone.now() + timedelta(minutes=1))
    work(minutes=2)

    assert said_by_bot() == []
    own = ("version", "entries", "number")
    shown = [{k: v for k, v in each.items() if k not in own} for each in (of_a_case, of_none)]
    assert shown[0] == shown[1]
    told = [each.looks()["entries"][-1]["text"] for each in (mine, other)]
    numbers = [each.looks()["number"] for each in (mine, other)]
    assert told[0].replace(numbers[0], "N") == told[1].replace(numbers[1], "N")
    real.refresh_from_db()
    assert (real.state, real.team) == (State.OPEN, factories.team("Mail"))
    assert not real.history.filter(actor_kind="rule").exists()


def test_channel_may_do_without_the_machine() -> None:
    somebody_is_at_work(chat_channel(bot="no"))
    shown = Visitor().talks(BOUNCE)

    assert said_by_bot() == []
    assert Ticket.objects.get().state == State.OPEN
    assert shown["standing"] == "queue"


def test_machine_that_breaks_leaves_the_case_to_people(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise TypeError("a model of another version")

    # No real input breaks it; a model that does not fit must not cost a customer's message.
    monkeypatch.setattr(bot, "current_model", broken)

    visitor.talks(BOUNCE)

    assert Ticket.objects.get().state == State.OPEN
    assert Envelope.objects.get().state == "processed"


def test_talk_that_nobody_went_on_with_is_closed_after_a_day_and_no_other(
    visitor: Visitor,
) -> None:
    visitor.talks(BOUNCE)
    Visitor().talks("转人工")
    now = timezone.now()

    early = abandoned_talks.close_abandoned(now=now + timedelta(hours=23))
    closed = abandoned_talks.close_abandoned(now=now + timedelta(hours=25))

    assert (early, closed) == (0, 1)
    assert History.objects.get(code="resolved").data == {"reason": "abandoned"}
    assert Ticket.objects.filter(state=State.OPEN).count() == 1


def test_nothing_of_a_chat_breaks_a_rule_of_the_audit(visitor: Visitor) -> None:
    visitor.talks(BOUNCE)
    visitor.talks("没解决，转人工")
    answers(factories.mia(), "Good day")
    visitor.talks("谢谢")

    findings = audit.audit(now=timezone.now(), patience=timedelta())

    assert [str(each) for each in findings if not each.holds] == []


def test_visitor_who_says_what_it_is_about_is_offered_articles_of_that_only(
    visitor: Visitor,
) -> None:
    articles.published("large-attachments", articles.BOUNCE, category="attachments")
    visitor.talks(BOUNCE)

    visitor.says("It is about: Attachments", category="attachments")
    work()

    ticket = Ticket.objects.get()
    row = History.objects.get(code="category_set")
    assert (ticket.category, row.actor_kind, row.data["after"]) == (
        "attachments",
        "contact",
        "attachments",
    )
    assert [each["articles"] for each in said_by_bot()] == [
        ["bounce-554-dtspm"],
        ["large-attachments"],
    ]


def test_category_that_does_not_exist_is_no_choice(visitor: Visitor) -> None:
    visitor.says(BOUNCE, category="nonsense")
    work()

    assert not History.objects.filter(code="category_set").exists()
    assert said_by_bot()[0]["kind"] == "articles"


def test_vague_complaint_is_asked_about_with_neither_article_nor_category(
    visitor: Visitor,
) -> None:
    shown = visitor.talks("邮箱不好用")

    (said,) = said_by_bot()
    assert (said["kind"], said["missing"]) == ("ask", ["phenomenon", "steps", "error"])
    assert "category" not in shown["entries"][-1]


def test_problem_with_the_api_is_asked_for_the_request_id(visitor: Visitor) -> None:
    visitor.says("接口有问题", category="api_integration")
    work()

    with translation.override("zh-hans"):
        asked = bot_wording.ask(("steps",), is_first=True, is_api=True).rpartition("\n")[2]
    assert asked in visitor.looks()["entries"][-1]["text"]
