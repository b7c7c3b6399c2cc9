"""Both WeChat vendors at the real door: pushed over the web, stored, read, and answered."""

from collections.abc import Iterator
from typing import cast
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from channels_ingest import api, outbox, polling
from channels_ingest.sandbox.wechat import APP_ID, OfficialAccount
from channels_ingest.sandbox.wecom import CORP_ID, Corporation
from channels_ingest.sandbox.weixin import DEMO_KEY, DEMO_SECRET, DEMO_TOKEN, Weixin
from tests.channels_ingest.doors import drain
from tickets.actions.replies import reply
from tickets.actor import Actor
from tickets.models import Channel, Conversation, Message, Role, User

pytestmark = pytest.mark.django_db

SHARED = {"token": DEMO_TOKEN, "encoding_aes_key": DEMO_KEY}


@pytest.fixture
def account() -> Iterator[OfficialAccount]:
    with OfficialAccount() as running:
        yield running


@pytest.fixture
def corporation() -> Iterator[Corporation]:
    with Corporation() as running:
        yield running


def made(kind: str, vendor: Weixin, **values: str) -> Channel:
    given = {**SHARED, "host": vendor.url, **values}
    return api.create_channel(kind=kind, slug="w", values=given, now=timezone.now()).channel


def push(channel: Channel, vendor: Weixin, key: str = "") -> HttpResponse:
    """Hand the vendor's newest push to the door, as the vendor would."""
    body, query = vendor.written(vendor.pushes[-1].fields)
    path = "/" + api.webhook_address(channel).split("/", 3)[3]
    if key:
        path = f"/hooks/{channel.slug}/{key}/"
    answer = Client(enforce_csrf_checks=True).post(
        f"{path}?{urlencode(query)}", data=body, content_type="text/xml"
    )
    return cast(HttpResponse, answer)


def answer(text: str) -> None:
    """An agent answers the one conversation there is, and it is sent."""
    ada = User.objects.create_user("ada@example.test", name="Ada", role=Role.MANAGER)
    now = timezone.now()
    reply(conversation=Conversation.objects.get(), text=text, by=Actor.of(ada), now=now)
    outbox.deliver()


def test_follower_of_an_official_account_is_heard_once_and_answered(
    account: OfficialAccount,
) -> None:
    channel = made("wechat", account, app_id=APP_ID, app_secret=DEMO_SECRET)
    account.say("oUSER001", "退款多久到账")

    answers = [push(channel, account) for _ in range(2)]
    drain()
    answer("三天内")

    assert [(each.status_code, each.content) for each in answers] == [(200, b""), (200, b"")]
    assert Message.objects.filter(direction="inbound").count() == 1
    assert account.inspect()["messages"][-1]["text"] == "三天内"


def test_address_without_its_key_is_refused(account: OfficialAccount) -> None:
    channel = made("wechat", account, app_id=APP_ID, app_secret=DEMO_SECRET)
    account.say()

    assert push(channel, account, key="another").status_code == 401


def test_customer_of_a_corporation_is_heard_and_answered(corporation: Corporation) -> None:
    channel = made("wecom", corporation, corp_id=CORP_ID, secret=DEMO_SECRET)
    polling.pull(channel.account.pk, now=timezone.now())
    corporation.say("wmU9", "怎么改地址")

    answered = push(channel, corporation)
    polling.pull(channel.account.pk, now=timezone.now())
    drain()
    answer("已改好")

    (asked,) = [each.json() for each in corporation.calls if each.path.endswith("/sync_msg")]
    assert (answered.status_code, answered.content) == (200, b"success")
    assert asked["token"] == corporation.pushes[-1].fields["Token"]
    assert corporation.inspect()["messages"][-1]["text"] == "已改好"
