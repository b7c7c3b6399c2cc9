"""The intake journal: what came, what became of it, who may read it, and trying again."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from channels_ingest import journal
from channels_ingest.models import Envelope
from channels_ingest.store import store
from dashboard.views.channels.journal import visible
from tests import factories
from tests.channels_ingest.doors import NOON, Obedient, drain, obedient_channel, raw
from tests.dashboard.conftest import Desk
from tickets.case_numbers import format_number
from tickets.models import Channel, Ticket, User

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Desk]
JOURNAL = "/channels/shop/journal/"


@pytest.fixture
def mia(sign_in: SignIn) -> Desk:
    """A manager's browser."""
    return sign_in(factories.mia())


@pytest.fixture
def shop() -> Channel:
    return obedient_channel("shop")


def came(channel: Channel, *texts: str) -> None:
    """Have these texts delivered and read, each under itself as its key."""
    Obedient.parse_fails.update(text for text in texts if text.startswith("bad"))
    store(channel=channel, envelopes=[raw(text, text, lane=text) for text in texts], now=NOON)
    drain()


def keys(desk: Desk, query: str = "") -> list[str]:
    return [line.entry.key for line in desk.get(JOURNAL + query).context["lines"]]


def open_entry(desk: Desk, key: str) -> str:
    pk = Envelope.objects.get(key=key).pk
    return str(desk.get(f"{JOURNAL}{pk}/").content.decode())


def test_newest_stands_first_with_what_became_of_it(mia: Desk, shop: Channel) -> None:
    came(shop, "hello", "?spam", "bad")

    lines = mia.get(JOURNAL).context["lines"]

    assert [line.entry.key for line in lines] == ["bad", "?spam", "hello"]
    assert [line.outcome for line in lines] == ["Failed", "Passed over", "Taken in"]
    assert lines[1].reason == "spam"
    assert lines[0].fault.what == "it is not what this kind of channel sends"


def test_line_leads_to_the_case_that_it_became(mia: Desk, shop: Channel) -> None:
    came(shop, "hello")

    page = mia.get(JOURNAL).content.decode()

    assert f"/tickets/{format_number(Ticket.objects.get().number)}/" in page


def test_line_leads_to_the_survivor_of_a_merge(mia: Desk, shop: Channel) -> None:
    came(shop, "hello")
    merged = Ticket.objects.get()
    kept = factories.ticket()
    merged.conversations.update(ticket=kept)

    assert mia.get(JOURNAL).context["lines"][0].entry.cases == (kept.number,)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("matched", ["hello"]),
        ("ignored", ["?spam"]),
        ("failed", ["bad"]),
        ("waiting", ["late"]),
        ("conflict", []),
        ("nonsense", ["late", "bad", "?spam", "hello"]),
    ],
)
def test_outcome_narrows_the_journal(
    mia: Desk, shop: Channel, outcome: str, expected: list[str]
) -> None:
    came(shop, "hello", "?spam", "bad")
    store(channel=shop, envelopes=[raw("late")], now=NOON)

    assert keys(mia, f"?outcome={outcome}") == expected


def test_repeat_leaves_no_line_and_one_with_other_content_is_flagged(
    mia: Desk, shop: Channel
) -> None:
    came(shop, "hello")
    store(channel=shop, envelopes=[raw("hello", "hello"), raw("hello", "other")], now=NOON)

    assert len(keys(mia)) == 2
    assert len(keys(mia, "?outcome=conflict")) == 1


def test_pages_hold_every_line_once(mia: Desk, shop: Channel) -> None:
    came(shop, *(f"?{n}" for n in range(journal.PAGE * 2 + 5)))
    seen, query = [], ""

    while True:
        page = mia.get(JOURNAL + query)
        seen += [line.entry.key for line in page.context["lines"]]
        if page.context["more"] is None:
            break
        query = f"?before={page.context['more']}"

    assert len(seen) == journal.PAGE * 2 + 5
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("before", ["x", "-1", "1.5", "9" * 30, "٣"])
def test_cursor_that_is_none_finds_nothing(mia: Desk, shop: Channel, before: str) -> None:
    assert mia.get(f"{JOURNAL}?before={before}").status_code == 404


def test_journal_of_another_channel_is_not_mixed_in(mia: Desk, shop: Channel) -> None:
    other = Channel.objects.create(slug="other", kind="obedient", label="Other")
    store(channel=other, envelopes=[raw("foreign")], now=NOON)

    assert keys(mia) == []
    assert mia.get(f"{JOURNAL}{Envelope.objects.get().pk}/").status_code == 404


