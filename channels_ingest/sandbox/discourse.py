"""A forum that keeps Discourse's rules for the API: who may post, what is refused, what repeats.

Run it alone with `python -m channels_ingest.sandbox.discourse --port 9292`: its API key is
"demo-api-key", its desk user "desk", its first category 5.
"""

import hashlib
import hmac
import html
import json
import re
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import requests

from channels_ingest.sandbox.base import Answer, Call, Emulator, as_json, serve

PAGE = 50
MEMO = timedelta(seconds=120)
UNIQUE = timedelta(minutes=5)
UPLOADED = re.compile(r"\]\(upload://([\w.]+)\)")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
DEMO_KEY = "demo-api-key"
DEEDS = ("open_topic", "open_message", "write", "edit", "delete", "close", "skip_ids", "add_hook")


@dataclass
class Topic:
    id: int
    title: str
    category_id: int | None
    closed: bool = False
    archived: bool = False
    deleted: bool = False
    archetype: str = "regular"
    unlisted: bool = False
    people: set[str] = field(default_factory=set)  # who takes part in a private one


@dataclass
class Post:
    id: int
    topic: Topic
    post_number: int
    username: str
    raw: str
    created_at: datetime
    updated_at: datetime
    reply_to_post_number: int | None = None
    post_type: int = 1
    version: int = 1
    hidden: bool = False
    deleted: bool = False
    user_deleted: bool = False


@dataclass
class Hook:
    """A webhook: where it goes and what the other side answered."""

    url: str
    secret: str
    answers: list[int] = field(default_factory=list)


