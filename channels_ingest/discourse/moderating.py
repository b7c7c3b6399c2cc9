"""What a moderator's key can do in a forum: take a post out of everybody's sight."""

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


def hide(forum: Forum, post_id: str, *, flag: int) -> None:
    """Flag a post as staff, which hides it at once; done twice, it changes nothing more.

    The first post of a topic takes the topic off the lists, for its title shows there. Raises a
    SendFailure.
    """
    post = _read(forum, post_id)
    if post is None:
        return  # deleted: nobody sees it
    if not post.get("hidden"):
        fields = {"id": post_id, "post_action_type_id": flag, "take_action": "true"}
        _change(forum, "POST", "/post_actions.json", fields)
    if post.get("post_number") == 1:
        topic = posts.number(post, "topic_id")
        _change(forum, "PUT", f"/t/{topic}/status.json", {"status": "visible", "enabled": "false"})


def _read(forum: Forum, post_id: str) -> dict[str, Any] | None:
    try:
        return forum.read(f"/posts/{post_id}.json")
    except FetchFailure as error:
        if error.code == "missing":
            return None
        raise TemporaryFailure(error.code, error.detail, retry_after=error.retry_after) from None


def _change(forum: Forum, method: str, path: str, fields: dict[str, Any]) -> None:
    try:
        response = forum.call(method, path, data=fields)
    except requests.RequestException as error:
        raise wire.broken_send(error) from None
    status, said = response.status_code, forum.said(response)
    if status == 200:
        return
    if status == 429:
        raise TemporaryFailure("limited", said, retry_after=wait(response))
    if status in (401, 403):
        raise Misconfigured("not_allowed", said)
    if status >= 500:
        raise OutcomeUnknown("unavailable", said)
    raise PermanentFailure("refused", said)
