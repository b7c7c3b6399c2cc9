"""Adding and changing a channel: what is asked, what is refused, what is never shown."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.utils import timezone
from pytest_django.fixtures import Settings as DjangoSettings

from channels_ingest import accounts, api
from channels_ingest.connectors.base import FetchFailure
from channels_ingest.models import ChannelAccount
from tests import factories
from tests.channels_ingest.doors import NOON, SECRET, Obedient, http_door, obedient_channel
from tests.dashboard.conftest import Desk
from tickets.models import Attempt, Channel, User

pytestmark = pytest.mark.django_db

MAILBOX = {
    "imap_host": "imap.mail.example",
    "imap_user": "help@mail.example",
    "imap_password": "a-password-of-imap",
    "smtp_host": "smtp.mail.example",
    "address": "help@mail.example",
}
HIDDEN = "a-hidden-word-9f3k"


@pytest.fixture
def mia(sign_in: Callable[[User], Desk]) -> Desk:
    """A manager's browser."""
    return sign_in(factories.mia())


def form(label: str = "Shop", **values: str) -> dict[str, str]:
    """What a browser sends of a form whose settings are `values`."""
    return {"label": label, **{f"setting-{name}": value for name, value in values.items()}}


def given(slug: str) -> Any:
    account = ChannelAccount.objects.select_related("channel").get(channel__slug=slug)
    return accounts.connect(account).settings


def test_every_kind_is_offered_in_the_order_of_its_name(mia: Desk) -> None:
    offered = mia.get("/new-channel/").context["kinds"]

    labels = [each.label for each in offered]
    assert {each.kind for each in offered} == set(api.kinds())
    assert labels == sorted(labels, key=str.casefold)
    assert all(each.about for each in offered)


def test_unknown_kind_cannot_be_added(mia: Desk) -> None:
    assert mia.get("/new-channel/pigeon/").status_code == 404


def test_form_asks_for_every_setting_with_its_help(mia: Desk) -> None:
    page = mia.get("/new-channel/email/").content.decode()

    for each in api.described("email").fields:
        assert f'name="setting-{each.name}"' in page
    assert "SMTP server, for example" in page
    assert 'value="email"' in page


def test_new_channel_shows_its_secret_once_and_its_address(mia: Desk) -> None:
    team = factories.team("Mail")

    shown = mia.send("/new-channel/http/", {**form(), "slug": "shop", "team": str(team.pk)})

    secret = given("shop").secret
    channel = Channel.objects.get()
    assert shown.content.decode().count(secret) == 2  # the field and its copy button
    assert "http://testserver/hooks/shop/" in shown.content.decode()
    assert (channel.label, channel.team) == ("Shop", team)
    assert secret not in mia.get("/channels/shop/settings/").content.decode()
    assert "no-store" in shown.headers["Cache-Control"]


