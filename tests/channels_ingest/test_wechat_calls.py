"""Speaking with an Official Account that keeps WeChat's rules on a real socket."""

import base64
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
from channels_ingest.connectors.wechat import WeChat
from channels_ingest.sandbox.wechat import APP_ID, OfficialAccount
from channels_ingest.sandbox.weixin import DEMO_KEY, DEMO_SECRET, DEMO_TOKEN
from tests.channels_ingest.account import NOON, LocalAccount, session
from tests.channels_ingest.weixin import OTHER_KEY, Hook, control, message
from tickets.interchange import IncomingFile, OutgoingFile, OutgoingMessage

HOURS = 3600
MP4 = base64.b64encode(b"\0\0\0\x18ftypmp42").decode()


@pytest.fixture
def vendor() -> Iterator[OfficialAccount]:
    with OfficialAccount(clock=lambda: NOON) as running:
        yield running


@pytest.fixture
def wechat(vendor: OfficialAccount) -> WeChat:
    return connector(vendor)


@pytest.fixture
def hook(vendor: OfficialAccount, wechat: WeChat) -> Iterator[Hook]:
    with Hook(wechat) as running:
        vendor.callback = running.url
        yield running


def connector(vendor: OfficialAccount, **changes: Any) -> WeChat:
    given = {
        "app_id": APP_ID,
        "app_secret": DEMO_SECRET,
        "token": DEMO_TOKEN,
        "encoding_aes_key": DEMO_KEY,
        "host": vendor.url,
    }
    return WeChat(LocalAccount(WeChat.Settings(**(given | changes)), http=session()))


def outgoing(text: str = "已登记，预计3个工作日", **changes: Any) -> OutgoingMessage:
    made = OutgoingMessage(
        delivery_id="d-1001",
        recipient="oUSER001",
        thread="",
        text=text,
        case_number="QM-4821-0937-10",
    )
    return replace(made, **changes)


def failure(wechat: WeChat, **changes: Any) -> SendFailure:
    with pytest.raises(SendFailure) as caught:
        wechat.send(outgoing(**changes))
    return caught.value


def answers(vendor: OfficialAccount) -> list[Any]:
    return [each for each in vendor.inspect()["messages"] if each["direction"] == "out"]


def calls(vendor: OfficialAccount, path: str) -> int:
    return sum(each.path == path for each in vendor.calls)


# Pushed


def test_address_is_registered_and_a_message_arrives(
    vendor: OfficialAccount, wechat: WeChat, hook: Hook
) -> None:
    assert vendor.register(hook.url)

    vendor.say("oUSER001", "退款多久到账")
    vendor.wait_until(vendor.settled)

    (envelope,) = hook.envelopes
    assert message(wechat, envelope).text == "退款多久到账"


def test_push_that_is_not_answered_comes_again_with_the_same_id(
    vendor: OfficialAccount, hook: Hook
) -> None:
    hook.fail(times=2, processed=True, drop=True)

    vendor.say(text="没人回？")
    vendor.wait_until(vendor.settled)

    assert vendor.pushes[0].answers == [0, 0, 200]
    assert len(hook.received) == 3
    assert len(hook.envelopes) == 1


def test_duplicate_and_late_messages_keep_their_ids(vendor: OfficialAccount, hook: Hook) -> None:
    first = vendor.say(text="一", late=True)
    second = vendor.say(text="二", duplicate=True)
    vendor.wait_until(vendor.settled)

    assert [each.key for each in hook.envelopes] == second + first
    assert len(hook.received) == 3


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
def test_every_mode_of_the_account_is_understood(vendor: OfficialAccount, mode: str) -> None:
    vendor.mode = mode
    wechat = connector(vendor, encrypted=mode == "safe")
    with Hook(wechat) as hook:
        vendor.callback = hook.url
        vendor.say(text="在吗")
        vendor.wait_until(vendor.settled)

    assert [message(wechat, each).text for each in hook.envelopes] == ["在吗"]


