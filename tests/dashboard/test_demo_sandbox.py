"""The demo's vendors in one process: they remember across a restart what was written there."""

import imaplib
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from dashboard.demo.memory import MAIL_FILE, read_forum, write_forum
from dashboard.demo.wiring import ADDRESS, Wiring, free_ports, write_wiring
from tests.faults.processes import HOME
from tests.waiting import wait_for

pytestmark = pytest.mark.faults
SECRET = "of-this-test"
KIM = "kim@mail.example"
FIRST = {
    "username": "kim",
    "topic": 7,
    "title": "No mail",
    "raw": "The inbox has been empty since Monday.",
    "at": "2026-11-20T09:00:00+00:00",
    "reply_to": None,
    "version": 1,
    "deleted": False,
}


class Sandbox:
    """The process, started as the demo starts it, on the same ports each time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wiring = Wiring(SECRET, free_ports())
        self.imap, self.smtp, self.forum = (
            self.wiring.ports[place] for place in ("imap", "smtp", "forum")
        )
        self._starts = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        self._starts += 1
        log = self.folder / f"log-{self._starts}"
        told = self.folder / "wiring.json"
        write_wiring(told, self.wiring)
        words = (
            *(sys.executable, "-m", "dashboard.demo.sandbox"),
            *(f"--folder={self.folder}", f"--wiring={told}"),
        )
        with log.open("wb") as said, subprocess.Popen(words, cwd=HOME, stdout=said) as process:
            try:
                wait_for(lambda: b"emulators listen" in log.read_bytes(), "sandbox", within=60)
                yield
                process.terminate()
                assert process.wait(20) == 0
            finally:
                process.kill()

    def inject(self, place: str, **what: object) -> requests.Response:
        """Let something happen at a vendor."""
        address = f"{self.wiring.url(place)}/_control/inject"
        return requests.post(address, json=what, timeout=10)

    def messages(self, place: str) -> list[dict[str, object]]:
        address = f"{self.wiring.url(place)}/_control/inspect"
        found: list[dict[str, object]] = requests.post(address, json={}, timeout=10).json()[
            "result"
        ]["messages"]
        return found

    def posts(self) -> list[dict[str, object]]:
        address = f"http://127.0.0.1:{self.forum}/posts.json"
        headers = {"Api-Key": SECRET, "Api-Username": "desk"}
        found = requests.get(address, headers=headers, timeout=10).json()["latest_posts"]
        return sorted(found, key=lambda post: int(post["id"]))

    def mails(self) -> list[bytes]:
        """The UIDs in the mailbox of Kim."""
        with imaplib.IMAP4("127.0.0.1", self.imap, timeout=10) as mailbox:
            mailbox.login(KIM, SECRET)
            mailbox.select(readonly=True)
            found: bytes = mailbox.uid("search", "", "ALL")[1][0]
            return found.split()


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return Sandbox(tmp_path)


def test_forum_goes_on_where_it_stopped(sandbox: Sandbox) -> None:
    write_forum(sandbox.folder, [FIRST])
    with sandbox.running():
        post = {"do": "write", "username": "desk", "topic_id": 7, "raw": "We are looking at it."}
        sandbox.inject("forum", **post).raise_for_status()
        wait_for(lambda: len(read_forum(sandbox.folder)) == 2, "the post is kept")

    with sandbox.running():
        posts = sandbox.posts()

    assert [(post["id"], post["topic_id"]) for post in posts] == [(100, 7), (101, 7)]
    assert posts[0]["created_at"] == "2026-11-20T09:00:00.000Z"
    assert posts[1]["raw"] == "We are looking at it."


def test_mail_is_still_there_under_the_same_uid(sandbox: Sandbox) -> None:
    with sandbox.running():
        with smtplib.SMTP("127.0.0.1", sandbox.smtp, timeout=10) as post:
            post.sendmail("desk@shop.example", KIM, b"Subject: one\r\n\r\nHello\r\n")
        wait_for((sandbox.folder / MAIL_FILE).exists, "the mail is kept")
        before = sandbox.mails()

    with sandbox.running():
        after = sandbox.mails()

    assert before == after == [b"1"]


def test_wrong_secret_opens_nothing(sandbox: Sandbox) -> None:
    with (
        sandbox.running(),
        imaplib.IMAP4("127.0.0.1", sandbox.imap, timeout=10) as mailbox,
        pytest.raises(imaplib.IMAP4.error),
    ):
        mailbox.login(KIM, "guessed")


def test_private_topic_stays_private_after_a_new_start(sandbox: Sandbox) -> None:
    with sandbox.running():
        sandbox.inject("forum", sender="kim", text="Only for you", private=True)
        wait_for(lambda: read_forum(sandbox.folder), "the post is kept")

    with sandbox.running():
        (kept,) = sandbox.messages("forum")

    assert (kept["text"], kept["is_public"]) == ("Only for you", False)


def test_letter_of_a_customer_answers_the_last_one_of_the_desk(sandbox: Sandbox) -> None:
    with sandbox.running():
        sandbox.inject("mail", sender=KIM, text="No mail", name="Kim").raise_for_status()
        with smtplib.SMTP("127.0.0.1", sandbox.smtp, timeout=10) as post:
            reply = b"Subject: No mail\r\nMessage-ID: <r1@desk.example>\r\n\r\nLooking\r\n"
            post.sendmail(ADDRESS, KIM, reply)
        sandbox.inject("mail", sender=KIM, text="Thanks", name="Kim").raise_for_status()

        told = sandbox.messages("mail")

    said = [(each["direction"], each["subject"], each["text"]) for each in told]
    assert ("in", "Re: No mail", "Thanks") in said
    assert ("out", "No mail", "Looking") in said


def test_no_id_of_a_chat_comes_again_after_a_new_start(sandbox: Sandbox) -> None:
    ids = []
    for _start in range(2):
        with sandbox.running():
            told = sandbox.inject("wechat", sender="oKim", text="hello").json()["result"]
            ids += told
            ids.append(sandbox.inject("qq", sender="kim", text="hello").json()["result"])

    assert len(set(ids)) == len(ids) == 4


def test_chats_go_on_after_a_new_start(sandbox: Sandbox) -> None:
    with sandbox.running():
        sandbox.inject("wechat", sender="oKim", text="hello", name="Kim").raise_for_status()
        sandbox.inject("qq", sender="kim", text="hello").raise_for_status()
        sandbox.inject("weibo", sender="700", text="hello").raise_for_status()
        before = [sandbox.messages(place) for place in ("wechat", "qq", "weibo")]

    with sandbox.running():
        after = [sandbox.messages(place) for place in ("wechat", "qq", "weibo")]

    assert all(before)
    assert after == before


def test_trouble_that_a_vendor_does_not_know_is_refused(sandbox: Sandbox) -> None:
    with sandbox.running():
        answers = [
            sandbox.inject(place, do="trouble", name="token").status_code
            for place in ("forum", "mail", "weibo")
        ]

    assert answers == [400, 400, 400]
