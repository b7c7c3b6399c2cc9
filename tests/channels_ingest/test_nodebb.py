"""The NodeBB connector: the contract, and answering in a forum on a real socket."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from channels_ingest.connectors.base import (
    Cursor,
    Fetched,
    FetchFailure,
    Misconfigured,
    OutcomeUnknown,
    PermanentFailure,
    RawEnvelope,
    SendFailure,
    StoredEnvelope,
    TemporaryFailure,
)
from channels_ingest.connectors.nodebb import NodeBB
from channels_ingest.sandbox.nodebb import DEMO_ACCESS, DESK, Board
from tests.channels_ingest.account import NOON, LocalAccount, Reply, Script, session
from tests.channels_ingest.board import KIM, Desk, configured, outgoing
from tests.channels_ingest.contract import (
    HttpSendContract,
    PullContract,
    Trouble,
    http_trouble,
    stored,
)
from tickets.interchange import OutgoingFile, OutgoingMessage

ENTRY = {
    "pid": "101",
    "tid": "7",
    "uid": "12",
    "username": "kim",
    "title": "Where is my parcel?",
    "timestamp": 1795348740000,
    "edited": 0,
    "content": "案号 QM-4821-0937-10 有进展吗？",
}


class TestNodeBB(PullContract, HttpSendContract):
    connector = NodeBB

    def settings(self) -> NodeBB.Settings:
        return configured()

    def ordinary(self) -> StoredEnvelope:
        return envelope("post", **ENTRY)

    def unknown(self) -> StoredEnvelope:
        return envelope("chat", mid="5", room="1", uid="12", timestamp=1, system=True)

    def cursor_before(self) -> Cursor:
        posts = {"at": 0, "floor": 0, "known": {}}
        return {"posts": posts, "chats": {"floor": 0, "rooms": {}}}

    def pull(self, cursor: Cursor, trouble: Trouble | None = None) -> list[Fetched]:
        if trouble:
            http = session(Script(http_trouble(trouble)))
            return list(self.connect(http=http).fetch(cursor))
        with Board(clock=lambda: NOON) as board:
            board.write(KIM, "Where is my parcel?")
            board.chat(KIM, "Here is my address.")
            account = LocalAccount(configured(board.url), http=session())
            return list(NodeBB(account).fetch(cursor))

    def outgoing(self) -> OutgoingMessage:
        return outgoing()

    def replies(self, outcome: Reply | Exception | None) -> list[Reply | Exception]:
        return [outcome or Reply(200, b'{"response": {"pid": 102}}')]


def envelope(kind: str, **entry: Any) -> StoredEnvelope:
    body = json.dumps({"kind": kind, "event": "create", "entry": entry}).encode()
    return stored(RawEnvelope("post:101", "topic:7", body))


@pytest.fixture
def board() -> Iterator[Board]:
    with Board(clock=lambda: NOON) as running:
        yield running


@pytest.fixture
def desk(board: Board) -> Desk:
    return Desk(board)


def written(board: Board) -> list[Any]:
    return [each for each in board.inspect()["posts"] if each["uid"] == DESK]


def test_reply_is_posted_in_the_topic_to_the_post(board: Board, desk: Desk) -> None:
    question = board.write(KIM, "Where is my parcel?")

    sent = desk.connector.send(outgoing(in_reply_to=f"post:{question['pid']}"))

    (post,) = written(board)
    assert (post["tid"], post["toPid"]) == (7, question["pid"])
    assert post["content"].startswith("Your parcel is on its way to you.")
    assert sent.external_id == f"post:{post['pid']}"


def test_reply_to_a_post_that_is_gone_still_goes_to_the_topic(board: Board, desk: Desk) -> None:
    question = board.write(KIM, "Where is my parcel?")
    board.delete(question["pid"])

    desk.connector.send(outgoing(in_reply_to=f"post:{question['pid']}"))

    assert "toPid" not in written(board)[0]


def test_reply_in_a_topic_of_another_server_names_it_by_address(board: Board, desk: Desk) -> None:
    tid = board.open_topic("Afar", tid="https://other.example/t/9?x=1")
    question = board.write(KIM, "Where is my parcel?", tid=tid, pid="https://other.example/p/3")

    desk.connector.send(outgoing(thread=f"topic:{tid}", in_reply_to=f"post:{question['pid']}"))

    assert written(board)[0]["tid"] == tid
    assert written(board)[0]["toPid"] == "https://other.example/p/3"


def test_trace_of_the_delivery_is_not_shown(board: Board, desk: Desk) -> None:
    desk.connector.send(outgoing(text="案号 QM-4821-0937-10 #1"))

    (shown,) = [each for each in board.inspect()["messages"] if each["direction"] == "out"]
    assert shown["text"] == "案号 QM-4821-0937-10 #1"
    assert "delivery d-1001" in written(board)[0]["content"]


def test_files_are_uploaded_and_shown(board: Board, desk: Desk) -> None:
    files = (
        OutgoingFile("photo.png", "image/png", b"\x89PNG\r\n"),
        OutgoingFile("a|b].txt", "text/plain", b"hello"),
    )

    desk.connector.send(outgoing(files=files))

    content = written(board)[0]["content"]
    assert sorted(board.uploads.values()) == [b"hello", b"\x89PNG\r\n"]
    assert "![photo.png](/assets/uploads/files/" in content
    assert "[a b .txt](/assets/uploads/files/" in content


def test_file_that_the_forum_does_not_take_is_a_permanent_failure(board: Board, desk: Desk) -> None:
    with pytest.raises(PermanentFailure, match="file"):
        desk.connector.send(outgoing(files=(OutgoingFile("a.exe", "application/x", b"MZ"),)))
    assert written(board) == []


def test_upload_that_breaks_is_temporary_because_nothing_was_posted(
    board: Board, desk: Desk
) -> None:
    board.fail(path="/api/post/upload", drop=True)

    with pytest.raises(TemporaryFailure):
        desk.connector.send(outgoing(files=(OutgoingFile("a.txt", "text/plain", b"hi"),)))
    assert written(board) == []


def test_second_post_within_ten_seconds_waits(board: Board, desk: Desk) -> None:
    desk.connector.send(outgoing())

    with pytest.raises(TemporaryFailure, match="limited"):
        desk.connector.send(outgoing(delivery_id="d-1002"))
    board.jump(10)
    desk.connector.send(outgoing(delivery_id="d-1002"))

    assert len(written(board)) == 2
    assert NodeBB.capabilities.sends_per_minute == 6


def test_post_while_another_is_being_posted_waits(board: Board, desk: Desk) -> None:
    board.is_posting = True

    with pytest.raises(TemporaryFailure, match="limited"):
        desk.connector.send(outgoing())


def test_post_that_waits_for_a_moderator_is_accepted_without_an_id(
    board: Board, desk: Desk
) -> None:
    board.queues = True

    assert desk.connector.send(outgoing()).external_id == ""


@pytest.mark.parametrize(
    ("prepare", "changes", "failure", "code"),
    [
        (lambda b: b.lock_topic(7), {}, PermanentFailure, "closed"),
        (lambda b: None, {"thread": "topic:4711"}, PermanentFailure, "closed"),
        (lambda b: None, {"text": "x" * 32_767}, PermanentFailure, "too_long"),
        (lambda b: b.hidden_cids.add(5), {}, PermanentFailure, "not_allowed"),
        (lambda b: setattr(b, "banned", True), {}, Misconfigured, "not_allowed"),
        (lambda b: b.tokens.clear(), {}, Misconfigured, "bad_credentials"),
        (lambda b: None, {"thread": "chat:4711"}, PermanentFailure, "closed"),
        (lambda b: None, {"thread": "4711"}, PermanentFailure, "recipient"),
    ],
)
def test_refusal_names_the_remedy(
    board: Board,
    desk: Desk,
    prepare: Any,
    changes: dict[str, Any],
    failure: type[SendFailure],
    code: str,
) -> None:
    prepare(board)

    with pytest.raises(failure) as caught:
        desk.connector.send(outgoing(**changes))

    assert caught.value.code == code
    assert DEMO_ACCESS not in str(caught.value)
    assert written(board) == []


@pytest.mark.parametrize(
    ("fault", "failure", "code", "wait"),
    [
        ({"status": 429, "headers": {"Retry-After": "23"}}, TemporaryFailure, "limited", 23),
        ({"status": 503, "body": "<h1>"}, TemporaryFailure, "unavailable", None),
        ({"status": 502}, OutcomeUnknown, "unavailable", None),
        ({"status": 200, "body": "<html>"}, OutcomeUnknown, "no_answer", None),
    ],
)
def test_trouble_of_the_forum_is_told_apart(
    board: Board,
    desk: Desk,
    fault: dict[str, Any],
    failure: type[SendFailure],
    code: str,
    wait: float | None,
) -> None:
    board.fail(**fault)

    with pytest.raises(failure) as caught:
        desk.connector.send(outgoing())

    assert caught.value.code == code
    assert getattr(caught.value, "retry_after", None) == wait


def test_lost_answer_is_unknown_and_the_post_is_then_found(board: Board, desk: Desk) -> None:
    board.fail(drop=True, processed=True)

    with pytest.raises(OutcomeUnknown):
        desk.connector.send(outgoing())
    found = desk.connector.look_up(outgoing())

    assert found
    assert found.external_id == f"post:{written(board)[0]['pid']}"
    assert len(written(board)) == 1


def test_lost_request_is_unknown_and_no_post_is_found(board: Board, desk: Desk) -> None:
    desk.connector.send(outgoing(delivery_id="d-1000"))
    board.fail(drop=True)

    with pytest.raises(OutcomeUnknown):
        desk.connector.send(outgoing())

    assert desk.connector.look_up(outgoing()) is None


def test_somebody_who_copies_our_post_is_not_taken_for_us(board: Board, desk: Desk) -> None:
    desk.connector.send(outgoing())
    ours = written(board)[0]
    board.write(KIM, ours["content"])
    board.purge(ours["pid"])

    assert desk.connector.look_up(outgoing()) is None


def test_look_up_that_cannot_ask_says_so(board: Board, desk: Desk) -> None:
    board.fail(status=502)

    with pytest.raises(FetchFailure):
        desk.connector.look_up(outgoing())


def test_chat_is_answered_in_its_room_and_found_again(board: Board, desk: Desk) -> None:
    question = board.chat(KIM, "My order number is 17.")
    room = f"chat:{question['roomId']}"
    board.fail(drop=True, processed=True)

    with pytest.raises(OutcomeUnknown):
        desk.connector.send(outgoing(thread=room))
    found = desk.connector.look_up(outgoing(thread=room))

    (ours,) = [each for each in board.messages.values() if each["fromuid"] == DESK]
    assert found
    assert found.external_id == f"chat:{ours['mid']}"
    assert desk.connector.look_up(outgoing(thread=room, delivery_id="d-2")) is None


def test_chat_over_its_limit_is_too_long_before_it_is_sent(board: Board, desk: Desk) -> None:
    room = board.chat(KIM, "My order number is 17.")["roomId"]

    with pytest.raises(PermanentFailure, match="too_long"):
        desk.connector.send(outgoing(thread=f"chat:{room}", text="x" * 1000))
    assert board.calls == []


def test_user_who_takes_no_chats_cannot_be_reached(board: Board, desk: Desk) -> None:
    room = board.chat(KIM, "My order number is 17.")["roomId"]
    board.restricted.add(KIM)

    with pytest.raises(PermanentFailure, match="recipient_gone"):
        desk.connector.send(outgoing(thread=f"chat:{room}"))


def test_moderator_hides_a_post_and_nobody_else_does(board: Board, desk: Desk) -> None:
    post = board.write(KIM, "My number is 13800000000.")
    name = f"post:{post['pid']}"

    with pytest.raises(PermanentFailure, match="not_allowed"):
        desk.connector.hide(name)
    board.is_moderator = True
    desk.connector.hide(name)

    assert post["deleted"] == 1


def test_link_leads_to_the_post(desk: Desk, board: Board) -> None:
    link = desk.connector.link_to

    assert link("post:101", "topic:7") == f"{board.url}/post/101"
    assert link("post:https://other.example/p/3", "topic:7") == "https://other.example/p/3"
    assert link("post:101:e1795348740000", "topic:7") == f"{board.url}/post/101"
    assert link("chat:5", "chat:1") == ""


def test_master_token_speaks_for_the_desk(board: Board) -> None:
    board.tokens = {DEMO_ACCESS: None}

    with pytest.raises(Misconfigured, match="bad_credentials"):
        Desk(board).connector.send(outgoing())
    Desk(board, is_master=True).connector.send(outgoing())

    assert len(written(board)) == 1


def test_test_names_the_user_of_the_token(board: Board, desk: Desk) -> None:
    assert "desk's" in desk.connector.test()
    with pytest.raises(FetchFailure, match="bad_credentials"):
        Desk(board, uid="3").connector.test()
    with pytest.raises(FetchFailure, match="bad_credentials"):
        Desk(board, token="wrong").connector.test()
