"""The sandbox page: whom it lets in, what it shows, and that it is nowhere outside a demo."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from config.embedded.folders import Folders
from dashboard.demo import urls as demo_urls
from dashboard.demo.customers import QQDoor, WeChatDoor, WeiboDoor
from dashboard.demo.doors import kept_wiring, make_channels
from dashboard.demo.sandbox import open_vendors
from tests import factories
from tests.config.desk import free_port
from tests.dashboard.conftest import Desk
from tests.faults.processes import HOME
from tickets.models import User

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
OUTSIDE = """
import django
django.setup()
from django.urls import Resolver404, resolve
for path in ("/sandbox/", "/sandbox/chats/", "/sandbox/qq/messages/"):
    try:
        resolve(path)
    except Resolver404:
        print("absent", path)
"""


@pytest.fixture
def demo(db: None, settings: Settings, tmp_path: Path) -> Iterator[None]:
    """The doors of a demo without its stories, and its vendors in this process."""
    settings.FOLDERS, settings.PORT = Folders(tmp_path), free_port()
    wiring = kept_wiring()
    make_channels(wiring, now=timezone.now())
    with ExitStack() as stack:
        open_vendors(stack, wiring, tmp_path)
        yield


@pytest.fixture
def played(demo: None, desk: Desk) -> Desk:
    """Ada's browser on the page; nobody answers for our own form here."""
    assert desk.get("/sandbox/").status_code == 200
    return desk


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_outside_a_demo_there_is_no_such_page() -> None:
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEMO": "no",
        "SECRET_KEY": os.environ["SECRET_KEY"],
        "CREDENTIALS_KEY": os.environ["CREDENTIALS_KEY"],
        "PUBLIC_URL": "https://support.example.org",
        "VAR_DIR": os.environ.get("VAR_DIR", "var"),
    }

    done = subprocess.run(
        [sys.executable, "-c", OUTSIDE],
        cwd=HOME,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stdout.split() == (
        ["absent", "/sandbox/", "absent", "/sandbox/chats/", "absent", "/sandbox/qq/messages/"]
    ), done.stderr


def test_no_route_is_made_while_demo_is_off(settings: Settings) -> None:
    settings.DEMO = False

    assert demo_urls.routes() == []


def test_desk_whose_vendors_are_real_ones_has_no_page(desk: Desk) -> None:
    assert desk.get("/sandbox/").status_code == 404


def test_stranger_is_sent_to_the_sign_in(demo: None) -> None:
    answer = Client().get("/sandbox/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


def test_helper_is_told_that_it_is_not_for_them(
    demo: None, sign_in: Callable[[User], Desk]
) -> None:
    helper = sign_in(factories.hal())

    assert helper.get("/sandbox/").status_code == 403
    assert helper.send("/sandbox/qq/messages/", {"text": "hello"}).status_code == 403
    assert "/sandbox/" not in text_of(helper.get("/"))


def test_page_is_linked_in_the_rail_and_says_what_it_is(played: Desk) -> None:
    page = text_of(played.get("/sandbox/"))

    assert 'href="/sandbox/"' in text_of(played.get("/"))
    assert "emulators on this machine play the vendors" in page
    for slug in ("web", "qq", "wechat", "weibo", "forum", "mail"):
        assert f'id="pane-{slug}"' in page


@pytest.mark.parametrize("slug", ["qq", "wechat", "weibo", "forum", "mail"])
def test_what_a_customer_writes_stands_in_their_chat(played: Desk, slug: str) -> None:
    words = f"Nothing arrives by {slug} <b>today</b>"

    answer = played.send(
        f"/sandbox/{slug}/messages/", {"text": words, "name": "Kim"}, HTTP_HX_REQUEST="true"
    )

    page = text_of(answer)
    assert answer.status_code == 200
    assert f"Nothing arrives by {slug} &lt;b&gt;today&lt;/b&gt;" in page
    assert 'value="Kim"' in page
    assert "bb--me" in page


def test_group_and_private_chat_of_qq_are_told_apart(played: Desk) -> None:
    played.send("/sandbox/qq/messages/", {"text": "only for you", "place": "private"})
    played.send("/sandbox/qq/messages/", {"text": "for everybody", "place": "group"})

    threads = {each["text"]: each["thread"] for each in QQDoor().vendor.messages()}

    assert threads["only for you"].startswith("c2c:")
    assert threads["for everybody"].startswith("group:")


def test_public_comment_on_weibo_is_one(played: Desk) -> None:
    played.send("/sandbox/weibo/messages/", {"text": "for everybody", "place": "public"})

    told = WeiboDoor().vendor.inspect()

    assert [each["text"] for each in told["comments"]] == ["for everybody"]


def test_new_start_shows_nothing_of_the_customer_before(played: Desk) -> None:
    played.send("/sandbox/wechat/messages/", {"text": "the customer before"})

    played.send("/sandbox/start/")

    assert "the customer before" not in text_of(played.get("/sandbox/"))
    assert "the customer before" in json.dumps(WeChatDoor().vendor.messages())


def test_nothing_new_is_told_in_no_words(played: Desk) -> None:
    played.send("/sandbox/wechat/messages/", {"text": "hello"})
    first = played.get("/sandbox/chats/")

    same = played.get("/sandbox/chats/", {"mark": first["X-Mark"]})
    played.send("/sandbox/wechat/messages/", {"text": "hello again"})
    other = played.get("/sandbox/chats/", {"mark": first["X-Mark"]})

    assert (same.status_code, same.content) == (204, b"")
    assert "hello again" in text_of(other)


def test_picture_arrives_at_the_vendor(played: Desk) -> None:
    picture = SimpleUploadedFile("shot.png", PNG, "image/png")

    played.send("/sandbox/wechat/messages/", {"text": "see", "picture": picture})

    (kept,) = WeChatDoor().vendor.messages()
    assert kept["files"] == ["shot.png"]


def test_file_that_is_no_picture_is_refused_in_words(played: Desk) -> None:
    file = SimpleUploadedFile("run.exe", b"MZ", "application/x-msdownload")

    answer = played.send(
        "/sandbox/qq/messages/", {"text": "see", "picture": file}, HTTP_HX_REQUEST="true"
    )

    assert "Choose a picture of at most 2 MB." in text_of(answer)
    assert QQDoor().vendor.messages() == []


def test_trouble_is_noted_in_the_chat(played: Desk) -> None:
    answer = played.send(
        "/sandbox/wechat/troubles/", {"trouble": "limited"}, HTTP_HX_REQUEST="true"
    )

    assert "The next reply is refused: too many requests" in text_of(answer)


def test_unknown_door_and_unknown_trouble_are_not_found(played: Desk) -> None:
    assert played.send("/sandbox/fax/messages/", {"text": "hello"}).status_code == 404
    assert played.send("/sandbox/mail/troubles/", {"trouble": "token"}).status_code == 404


def test_vendor_that_is_silent_is_said_to_be(
    db: None, settings: Settings, tmp_path: Path, desk: Desk
) -> None:
    settings.FOLDERS, settings.PORT = Folders(tmp_path), free_port()
    make_channels(kept_wiring(), now=timezone.now())

    page = desk.get("/sandbox/")

    assert page.status_code == 200
    assert text_of(page).count("The emulator does not answer (ConnectionError).") == 5
    answer = desk.send("/sandbox/qq/messages/", {"text": "hello"}, HTTP_HX_REQUEST="true")
    assert "It was not taken: ConnectionError" in text_of(answer)