def test_mailbox_is_added_with_what_was_typed(mia: Desk) -> None:
    values = form("Mailbox", **MAILBOX, imap_port="1993", plus_addressing="on")

    mia.send("/new-channel/email/", {**values, "slug": "mail"})

    settings = given("mail")
    assert (settings.imap_host, settings.imap_password) == (
        "imap.mail.example",
        "a-password-of-imap",
    )
    assert (settings.imap_port, settings.smtp_port) == (1993, 465)
    assert settings.plus_addressing


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("imap_host", "", "This field is required."),
        ("imap_port", "many", "Enter a whole number, in digits only."),
    ],
)
def test_wrong_value_is_refused_beside_its_field_and_secrets_are_not_sent_back(
    mia: Desk, setting: str, value: str, words: str
) -> None:
    typed = form("Mailbox", **{**MAILBOX, setting: value})

    answer = mia.send("/new-channel/email/", {**typed, "slug": "mail"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert answer.context["form"].errors == {f"setting-{setting}": [words]}
    assert f'id="id_setting-{setting}_error"' in page
    assert "a-password-of-imap" not in page
    assert not Channel.objects.exists()


def test_list_of_numbers_is_read_in_any_commas_and_refused_otherwise(mia: Desk) -> None:
    forum = {"base_url": "https://f.example", "api_key": "key", "api_username": "desk"}
    typed = {**form("Forum", **forum, category_ids="3，4、 5"), "slug": "forum"}

    mia.send("/new-channel/discourse/", typed)
    answer = mia.send("/channels/forum/settings/", form("Forum", **forum, category_ids="3, x"))

    assert answer.status_code == 422
    assert "Enter whole numbers with commas between them." in answer.content.decode()
    assert list(given("forum").category_ids) == [3, 4, 5]


def test_name_in_addresses_is_given_once(mia: Desk) -> None:
    http_door("http")

    suggested = mia.get("/new-channel/http/").context["form"]["slug"].value()
    taken = mia.send("/new-channel/http/", {**form(), "slug": "http"})

    assert suggested == "http-2"
    assert "Another channel has this name" in taken.content.decode()


def test_empty_secret_is_kept_and_a_new_one_taken(mia: Desk) -> None:
    obedient_channel("shop", password=HIDDEN, word="old")

    mia.send("/channels/shop/settings/", form(word="new", password=""))
    kept = given("shop")
    mia.send("/channels/shop/settings/", form(word="new", password="another-word"))

    assert kept == Obedient.Settings("new", 0, False, (), HIDDEN)
    assert given("shop").password == "another-word"


def test_secret_that_may_be_missing_can_be_forgotten(mia: Desk) -> None:
    obedient_channel("shop", password=HIDDEN)

    mia.send("/channels/shop/settings/", {**form(), "forget-password": "on"})

    assert given("shop").password == ""


def test_of_a_kept_secret_only_the_end_is_shown(mia: Desk) -> None:
    obedient_channel("shop", password=HIDDEN)

    page = mia.get("/channels/shop/settings/").content.decode()

    assert "••••9f3k" in page
    assert HIDDEN not in page


def test_of_a_short_secret_nothing_is_shown(mia: Desk) -> None:
    obedient_channel("shop", password="tiny-9f3k")

    page = mia.get("/channels/shop/settings/").content.decode()

    assert "9f3k" not in page


def test_secrets_are_in_no_page_and_no_log(mia: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    obedient_channel("shop", password=HIDDEN)

    pages = [
        mia.get("/channels/"),
        mia.get("/channels/shop/settings/"),
        mia.get("/channels/shop/journal/"),
        mia.send("/channels/shop/test/"),
        mia.send("/channels/shop/settings/", form(password="fresh-and-hidden"), follow=True),
        mia.send("/channels/shop/settings/", form(password="fresh-and-hidden", count="x")),
    ]

    everything = caplog.text + "".join(page.content.decode() for page in pages)
    assert HIDDEN not in everything
    assert "fresh-and-hidden" not in everything


def test_lead_sees_settings_but_neither_secrets_nor_address(
    sign_in: Callable[[User], Desk],
) -> None:
    door = http_door("shop", callback_url="https://shop.example/replies")

    page = sign_in(factories.lea()).get("/channels/shop/settings/").content.decode()

    assert "https://shop.example/replies" in page
    assert "Only managers change settings." in page
    assert "Make a new one" not in page
    assert f"/hooks{door.path}" not in page
    assert SECRET not in page


def test_change_is_on_record_without_values(mia: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "dashboard")
    obedient_channel("shop")

    mia.send("/channels/shop/settings/", form("Another name", word="loud"))

    user = User.objects.get(name="Mia")
    assert f"changed: channel shop by user {user.pk}" in caplog.text
    assert "loud" not in caplog.text
    assert Channel.objects.get().label == "Another name"


def test_new_secret_is_shown_once_and_the_old_one_accepted_until_retired(mia: Desk) -> None:
    door = http_door("shop")

    shown = mia.send("/channels/shop/secrets/secret/rotation/").content.decode()

    fresh = given("shop").secret
    assert fresh != SECRET
    assert fresh in shown
    assert "Accept only the new one" in shown
    assert door.says("by the old one", key="1").status_code == 202
    assert fresh not in mia.get("/channels/shop/settings/").content.decode()
    mia.send("/channels/shop/secrets/secret/retirement/")
    assert door.says("too late", key="2").status_code == 401


@pytest.mark.parametrize(
    ("go_on", "previous"), [({"go-on-secret": "on"}, SECRET), ({}, "")], ids=["both", "new"]
)
def test_secret_typed_anew_leaves_the_old_one_valid_only_if_wanted(
    mia: Desk, go_on: dict[str, str], previous: str
) -> None:
    http_door("shop")

    mia.send("/channels/shop/settings/", {**form(secret="typed-by-a-person"), **go_on})

    settings = given("shop")
    assert (settings.secret, settings.previous_secret) == ("typed-by-a-person", previous)


@pytest.mark.parametrize("name", ["callback_url", "nothing"])
def test_what_is_no_such_secret_is_not_rotated(mia: Desk, name: str) -> None:
    http_door("shop")

    assert mia.send(f"/channels/shop/secrets/{name}/rotation/").status_code == 404


def test_secrets_that_no_key_opens_are_told_and_nothing_is_lost(
    mia: Desk, settings: DjangoSettings
) -> None:
    http_door("shop")
    sealed = bytes(ChannelAccount.objects.get().secrets)
    settings.CREDENTIALS_KEYS = [Fernet.generate_key().decode()]

    shown = mia.get("/channels/shop/settings/")
    answer = mia.send("/channels/shop/settings/", form())

    assert "CREDENTIALS_KEY" in shown.content.decode()
    assert answer.status_code == 422
    assert bytes(ChannelAccount.objects.get().secrets) == sealed


class Answering(Obedient):
    """A kind that can be called, and answers as the test says."""

    kind = "answering"
    label = "Answering"

    def test(self) -> str:
        if self.settings.word == "wrong":
            raise FetchFailure("login", f"no entry with {self.settings.password}")
        if self.settings.word == "broken":
            raise RuntimeError(self.settings.password)
        return "42 letters in the box"


def answering(word: str) -> None:
    values = {"word": word, "password": HIDDEN}
    api.create_channel(kind="answering", slug="shop", values=values, now=NOON)


def test_connection_that_works_says_what_answered(mia: Desk) -> None:
    answering("right")

    assert "42 letters in the box" in mia.send("/channels/shop/test/").content.decode()


def test_connection_that_fails_says_what_helps(mia: Desk) -> None:
    answering("wrong")

    answer = mia.send("/channels/shop/test/", headers={"hx-request": "true"}).content.decode()

    assert "Signing in was refused" in answer
    assert "Check user and password." in answer
    assert "no entry with …" in answer
    assert "<html" not in answer


def test_connector_with_a_fault_of_its_own_fails_the_test_and_not_the_page(
    mia: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    answering("broken")

    answer = mia.send("/channels/shop/test/")

    assert answer.status_code == 200
    assert "RuntimeError" in answer.content.decode()
    assert "RuntimeError" in caplog.text
    assert HIDDEN not in answer.content.decode() + caplog.text


def test_kind_that_only_listens_offers_no_test(mia: Desk) -> None:
    http_door("shop")

    page = mia.get("/channels/shop/settings/").content.decode()

    assert "Test connection" not in page
    assert "There is nobody to call" in page


def test_channel_without_history_is_removed_and_a_used_one_is_not(mia: Desk) -> None:
    http_door("unused")
    http_door("used").says("hello", key="1")

    mia.send("/channels/unused/removal/")
    refused = mia.send("/channels/used/removal/", follow=True)

    assert list(Channel.objects.values_list("slug", flat=True)) == ["used"]
    assert "pause it instead" in refused.content.decode()


def test_vendors_rate_shows_how_much_of_it_is_used(mia: Desk) -> None:
    channel = obedient_channel()
    before = mia.get("/channels/obedient/settings/").content.decode()
    channel.capabilities |= {"sends_per_minute": 20}
    channel.save()
    case = factories.ticket(factories.kim(channel))
    answer = factories.answer(case.conversations.get(), "Hello", factories.ada())
    delivery, now = answer.deliveries.get(), timezone.now()
    Attempt.objects.create(delivery=delivery, number=1, started_at=now - timedelta(minutes=2))
    Attempt.objects.create(delivery=delivery, number=2, started_at=now)

    assert "Quota" not in before
    page = mia.get("/channels/obedient/settings/").content.decode()
    assert "1 of 20 messages in the last minute" in page
