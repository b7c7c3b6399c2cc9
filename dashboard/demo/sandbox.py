"""The vendors of the demo in one process: a mail server, a forum and a receiver of callbacks.

They are the emulators of `channels_ingest.sandbox` with a memory: what was written there is still
there after the next start. `python -m dashboard.demo.sandbox --help`.
"""

import argparse
import base64
import json
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from channels_ingest.sandbox.discourse import Forum, Post
from channels_ingest.sandbox.email import MailServer
from channels_ingest.sandbox.http import CallbackReceiver

FORUM_FILE = "forum.json"
MAIL_FILE = "mail.jsonl"
LOOK_EVERY = 1.0  # seconds
CATEGORY = 5
# The numbers that an empty forum begins with.
FIRST_TOPIC, FIRST_POST = 7, 100


class Clock:
    """The time, or for a while the moment at which something is said to have happened."""

    def __init__(self) -> None:
        self.moment: datetime | None = None

    def __call__(self) -> datetime:
        return self.moment or datetime.now(UTC)


def restore_forum(forum: Forum, clock: Clock, kept: list[dict[str, Any]]) -> None:
    """Write the kept posts again, in their order, so that every number is what it was."""
    topics: dict[int, int] = {}
    for post in kept:
        clock.moment = datetime.fromisoformat(post["at"])
        if post["topic"] in topics:
            place, reply_to = topics[post["topic"]], post["reply_to"]
            written = forum.write(post["username"], place, post["raw"], reply_to=reply_to)
        else:
            name, title = post["username"], post["title"]
            written = forum.open_topic(name, title, post["raw"], category_id=CATEGORY)
            topics[post["topic"]] = written.topic.id
        written.version = post["version"]
        written.deleted = post["deleted"]
    clock.moment = None


def kept_posts(forum: Forum) -> list[dict[str, Any]]:
    """Everything that was written, as `restore_forum` takes it."""
    return [_kept(post) for post in sorted(forum.posts.values(), key=lambda each: each.id)]


def _kept(post: Post) -> dict[str, Any]:
    return {
        "username": post.username,
        "topic": post.topic.id,
        "title": post.topic.title,
        "raw": post.raw,
        "at": post.created_at.isoformat(),
        "reply_to": post.reply_to_post_number,
        "version": post.version,
        "deleted": post.deleted,
    }


def write_forum(folder: Path, posts: list[dict[str, Any]]) -> None:
    """Keep the posts, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{FORUM_FILE}.new"
    draft.write_text(json.dumps(posts, ensure_ascii=False), encoding="utf-8")
    draft.replace(folder / FORUM_FILE)


def read_forum(folder: Path) -> list[dict[str, Any]]:
    path = folder / FORUM_FILE
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def keep_forum(forum: Forum, folder: Path) -> NoReturn:
    """Keep the forum's posts after everything that changed them."""
    known = kept_posts(forum)
    while True:
        with forum.changed:
            # Calls wake us; what people do there by `/_control/` is found by looking.
            forum.changed.wait(LOOK_EVERY)
            now = kept_posts(forum)
        if now != known:
            write_forum(folder, now)
            known = now


def restore_mail(server: MailServer, folder: Path) -> None:
    """Lay every kept mail into its mailbox again; in the same order it has the same UID."""
    path = folder / MAIL_FILE
    if not path.exists():
        return
    for line in path.read_text(encoding="ascii").splitlines():
        mail = json.loads(line)
        at = datetime.fromisoformat(mail["at"])
        server.post.put(mail["address"], base64.b64decode(mail["raw"]), at)


def keep_mail(server: MailServer, folder: Path) -> NoReturn:
    """Append every new mail to the file."""
    post = server.post
    kept = {address: len(box.mails) for address, box in post.folders.items()}
    while True:
        with post.changed:
            post.changed.wait(LOOK_EVERY)
            fresh = [
                (address, mail)
                for address, box in post.folders.items()
                for mail in box.mails[kept.get(address, 0) :]
            ]
        for address, mail in fresh:
            kept[address] = kept.get(address, 0) + 1
            raw = base64.b64encode(mail.raw).decode()
            line = {"address": address, "at": mail.arrived_at.isoformat(), "raw": raw}
            with (folder / MAIL_FILE).open("a", encoding="ascii") as file:
                file.write(json.dumps(line) + "\n")


def main() -> None:
    """Run until SIGINT or SIGTERM."""
    given = _arguments()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    given.folder.mkdir(parents=True, exist_ok=True)
    secret = given.secret_file.read_text(encoding="ascii").strip()
    clock = Clock()
    mail = MailServer(password=secret, imap_port=given.imap_port, smtp_port=given.smtp_port)
    restore_mail(mail, given.folder)
    forum = Forum(port=given.forum_port, clock=clock)
    forum.keys = {secret}
    forum.min_length = 5  # as Chinese forums set it: twenty characters are a long answer there
    restore_forum(forum, clock, read_forum(given.folder))
    with mail, forum, CallbackReceiver(secret, port=given.callback_port):
        for keep in (
            threading.Thread(target=keep_forum, args=(forum, given.folder), daemon=True),
            threading.Thread(target=keep_mail, args=(mail, given.folder), daemon=True),
        ):
            keep.start()
        sys.stdout.write(
            f"emulators listen: IMAP {mail.imap.port}, SMTP {mail.smtp.port}, forum {forum.url}\n"
        )
        sys.stdout.flush()
        threading.Event().wait()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name in ("imap", "smtp", "forum", "callback"):
        parser.add_argument(f"--{name}-port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--folder", type=Path, required=True, help="where its memory lies")
    parser.add_argument("--secret-file", type=Path, required=True, help="password, key and secret")
    return parser.parse_args()


if __name__ == "__main__":
    main()
