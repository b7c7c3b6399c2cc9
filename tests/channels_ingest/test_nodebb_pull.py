"""Pulling posts and chats from a forum that keeps NodeBB's rules on a real socket."""

from collections.abc import Iterator
from typing import Any

import pytest

from channels_ingest.connectors.base import FetchFailure
from channels_ingest.sandbox.nodebb import DESK, Board
from tests.channels_ingest.account import NOON
from tests.channels_ingest.board import KIM, LIN, Desk
from tickets.interchange import IncomingMessage


@pytest.fixture
def board() -> Iterator[Board]:
    with Board(clock=lambda: NOON) as running:
        yield running


@pytest.fixture
def desk(board: Board) -> Desk:
    desk = Desk(board)
    desk.pull()
    return desk


def only(messages: list[IncomingMessage]) -> IncomingMessage:
    (message,) = messages
    return message


def test_first_look_takes_no_history(board: Board) -> None:
    old = board.write(KIM, "Long ago there was a question.")
    board.chat(KIM, "And a chat.")
    desk = Desk(board)

    assert desk.keys() == []
    new = board.write(LIN, "And here is a new one.")
    board.edit(old["pid"], "Long ago there was a better question.")
    assert desk.keys() == [f"post:{new['pid']}"]
    assert desk.keys() == []


def test_post_becomes_a_public_message_with_its_marks(board: Board, desk: Desk) -> None:
    raw = "> Your number is QM-4821-0937-10.\n\nThat is **not** mine."
    post = board.write(KIM, raw, name="kim & co")

    message = only(desk.messages())

    assert (message.external_id, message.thread) == (f"post:{post['pid']}", "topic:7")
    assert message.text == raw
    assert (message.subject, message.is_public) == ("邮件问题", True)
    assert (message.sender.external_id, message.sender.name) == (str(KIM), "kim & co")


def test_answer_to_our_post_points_to_it(board: Board, desk: Desk) -> None:
    ours = board.write(DESK, "Please write to us.")
    board.write(KIM, "I did, thank you.", to=ours["pid"])

    assert only(desk.messages()).in_reply_to == (f"post:{ours['pid']}",)


def test_own_posts_are_left_out(board: Board, desk: Desk) -> None:
    board.write(DESK, "Your parcel is on its way.")

    assert desk.keys() == []


def test_guests_are_not_taken_for_one_person(board: Board, desk: Desk) -> None:
    board.write(0, "Where is my parcel?", name="kim")

    sender = only(desk.messages()).sender

    assert sender.external_id == "guest:7:kim"
    assert not sender.proven


def test_post_of_another_server_is_named_by_its_address(board: Board, desk: Desk) -> None:
    pid = "https://other.example/notes/9?a=b"
    board.write("https://other.example/u/kim", "Where is my parcel?", "kim", pid=pid)

    message = only(desk.messages())

    assert message.external_id == f"post:{pid}"
    assert message.sender.external_id == "https://other.example/u/kim"


def test_uploads_of_a_post_become_files(board: Board, desk: Desk) -> None:
    board.write(KIM, "Look:", files=[{"name": "log.txt", "text": "error 7"}])

    (file,) = only(desk.messages()).files

    assert file.name == "log.txt"
    assert file.url.startswith(f"{board.url}/assets/uploads/files/")


def test_only_chosen_categories_are_pulled(board: Board) -> None:
    board.open_topic("Elsewhere", cid=6, tid=8)
    desk = Desk(board, category_ids=(5,))
    desk.pull()

    wanted = board.write(KIM, "In the category.")
    board.write(KIM, "In another one.", tid=8)

    assert desk.keys() == [f"post:{wanted['pid']}"]


def test_long_absence_loses_nothing_and_keeps_the_order(board: Board, desk: Desk) -> None:
    posts = []
    for number in range(130):
        posts.append(board.write(KIM, f"Post {number}"))
        board.jump(60)

    assert desk.keys() == [f"post:{each['pid']}" for each in posts]


def test_pull_cut_short_continues_where_it_stopped(board: Board, desk: Desk) -> None:
    posts = []
    for number in range(130):
        posts.append(board.write(KIM, f"Post {number}"))
        board.jump(60)
    first = []
    for page in desk.connector.fetch(desk.cursor):
        desk.cursor = page.cursor
        first += [envelope.key for envelope in page.envelopes]
        board.fail(path="/api/v3/posts", status=503)
        break

    with pytest.raises(FetchFailure):
        desk.pull()
    rest = desk.keys()

    assert 0 < len(first) < 130
    assert first + rest == [f"post:{each['pid']}" for each in posts]


def test_posts_behind_a_page_that_we_may_not_see_are_found(board: Board, desk: Desk) -> None:
    board.open_topic("Staff", cid=9, tid=9)
    board.hidden_cids.add(9)
    post = board.write(KIM, "Where is my parcel?")
    board.jump(1)
    for number in range(45):
        board.write(LIN, f"Secret {number}", tid=9)

    assert desk.keys() == [f"post:{post['pid']}"]