def test_number_of_queries_does_not_grow_with_lines(
    mia: Desk, shop: Channel, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    came(shop, "one")
    with django_assert_num_queries(QUERIES):
        mia.get(JOURNAL)
    came(shop, *(f"more {n}" for n in range(20)))

    with django_assert_num_queries(QUERIES):
        mia.get(JOURNAL)


# Who asks (2), the rail (3), the channel, envelopes, bodies, the account, replies, messages, cases,
# and how the channel fares (3).
QUERIES = 18


def test_body_is_shown_as_text_and_never_as_markup(mia: Desk, shop: Channel) -> None:
    came(shop, "<script>alert(1)</script>")

    page = open_entry(mia, "<script>alert(1)</script>")

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_long_body_is_cut(mia: Desk, shop: Channel) -> None:
    store(channel=shop, envelopes=[raw("long", "x" * (journal.MOST_SHOWN + 10))], now=NOON)

    page = open_entry(mia, "long")

    assert "Only the first 64 kB are shown." in page
    assert page.count("x") < journal.MOST_SHOWN + 2000


def test_body_in_the_file_store_is_shown_and_leads_to_its_case(mia: Desk, shop: Channel) -> None:
    large = "y" * (300 * 1024)
    store(channel=shop, envelopes=[raw("large", large, lane="kim")], now=NOON)
    drain()

    listed = mia.get(JOURNAL).context["lines"][0].entry
    page = open_entry(mia, "large")

    assert (listed.size, listed.cases) == (None, ())
    assert format_number(Ticket.objects.get().number)[:-2] in page
    assert "yyyy" in page


def test_bytes_that_are_no_text_break_nothing(mia: Desk, shop: Channel) -> None:
    envelope = raw("binary")
    store(channel=shop, envelopes=[envelope], now=NOON)
    Envelope.objects.update(body=b"\xff\xfe\x00binary")

    assert "binary" in open_entry(mia, "binary")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb\tc", "a\nb\tc"),
        ("pay \u202egnp.exe", "pay ⟨202E⟩gnp.exe"),
        ("zero\u200bwidth", "zero⟨200B⟩width"),
        ("nul\x00", "nul⟨0000⟩"),
        ("中文 かな 👍", "中文 かな 👍"),
    ],
)
def test_what_hides_or_turns_text_is_made_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_opening_a_body_is_on_record(
    mia: Desk, shop: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "dashboard")
    came(shop, "hello")

    open_entry(mia, "hello")

    pk = Envelope.objects.get().pk
    user = User.objects.get(name="Mia")
    assert f"opened envelope {pk}: channel shop by user {user.pk}" in caplog.text
    assert "hello" not in caplog.text


def test_lead_opens_what_belongs_to_their_cases_only(sign_in: SignIn, shop: Channel) -> None:
    came(shop, "ours", "theirs")
    Ticket.objects.filter(conversations__thread="theirs").update(team=factories.team("Billing"))
    lea = sign_in(factories.lea())

    ours, theirs = (
        lea.get(f"{JOURNAL}{Envelope.objects.get(key=key).pk}/") for key in ("ours", "theirs")
    )
    lines = {line.entry.key: line.entry.cases for line in lea.get(JOURNAL).context["lines"]}

    assert ours.status_code == 200
    assert theirs.status_code == 403
    assert lines["ours"]
    assert lines["theirs"] == ()


def test_lead_of_another_team_opens_nothing_that_went_nowhere(
    sign_in: SignIn, shop: Channel
) -> None:
    shop.team = factories.team("Billing")
    shop.save()
    came(shop, "?spam")

    answer = sign_in(factories.lea()).get(f"{JOURNAL}{Envelope.objects.get().pk}/")

    assert answer.status_code == 403


def test_dead_letter_is_tried_again_by_itself(mia: Desk, shop: Channel) -> None:
    came(shop, "bad one", "bad two")
    Obedient.parse_fails.clear()

    mia.send(f"{JOURNAL}{Envelope.objects.get(key='bad one').pk}/replay/")
    drain()

    assert dict(Envelope.objects.values_list("key", "state")) == {
        "bad one": "processed",
        "bad two": "dead",
    }


def test_all_dead_letters_of_this_channel_are_tried_again(mia: Desk, shop: Channel) -> None:
    came(shop, "bad one", "bad two")
    other = Channel.objects.create(slug="other", kind="obedient", label="Other")
    store(channel=other, envelopes=[raw("foreign")], now=NOON)
    Envelope.objects.filter(key="foreign").update(state="dead", processed_at=timezone.now())
    Obedient.parse_fails.clear()

    page = mia.send(f"{JOURNAL}replay/", follow=True).content.decode()

    assert "2 are tried again within seconds" in page
    assert list(Envelope.objects.filter(state="dead").values_list("key", flat=True)) == ["foreign"]


def test_what_was_taken_in_is_not_tried_again(mia: Desk, shop: Channel) -> None:
    came(shop, "hello")

    page = mia.send(f"{JOURNAL}{Envelope.objects.get().pk}/replay/", follow=True).content.decode()

    assert "There is nothing to try again." in page
    assert Envelope.objects.get().state == "processed"


def test_what_killed_a_worker_is_not_read_by_the_journal(mia: Desk, shop: Channel) -> None:
    store(channel=shop, envelopes=[raw("deadly")], now=NOON)
    Obedient.parse_ends["deadly"] = SystemExit
    Envelope.objects.update(
        state="dead", error={"code": "killed_worker", "detail": ""}, processed_at=NOON
    )

    page = mia.get(JOURNAL).content.decode() + open_entry(mia, "deadly")

    assert "Find out why in the log before you replay it." in page