def test_keys_may_change_while_messages_come(vendor: OfficialAccount) -> None:
    changing = connector(
        vendor,
        token="newTok2026",
        encoding_aes_key=OTHER_KEY,
        previous_token=DEMO_TOKEN,
        previous_encoding_aes_key=DEMO_KEY,
    )
    with Hook(changing) as hook:
        vendor.callback = hook.url
        vendor.say(text="旧")
        vendor.wait_until(vendor.settled)
        vendor.token, vendor.encoding_aes_key = "newTok2026", OTHER_KEY
        vendor.say(text="新")
        vendor.wait_until(vendor.settled)

    assert [message(changing, each).text for each in hook.envelopes] == ["旧", "新"]


def test_customer_can_be_played_from_outside(vendor: OfficialAccount, hook: Hook) -> None:
    control(vendor.url, "inject", sender="oKIM", text="你好", name="Kim")
    vendor.wait_until(vendor.settled)

    (shown,) = control(vendor.url, "inspect")["result"]["messages"]
    assert (shown["direction"], shown["sender"], shown["text"]) == ("in", "oKIM", "你好")
    assert len(hook.envelopes) == 1


# Answered


def test_reply_arrives_as_it_was_written(vendor: OfficialAccount, wechat: WeChat) -> None:
    vendor.say()

    sent = wechat.send(outgoing("“好的” — 已登记 😀"))

    assert [each["text"] for each in answers(vendor)] == ["“好的” — 已登记 😀"]
    assert sent.external_id == ""


def test_token_is_asked_for_once_and_used_until_it_ends(
    vendor: OfficialAccount, wechat: WeChat
) -> None:
    vendor.say()

    for _ in range(3):
        wechat.send(outgoing())

    assert calls(vendor, "/cgi-bin/stable_token") == 1


@pytest.mark.parametrize("end", [{"seconds": 7201}, {}])
def test_token_that_ended_early_is_renewed_once(
    vendor: OfficialAccount, wechat: WeChat, end: dict[str, int]
) -> None:
    vendor.say()
    wechat.send(outgoing())
    vendor.jump(**end) if end else vendor.revoke()

    wechat.send(outgoing())

    assert len(answers(vendor)) == 2
    assert calls(vendor, "/cgi-bin/stable_token") == 2


def test_token_that_stays_refused_is_the_fault_of_the_settings(
    vendor: OfficialAccount, wechat: WeChat
) -> None:
    vendor.say()
    refused = '{"errcode": 40001, "errmsg": "invalid credential"}'
    vendor.fail(times=9, path="/cgi-bin/message", status=200, body=refused)

    failed = failure(wechat)

    assert isinstance(failed, Misconfigured)
    assert failed.code == "bad_credentials"
    assert calls(vendor, "/cgi-bin/message/custom/send") == 2


def test_old_token_works_beside_the_new_one_for_five_minutes(
    vendor: OfficialAccount, wechat: WeChat
) -> None:
    vendor.say()
    wechat.send(outgoing())
    vendor.jump(7200 - 299)

    renewed = connector(vendor)
    renewed.send(outgoing())
    wechat.send(outgoing())

    assert len(vendor.tokens) == 2
    assert len(answers(vendor)) == 3


def test_sixth_answer_and_late_answer_wait_for_the_customer(
    vendor: OfficialAccount, wechat: WeChat
) -> None:
    vendor.say()
    for _ in range(5):
        wechat.send(outgoing())
    sixth = failure(wechat)
    vendor.say(text="还有问题")
    vendor.jump(48 * HOURS + 1)
    late = failure(wechat)

    for failed in (sixth, late):
        assert isinstance(failed, WindowClosed)
        assert failed.code == "window_closed"
    assert "45047" in sixth.detail
    assert "45015" in late.detail


def test_following_opens_a_window_of_a_minute(vendor: OfficialAccount, wechat: WeChat) -> None:
    vendor.event("oUSER001", "subscribe")
    for _ in range(3):
        wechat.send(outgoing())

    assert isinstance(failure(wechat), WindowClosed)


