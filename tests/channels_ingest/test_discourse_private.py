"""Private messages, files for signed-in users, and what a moderator can do in a forum."""

from collections.abc import Iterator
from typing import Any

import pytest

from channels_ingest.connectors.base import (
    FetchFailure,
    Misconfigured,
    OutcomeUnknown,
    PermanentFailure,
    TemporaryFailure,
)
from channels_ingest.connectors.discourse import Discourse
from channels_ingest.sandbox.discourse import Forum
from tests.channels_ingest.account import NOON, LocalAccount
from tests.channels_ingest.forum import Desk, configured, outgoing


@pytest.fixture
def forum() -> Iterator[Forum]:
    with Forum(clock=lambda: NOON) as running:
        yield running


@pytest.fixture
def desk(forum: Forum) -> Desk:
    made = Desk(forum)
    made.pull()
    return made


def test_private_message_to_the_desk_is_read_and_is_not_public(forum: Forum, desk: Desk) -> None:
    post = forum.open_message("kim", "My account", "My phone number is 13800138000.")

    (message,) = desk.messages()

    assert message.external_id == f"post:{post.id}"
    assert message.thread == str(post.topic.id)
    assert message.is_public is False
    assert desk.keys() == []


def test_private_and_public_posts_of_one_pull_do_not_hide_each_other(
    forum: Forum, desk: Desk
) -> None:
    first = forum.open_message("kim", "Secret", "Only for the desk to read.")
    second = forum.open_topic("lin", "Open", "For everybody to read.")
    third = forum.write("kim", first.topic.id, "One thing more, just for you.")

    assert desk.keys() == [f"post:{each.id}" for each in (second, first, third)]
    assert desk.keys() == []


def test_private_messages_between_others_are_never_taken_by_an_administrators_key(
    forum: Forum, desk: Desk
) -> None:
    forum.staff.add("desk")
    forum.open_message("kim", "Between us", "Nobody else should read this.", to=["lin"])

    first, calls = desk.keys(), len(forum.calls)
    again = desk.keys()

    assert (first, again) == ([], [])
    assert len(forum.calls) == calls + 2  # whose topic it is was asked once


def test_private_messages_are_left_alone_where_the_channel_says_so(forum: Forum) -> None:
    desk = Desk(forum, private_messages=False)
    desk.pull()
    forum.open_message("kim", "My account", "Please look into my account.")

    assert desk.keys() == []
    assert {call.path for call in forum.calls} == {"/posts.json"}


def test_private_messages_are_read_in_few_calls_however_busy_the_forum_is(
    forum: Forum, desk: Desk
) -> None:
    forum.open_message("kim", "My account", "Please look into my account.")
    desk.pull()
    for number in range(3):
        topic = forum.open_topic("lin", f"Busy {number}", "It begins here.").topic
        forum.skip_ids(700)
        forum.write("lin", topic.id, "And goes on.")
        desk.pull()
    forum.calls.clear()
    late = forum.open_message("kim", "My account again", "It is still locked.")

    keys = desk.keys()

    assert keys == [f"post:{late.id}"]
    private = [call for call in forum.calls if call.path == "/private-posts.json"]
    assert len(private) <= 3


def test_edit_of_a_private_message_is_noticed(forum: Forum, desk: Desk) -> None:
    post = forum.open_message("kim", "My account", "Please look into my account.")
    desk.pull()

    forum.edit(post.id, "Please look into both accounts.")
    (edited,) = desk.messages()

    assert (edited.action, edited.is_public) == ("edit", False)


def test_desk_begins_a_private_topic_with_somebody_who_has_none(forum: Forum, desk: Desk) -> None:
    forum.open_topic("kim", "Parcel", "Where is my parcel?")
    desk.pull()

    sent = desk.connector.send(outgoing(thread="", recipient_name="kim"))
    forum.write("kim", 8, "Thank you, this is my address.")
    (answer,) = desk.messages()

    topic = forum.topics[8]
    assert (topic.archetype, topic.people) == ("private_message", {"desk", "kim"})
    assert topic.title == "QM-4821-0937-10"
    assert answer.in_reply_to == (sent.external_id,)


