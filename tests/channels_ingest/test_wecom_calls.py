"""Asking and answering in a corporation that keeps WeCom's rules on a real socket."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from channels_ingest.connectors.base import (
    Cursor,
    FetchFailure,
    Misconfigured,
    OutcomeUnknown,
    PermanentFailure,
    RawEnvelope,
    SendFailure,
    TemporaryFailure,
    WindowClosed,
)
from channels_ingest.connectors.wecom import WeCom
from channels_ingest.sandbox.wecom import CORP_ID, DESK, ENDED, HUMAN, NEW, POOL, Corporation
from channels_ingest.sandbox.weixin import DEMO_KEY, DEMO_SECRET, DEMO_TOKEN
from tests.channels_ingest.account import NOON, LocalAccount, session
from tests.channels_ingest.weixin import Hook, message, parsed
from tickets.interchange import IncomingMessage, OutgoingFile, OutgoingMessage, Receipt

HOURS = 3600
SYNC = "/cgi-bin/kf/sync_msg"
SEND = "/cgi-bin/kf/send_msg"


class Desk:
    """The desk on the other side: it is called, asks, and keeps its cursor and the last hint."""

    def __init__(self, vendor: Corporation, **changes: Any) -> None:
        given = {
            "corp_id": CORP_ID,
            "secret": DEMO_SECRET,
            "token": DEMO_TOKEN,
            "encoding_aes_key": DEMO_KEY,
            "host": vendor.url,
        }
        self.account = LocalAccount(WeCom.Settings(**(given | changes)), http=session())
        self.connector = WeCom(self.account)
        self.vendor = vendor
        self.cursor: Cursor = {"since": 0, "accounts": {}}
        self.came: list[RawEnvelope] = []

    def pull(self, hint: dict[str, Any] | None = None) -> list[RawEnvelope]:
        self.came = []
        for page in self.connector.fetch({**self.cursor, **(hint or {})}):
            self.cursor = json.loads(json.dumps(page.cursor))
            self.came += page.envelopes
        return self.came

    def word(self, account: str = "wkKF001") -> dict[str, Any]:
        """What the newest callback said."""
        word = self.vendor.pushes[-1].fields["Token"]
        return {"open_kfid": account, "token": word, "told_at": self.account.now().timestamp()}

    def texts(self, account: str = "wkKF001") -> list[str]:
        came = self.pull(self.word(account))
        return [message(self.connector, each).text for each in came]

    def jump(self, seconds: float) -> None:
        """Let time pass on both sides."""
        self.vendor.jump(seconds)
        self.account.advance(seconds=seconds)


@pytest.fixture
def vendor() -> Iterator[Corporation]:
    with Corporation(clock=lambda: NOON) as running:
        yield running


@pytest.fixture
def desk(vendor: Corporation) -> Desk:
    return Desk(vendor)


def outgoing(text: str = "已改好", **changes: Any) -> OutgoingMessage:
    made = OutgoingMessage(
        delivery_id="6f1c2b6e-4c7e-4a62-9a8e-0f2f5d1c7a11",
        recipient="wmU9",
        thread="wkKF001",
        text=text,
        case_number="QM-4821-0937-10",
    )
    return replace(made, **changes)


def failure(desk: Desk, **changes: Any) -> SendFailure:
    with pytest.raises(SendFailure) as caught:
        desk.connector.send(outgoing(**changes))
    return caught.value


def answers(vendor: Corporation) -> list[Any]:
    return [each for each in vendor.inspect()["messages"] if each["direction"] == "out"]


def calls(vendor: Corporation, path: str) -> list[dict[str, Any]]:
    return [each.json() for each in vendor.calls if each.path == path]


# Called and asked


def test_callback_leads_to_the_message(vendor: Corporation, desk: Desk) -> None:
    with Hook(desk.connector) as hook:
        assert vendor.register(hook.url)
        vendor.say("wmU9", "怎么改地址")
        vendor.wait_until(vendor.settled)
    told = hook.received[-1]

    (envelope,) = desk.pull(dict(told.hint))

    assert told.pull_now
    assert message(desk.connector, envelope).text == "怎么改地址"
    assert calls(vendor, SYNC)[0]["token"] == told.hint["token"]


def test_callback_that_is_not_answered_comes_three_times(vendor: Corporation, desk: Desk) -> None:
    with Hook(desk.connector) as hook:
        vendor.callback = hook.url
        hook.fail(times=9, drop=True)
        vendor.say(text="没人？")
        vendor.wait_until(vendor.settled)

    assert vendor.pushes[0].answers == [0, 0, 0]
    assert desk.texts() == ["没人？"]


def test_asking_again_brings_only_what_is_new(vendor: Corporation, desk: Desk) -> None:
    vendor.say(text="一")
    assert desk.texts() == ["一"]
    assert desk.texts() == []

    vendor.say(text="二")

    assert desk.texts() == ["二"]


def test_empty_pages_do_not_end_the_pull(vendor: Corporation, desk: Desk) -> None:
    vendor.page, vendor.empty_pages = 2, 3
    for number in range(5):
        vendor.say(text=f"第{number}条")

    assert desk.texts() == [f"第{number}条" for number in range(5)]
    assert len(calls(vendor, SYNC)) == 3 + 3


def test_vendor_that_stands_still_is_not_asked_for_ever(vendor: Corporation, desk: Desk) -> None:
    stuck = '{"errcode": 0, "has_more": 1, "next_cursor": "", "msg_list": []}'
    vendor.fail(times=99, path=SYNC, status=200, body=stuck)

    assert desk.pull({"open_kfid": "wkKF001"}) == []
    assert len(calls(vendor, SYNC)) == 1


def test_pull_cut_short_continues_where_it_stopped(vendor: Corporation, desk: Desk) -> None:
    vendor.page = 1
    for text in ("一", "二", "三"):
        vendor.say(text=text)
    first = next(desk.connector.fetch({**desk.cursor, **desk.word()}))
    desk.cursor = first.cursor

    assert [message(desk.connector, each).text for each in first.envelopes] == ["一"]
    assert desk.texts() == ["二", "三"]


def test_each_account_has_its_own_cursor(vendor: Corporation) -> None:
    desk = Desk(vendor, open_kfids=("wkKF001", "wkKF002"))
    vendor.say(text="一号")
    vendor.say(text="二号", thread="wkKF002")

    came = desk.pull(desk.word("wkKF002"))

    threads = [message(desk.connector, each).thread for each in came]
    assert threads == ["wkKF002", "wkKF001"]
    assert set(desk.cursor["accounts"]) == {"wkKF001", "wkKF002"}


def test_account_that_was_not_chosen_is_not_asked(vendor: Corporation) -> None:
    desk = Desk(vendor, open_kfids=("wkKF001",))
    vendor.say(text="二号", thread="wkKF002")

    desk.pull(desk.word("wkKF002"))

    assert [each["open_kfid"] for each in calls(vendor, SYNC)] == ["wkKF001"]


def test_account_that_is_gone_does_not_silence_the_others(vendor: Corporation) -> None:
    desk = Desk(vendor, open_kfids=("wkGONE", "wkKF001"))
    vendor.say(text="在")

    with pytest.raises(FetchFailure) as caught:
        desk.pull()

    assert caught.value.code == "bad_account"
    assert [message(desk.connector, each).text for each in desk.came] == ["在"]


def test_first_connection_starts_now_unless_history_is_wanted(vendor: Corporation) -> None:
    vendor.say(text="昨天")
    vendor.jump(60)
    new, historian = Desk(vendor), Desk(vendor, history=True)
    for desk in (new, historian):
        desk.cursor = {}
        desk.account.advance(seconds=60)
    vendor.say(text="今天")

    assert new.texts() == ["今天"]
    assert historian.texts() == ["昨天", "今天"]


def test_without_a_word_the_vendor_is_asked_once_a_minute(vendor: Corporation, desk: Desk) -> None:
    vendor.say(text="一")
    desk.texts()
    vendor.say(text="二")
    early = desk.pull()
    desk.jump(60)

    late = desk.pull()

    assert early == []
    assert [message(desk.connector, each).text for each in late] == ["二"]
    assert "token" not in calls(vendor, SYNC)[-1]


def test_word_that_is_too_old_is_not_used(vendor: Corporation, desk: Desk) -> None:
    vendor.say(text="一")
    word = desk.word()
    desk.jump(11 * 60)

    assert len(desk.pull(word)) == 1
    assert "token" not in calls(vendor, SYNC)[0]


def test_vendor_that_limits_names_the_cause(vendor: Corporation, desk: Desk) -> None:
    vendor.per_minute = 0

    with pytest.raises(FetchFailure) as caught:
        desk.pull({"open_kfid": "wkKF001"})

    assert caught.value.code == "limited"
    assert caught.value.retry_after == 60


def test_what_the_vendor_tells_twice_has_one_key(vendor: Corporation, desk: Desk) -> None:
    (msgid,) = vendor.say(text="一")
    vendor.repeat(msgid)

    first, second = desk.pull(desk.word())

    assert first == second


def test_recall_and_colleague_and_visit_are_told_apart(vendor: Corporation, desk: Desk) -> None:
    vendor.enter()
    (msgid,) = vendor.say(text="卡号 6222")
    vendor.answer_in_app("您好")
    vendor.recall(msgid)

    items = [parsed(desk.connector, each) for each in desk.pull(desk.word())]

    messages = [each for each in items if isinstance(each, IncomingMessage)]
    assert len(items) == 4
    assert [(each.action, each.target_id) for each in messages] == [
        ("create", ""),
        ("recall", msgid),
    ]


def test_forwarded_chat_is_quoted(vendor: Corporation, desk: Desk) -> None:
    nested = [{"name": "Lin", "text": "案号 QM-4821-0937-10"}]
    vendor.forward(
        records=[{"name": "Kim", "text": "看这个"}, {"name": "Kim", "records": nested}], title="群"
    )

    assert desk.texts() == ["[聊天记录] 群\n> Kim: 看这个\n> Lin: 案号 QM-4821-0937-10"]


# Answered


def test_reply_arrives_under_our_own_id(vendor: Corporation, desk: Desk) -> None:
    vendor.say()

    sent = desk.connector.send(outgoing("“好的” — 已改好 😀"))

    (answer,) = answers(vendor)
    assert answer["text"] == "“好的” — 已改好 😀"
    assert answer["msgid"] == sent.external_id
    assert len(sent.external_id) == 32


def test_new_session_is_taken_before_the_first_answer_only(vendor: Corporation, desk: Desk) -> None:
    vendor.say()

    desk.connector.send(outgoing())
    desk.connector.send(outgoing(sequence=2))

    assert vendor.chats["wkKF001", "wmU9"].state == DESK
    assert len(calls(vendor, "/cgi-bin/kf/service_state/get")) == 1


def test_session_that_waits_for_colleagues_is_taken_back(vendor: Corporation, desk: Desk) -> None:
    vendor.say()
    vendor.session(POOL)

    desk.connector.send(outgoing())

    assert vendor.chats["wkKF001", "wmU9"].state == DESK
    assert len(calls(vendor, SEND)) == 2
    assert len(answers(vendor)) == 1


def test_session_of_a_colleague_is_left_to_them(vendor: Corporation, desk: Desk) -> None:
    vendor.say()
    vendor.session(HUMAN)

    failed = failure(desk)

    assert isinstance(failed, PermanentFailure)
    assert failed.code == "taken_elsewhere"
    assert vendor.chats["wkKF001", "wmU9"].state == HUMAN


def test_session_that_ended_waits_for_the_customer(vendor: Corporation, desk: Desk) -> None:
    vendor.say()
    vendor.session(ENDED)

    assert isinstance(failure(desk), WindowClosed)
    vendor.say(text="还在吗")
    assert vendor.chats["wkKF001", "wmU9"].state == NEW
    desk.connector.send(outgoing())
    assert len(answers(vendor)) == 1


def test_sixth_answer_and_late_answer_wait_for_the_customer(
    vendor: Corporation, desk: Desk
) -> None:
    vendor.say()
    for number in range(1, 6):
        desk.connector.send(outgoing(sequence=number))
    sixth = failure(desk, sequence=6)
    vendor.say(text="还有问题")
    desk.jump(48 * HOURS + 1)
    late = failure(desk)

    for failed in (sixth, late):
        assert isinstance(failed, WindowClosed)
        assert failed.code == "window_closed"
    assert "95001" in sixth.detail
    assert "95002" in late.detail


def test_customer_who_refuses_shows_in_a_later_receipt(vendor: Corporation, desk: Desk) -> None:
    vendor.say()
    desk.texts()
    vendor.refuse()
    sent = desk.connector.send(outgoing())

    (envelope,) = desk.pull(desk.word())

    item = parsed(desk.connector, envelope)
    assert isinstance(item, Receipt)
    assert (item.external_id, item.reason) == (sent.external_id, "recipient_gone")


@pytest.mark.parametrize("end", [{"seconds": 7201}, {}])
def test_token_that_ended_early_is_renewed_once(
    vendor: Corporation, desk: Desk, end: dict[str, int]
) -> None:
    vendor.say()
    desk.connector.send(outgoing())
    vendor.jump(**end) if end else vendor.revoke()

    desk.connector.send(outgoing())

    assert len(answers(vendor)) == 2
    assert sum(each.path == "/cgi-bin/gettoken" for each in vendor.calls) == 2


def test_lost_answer_leaves_it_to_a_person(vendor: Corporation, desk: Desk) -> None:
    vendor.say()
    vendor.fail(path=SEND, drop=True, processed=True)

    assert isinstance(failure(desk), OutcomeUnknown)
    assert len(answers(vendor)) == 1


def test_trouble_before_the_message_left_is_temporary(vendor: Corporation, desk: Desk) -> None:
    vendor.say()
    failures = []
    for path in ("/cgi-bin/gettoken", "/cgi-bin/kf/service_state/get"):
        vendor.fail(path=path, drop=True)
        failures.append(failure(desk))

    assert [type(each) for each in failures] == [TemporaryFailure, TemporaryFailure]
    assert answers(vendor) == []


def test_settings_that_are_wrong_name_the_remedy(vendor: Corporation) -> None:
    vendor.say()
    wrong_secret = failure(Desk(vendor, secret="wrong-secret-9"))
    bad_account = failure(Desk(vendor), thread="wkGONE")
    vendor.api_is_on = False
    switched_off = failure(Desk(vendor))
    vendor.address_is_listed = False
    not_listed = failure(Desk(vendor))

    failures = (wrong_secret, bad_account, switched_off, not_listed)
    assert all(isinstance(each, Misconfigured) for each in failures)
    assert [each.code for each in failures] == [
        "bad_credentials",
        "bad_account",
        "not_allowed",
        "address_not_listed",
    ]
    assert "wrong-secret-9" not in str(wrong_secret)


def test_secrets_in_the_address_never_stand_in_an_error(vendor: Corporation, desk: Desk) -> None:
    vendor.fail(path="/cgi-bin/gettoken", drop=True)
    lost = failure(desk)
    said = f'{{"errcode": 40001, "errmsg": "no such corpsecret {DEMO_SECRET}"}}'
    vendor.fail(path="/cgi-bin/gettoken", status=200, body=said)
    refused = failure(desk)

    for failed in (lost, refused):
        assert DEMO_SECRET not in f"{failed} {failed.detail}"


# Files and people


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        (OutgoingFile("照片.png", "image/png", b"picture"), "image"),
        (OutgoingFile("说明.pdf", "application/pdf", b"%PDF-1"), "file"),
        (OutgoingFile("big.png", "image/png", b"x" * (2 * 1024 * 1024 + 1)), "file"),
    ],
)
def test_file_is_uploaded_and_sent(
    vendor: Corporation, desk: Desk, file: OutgoingFile, kind: str
) -> None:
    vendor.say()

    desk.connector.send(outgoing("", files=(file,)))

    (media,) = vendor.media.values()
    assert (media.name, media.kind) == (file.name, kind)
    assert answers(vendor)[0]["files"] == [file.name]


def test_file_too_small_or_too_large_is_not_even_uploaded(vendor: Corporation, desk: Desk) -> None:
    for data in (b"12345", b"x" * (20 * 1024 * 1024 + 1)):
        failed = failure(desk, text="", files=(OutgoingFile("a.txt", "text/plain", data),))

        assert isinstance(failed, PermanentFailure)
        assert failed.code == "content_refused"
    assert vendor.calls == []


def test_file_of_a_customer_is_downloaded_for_three_days(vendor: Corporation, desk: Desk) -> None:
    data = base64.b64encode(b"%PDF-1").decode()
    vendor.say(files=[{"name": "发票.pdf", "type": "application/pdf", "data": data}])
    (envelope,) = desk.pull(desk.word())
    (told,) = message(desk.connector, envelope).files

    file = desk.connector.download(told.url)
    desk.jump(73 * HOURS)
    with pytest.raises(FetchFailure) as caught:
        desk.connector.download(told.url)

    assert (file.name, file.data) == ("发票.pdf", b"%PDF-1")
    assert caught.value.code == "gone"


def test_profile_tells_name_and_union_id(vendor: Corporation, desk: Desk) -> None:
    vendor.say("wmU9", "你好", name="Kim", union_id="oUNION1")

    known, unknown = desk.connector.profile("wmU9"), desk.connector.profile("wmNOBODY")

    assert known
    assert (known.name, known.vouched) == ("Kim", "unionid:oUNION1")
    assert unknown is None


def test_channel_test_names_the_accounts_and_misses_those_that_are_gone(
    vendor: Corporation,
) -> None:
    assert "wkKF001, wkKF002" in Desk(vendor).connector.test()

    with pytest.raises(FetchFailure) as caught:
        Desk(vendor, open_kfids=("wkGONE",)).connector.test()
    assert caught.value.code == "bad_account"