def test_who_left_gets_no_answer_until_they_are_back(
    vendor: OfficialAccount, wechat: WeChat
) -> None:
    vendor.say()
    vendor.event("oUSER001", "unsubscribe")

    assert isinstance(failure(wechat), WindowClosed)


def test_unknown_recipient_is_gone(wechat: WeChat) -> None:
    failed = failure(wechat, recipient="oNOBODY")

    assert isinstance(failed, PermanentFailure)
    assert failed.code == "recipient_gone"


def test_quota_of_the_day_waits_for_midnight_in_china(
    vendor: OfficialAccount, wechat: WeChat
) -> None:
    vendor.say()
    vendor.per_day = 0

    failed = failure(wechat)

    assert isinstance(failed, TemporaryFailure)
    assert failed.code == "quota_used"
    assert failed.retry_after == 4 * HOURS  # it is 20:00 there


def test_busy_vendor_is_asked_again(vendor: OfficialAccount, wechat: WeChat) -> None:
    vendor.say()
    vendor.fail(path="/cgi-bin/message", status=200, body='{"errcode": -1, "errmsg": "busy"}')

    assert isinstance(failure(wechat), TemporaryFailure)
    wechat.send(outgoing())
    assert len(answers(vendor)) == 1


def test_lost_answer_leaves_it_to_a_person(vendor: OfficialAccount, wechat: WeChat) -> None:
    vendor.say()
    vendor.fail(path="/cgi-bin/message", drop=True, processed=True)

    assert isinstance(failure(wechat), OutcomeUnknown)
    assert len(answers(vendor)) == 1


def test_error_that_nobody_knows_leaves_it_to_a_person(
    vendor: OfficialAccount, wechat: WeChat
) -> None:
    vendor.fail(path="/cgi-bin/message", status=200, body='{"errcode": 99999, "errmsg": "?"}')

    assert isinstance(failure(wechat), OutcomeUnknown)


def test_account_without_the_right_and_unlisted_server_name_the_remedy(
    vendor: OfficialAccount, wechat: WeChat
) -> None:
    vendor.say()
    vendor.is_verified = False
    not_allowed = failure(wechat)
    vendor.address_is_listed = False
    not_listed = failure(connector(vendor))
    with pytest.raises(FetchFailure) as caught:
        connector(vendor).test()

    assert isinstance(not_allowed, Misconfigured)
    assert not_allowed.code == "not_allowed"
    assert isinstance(not_listed, Misconfigured)
    assert not_listed.code == caught.value.code == "address_not_listed"


def test_wrong_secret_is_named_and_kept(vendor: OfficialAccount) -> None:
    failed = failure(connector(vendor, app_secret="wrong-secret-9"))

    assert isinstance(failed, Misconfigured)
    assert failed.code == "bad_credentials"
    assert "wrong-secret-9" not in str(failed)


def test_token_never_stands_in_an_error(vendor: OfficialAccount, wechat: WeChat) -> None:
    vendor.say()
    wechat.send(outgoing())
    (token,) = vendor.tokens
    said = f'{{"errcode": 40003, "errmsg": "bad openid, token {token}"}}'
    vendor.fail(path="/cgi-bin/message", status=200, body=said)
    told = failure(wechat)
    vendor.fail(path="/cgi-bin/message", drop=True)
    broken = failure(wechat)

    for failed in (told, broken):
        assert token not in f"{failed} {failed.detail}"


# Files


@pytest.mark.parametrize(
    ("name", "content_type", "kind"),
    [
        ("照片.png", "image/png", "image"),
        ("说明.amr", "audio/amr", "voice"),
        ("a.mp4", "video/mp4", "video"),
    ],
)
def test_file_is_uploaded_and_sent(
    vendor: OfficialAccount, wechat: WeChat, name: str, content_type: str, kind: str
) -> None:
    vendor.say()

    wechat.send(outgoing("", files=(OutgoingFile(name, content_type, b"some bytes"),)))

    (media,) = vendor.media.values()
    assert (media.name, media.kind, media.data) == (name, kind, b"some bytes")
    assert answers(vendor)[0]["files"] == [name]


