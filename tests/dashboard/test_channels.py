"""The channels at a glance: who may look, how they fare, what is wrong and what helps."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

import channels_ingest
from channels_ingest import api
from channels_ingest.models import AccessToken, ChannelAccount, Envelope
from dashboard.urls import channel_patterns
from dashboard.words import CHANNEL_FAULTS, DELIVERY_ERRORS, REMEDIES
from tests import factories
from tests.channels_ingest.doors import drain, http_door, obedient_channel
from tests.dashboard.conftest import Desk
from tickets.models import Channel, User

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Desk]
READS = ("settings/", "journal/", "journal/{envelope}/")
OF_LEADS = ("pause/", "resumption/")
OF_MANAGERS = (
    "settings/",
    "test/",
    "removal/",
    "secrets/secret/rotation/",
    "secrets/secret/retirement/",
    "journal/replay/",
    "journal/{envelope}/replay/",
)
PAGES = ("/channels/", "/new-channel/", "/new-channel/http/")


@pytest.fixture
def mia(sign_in: SignIn) -> Desk:
    """A manager's browser."""
    return sign_in(factories.mia())


@pytest.fixture
def lea(sign_in: SignIn) -> Desk:
    """A team lead's browser."""
    return sign_in(factories.lea())


@pytest.fixture
def shop() -> Channel:
    """A channel with one message on its way in."""
    door = http_door("shop")
    door.says("My mail comes back", key="m-1")
    return door.channel


def address(what: str) -> str:
    return "/channels/shop/" + what.format(envelope=Envelope.objects.get().pk)


def row(desk: Desk, slug: str = "shop") -> str:
    """What stands on the page about one channel."""
    page = desk.get("/channels/").content.decode()
    return page.split(f'id="channel-{slug}"')[1].split("</li>")[0]


def test_list_of_addresses_misses_none(shop: Channel) -> None:
    tried = {address(what) for what in (*READS, *OF_LEADS, *OF_MANAGERS)}

    for pattern in channel_patterns:
        route = str(pattern.pattern).replace("<slug:name>", "secret")
        route = route.replace("<int:pk>", "{envelope}")
        assert address(route) in tried, f"{pattern.pattern} is tried by nobody"


@pytest.mark.parametrize("who", [factories.ada, factories.hal])
@pytest.mark.parametrize("what", [*READS, *PAGES])
def test_agents_and_helpers_read_nothing(
    sign_in: SignIn, shop: Channel, who: Callable[[], User], what: str
) -> None:
    answer = sign_in(who()).get(what if what.startswith("/") else address(what))

    assert answer.status_code == 403
    assert "not for your role" in answer.content.decode()
    assert not {"channel_rows", "form", "lines", "body", "kinds"} & answer.context.keys()


@pytest.mark.parametrize("who", [factories.ada, factories.hal])
@pytest.mark.parametrize("what", [*OF_LEADS, *OF_MANAGERS])
def test_agents_and_helpers_change_nothing(
    sign_in: SignIn, shop: Channel, who: Callable[[], User], what: str
) -> None:
    before = kept(shop)

    answer = sign_in(who()).send(address(what))

    assert answer.status_code == 403
    assert kept(shop) == before


@pytest.mark.parametrize("what", OF_MANAGERS)
def test_lead_changes_no_settings(lea: Desk, shop: Channel, what: str) -> None:
    before = kept(shop)

    answer = lea.send(address(what), {"label": "Mine now"})

    assert answer.status_code == 403
    assert kept(shop) == before


def kept(channel: Channel) -> list[object]:
    account = ChannelAccount.objects.select_related("channel").get(channel=channel)
    states = list(Envelope.objects.values_list("state", flat=True))
    return [bytes(account.secrets), account.channel.is_paused, account.channel.label, states]


@pytest.mark.parametrize("what", ["/new-channel/", "/new-channel/http/"])
def test_lead_adds_no_channel(lea: Desk, what: str) -> None:
    assert lea.get(what).status_code == 403


@pytest.mark.parametrize("what", [*OF_LEADS, *OF_MANAGERS])
def test_nothing_is_changed_without_the_token_of_the_form(
    mia: Desk, shop: Channel, what: str
) -> None:
    assert mia.post(address(what)).status_code == 403


@pytest.mark.parametrize("what", [what for what in (*OF_LEADS, *OF_MANAGERS) if what not in READS])
def test_nothing_is_changed_by_following_a_link(mia: Desk, shop: Channel, what: str) -> None:
    assert mia.get(address(what)).status_code == 405


@pytest.mark.parametrize("what", ["settings/", "journal/", "journal/1/"])
def test_channel_that_is_not_there_is_not_found(mia: Desk, what: str) -> None:
    assert mia.get(f"/channels/nowhere/{what}").status_code == 404


