"""Answering in a forum that keeps Discourse's rules on a real socket."""

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
from channels_ingest.sandbox.discourse import Forum, Post
from tests.channels_ingest.account import NOON
from tests.channels_ingest.forum import Desk, outgoing
from tickets.interchange import OutgoingFile


@pytest.fixture
def forum() -> Iterator[Forum]:
    with Forum(clock=lambda: NOON) as running:
        yield running


@pytest.fixture
def desk(forum: Forum) -> Desk:
    return Desk(forum)


@pytest.fixture
def question(forum: Forum) -> Post:
    """A customer's post, the second in topic 7 of the forum."""
    topic = forum.open_topic("kim", "Parcel", "Where is my parcel?").topic
    return forum.write("lin", topic.id, "Mine is late as well.")


def posted(forum: Forum) -> list[Any]:
    return [each for each in forum.inspect()["posts"] if each["username"] == "desk"]


def test_reply_is_posted_in_the_topic_to_the_post(forum: Forum, desk: Desk, question: Post) -> None:
    sent = desk.connector.send(outgoing(in_reply_to=f"post:{question.id}"))

    (post,) = posted(forum)
    assert post["raw"].startswith("Your parcel is on its way to you.")
    assert (post["topic_id"], post["reply_to_post_number"]) == (7, 2)
    assert sent.external_id == "topic:7:3"


def test_answer_to_our_reply_points_to_it(forum: Forum, desk: Desk, question: Post) -> None:
    desk.pull()
    sent = desk.connector.send(outgoing())
    forum.write("lin", 7, "Thanks, when will it be here?", reply_to=3)

    (answer,) = desk.messages()

    assert answer.in_reply_to == (sent.external_id,)


def test_reply_to_a_deleted_post_still_goes_to_the_topic(
    forum: Forum, desk: Desk, question: Post
) -> None:
    forum.delete(question.id)

    desk.connector.send(outgoing(in_reply_to=f"post:{question.id}"))

    assert posted(forum)[0]["reply_to_post_number"] is None


def test_plain_text_stays_plain_on_a_page_that_reads_markdown(
    forum: Forum, desk: Desk, question: Post
) -> None:
    text = (
        "# no heading\n1. no list\n- nor this\n    no code\n*no* _no_ `no` <b>no</b> [no](x) "
        "https://shop.example/a_b_c?x=1&y=*2*\n=== \n> said\n案号 QM-4821-0937-10"
    )

    desk.connector.send(outgoing(text=text))

    assert posted(forum)[0]["raw"].rpartition("\n\n")[0].splitlines() == [
        r"\# no heading",
        r"1\. no list",
        r"\- nor this",
        "\u2003\u2003no code",
        r"\*no\* \_no\_ \`no\` \<b\>no\</b\> \[no\](x) https://shop.example/a_b_c?x=1&y=*2*",
        r"\=== ",
        r"\> said",
        "案号 QM-4821-0937-10",
    ]


def test_files_are_uploaded_and_shown(forum: Forum, desk: Desk, question: Post) -> None:
    files = (
        OutgoingFile("photo.png", "image/png", b"\x89PNG\r\n"),
        OutgoingFile("a|b].txt", "text/plain", b"hello"),
    )

    desk.connector.send(outgoing(files=files))

    raw = posted(forum)[0]["raw"]
    assert sorted(forum.uploads.values()) == [("a|b].txt", b"hello"), ("photo.png", b"\x89PNG\r\n")]
    assert "![photo.png](upload://" in raw
    assert "[a b .txt|attachment](upload://" in raw


def test_file_that_the_forum_does_not_take_is_a_permanent_failure(
    forum: Forum, desk: Desk, question: Post
) -> None:
    with pytest.raises(PermanentFailure, match=r"file: .*not authorized"):
        desk.connector.send(outgoing(files=(OutgoingFile("a.exe", "application/x", b"MZ"),)))
    assert posted(forum) == []


def test_upload_that_breaks_is_temporary_because_nothing_was_posted(
    forum: Forum, desk: Desk, question: Post
) -> None:
    forum.fail(path="/uploads.json", drop=True)

    with pytest.raises(TemporaryFailure):
        desk.connector.send(outgoing(files=(OutgoingFile("a.txt", "text/plain", b"hi"),)))
    assert posted(forum) == []


def test_short_text_is_refused_in_the_words_of_the_forum(
    forum: Forum, desk: Desk, question: Post
) -> None:
    with pytest.raises(PermanentFailure) as caught:
        desk.connector.send(outgoing(text="ok"))

    assert caught.value.code == "content"
    assert "minimum is 20" in caught.value.detail