@pytest.mark.parametrize(
    "file",
    [
        OutgoingFile("a.pdf", "application/pdf", b"%PDF"),
        OutgoingFile("a.png", "image/png", b"x" * (2 * 1024 * 1024 + 1)),
    ],
)
def test_file_that_the_vendor_never_takes_is_not_even_uploaded(
    vendor: OfficialAccount, wechat: WeChat, file: OutgoingFile
) -> None:
    failed = failure(wechat, text="", files=(file,))

    assert isinstance(failed, PermanentFailure)
    assert failed.code == "content_refused"
    assert vendor.calls == []


def test_upload_that_breaks_is_temporary_because_nothing_was_sent(
    vendor: OfficialAccount, wechat: WeChat
) -> None:
    vendor.say()
    file = OutgoingFile("a.png", "image/png", b"png")
    failures = []
    for fault in ({"drop": True}, {"status": 502}):
        vendor.fail(path="/cgi-bin/media/upload", **fault)
        failures.append(failure(wechat, text="", files=(file,)))

    assert [type(each) for each in failures] == [TemporaryFailure, TemporaryFailure]
    assert answers(vendor) == []


def received(vendor: OfficialAccount, hook: Hook, name: str, content_type: str) -> str:
    """The address of a file that a follower sent."""
    data = MP4 if content_type == "video/mp4" else base64.b64encode(b"sound").decode()
    vendor.say(files=[{"name": name, "type": content_type, "data": data}])
    vendor.wait_until(vendor.settled)
    (file,) = message(hook.connector, hook.envelopes[-1]).files
    return file.url


def test_voice_is_downloaded_for_three_days(
    vendor: OfficialAccount, wechat: WeChat, hook: Hook
) -> None:
    address = received(vendor, hook, "留言.amr", "audio/amr")

    file = wechat.download(address)
    vendor.jump(73 * HOURS)
    with pytest.raises(FetchFailure) as caught:
        wechat.download(address)

    assert (file.name, file.content_type, file.data) == ("留言.amr", "audio/amr", b"sound")
    assert caught.value.code == "gone"


def test_video_is_fetched_from_the_address_that_the_vendor_gives(
    vendor: OfficialAccount, wechat: WeChat, hook: Hook
) -> None:
    address = received(vendor, hook, "a.mp4", "video/mp4")
    (media_id,) = vendor.media
    account = wechat.account
    assert isinstance(account, LocalAccount)
    account.media[f"{vendor.url}/mmbiz/{media_id}"] = IncomingFile("a.mp4", data=b"film")

    assert wechat.download(address).data == b"film"


def test_file_that_is_too_large_is_given_up(
    vendor: OfficialAccount, wechat: WeChat, hook: Hook
) -> None:
    address = received(vendor, hook, "a.amr", "audio/amr")
    (media,) = vendor.media.values()
    media.data = b"x" * (20 * 1024 * 1024 + 1)

    with pytest.raises(FetchFailure) as caught:
        wechat.download(address)

    assert caught.value.code == "too_large"


# Asked


def test_union_id_is_what_the_vendor_vouches_for(vendor: OfficialAccount, wechat: WeChat) -> None:
    vendor.say("oUSER001", "你好", union_id="oUNION1")
    vendor.say("oUSER002", "你好")

    bound, unbound = wechat.profile("oUSER001"), wechat.profile("oUSER002")

    assert bound
    assert bound.vouched == "unionid:oUNION1"
    assert unbound
    assert unbound.vouched == ""


def test_channel_test_really_asks(vendor: OfficialAccount, wechat: WeChat) -> None:
    assert APP_ID in wechat.test()
    assert calls(vendor, "/cgi-bin/getcallbackip") == 1