def test_rail_leads_there_only_who_may_go(sign_in: SignIn) -> None:
    links = {
        who.__name__: 'href="/channels/"' in sign_in(who()).get("/").content.decode()
        for who in (factories.mia, factories.lea, factories.ada, factories.hal)
    }

    assert links == {"mia": True, "lea": True, "ada": False, "hal": False}


def test_channel_that_works_is_called_connected(mia: Desk, shop: Channel) -> None:
    drain()

    assert "Connected" in row(mia)
    assert "just now" in row(mia)


def test_channel_with_old_unread_messages_is_called_slow(mia: Desk, shop: Channel) -> None:
    Envelope.objects.update(received_at=timezone.now() - timedelta(minutes=5))

    shown = row(mia)

    assert "Slow" in shown
    assert "5 min" in shown


def test_failing_channel_says_what_is_wrong_and_what_helps(mia: Desk, shop: Channel) -> None:
    fail("login", "LOGIN failed")

    shown = row(mia)

    assert "Failing" in shown
    assert "Signing in was refused" in shown
    assert "Check user and password." in shown
    assert "LOGIN failed" in shown


def fail(code: str, detail: str = "") -> None:
    error = {"code": code, "detail": detail}
    now = timezone.now()
    ChannelAccount.objects.update(failures=2, failing_since=now, last_error=error)


def test_channel_that_only_cannot_send_fails_too(mia: Desk, shop: Channel) -> None:
    ChannelAccount.objects.update(send_error={"code": "bad_credentials", "detail": "errcode 40013"})

    shown = row(mia)

    assert "Failing" in shown
    assert "errcode 40013" in shown


def test_fault_nobody_has_words_for_still_has_a_remedy(mia: Desk, shop: Channel) -> None:
    fail("never_seen_before", "<script>alert(1)")

    shown = row(mia)

    assert "Test the connection" in shown
    assert "Never_seen_before" in shown
    assert "<script>alert" not in shown


def test_every_code_that_connectors_raise_has_words_and_a_remedy() -> None:
    package = Path(channels_ingest.__path__[0])
    raised = re.compile(r'(?:Failure|Unknown|WindowClosed|Misconfigured)\(\s*"([a-z_]+)"[,)]')
    sources = (path for path in package.rglob("*.py") if "sandbox" not in path.parts)
    codes = {code for path in sources for code in raised.findall(path.read_text())}
    codes -= {"loop"}  # a reason to pass a message over, not a fault

    assert len(codes) > 15
    assert codes <= {*CHANNEL_FAULTS, *DELIVERY_ERRORS}
    assert codes <= set(REMEDIES)


def test_dead_letters_are_shown_with_the_way_to_them(mia: Desk, shop: Channel) -> None:
    Envelope.objects.update(state="dead", processed_at=timezone.now())

    shown = row(mia)

    assert "1 delivery could not be read." in shown
    assert "/channels/shop/journal/?outcome=failed" in shown


def test_answers_on_their_way_are_counted(mia: Desk) -> None:
    case = factories.ticket(factories.kim(obedient_channel("shop")))
    ada = factories.ada()
    for state in ("queued", "waiting", "unknown", "failed"):
        factories.answer(case.conversations.get(), state, ada, state=state)

    shown = row(mia)

    assert "2 queued" in shown
    assert "1 unknown" in shown
    assert "1 failed" in shown


def test_end_of_an_access_token_is_shown_and_the_token_is_not(mia: Desk, shop: Channel) -> None:
    until = timezone.now() + timedelta(hours=1)
    AccessToken.objects.create(account_id=shop.pk, sealed=b"sealed-token", until=until)

    shown = row(mia)

    assert "access until" in shown
    assert "sealed-token" not in shown


def test_lead_pauses_and_resumes(
    lea: Desk, shop: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "dashboard")

    lea.send("/channels/shop/pause/")
    paused = Channel.objects.get().is_paused
    shown = row(lea)
    lea.send("/channels/shop/resumption/")

    user = User.objects.get(name="Lea")
    assert paused
    assert "Resume" in shown
    assert not Channel.objects.get().is_paused
    assert f"paused: channel shop by user {user.pk}" in caplog.text
    assert f"resumed: channel shop by user {user.pk}" in caplog.text


def test_list_is_fetched_again_as_a_fragment(mia: Desk, shop: Channel) -> None:
    page = mia.get("/channels/", headers={"hx-request": "true"}).content.decode()

    assert "<html" not in page
    assert 'id="channel-shop"' in page


def test_empty_list_invites_to_add_one(mia: Desk) -> None:
    assert "No door is open yet" in mia.get("/channels/").content.decode()


def test_number_of_queries_does_not_grow_with_channels(
    mia: Desk, shop: Channel, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(QUERIES):
        mia.get("/channels/")
    for n in range(5):
        team = factories.team(f"T{n}")
        api.create_channel(kind="web_form", slug=f"w{n}", values={}, now=timezone.now(), team=team)

    with django_assert_num_queries(QUERIES):
        mia.get("/channels/")


QUERIES = 11  # who asks (2), the rail (6), accounts, what came in, what goes out
