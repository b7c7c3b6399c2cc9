"""Asking for messages: which accounts, with which word, from which cursor on."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from channels_ingest.connectors.base import Cursor, Fetched, FetchFailure
from channels_ingest.wecom import messages
from channels_ingest.weixin.api import Api
from channels_ingest.weixin.errors import Refusal

LIMIT = 1000
MOST_PAGES = 50  # of one account in one pull; the rest follows in the next
BAD_ACCOUNT = 95000
EARLY = 0.9  # of the pause between two looks: a look may come a little early


class Pull:
    """One look at the accounts of a channel.

    The cursor is `since`, the second of the first connection, and for each account in `accounts`
    the vendor's own `cursor` and `asked_at`. What a callback said stands in it besides.
    """

    def __init__(self, api: Api, settings: Any, now: datetime) -> None:
        self._api = api
        self._settings = settings
        self._now = now.timestamp()

    def pages(self, cursor: Cursor) -> Iterator[Fetched]:
        """Every page that there is. Raises Trouble or FetchFailure."""
        kept = {"since": cursor.get("since"), "accounts": dict(cursor.get("accounts") or {})}
        if kept["since"] is None:
            kept["since"] = 0 if self._settings.history else int(self._now)
            yield Fetched((), kept)  # at once, so that a first look that fails moves no border
        hinted, word = self._hint(cursor)
        wrong: Refusal | None = None
        for account in self._accounts(kept, hinted):
            asked_with = word if account == hinted else ""
            if not asked_with and not self._is_due(kept, account):
                continue
            try:
                for page in self._of(account, asked_with, kept):
                    kept = page.cursor
                    yield page
            except Refusal as refusal:
                if refusal.errcode != BAD_ACCOUNT:
                    raise
                wrong = refusal  # the other accounts are served all the same
        if wrong:
            raise wrong

    def _hint(self, cursor: Cursor) -> tuple[str, str]:
        """The account that the last callback named, and its word while that is good."""
        account, word = str(cursor.get("open_kfid") or ""), str(cursor.get("token") or "")
        told_at = cursor.get("told_at")
        is_good = (
            isinstance(told_at, int | float)
            and self._now - told_at < 60 * self._settings.token_minutes
        )
        return account, word if is_good else ""

    def _accounts(self, kept: Cursor, hinted: str) -> list[str]:
        """The accounts to ask, the one that a callback named first."""
        chosen = list(self._settings.open_kfids)
        known = chosen or list(dict.fromkeys([*kept["accounts"], *filter(None, [hinted])]))
        return sorted(known, key=lambda account: account != hinted)

    def _is_due(self, kept: Cursor, account: str) -> bool:
        """Whether to ask without a word of the vendor's, which it strictly limits."""
        asked_at = kept["accounts"].get(account, {}).get("asked_at", 0)
        return bool(self._now - asked_at >= EARLY * self._settings.poll_every)

    def _of(self, account: str, word: str, kept: Cursor) -> Iterator[Fetched]:
        for _page in range(MOST_PAGES):
            place = kept["accounts"].get(account, {}).get("cursor", "")
            answer = self._asked(account, word, place)
            following = answer.get("next_cursor")
            moved = isinstance(following, str) and following not in ("", place)
            # A page may well be empty while there is more; only standing still ends it.
            has_more = bool(answer.get("has_more")) and moved
            state = {
                "cursor": following if moved else place,
                "asked_at": 0 if has_more else self._now,
            }
            kept = {**kept, "accounts": {**kept["accounts"], account: state}}
            new = [each for each in answer["msg_list"] if self._is_new(each, kept["since"])]
            yield Fetched(tuple(map(messages.envelope_of, new)), kept)
            if not has_more:
                return

    def _is_new(self, item: object, since: int) -> bool:
        written = messages.sent_at(item)
        return not 0 < written < since

    def _asked(self, account: str, word: str, place: str) -> dict[str, Any]:
        body = {"open_kfid": account, "cursor": place, "limit": LIMIT, "voice_format": 0}
        answer = self._api.ask("/cgi-bin/kf/sync_msg", body | ({"token": word} if word else {}))
        found = answer.setdefault("msg_list", [])
        if not isinstance(found, list):
            raise FetchFailure("unavailable", "the answer has no messages")
        return answer
