"""What the demo's forum and mailboxes keep across a restart."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from channels_ingest.sandbox.discourse import Forum, Post
from channels_ingest.sandbox.email import MailServer

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
            written = _open_again(forum, post)
            topics[post["topic"]] = written.topic.id
        written.version = post["version"]
        written.deleted = post["deleted"]
    clock.moment = None


def _open_again(forum: Forum, post: dict[str, Any]) -> Post:
    name, title, raw = post["username"], post["title"], post["raw"]
    if people := post.get("people"):
        return forum.open_message(name, title, raw, to=people)
    return forum.open_topic(name, title, raw, category_id=CATEGORY)


def kept_posts(forum: Forum) -> list[dict[str, Any]]:
    """Everything that was written, as `restore_forum` takes it."""
    return [_kept(post) for post in sorted(forum.posts.values(), key=lambda each: each.id)]


def _kept(post: Post) -> dict[str, Any]:
    people = sorted(post.topic.people)
    return {
        **({"people": people} if people else {}),
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
