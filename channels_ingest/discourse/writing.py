"""What we post in a forum: the text with its trace, the files, and what the forum says to it."""

import re
from typing import Any

import requests

from channels_ingest import wire
from channels_ingest.connectors.base import (
    FetchFailure,
    Misconfigured,
    OutcomeUnknown,
    PermanentFailure,
    TemporaryFailure,
)
from channels_ingest.discourse import posts
from channels_ingest.discourse.api import Forum, wait
from channels_ingest.markdown import as_markdown
from tickets.interchange import OutgoingFile, OutgoingMessage, Sent


def raw(message: OutgoingMessage, files: list[str]) -> str:
    """The words of a post as the forum reads them."""
    return "\n\n".join((as_markdown(message.text), *files, _trace(message)))


def private_topic(message: OutgoingMessage) -> dict[str, Any]:
    """The fields that begin a private topic with somebody who has none."""
    return {
        "archetype": "private_message",
        "target_recipients": message.recipient_name,
        "title": _title(message),
    }


def private_topic_begun(forum: Forum, message: OutgoingMessage) -> Sent | None:
    """The private topic that an earlier attempt began, if it did. Raises FetchFailure."""
    listed = forum.read("/private-posts.json").get("private_posts")
    for post in listed if isinstance(listed, list) else ():
        if isinstance(post, dict) and is_ours(forum, post, message):
            return Sent(external_id(post))
    return None


def is_ours(forum: Forum, post: dict[str, Any], message: OutgoingMessage) -> bool:
    """Whether a post is this very delivery: by us, and with its trace."""
    by_us = str(post.get("username")).lower() == forum.username.lower()
    return by_us and _trace(message) in str(post.get("raw"))


def upload(forum: Forum, file: OutgoingFile) -> str:
    """Upload one file and return the Markdown that shows it; nothing is posted yet."""
    files = {"file": (file.name, file.data, file.content_type)}
    fields = {"upload_type": "composer", "synchronous": "true"}
    try:
        response = forum.call("POST", "/uploads.json", data=fields, files=files)
    except requests.RequestException as error:
        raise TemporaryFailure("unreachable", type(error).__name__) from None
    status, said = response.status_code, forum.said(response)
    if status == 429 or status >= 500:
        raise TemporaryFailure("unavailable", said, retry_after=wait(response))
    try:
        address = posts.text(wire.json_object(response.content), "short_url")
    except ValueError:
        raise PermanentFailure("file", said) from None
    name = re.sub(r"[\[\]|\\\s]+", " ", file.name)
    is_image = file.content_type.startswith("image/")
    return f"![{name}]({address})" if is_image else f"[{name}|attachment]({address})"


def outcome(forum: Forum, response: requests.Response, topic: str) -> Sent:
    """What became of a post, by the forum's answer. Raises a SendFailure."""
    status, said = response.status_code, forum.said(response)
    if status == 200:
        return _posted(response)
    if status in (429, 503):
        code = "limited" if status == 429 else "unavailable"
        raise TemporaryFailure(code, said, retry_after=wait(response))
    if status >= 500:
        raise OutcomeUnknown("unavailable", said)
    if status in (401, 403):
        if _takes_our_key(forum):
            raise PermanentFailure("not_allowed", said)
        raise Misconfigured("credentials", said)
    if status in (404, 410) or (status == 422 and topic and _is_closed(forum, topic)):
        raise PermanentFailure("closed", said)
    raise PermanentFailure("content", said)


def external_id(post: dict[str, Any]) -> str:
    """How we name a post of our own: by topic and place, because answers point to it so."""
    return f"topic:{posts.number(post, 'topic_id')}:{posts.number(post, 'post_number')}"


def _posted(response: requests.Response) -> Sent:
    try:
        post = wire.json_object(response.content)
        if post.get("action") == "enqueued":
            return Sent()  # accepted; a moderator of the forum lets it through
        return Sent(external_id(post))
    except ValueError:
        raise OutcomeUnknown("not_discourse", "the answer is no post") from None


def _takes_our_key(forum: Forum) -> bool:
    """Whether the key is good at all: the forum answers a bad one and a forbidden place alike."""
    try:
        forum.read("/posts.json")
    except FetchFailure as error:
        return error.code != "credentials"
    return True


def _is_closed(forum: Forum, topic: str) -> bool:
    """Whether a refusal is about the topic: the forum's words are in the forum's language."""
    try:
        data = forum.read(f"/t/{topic}.json")
    except FetchFailure as error:
        return error.code == "missing"
    return bool(data.get("closed") or data.get("archived"))


def _title(message: OutgoingMessage) -> str:
    """What a private topic is called: always the number, and the subject where there is one."""
    return f"{message.case_number} {' '.join(message.subject.split())}"[:200].strip()


def _trace(message: OutgoingMessage) -> str:
    """A comment that the forum does not show, by which `look_up` knows this very delivery."""
    return f"<!-- delivery {re.sub('[^0-9A-Za-z_]+', '-', message.delivery_id)} -->"
