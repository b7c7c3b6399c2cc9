"""Pulling posts from a forum that keeps Discourse's rules on a real socket."""

from collections.abc import Iterator
from typing import Any

import pytest

from channels_ingest.connectors.base import (
    FetchFailure,
)
from channels_ingest.sandbox.discourse import Forum
from tests.channels_ingest.account import NOON
from tests.channels_ingest.forum import Desk


@pytest.fixture
def forum() -> Iterator[Forum]:
    with Forum(clock=lambda: NOON) as running:
        yield running


@pytest.fixture
def desk(forum: Forum) -> Desk:
    return Desk(forum)


def test_first_connection_starts_now(forum: Forum, desk: Desk) -> None:
    topic = forum.open_topic("kim", "Old", "Long ago there was a question.").topic

    assert desk.keys() == []
    post = forum.write("lin", topic.id, "And here is a new one.")
    assert desk.keys() == [f"post:{post.id}"]
    assert desk.keys() == []


def test_first_post_of_an_empty_forum_is_read(forum: Forum, desk: Desk) -> None:
    assert desk.keys() == []

    post = forum.open_topic("kim", "First", "The very first question.")

    assert desk.keys() == [f"post:{post.id}"]


def test_history_is_imported_from_the_chosen_post_on(forum: Forum) -> None:
    posts = [forum.open_topic("kim", f"Old {n}", f"Question {n}") for n in range(3)]

    assert Desk(forum, since_post=posts[1].id).keys() == [f"post:{each.id}" for each in posts[1:]]


def test_long_absence_loses_nothing_and_keeps_the_order(forum: Forum, desk: Desk) -> None:
    topic = forum.open_topic("kim", "Busy", "It begins.").topic
    desk.pull()
    posts = []
    for number in range(230):
        posts.append(forum.write("kim", topic.id, f"Post {number}"))
        forum.skip_ids(number % 3)

    keys = desk.keys()

    assert keys == [f"post:{each.id}" for each in posts]


def test_pull_cut_short_continues_where_it_stopped(forum: Forum, desk: Desk) -> None:
    topic = forum.open_topic("kim", "Busy", "It begins.").topic
    desk.pull()
    posts = [forum.write("kim", topic.id, f"Post {number}") for number in range(200)]
    first = []
    for page in desk.connector.fetch(desk.cursor):
        desk.cursor = page.cursor
        first += [envelope.key for envelope in page.envelopes]
        forum.fail(path="/posts.json", status=503)
        break

    with pytest.raises(FetchFailure):
        desk.pull()
    rest = desk.keys()

    assert first + rest == [f"post:{each.id}" for each in posts]


def test_post_whose_id_was_committed_late_is_still_found(forum: Forum, desk: Desk) -> None:
    topic = forum.open_topic("kim", "Race", "Who is first?").topic
    desk.pull()
    late = forum.write("kim", topic.id, "Begun first, committed last.")
    late.hidden = True
    forum.write("lin", topic.id, "Begun last, committed first.")
    desk.pull()

    late.hidden = False

    assert desk.keys() == [f"post:{late.id}"]


def test_recent_edit_is_found_by_pulling(forum: Forum, desk: Desk) -> None:
    desk.pull()
    post = forum.open_topic("kim", "Parcel", "Where is my parcel?")
    desk.pull()

    forum.edit(post.id, "Where is my parcel? QM-4821-0937-10", quick=True)
    (edited,) = desk.messages()

    assert (edited.action, edited.target_id) == ("edit", f"post:{post.id}")
    assert edited.text.endswith("QM-4821-0937-10")
    assert desk.keys() == []


def test_post_first_seen_after_an_edit_is_created_before_it_is_edited(
    forum: Forum, desk: Desk
) -> None:
    desk.pull()
    post = forum.open_topic("kim", "Parcel", "Where is my parcel?")
    forum.edit(post.id, "Where is my other parcel?")

    actions = [(message.action, message.text) for message in desk.messages()]

    assert actions == [
        ("create", "Where is my other parcel?"),
        ("edit", "Where is my other parcel?"),
    ]


def test_only_chosen_categories_are_pulled(forum: Forum) -> None:
    desk = Desk(forum, category_ids=(5, 51))
    desk.pull()

    wanted = [
        forum.open_topic("kim", "Chosen", "In the category.", category_id=5),
        forum.open_topic("kim", "Below", "In its subcategory.", category_id=51),
    ]
    forum.open_topic("kim", "Elsewhere", "In another one.", category_id=6)

    assert desk.keys() == [f"post:{each.id}" for each in wanted]


@pytest.mark.parametrize(
    ("fault", "code", "wait"),
    [
        ({"status": 403, "body": '{"errors":["no"]}'}, "credentials", None),
        ({"status": 404}, "missing", None),
        ({"status": 502, "body": "<h1>Bad gateway</h1>"}, "unavailable", None),
        ({"status": 429, "body": "slow", "headers": {"Retry-After": "7"}}, "limited", 7),
        ({"status": 429, "body": '{"extras":{"wait_seconds":11}}'}, "limited", 11),
        ({"status": 200, "body": "<html>"}, "not_discourse", None),
        ({"status": 200, "body": '{"latest_posts":[{"id":"x"}]}'}, "not_discourse", None),
        ({"status": 301, "headers": {"Location": "https://other.example/"}}, "unavailable", None),
        ({"drop": True}, "unreachable", None),
    ],
)
def test_failed_pull_names_the_remedy(
    forum: Forum, desk: Desk, fault: dict[str, Any], code: str, wait: float | None
) -> None:
    forum.fail(**fault)

    with pytest.raises(FetchFailure) as caught:
        desk.pull()

    assert (caught.value.code, caught.value.retry_after) == (code, wait)
    assert len(forum.calls) == 1


def test_forum_limits_the_calls_of_a_minute(forum: Forum, desk: Desk) -> None:
    forum.per_minute = 2  # a pull asks for the public and for the private posts
    desk.pull()

    with pytest.raises(FetchFailure) as caught:
        desk.pull()
    assert caught.value.retry_after == 60
    forum.jump(60)
    assert desk.pull() == []


def test_connection_test_calls_the_forum_with_its_key(forum: Forum, desk: Desk) -> None:
    post = forum.open_topic("kim", "Parcel", "Where is my parcel?")

    assert f"newest post {post.id}" in desk.connector.test()
    with pytest.raises(FetchFailure, match="credentials"):
        Desk(forum, api_key="wrong").connector.test()
