"""Answering and being told through a sandbox that keeps QQ's rules on a real socket."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from channels_ingest.connectors.base import (
    FetchFailure,
    Misconfigured,
    OutcomeUnknown,
    PermanentFailure,
    SendFailure,
    TemporaryFailure,
    WindowClosed,
)
from channels_ingest.sandbox.qq import BLOCK, QQSandbox
from channels_ingest.sandbox.qq_people import DEMO_APP_ID
from tests.channels_ingest.account import NOON, session
from tests.channels_ingest.qq import PREVIOUS, SECRET, Desk, Door, configured
from tickets.interchange import OutgoingFile

MESSAGES = "/v2/users/"


@pytest.fixture
def vendor() -> Iterator[QQSandbox]:
    with QQSandbox(clock=lambda: NOON) as running:
        yield running


@pytest.fixture
def desk(vendor: QQSandbox) -> Desk:
    return Desk(vendor)


@pytest.fixture
def door() -> Iterator[Door]:
    with Door() as running:
        yield running


def pushed(vendor: QQSandbox) -> None:
    """Wait until every push was answered for good."""

    def is_done() -> bool:
        return all(
            each.answers and (each.answers[-1] == 200 or len(each.answers) == vendor.tries)
            for each in vendor.pushes
        )

    vendor.wait_until(is_done)


def failure(desk: Desk, to: str, **changes: Any) -> SendFailure:
    with pytest.raises(SendFailure) as caught:
        desk.connector.send(desk.answer(to, **changes))
    return caught.value


# Being told


def test_vendor_accepts_our_address_and_brings_messages_there(
    vendor: QQSandbox, door: Door
) -> None:
    vendor.connect(f"{door.url}/hooks/qq/")
    vendor.write("kim", "案号 QM-4821-0937-10")
    vendor.write("lin", "发票怎么开", group="车友群")
    pushed(vendor)

    private, public = door.messages()
    assert (private.text, private.is_public) == ("案号 QM-4821-0937-10", False)
    assert private.sender.external_id == vendor.openid("kim")
    assert (public.text, public.is_public) == ("发票怎么开", True)
    assert public.thread == f"group:{vendor.openid('车友群')}"


def test_vendor_accepts_our_address_if_it_signs_the_check(vendor: QQSandbox, door: Door) -> None:
    vendor.connect(f"{door.url}/hooks/qq/", signs=True)

    assert vendor.inspect()["callback"]


def test_vendor_refuses_an_address_that_signs_with_another_secret(vendor: QQSandbox) -> None:
    with Door(app_secret=SECRET) as other, pytest.raises(ValueError, match="InvalidSignature"):
        vendor.connect(other.url)


def test_repeated_push_is_one_message_and_a_corrupted_one_is_refused(
    vendor: QQSandbox, door: Door
) -> None:
    vendor.callback = door.url
    vendor.write("kim", "在吗")
    vendor.repeat(2)
    vendor.corrupt()
    pushed(vendor)

    assert [each.answers for each in vendor.pushes] == [[200], [200], [200], [401, 401, 401]]
    assert [each.text for each in door.messages()] == ["在吗"]


def test_push_that_fails_comes_again_with_the_same_key(vendor: QQSandbox, door: Door) -> None:
    vendor.callback = door.url
    door.fail(2, status=503)
    vendor.write("kim", "在吗")
    pushed(vendor)

    assert vendor.pushes[0].answers == [503, 503, 200]
    assert len(door.messages()) == 1


def test_messages_can_arrive_in_the_opposite_order(vendor: QQSandbox, door: Door) -> None:
    vendor.callback = door.url
    first, second = vendor.swap("kim", ["第一句", "第二句"])
    pushed(vendor)

    assert [each.external_id for each in door.messages()] == [second, first]


def test_push_signed_with_the_secret_of_before_is_accepted(vendor: QQSandbox) -> None:
    vendor.secret = PREVIOUS
    with Door(app_secret=SECRET) as door:
        vendor.callback = door.url
        vendor.write("kim", "在吗")
        pushed(vendor)

        assert len(door.messages()) == 1


def test_file_of_a_customer_can_be_fetched(vendor: QQSandbox, door: Door) -> None:
    vendor.callback = door.url
    vendor.write("kim", files=[{"name": "log.txt", "kind": "file", "text": "hello"}])
    pushed(vendor)

    (file,) = door.messages()[0].files
    with session() as http:
        assert http.get(file.url, timeout=5).content == b"hello"


def test_vendor_knows_no_edits_and_recalls(vendor: QQSandbox) -> None:
    with pytest.raises(LookupError, match="no edits"):
        vendor.inject("recall", id="ROBOT1.0_in-1")


# Answering


def test_answer_reaches_the_customer(vendor: QQSandbox, desk: Desk) -> None:
    asked = vendor.write("kim", "包裹在哪")

    sent = desk.connector.send(desk.answer(asked))

    (shown,) = desk.shown()
    assert (shown["recipient"], shown["thread"]) == ("kim", "c2c:kim")
    assert (shown["id"], shown["text"]) == (sent.external_id, "您的包裹已经寄出。")


def test_answer_in_a_group_goes_to_the_group(vendor: QQSandbox, desk: Desk) -> None:
    asked = vendor.write("kim", "包裹在哪", group="车友群")
    group, member = vendor.openid("车友群"), vendor.openid("kim", "车友群")

    desk.connector.send(desk.answer(asked, thread=f"group:{group}", recipient=f"{group}/{member}"))

    assert desk.shown()[0]["thread"] == "group:车友群"


def test_repeated_attempt_is_shown_once(vendor: QQSandbox, desk: Desk) -> None:
    asked = vendor.write("kim", "包裹在哪")
    desk.connector.send(desk.answer(asked))

    again = desk.connector.send(desk.answer(asked))

    assert again.external_id == ""
    assert len(desk.shown()) == 1


def test_answer_that_was_dropped_after_processing_is_not_sent_twice(
    vendor: QQSandbox, desk: Desk
) -> None:
    asked = vendor.write("kim", "包裹在哪")
    vendor.fail(path=MESSAGES, drop=True, processed=True)

    assert isinstance(failure(desk, asked), OutcomeUnknown)
    desk.connector.send(desk.answer(asked))

    assert len(desk.shown()) == 1


def test_request_that_was_lost_is_sent_by_the_next_attempt(vendor: QQSandbox, desk: Desk) -> None:
    asked = vendor.write("kim", "包裹在哪")
    vendor.fail(path=MESSAGES, drop=True)

    assert isinstance(failure(desk, asked), OutcomeUnknown)
    desk.connector.send(desk.answer(asked))

    assert len(desk.shown()) == 1


def test_fifth_answer_to_a_private_message_waits_for_the_next_one(
    vendor: QQSandbox, desk: Desk
) -> None:
    asked = vendor.write("kim", "包裹在哪")
    for sequence in range(1, 5):
        desk.connector.send(desk.answer(asked, sequence=sequence))

    assert isinstance(failure(desk, asked, sequence=5), WindowClosed)
    desk.connector.send(desk.answer(vendor.write("kim", "还在吗")))

    assert len(desk.shown()) == 5


def test_answer_after_the_window_waits(vendor: QQSandbox, desk: Desk) -> None:
    asked = vendor.write("kim", "包裹在哪")
    desk.jump(3601)

    closed = failure(desk, asked)

    assert isinstance(closed, WindowClosed)
    assert closed.code == "window_closed"


def test_answer_to_a_message_of_another_chat_waits(vendor: QQSandbox, desk: Desk) -> None:
    asked = vendor.write("lin", "包裹在哪")

    assert isinstance(failure(desk, asked), WindowClosed)


def test_message_that_answers_nothing_waits_without_a_call(vendor: QQSandbox, desk: Desk) -> None:
    assert isinstance(failure(desk, ""), WindowClosed)
    assert vendor.calls == []


def test_message_that_answers_nothing_is_sent_where_the_bot_may(vendor: QQSandbox) -> None:
    desk = Desk(vendor, proactive=True)

    assert isinstance(failure(desk, ""), WindowClosed)  # QQ does not allow it yet
    vendor.permit(proactive=True)
    desk.connector.send(desk.answer(""))

    assert len(desk.shown()) == 1


def test_unasked_message_of_unknown_outcome_is_not_one_that_is_tried_again(
    vendor: QQSandbox,
) -> None:
    desk = Desk(vendor, proactive=True)
    vendor.permit(proactive=True)
    vendor.fail(path=MESSAGES, drop=True, processed=True)

    unsure = failure(desk, "")

    assert isinstance(unsure, OutcomeUnknown)
    assert not unsure.resend


def test_customer_who_removed_the_bot_cannot_be_answered(vendor: QQSandbox, desk: Desk) -> None:
    asked = vendor.write("kim", "包裹在哪")
    vendor.unfriend("kim")

    gone = failure(desk, asked)

    assert isinstance(gone, PermanentFailure)
    assert gone.code == "recipient_gone"


def test_group_that_removed_the_bot_cannot_be_answered(vendor: QQSandbox, desk: Desk) -> None:
    asked = vendor.write("kim", "包裹在哪", group="车友群")
    vendor.remove_bot("车友群")
    thread = f"group:{vendor.openid('车友群')}"

    assert failure(desk, asked, thread=thread).code == "recipient_gone"


def test_thread_that_is_no_chat_is_never_asked_for(vendor: QQSandbox, desk: Desk) -> None:
    assert failure(desk, "m", thread="group:../users/x").code == "recipient"
    assert failure(desk, "m", recipient="a/b").code == "recipient"
    assert vendor.calls == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("请看 https://other.example/x", "not registered"),
        ("敏感词", "sensitive"),
        ("长" * 2001, "too long"),
        (" \n", "empty"),
    ],
)
def test_content_that_qq_refuses_says_why(
    vendor: QQSandbox, desk: Desk, text: str, words: str
) -> None:
    vendor.forbid("敏感词")
    asked = vendor.write("kim", "包裹在哪")

    refused = failure(desk, asked, text=text)

    assert isinstance(refused, PermanentFailure)
    assert refused.code == "content_refused"
    assert words in refused.detail


def test_link_to_a_registered_address_passes_and_another_is_stopped_before_the_call(
    vendor: QQSandbox,
) -> None:
    vendor.register("desk.example")
    desk = Desk(vendor, allowed_urls=("https://desk.example/support", "help.example"))
    asked = vendor.write("kim", "包裹在哪")

    desk.connector.send(desk.answer(asked, text="见 https://desk.example/support/c/1，谢谢"))
    calls = len(vendor.calls)
    for link in ("https://desk.example/supporters", "http://evil.example/?help.example"):
        assert failure(desk, asked, text=link).code == "content_refused"

    assert (len(desk.shown()), len(vendor.calls)) == (1, calls)


# Files


def test_file_is_uploaded_in_parts_and_then_sent(vendor: QQSandbox, desk: Desk) -> None:
    asked = vendor.write("kim", "包裹在哪")
    data = bytes(range(256)) * (BLOCK // 256 * 2) + b"end"
    vendor.slow_parts = 1

    file = OutgoingFile("单据.pdf", "application/pdf", data)
    desk.connector.send(desk.answer(asked, text="", files=(file,)))

    assert desk.shown()[0]["files"] == ["单据.pdf"]
    assert [each.data for each in vendor.media.values()] == [data]
    assert [each.kind for each in vendor.uploads.values()] == [4]


def test_uploads_used_up_are_tried_again_tomorrow(vendor: QQSandbox, desk: Desk) -> None:
    asked = vendor.write("kim", "包裹在哪")
    vendor.uploads_left = 0

    used_up = failure(desk, asked, files=(OutgoingFile("a.png", "image/png", b"png"),))

    assert isinstance(used_up, TemporaryFailure)
    assert used_up.code == "quota_used"
    assert used_up.retry_after == 4 * 3600 + 300  # noon in UTC is 20:00 in Beijing


def test_upload_that_breaks_is_temporary_because_nothing_was_sent(
    vendor: QQSandbox, desk: Desk
) -> None:
    asked = vendor.write("kim", "包裹在哪")
    file = OutgoingFile("a.png", "image/png", b"png")

    faults: tuple[dict[str, Any], ...] = (
        {"path": "/cos/", "drop": True},
        {"path": "/cos/", "status": 403},
        {"path": f"{MESSAGES}{vendor.openid('kim')}/upload_prepare", "status": 502},
    )

    for fault in faults:
        vendor.fail(**fault)
        broken = failure(desk, asked, files=(file,))
        assert isinstance(broken, TemporaryFailure)
        assert "sign=" not in str(broken)

    assert desk.shown() == []


@pytest.mark.parametrize("data", [b"png", b""])
def test_file_that_qq_never_takes_is_refused_before_the_call(
    vendor: QQSandbox, data: bytes
) -> None:
    desk = Desk(vendor, largest_file_mb=0)

    refused = failure(desk, "m", files=(OutgoingFile("a.png", "image/png", data),))

    assert refused.code == "content_refused"
    assert vendor.calls == []


# Tokens and the account


def test_token_is_used_until_it_ends_and_then_renewed(vendor: QQSandbox, desk: Desk) -> None:
    for _answer in range(2):
        desk.connector.send(desk.answer(vendor.write("kim", "包裹在哪")))
    desk.jump(7201)
    desk.connector.send(desk.answer(vendor.write("kim", "包裹在哪")))

    assert len(desk.account.tokens) == 2
    assert desk.account.tokens[0].seconds == 7200


def test_token_that_is_refused_is_renewed_once(vendor: QQSandbox, desk: Desk) -> None:
    asked = vendor.write("kim", "包裹在哪")
    desk.connector.send(desk.answer(asked))
    vendor.revoke_tokens()

    desk.connector.send(desk.answer(asked, sequence=2))

    assert (len(desk.shown()), len(desk.account.tokens)) == (2, 2)


def test_token_that_stays_refused_is_a_fault_of_the_settings(vendor: QQSandbox, desk: Desk) -> None:
    asked = vendor.write("kim", "包裹在哪")
    vendor.fail(2, path=MESSAGES, status=401, body='{"code":11244,"message":"expired"}')

    refused = failure(desk, asked)

    assert isinstance(refused, Misconfigured)
    assert refused.code == "bad_credentials"
    assert len(desk.account.tokens) == 2


def test_rotated_secret_is_named_and_not_told(vendor: QQSandbox, desk: Desk) -> None:
    vendor.secret = "another-secret"

    refused = failure(desk, "m")

    assert isinstance(refused, Misconfigured)
    assert refused.code == "bad_credentials"
    assert "100016" in refused.detail


def test_server_that_is_not_on_the_white_list_is_told_so(vendor: QQSandbox, desk: Desk) -> None:
    vendor.lists_us = False

    refused = failure(desk, "m")

    assert isinstance(refused, Misconfigured)
    assert refused.code == "address_not_listed"
    assert len(desk.account.tokens) == 1  # it was not the token's fault


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        ({"status": 429, "headers": {"Retry-After": "7"}}, TemporaryFailure, "limited"),
        ({"status": 400, "body": '{"code":22009}'}, TemporaryFailure, "limited"),
        ({"status": 500, "body": '{"code":50055001}'}, TemporaryFailure, "unavailable"),
        ({"status": 502, "body": "<html>Bad gateway</html>"}, OutcomeUnknown, "unavailable"),
        ({"status": 200, "body": '{"code":999}'}, OutcomeUnknown, "unavailable"),
        ({"status": 413, "body": "<html>too large</html>"}, PermanentFailure, "content_refused"),
        ({"status": 403, "body": '{"code":11265}'}, Misconfigured, "not_allowed"),
        ({"status": 400, "body": '{"code":999,"message":"no"}'}, PermanentFailure, "refused"),
    ],
)
def test_answer_of_the_vendor_decides_what_happens_next(
    vendor: QQSandbox, desk: Desk, fault: dict[str, Any], kind: type[SendFailure], code: str
) -> None:
    asked = vendor.write("kim", "包裹在哪")
    vendor.fail(path=MESSAGES, **fault)

    failed = failure(desk, asked)

    assert type(failed) is kind
    assert failed.code == code
    if "headers" in fault:
        assert isinstance(failed, TemporaryFailure)
        assert failed.retry_after == 7


def test_message_that_waits_for_a_reviewer_is_sent(vendor: QQSandbox, desk: Desk) -> None:
    asked = vendor.write("kim", "包裹在哪")
    vendor.fail(path=MESSAGES, status=202, body='{"code":304023,"message":"push in audit"}')

    assert desk.connector.send(desk.answer(asked)).state == "sent"


@pytest.mark.parametrize(
    ("status", "code"), [(429, "limited"), (500, "unavailable"), (403, "bad_credentials")]
)
def test_trouble_at_the_token_desk_sends_nothing(
    vendor: QQSandbox, desk: Desk, status: int, code: str
) -> None:
    vendor.fail(path="/app/", status=status)

    failed = failure(desk, "m")

    assert isinstance(failed, TemporaryFailure | Misconfigured)
    assert failed.code == code


def test_connection_test_calls_the_vendor_and_names_the_bot(vendor: QQSandbox, desk: Desk) -> None:
    assert desk.connector.test() == f"QQ answered: the bot 安好客服, AppID {DEMO_APP_ID}"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"drop": True}, "no_answer"),
        ({"status": 503}, "unavailable"),
        ({"status": 429}, "limited"),
        ({"status": 200, "body": "<html>hello</html>"}, "not_qq"),
    ],
)
def test_connection_test_says_what_is_wrong(
    vendor: QQSandbox, desk: Desk, fault: dict[str, Any], code: str
) -> None:
    vendor.fail(path="/users/@me", **fault)

    with pytest.raises(FetchFailure) as caught:
        desk.connector.test()

    assert caught.value.code == code


def test_connection_test_finds_a_wrong_secret_and_a_wrong_address(
    vendor: QQSandbox, desk: Desk
) -> None:
    vendor.secret = "another-secret"
    with pytest.raises(FetchFailure, match="bad_credentials"):
        desk.connector.test()

    desk.account.settings = replace(configured(), token_url="no address")
    with pytest.raises(FetchFailure, match="address"):
        desk.connector.test()