def test_closed_and_missing_topics_are_told_from_bad_content(
    forum: Forum, desk: Desk, question: Post
) -> None:
    forum.close(7)

    for thread in ("7", "4711"):
        with pytest.raises(PermanentFailure) as caught:
            desk.connector.send(outgoing(thread=thread))
        assert caught.value.code == "closed"


def test_post_that_waits_for_a_moderator_is_accepted_without_an_id(
    forum: Forum, desk: Desk, question: Post
) -> None:
    forum.moderated.add(5)

    assert desk.connector.send(outgoing()).external_id == ""


def test_wrong_key_is_for_a_person_to_mend_and_is_not_told(forum: Forum, question: Post) -> None:
    with pytest.raises(Misconfigured) as caught:
        Desk(forum, api_key="wrong-key").connector.send(outgoing())

    assert caught.value.code == "credentials"
    assert "wrong-key" not in str(caught.value)


def test_place_where_our_user_may_not_post_does_not_stop_the_others(
    forum: Forum, desk: Desk, question: Post
) -> None:
    forum.fail(path="/posts.json", status=403, body='{"error_type":"invalid_access"}')

    with pytest.raises(PermanentFailure) as caught:
        desk.connector.send(outgoing())

    assert caught.value.code == "not_allowed"
    assert desk.connector.send(outgoing()).external_id


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "body": '{"extras":{"wait_seconds":23}}'},
        {"status": 429, "body": "Slow down", "headers": {"Retry-After": "23"}},
        {"status": 503, "body": "backup", "headers": {"Retry-After": "23"}},
    ],
)
def test_forum_that_is_busy_is_asked_again_when_it_said(
    forum: Forum, desk: Desk, question: Post, fault: dict[str, Any]
) -> None:
    forum.fail(**fault)

    with pytest.raises(TemporaryFailure) as caught:
        desk.connector.send(outgoing())

    assert caught.value.retry_after == 23


def test_forum_that_stopped_is_a_temporary_failure(desk: Desk, forum: Forum) -> None:
    forum.stop()

    with pytest.raises(TemporaryFailure, match="unreachable"):
        desk.connector.send(outgoing())


def test_lost_answer_is_unknown_and_the_post_is_then_found(
    forum: Forum, desk: Desk, question: Post
) -> None:
    forum.fail(drop=True, processed=True)

    with pytest.raises(OutcomeUnknown):
        desk.connector.send(outgoing())
    found = desk.connector.look_up(outgoing())

    assert found
    assert found.external_id == "topic:7:3"
    assert len(posted(forum)) == 1


def test_lost_request_is_unknown_and_no_post_is_found(
    forum: Forum, desk: Desk, question: Post
) -> None:
    forum.fail(drop=True)

    with pytest.raises(OutcomeUnknown):
        desk.connector.send(outgoing())

    assert desk.connector.look_up(outgoing()) is None


def test_same_words_of_another_delivery_are_not_taken_for_this_one(
    forum: Forum, desk: Desk, question: Post
) -> None:
    desk.connector.send(outgoing(delivery_id="d-1000"))

    assert desk.connector.look_up(outgoing()) is None


def test_somebody_who_copies_our_post_is_not_taken_for_us(
    forum: Forum, desk: Desk, question: Post
) -> None:
    desk.connector.send(outgoing())
    ours = posted(forum)[0]
    forum.write("kim", 7, ours["raw"])
    forum.delete(ours["id"])

    assert desk.connector.look_up(outgoing()) is None


def test_forum_answers_a_repeat_within_two_minutes_from_memory(
    forum: Forum, desk: Desk, question: Post
) -> None:
    first = desk.connector.send(outgoing())
    forum.jump(119)
    assert desk.connector.send(outgoing()) == first
    forum.jump(2)

    with pytest.raises(PermanentFailure, match="too similar"):
        desk.connector.send(outgoing())
    assert len(posted(forum)) == 1


def test_look_up_that_cannot_ask_says_so(forum: Forum, desk: Desk, question: Post) -> None:
    forum.fail(status=502)

    with pytest.raises(FetchFailure):
        desk.connector.look_up(outgoing())


def test_conversation_without_a_topic_cannot_be_answered(desk: Desk) -> None:
    with pytest.raises(PermanentFailure, match="recipient"):
        desk.connector.send(outgoing(thread="../admin"))