class Refused(Exception):
    """The forum does not do it; the answer that says so."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def refused(status: int, *errors: str, kind: str = "", **more: Any) -> Refused:
    body: dict[str, Any] = {"errors": list(errors)} | ({"error_type": kind} if kind else {}) | more
    return Refused(as_json(body, status))


class Forum(Emulator):
    """The forum. `write`, `edit`, `delete`, `close` are what people do there in a browser."""

    name = "Discourse"

    def __init__(self, *, port: int = 0, clock: Callable[[], datetime] | None = None) -> None:
        super().__init__(port=port, clock=clock)
        self.keys = {DEMO_KEY}
        self.users = {"desk": 2}
        self.staff: set[str] = set()
        self.secure: set[str] = set()  # uploads that only signed-in users may have
        self.categories: dict[int, int | None] = {5: None, 6: None, 51: 5}  # id and its parent
        self.moderated: set[int] = set()  # categories in which posts wait for a moderator
        self.min_length = 20
        self.per_minute: int | None = None  # API calls before 429
        self.topics: dict[int, Topic] = {}
        self.posts: dict[int, Post] = {}
        self.uploads: dict[str, tuple[str, bytes]] = {}
        self.hooks: list[Hook] = []
        self._next_id = 100
        self._telling: list[threading.Thread] = []
        self._memo: dict[str, tuple[datetime, Answer]] = {}
        self._asked_at: list[datetime] = []

    # What people do

    def open_topic(self, username: str, title: str, raw: str, *, category_id: int = 5) -> Post:
        """Start a topic; its first post."""
        with self.lock:
            topic = Topic(len(self.topics) + 7, title, category_id)
            self.topics[topic.id] = topic
        return self.write(username, topic.id, raw)

    def open_message(
        self, username: str, title: str, raw: str, *, to: Iterable[str] = ("desk",)
    ) -> Post:
        """Start a private topic with others; its first post."""
        with self.lock:
            topic = Topic(len(self.topics) + 7, title, None, archetype="private_message")
            topic.people = {username, *to}
            self.topics[topic.id] = topic
        return self.write(username, topic.id, raw)

    def write(
        self,
        username: str,
        topic_id: int,
        raw: str,
        *,
        reply_to: int | None = None,
        post_type: int = 1,
    ) -> Post:
        """Write a post in a topic, as in a browser: none of the API's rules apply."""
        with self.lock:
            self.users.setdefault(username, len(self.users) + 10)
            topic, now = self.topics[topic_id], self.now()
            number = 1 + sum(each.topic is topic for each in self.posts.values())
            post = Post(self._next_id, topic, number, username, raw, now, now, reply_to, post_type)
            self._next_id += 1
            self.posts[post.id] = post
            self._tell("post_created", post)
        return post

    def edit(self, post_id: int, raw: str, *, quick: bool = False) -> Post:
        """Edit a post; a `quick` edit, within five minutes, makes no new version."""
        with self.lock:
            post = self.posts[post_id]
            post.raw, post.updated_at = raw, self.now()
            post.version += 0 if quick else 1
            self._tell("post_edited", post)
        return post

    def delete(self, post_id: int) -> Post:
        with self.lock:
            post = self.posts[post_id]
            self._tell("post_destroyed", post)  # told as it was before
            post.deleted = True
        return post

    def close(self, topic_id: int) -> None:
        with self.lock:
            self.topics[topic_id].closed = True

    def skip_ids(self, count: int) -> None:
        """Use up ids, as private messages and drafts of others do."""
        with self.lock:
            self._next_id += count

    def add_hook(self, url: str, secret: str) -> Hook:
        hook = Hook(url, secret)
        self.hooks.append(hook)
        return hook

    def inject(self, do: str = "write", **what: Any) -> Any:
        """Do what a person does there.

        With `sender` and `text` somebody writes: in the topic `thread`, or begins one, or, where
        `private`, begins a private one. `do` names what else people do, with its own arguments.
        """
        if "sender" in what:
            return self._shown(self._say(**what))
        if do not in DEEDS:
            raise LookupError(f"nobody does {do!r} here")
        done = getattr(self, do)(**what)
        return self._shown(done) if isinstance(done, Post) else None

    def _say(
        self,
        sender: str,
        text: str,
        *,
        thread: str = "",
        private: bool = False,
        title: str = "",
        name: str = "",
    ) -> Post:
        """`name` is taken because a page gives it to every vendor; here people go by user name."""
        if thread:
            return self.write(sender, int(thread), text)
        opened = self.open_message if private else self.open_topic
        return opened(sender, title or text[:60], text)

    def inspect(self) -> Any:
        with self.lock:
            posts = [self._shown(each) for each in self.posts.values()]
            seen = [each for each in self.posts.values() if not each.deleted]
            return {
                "posts": posts,
                "messages": [self._told(each) for each in seen],
                "calls": len(self.calls),
                "uploads": sorted(self.uploads),
            }

    def _told(self, post: Post) -> dict[str, Any]:
        """A post as a line of a chat, from where a customer sits."""
        is_ours = post.username == "desk"
        return {
            "direction": "out" if is_ours else "in",
            "sender": post.username,
            "recipient": "" if is_ours else "desk",
            "thread": str(post.topic.id),
            "text": COMMENT.sub("", post.raw).strip(),
            "files": UPLOADED.findall(post.raw),
            "at": _written(post.created_at),
            "is_public": post.topic.archetype == "regular",
            "is_hidden": post.hidden,
        }

    def stop(self) -> None:
        for each in self._telling:
            each.join()
        super().stop()

    def _tell(self, event: str, post: Post) -> None:
        """Call the webhooks once; Discourse repeats them only where its owner turned that on."""
        body = json.dumps({"post": self._shown(post)}, ensure_ascii=False).encode()
        for hook in self.hooks:
            thread = threading.Thread(target=self._call_hook, args=(hook, event, body))
            self._telling = [each for each in self._telling if each.is_alive()] + [thread]
            thread.start()

    def _call_hook(self, hook: Hook, event: str, body: bytes) -> None:
        signature = hmac.new(hook.secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Discourse-Instance": self.url,
            "X-Discourse-Event-Id": str(uuid.uuid4().int % 10**6),
            "X-Discourse-Event-Type": "post",
            "X-Discourse-Event": event,
            "X-Discourse-Event-Signature": f"sha256={signature}",
        }
        try:
            answer = requests.post(hook.url, data=body, headers=headers, timeout=5)
            status = answer.status_code
        except requests.RequestException:
            status = 0
        with self.changed:
            hook.answers.append(status)
            self.changed.notify_all()

    # What the API answers

    def answer(self, call: Call) -> Answer:
        try:
            username = self._who(call)
            self._limit()
            for method, pattern, action in ROUTES:
                match = re.fullmatch(pattern, call.path)
                if match and method == call.method:
                    return action(self, call, username, *match.groups())
            raise refused(404, "The requested URL could not be found.", kind="not_found")
        except Refused as refusal:
            return refusal.answer

    def _who(self, call: Call) -> str | None:
        key, username = call.headers.get("api-key"), call.headers.get("api-username")
        if key is None:
            return None
        if key not in self.keys or username not in self.users:
            raise refused(403, "You are not permitted to view it.", kind="invalid_access")
        return username

    def _limit(self) -> None:
        now = self.now()
        self._asked_at = [at for at in self._asked_at if now - at < timedelta(minutes=1)]
        if self.per_minute is not None and len(self._asked_at) >= self.per_minute:
            seconds = 60 - int((now - self._asked_at[0]).total_seconds())
            answer = as_json(
                {
                    "errors": [f"Too many requests, retry again in {seconds} seconds."],
                    "error_type": "rate_limit",
                    "extras": {"wait_seconds": seconds, "time_left": f"{seconds} seconds"},
                },
                429,
                **{"Retry-After": str(seconds)},
            )
            raise Refused(answer)
        self._asked_at.append(now)

    def _latest(self, call: Call, username: str | None) -> Answer:
        page = [self._shown(each) for each in self._page(call, self._is_public)]
        return as_json({"latest_posts": page})

    def _latest_private(self, call: Call, username: str | None) -> Answer:
        """Those of the user; an administrator is shown everybody's, as in life."""
        if username is None:
            raise refused(404, "The requested URL could not be found.", kind="not_found")
        page = [self._shown(each) for each in self._page(call, lambda p: self._sees(username, p))]
        for each in page:
            del each["topic_archetype"]  # which this list leaves out
        return as_json({"private_posts": page})

    def _page(self, call: Call, is_shown: Callable[[Post], bool]) -> list[Post]:
        before = int(call.query.get("before", ["0"])[0])
        visible = [
            each
            for each in sorted(self.posts.values(), key=lambda post: -post.id)
            if is_shown(each) and each.post_type == 1 and not (before and each.id >= before)
        ]
        return visible[:PAGE]

    def _sees(self, username: str, post: Post) -> bool:
        is_theirs = username in post.topic.people or username in self.staff
        gone = post.deleted or post.topic.deleted
        return not gone and post.topic.archetype == "private_message" and is_theirs

    def _is_public(self, post: Post) -> bool:
        gone = post.deleted or post.hidden or post.topic.deleted
        return not gone and post.topic.archetype == "regular"

    def _one(self, call: Call, username: str | None, post_id: str) -> Answer:
        post = self.posts.get(int(post_id))
        if post is None or post.deleted:
            raise refused(404, "The requested resource could not be found.", kind="not_found")
        return as_json(self._shown(post))

    def _topic(self, call: Call, username: str | None, topic_id: str) -> Answer:
        topic = self._topic_of(topic_id)
        if topic.people and username not in topic.people | self.staff:
            raise refused(403, "You are not permitted to view it.", kind="invalid_access")
        ids = [each.id for each in self._posts_of(topic)]
        shown = {"id": topic.id, "title": topic.title, "category_id": topic.category_id}
        state: dict[str, Any] = {"closed": topic.closed, "archived": topic.archived}
        people = [{"username": each} for each in sorted(topic.people)]
        state["details"] = {"allowed_users": people, "allowed_groups": []}
        return as_json(shown | state | {"post_stream": {"stream": ids, "posts": []}})

    def _topic_posts(self, call: Call, username: str | None, topic_id: str) -> Answer:
        topic, wanted = self._topic_of(topic_id), call.query.get("post_ids[]", [])
        posts = [self._shown(each) for each in self._posts_of(topic) if str(each.id) in wanted]
        if "include_raw" not in call.query:
            for each in posts:
                del each["raw"]
        return as_json({"post_stream": {"posts": posts}, "id": topic.id})

    def _topic_of(self, topic_id: str) -> Topic:
        topic = self.topics.get(int(topic_id))
        if topic is None:
            raise refused(404, "The requested resource could not be found.", kind="not_found")
        if topic.deleted:
            raise refused(410, "That topic has been deleted.", kind="not_found")
        return topic

    def _posts_of(self, topic: Topic) -> list[Post]:
        return [each for each in self.posts.values() if each.topic is topic and not each.deleted]

    def _create(self, call: Call, username: str | None) -> Answer:
        if username is None:
            raise refused(403, "You need to be logged in to do that.", kind="not_logged_in")
        fields = _fields(call)
        memo = json.dumps([username, sorted(fields.items())])
        at, answer = self._memo.get(memo, (None, None))
        if at is None or answer is None or self.now() - at >= MEMO:
            try:
                answer = self._created(username, fields)
            except Refused as refusal:
                answer = refusal.answer
            self._memo[memo] = (self.now(), answer)
        return answer

    def _created(self, username: str, fields: dict[str, Any]) -> Answer:
        raw = str(fields.get("raw", ""))
        if fields.get("archetype") == "private_message":
            return as_json(self._shown(self._created_privately(username, fields, raw)))
        topic = self.topics.get(int(fields.get("topic_id", 0)))
        self._check(username, topic, raw)
        assert topic is not None  # `_check` refused it otherwise
        if topic.category_id in self.moderated:
            pending = {"id": 1, "raw": raw, "topic_id": topic.id}
            return as_json({"success": True, "action": "enqueued", "pending_post": pending})
        number = fields.get("reply_to_post_number")
        reply_to = int(number) if number else None
        return as_json(self._shown(self.write(username, topic.id, raw, reply_to=reply_to)))

    def _created_privately(self, username: str, fields: dict[str, Any], raw: str) -> Post:
        people = [each for each in str(fields.get("target_recipients", "")).split(",") if each]
        errors = [] if people else ["You must select a valid user."]
        errors += [f"{each} could not be found" for each in people if each not in self.users]
        if len(str(fields.get("title", ""))) < 2:
            errors.append("Title is too short (minimum is 2 characters)")
        if errors:
            raise refused(422, *errors, action="create_post")
        return self.open_message(username, fields["title"], raw, to=people)

    def _check(self, username: str, topic: Topic | None, raw: str) -> None:
        """Raise what Discourse says to a post that it does not take."""
        errors = []
        if topic is None or topic.deleted or topic.closed or topic.archived:
            errors.append("The topic you are replying to cannot take posts.")
        if len(COMMENT.sub("", raw).strip()) < self.min_length:
            errors.append(f"Body is too short (minimum is {self.min_length} characters)")
        if any(
            each.username == username
            and re.sub(r"\s", "", each.raw) == re.sub(r"\s", "", raw)
            and self.now() - each.created_at < UNIQUE
            for each in self.posts.values()
        ):
            errors.append("Body is too similar to what you recently posted")
        if errors:
            raise refused(422, *errors, action="create_post")

    def _update(self, call: Call, username: str | None, post_id: str) -> Answer:
        if username is None or int(post_id) not in self.posts:
            raise refused(404, "The requested resource could not be found.", kind="not_found")
        return as_json({"post": self._shown(self.edit(int(post_id), call.json()["post"]["raw"]))})

    def _flag(self, call: Call, username: str | None) -> Answer:
        fields = _fields(call)
        post = self.posts.get(int(fields.get("id", 0)))
        if post is None:
            raise refused(404, "The requested resource could not be found.", kind="not_found")
        if username is None or post.hidden:
            raise refused(403, "You are not permitted to do that.", kind="invalid_access")
        # Others may flag a post, too; only staff can have it hidden by that.
        post.hidden = username in self.staff and fields.get("take_action") == "true"
        return as_json(self._shown(post))

    def _status(self, call: Call, username: str | None, topic_id: str) -> Answer:
        if username not in self.staff:
            raise refused(403, "You are not permitted to do that.", kind="invalid_access")
        topic, fields = self._topic_of(topic_id), _fields(call)
        if fields.get("status") == "visible":
            topic.unlisted = fields.get("enabled") == "false"
        return as_json({"success": "OK"})

    def _upload(self, call: Call, username: str | None) -> Answer:
        if username is None:
            raise refused(403, "You need to be logged in to do that.", kind="not_logged_in")
        name, data = _uploaded(call)
        if name.rpartition(".")[2].lower() not in ("png", "jpg", "gif", "txt", "pdf"):
            raise refused(422, "Sorry, the file you are trying to upload is not authorized.")
        suffix = name.rpartition(".")[2].lower()
        path = f"{hashlib.sha1(data, usedforsecurity=False).hexdigest()[:27]}.{suffix}"
        self.uploads[path] = (name, data)
        shown = {"id": len(self.uploads), "original_filename": name, "filesize": len(data)}
        return as_json(shown | {"short_url": f"upload://{path}", "url": f"/uploads/{path}"})

    def _download(self, call: Call, username: str | None, path: str) -> Answer:
        if path not in self.uploads:
            raise refused(404, "The requested resource could not be found.", kind="not_found")
        if path in self.secure and username is None:
            raise refused(404, "The requested resource could not be found.", kind="not_found")
        return Answer(302, b"", {"Location": f"{self.url}/uploads/default/original/1X/{path}"})

    def _original(self, call: Call, username: str | None, path: str) -> Answer:
        if path not in self.uploads or (path in self.secure and username is None):
            raise refused(404, "The requested resource could not be found.", kind="not_found")
        return Answer(200, self.uploads[path][1], {"Content-Type": "application/octet-stream"})

    def _categories(self, call: Call, username: str | None) -> Answer:
        shown = [{"id": n, "parent_category_id": above} for n, above in self.categories.items()]
        return as_json({"category_list": {"categories": shown}})

    def _shown(self, post: Post) -> dict[str, Any]:
        return {
            "id": post.id,
            "user_id": self.users[post.username],
            "username": post.username,
            "name": "",
            "created_at": _written(post.created_at),
            "updated_at": _written(post.updated_at),
            "post_number": post.post_number,
            "post_type": post.post_type,
            "reply_to_post_number": post.reply_to_post_number,
            "topic_id": post.topic.id,
            "topic_title": post.topic.title,
            "topic_archetype": post.topic.archetype,
            "category_id": post.topic.category_id,
            "raw": post.raw,
            "cooked": f"<p>{html.escape(COMMENT.sub('', post.raw))}</p>",
            "version": post.version,
            "hidden": post.hidden,
            "user_deleted": post.user_deleted,
            "deleted_at": None,
            "reads": len(self.calls),  # a counter that differs at every look, as in life
            "post_url": f"/t/topic/{post.topic.id}/{post.post_number}",
        }