def test_edit_is_seen_on_re_reading_and_told_once(board: Board, desk: Desk) -> None:
    post = board.write(KIM, "Where is my parcel?")
    desk.pull()

    board.edit(post["pid"], "Where is my parcel? QM-4821-0937-10")
    edited = only(desk.messages())

    assert (edited.action, edited.target_id) == ("edit", f"post:{post['pid']}")
    assert edited.text.endswith("QM-4821-0937-10")
    assert edited.external_id == f"post:{post['pid']}:e{post['edited']}"
    assert desk.keys() == []


def test_post_that_only_looks_different_is_not_edited(board: Board, desk: Desk) -> None:
    board.write(KIM, "Where is my parcel?")
    desk.pull()

    board.preview = " [preview]"

    assert desk.keys() == []


@pytest.mark.parametrize("how", ["delete", "purge"])
def test_deleted_post_recalls_the_message_once(board: Board, desk: Desk, how: str) -> None:
    post = board.write(KIM, "My number is 13800000000.")
    board.write(LIN, "Mine is late as well.")
    desk.pull()

    getattr(board, how)(post["pid"])
    recalled = only(desk.messages())

    assert (recalled.action, recalled.target_id) == ("recall", f"post:{post['pid']}")
    assert desk.keys() == []


def test_deleted_post_that_is_restored_comes_back(board: Board, desk: Desk) -> None:
    post = board.write(KIM, "Where is my parcel?")
    board.write(LIN, "Mine is late as well.")
    desk.pull()
    board.delete(post["pid"])
    desk.pull()

    board.restore(post["pid"])

    assert only(desk.messages()).action == "edit"


def test_chat_becomes_a_private_message_of_its_room(board: Board, desk: Desk) -> None:
    said = board.chat(KIM, "My address:\nElm Street <7>", name="kim")

    message = only(desk.messages())

    assert (message.external_id, message.thread) == (f"chat:{said['mid']}", "chat:1")
    assert message.text.split() == ["My", "address:", "Elm", "Street", "<7>"]
    assert message.is_public is False
    assert message.sender.external_id == str(KIM)


def test_chat_answer_to_our_message_points_to_it(board: Board, desk: Desk) -> None:
    room = board.chat(KIM, "Hello")["roomId"]
    desk.pull()
    ours = board.say(room, DESK, "Which order is it?")
    board.chat(KIM, "Number 17.", to=ours["mid"])

    assert only(desk.messages()).in_reply_to == (f"chat:{ours['mid']}",)


def test_own_chat_messages_are_left_out(board: Board, desk: Desk) -> None:
    room = board.chat(KIM, "Hello")["roomId"]
    desk.pull()
    board.say(room, DESK, "Hello, how can we help?")

    assert desk.keys() == []


def test_long_chat_is_read_back_to_what_is_known_in_order(board: Board, desk: Desk) -> None:
    said = []
    for number in range(120):
        said.append(board.chat(KIM, f"Line {number}"))
        board.jump(1)

    assert desk.keys() == [f"chat:{each['mid']}" for each in said]
    assert desk.keys() == []


def test_chat_message_edited_or_deleted_is_told_with_the_next_one(board: Board, desk: Desk) -> None:
    first, second = board.chat(KIM, "Order 17"), board.chat(KIM, "My password is x")
    desk.pull()

    board.edit_chat(first["mid"], "Order 71")
    board.delete_chat(second["mid"])
    board.chat(KIM, "Sorry.")
    actions = [(each.action, each.target_id) for each in desk.messages()]

    assert actions == [
        ("edit", f"chat:{first['mid']}"),
        ("recall", f"chat:{second['mid']}"),
        ("create", ""),
    ]


def test_chats_are_left_alone_where_they_are_not_wanted(board: Board) -> None:
    desk = Desk(board, chats=False)
    desk.pull()
    board.chat(KIM, "Hello")

    assert desk.keys() == []


@pytest.mark.parametrize(
    ("fault", "code", "wait"),
    [
        ({"status": 401}, "bad_credentials", None),
        ({"status": 403}, "not_allowed", None),
        ({"status": 404}, "missing", None),
        ({"status": 502, "body": "<h1>Bad gateway</h1>"}, "unavailable", None),
        ({"status": 429, "headers": {"Retry-After": "7"}}, "limited", 7),
        ({"status": 200, "body": "<html>"}, "refused", None),
        ({"status": 200, "body": '[{"pid": null}]'}, "refused", None),
        ({"drop": True}, "no_answer", None),
    ],
)
def test_failed_pull_names_the_remedy(
    board: Board, desk: Desk, fault: dict[str, Any], code: str, wait: float | None
) -> None:
    board.fail(**fault)

    with pytest.raises(FetchFailure) as caught:
        desk.pull()

    assert (caught.value.code, caught.value.retry_after) == (code, wait)


def test_person_can_be_played_by_plain_words(board: Board, desk: Desk) -> None:
    board.inject(sender=KIM, text="In public.", thread="topic:7", name="kim")
    board.inject(sender=KIM, text="In private.", private=True)

    assert [each.is_public for each in desk.messages()] == [True, False]
    assert [each["thread"] for each in board.inspect()["messages"]] == ["topic:7", "chat:1"]
