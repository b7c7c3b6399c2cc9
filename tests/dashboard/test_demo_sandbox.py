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

from dashboard.demo.sandbox import MAIL_FILE, read_forum, write_forum
from tests.channels_ingest.dovecot import free_port
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
        self.imap, self.smtp, self.forum, self.callbacks = (free_port() for _ in range(4))
        self.secret_file = folder / "secret"
        self.secret_file.write_text(SECRET)
        self._starts = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        self._starts += 1
        log = self.folder / f"log-{self._starts}"
        words = (
            *(sys.executable, "-m"),
            *("dashboard.demo.sandbox", f"--imap-port={self.imap}", f"--smtp-port={self.smtp}"),
            *(f"--forum-port={self.forum}", f"--callback-port={self.callbacks}"),
            *(f"--folder={self.folder}", f"--secret-file={self.secret_file}"),
        )
        with log.open("wb") as said, subprocess.Popen(words, cwd=HOME, stdout=said) as process:
            try:
                wait_for(lambda: b"emulators listen" in log.read_bytes(), "sandbox", within=60)
                yield
                process.terminate()
                assert process.wait(20) == 0
            finally:
                process.kill()

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
        address = f"http://127.0.0.1:{sandbox.forum}/_control/inject"
        post = {"do": "write", "username": "desk", "topic_id": 7, "raw": "We are looking at it."}
        requests.post(address, json=post, timeout=10).raise_for_status()
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