def test_private_topic_whose_answer_was_lost_is_found_again(forum: Forum, desk: Desk) -> None:
    forum.users["kim"] = 12
    forum.fail(drop=True, processed=True)
    message = outgoing(thread="", recipient_name="kim")

    with pytest.raises(OutcomeUnknown):
        desk.connector.send(message)
    found = desk.connector.look_up(message)

    assert found
    assert found.external_id == "topic:7:1"
    assert desk.connector.look_up(outgoing(thread="", delivery_id="d-1002")) is None


def test_private_topic_with_nobody_is_refused(forum: Forum, desk: Desk) -> None:
    with pytest.raises(PermanentFailure, match="could not be found"):
        desk.connector.send(outgoing(thread="", recipient_name="nobody"))


def test_file_for_signed_in_users_is_fetched_with_our_key(forum: Forum, desk: Desk) -> None:
    forum.uploads["a1.png"] = ("photo", b"\x89PNG\r\n")
    forum.secure.add("a1.png")
    forum.open_topic("kim", "Parcel", "See here ![photo](upload://a1.png)")
    (message,) = desk.messages()
    (file,) = message.files

    fetched = desk.connector.download(file.url)

    assert fetched.data == b"\x89PNG\r\n"


def test_key_does_not_follow_a_file_that_lies_elsewhere(forum: Forum, desk: Desk) -> None:
    with Forum() as elsewhere:
        place = f"{elsewhere.url}/bucket/a1.png"
        forum.fail(path="/uploads/", status=302, headers={"Location": place})
        account = desk.connector.account
        assert isinstance(account, LocalAccount)

        with pytest.raises(KeyError, match="bucket"):  # asked of the account, which has no such
            desk.connector.download(f"{forum.url}/uploads/short-url/a1.png")

        assert elsewhere.calls == []


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 404}, "gone"),
        ({"status": 503}, "unavailable"),
        ({"status": 200, "body": "x" * 101}, "too_large"),
        ({"drop": True}, "unreachable"),
    ],
)
def test_file_that_cannot_be_had_names_the_reason(
    forum: Forum, fault: dict[str, Any], code: str
) -> None:
    desk = Desk(forum, largest_file=100)
    forum.fail(path="/uploads/", **fault)

    with pytest.raises(FetchFailure) as caught:
        desk.connector.download(f"{forum.url}/uploads/short-url/a1.png")

    assert caught.value.code == code


def test_moderator_hides_a_post_and_the_title_of_its_topic(forum: Forum, desk: Desk) -> None:
    forum.staff.add("desk")
    first = forum.open_topic("kim", "I am 13800138000", "My number is 13800138000.")
    second = forum.write("lin", first.topic.id, "Mine is 13900139000.")

    desk.connector.hide(f"post:{second.id}")
    listed = first.topic.unlisted
    desk.connector.hide(f"post:{first.id}")

    assert (first.hidden, second.hidden) == (True, True)
    assert (listed, first.topic.unlisted) == (False, True)


def test_hiding_what_is_hidden_or_gone_changes_nothing(forum: Forum, desk: Desk) -> None:
    forum.staff.add("desk")
    topic = forum.open_topic("kim", "Parcel", "Where is my parcel?").topic
    hidden, gone = (forum.write("lin", topic.id, f"My number is {n}.") for n in (1, 2))
    forum.delete(gone.id)

    for _ in range(2):
        desk.connector.hide(f"post:{hidden.id}")
    desk.connector.hide(f"post:{gone.id}")

    assert hidden.hidden


def test_user_who_is_no_moderator_cannot_hide(forum: Forum, desk: Desk) -> None:
    post = forum.open_topic("kim", "Parcel", "Where is my parcel?")

    with pytest.raises(Misconfigured) as caught:
        desk.connector.hide(f"post:{post.id}")

    assert caught.value.code == "not_allowed"


def test_hiding_is_tried_again_when_the_forum_is_busy(forum: Forum, desk: Desk) -> None:
    forum.staff.add("desk")
    post = forum.open_topic("kim", "Parcel", "Where is my parcel?")
    forum.fail(path="/post_actions", status=429, headers={"Retry-After": "7"})

    with pytest.raises(TemporaryFailure) as caught:
        desk.connector.hide(f"post:{post.id}")

    assert caught.value.retry_after == 7


def test_channel_tells_that_it_can_hide_and_invite() -> None:
    told = Discourse(LocalAccount(configured())).capabilities

    assert (told.moderates, told.invites) == (True, "link")