ROUTES: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("GET", r"/posts\.json", Forum._latest),
    ("GET", r"/private-posts\.json", Forum._latest_private),
    ("POST", r"/posts\.json", Forum._create),
    ("POST", r"/post_actions\.json", Forum._flag),
    ("GET", r"/posts/(\d+)\.json", Forum._one),
    ("PUT", r"/posts/(\d+)\.json", Forum._update),
    ("GET", r"/t/(\d+)\.json", Forum._topic),
    ("GET", r"/t/(\d+)/posts\.json", Forum._topic_posts),
    ("PUT", r"/t/(\d+)/status\.json", Forum._status),
    ("POST", r"/uploads\.json", Forum._upload),
    ("GET", r"/uploads/default/original/1X/([\w.]+)", Forum._original),
    ("GET", r"/uploads/short-url/([\w.]+)", Forum._download),
    ("GET", r"/categories\.json", Forum._categories),
)


def _fields(call: Call) -> dict[str, Any]:
    """The fields of a post, sent as JSON or as a form."""
    if "json" in call.headers.get("content-type", ""):
        fields = call.json()
        return fields if isinstance(fields, dict) else {}
    return {name: values[0] for name, values in parse_qs(call.body.decode()).items()}


def _uploaded(call: Call) -> tuple[str, bytes]:
    """The file of a multipart form."""
    boundary = call.headers.get("content-type", "").partition("boundary=")[2].encode()
    for part in call.body.split(b"--" + boundary):
        head, _blank, data = part.partition(b"\r\n\r\n")
        name = re.search(rb'filename="([^"]*)"', head)
        if name:
            return name[1].decode(), data.removesuffix(b"\r\n")
    raise refused(422, "No file was given.")


def _written(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


if __name__ == "__main__":
    serve(Forum)
