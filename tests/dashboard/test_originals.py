"""The link from a message to its original: where there is one, for whoever may read it."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from channels_ingest import api
from tests import factories
from tests.dashboard.conftest import Desk
from tickets.case_numbers import format_number
from tickets.models import Channel, Message, User

pytestmark = pytest.mark.django_db

ENTRY = "https://blog.example/2026/11/answer"


@pytest.fixture
def feed() -> Channel:
    return api.create_channel(
        kind="feed",
        slug="blog",
        values={"url": "https://blog.example/feed.atom"},
        now=timezone.now(),
    ).channel


def entry_of(feed: Channel, thread: str = ENTRY) -> Message:
    case = factories.ticket(factories.kim(feed))
    message = Message.objects.get(conversation__ticket=case)
    message.external_id = "entry:1"
    message.save()
    case.conversations.update(thread=thread)
    return message


def test_entry_of_a_feed_leads_to_where_it_can_be_answered_by_hand(
    desk: Desk, feed: Channel
) -> None:
    message = entry_of(feed)
    assert message.conversation is not None
    case = message.conversation.ticket

    page = desk.get(f"/tickets/{format_number(case.number)}/").content.decode()
    answer = desk.get(f"/messages/{message.pk}/original/")

    assert f'href="/messages/{message.pk}/original/"' in page
    assert "answer by hand at the original" in page
    assert answer["Location"] == ENTRY


@pytest.mark.parametrize("thread", ["entry:0f3a", "javascript:alert(1)", "ftp://blog.example/1"])
def test_what_is_no_web_address_is_not_followed(desk: Desk, feed: Channel, thread: str) -> None:
    message = entry_of(feed, thread)

    assert desk.get(f"/messages/{message.pk}/original/").status_code == 404


def test_message_of_a_channel_without_addresses_has_no_link(desk: Desk) -> None:
    case = factories.ticket()

    page = desk.get(f"/tickets/{format_number(case.number)}/").content.decode()

    assert "/original/" not in page


def test_original_of_a_foreign_case_is_not_told(
    sign_in: Callable[[User], Desk], feed: Channel
) -> None:
    message = entry_of(feed)

    assert sign_in(factories.otto()).get(f"/messages/{message.pk}/original/").status_code == 404


def test_recalled_message_leads_nowhere(desk: Desk, feed: Channel) -> None:
    message = entry_of(feed)
    message.recalled_at = timezone.now()
    message.save()

    assert desk.get(f"/messages/{message.pk}/original/").status_code == 404
