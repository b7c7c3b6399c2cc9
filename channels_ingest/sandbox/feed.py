"""A web site sandbox that offers its entries as RSS and Atom, and knows who has seen them.

Run it alone with `python -m channels_ingest.sandbox.feed --port 9296`: the feeds are /feed.atom
and /feed.rss.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from channels_ingest.sandbox.base import Answer, Call, Emulator, serve

PAGE = 10  # entries of one page; older ones are linked as the next

Entry = dict[str, Any]


class Site(Emulator):
    """The site. `write`, `edit` and `remove` are what its authors do."""

    name = "Feed sandbox"

    def __init__(self, *, port: int = 0, clock: Callable[[], datetime] | None = None) -> None:
        super().__init__(port=port, clock=clock)
        self.entries: list[Entry] = []
        self.title = "邮件产品吐槽"
        self.headers: dict[str, str] = {}  # added to every answer
        self.extra = ""  # elements of the feed besides its entries
        self.encoding = "utf-8"
        self.moved: dict[str, tuple[int, str]] = {}  # path: status and where it leads
        self.is_gone = False
        self.gives_ids = True

    # What people do

    def inject(self, do: str = "write", **what: Any) -> Any:
        """Let somebody write, edit or remove an entry."""
        if do not in ("write", "edit", "remove"):
            raise LookupError(f"nobody does {do!r} here")
        return getattr(self, do)(**what)

    def write(
        self,
        sender: str,
        text: str,
        name: str = "",
        *,
        title: str = "",
        at: str = "",
        files: list[dict[str, str]] | None = None,
        thread: str = "",
        group: str = "",
    ) -> Entry:
        """Publish an entry; `at` is its date, now if empty. A feed has no threads to write in."""
        with self.lock:
            number = len(self.entries) + 1
            entry = {
                "id": f"urn:entry:{number}",
                "link": f"{self.url}/entries/{number}",
                "sender": sender,
                "name": name or sender,
                "title": title,
                "text": text,
                "at": at or self.now().isoformat(),
                "updated": at or self.now().isoformat(),
                "files": [each["name"] for each in files or []],
            }
            self.entries.append(entry)
            return entry

    def edit(self, number: int, text: str) -> Entry:
        with self.lock:
            self.entries[number - 1] |= {"text": text, "updated": self.now().isoformat()}
            return self.entries[number - 1]

    def remove(self, number: int) -> None:
        with self.lock:
            self.entries[number - 1]["removed"] = True

    def inspect(self) -> Any:
        with self.lock:
            shown = [
                {"direction": "in", "sender": each["sender"], "thread": each["link"]}
                | {name: each[name] for name in ("text", "files", "at")}
                for each in self.entries
            ]
            return {"messages": shown, "calls": len(self.calls)}

    # What is served

    def answer(self, call: Call) -> Answer:
        if call.path in self.moved:
            status, target = self.moved[call.path]
            return Answer(status, b"", {"Location": target})
        if call.path not in ("/feed.atom", "/feed.rss"):
            return Answer(404, b"Not Found")
        if self.is_gone:
            return Answer(410, b"Gone")
        return self._fresh(call, int(call.query.get("page", ["1"])[0]))

    def _fresh(self, call: Call, page: int) -> Answer:
        standing = [each for each in reversed(self.entries) if not each.get("removed")]
        window = standing[(page - 1) * PAGE : page * PAGE]
        more = f"{self.url}{call.path}?page={page + 1}" if len(standing) > page * PAGE else ""
        is_atom = call.path.endswith("atom")
        body = (self.atom if is_atom else self.rss)(window, more).encode(self.encoding)
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'
        if call.headers.get("if-none-match") == etag:
            return Answer(304, b"", {"ETag": etag, **self.headers})
        kind = f"application/{'atom' if is_atom else 'rss'}+xml; charset={self.encoding}"
        return Answer(200, body, {"Content-Type": kind, "ETag": etag, **self.headers})

    def atom(self, entries: list[Entry], more: str) -> str:
        parts = [
            f'<?xml version="1.0" encoding="{self.encoding}"?>',
            '<feed xmlns="http://www.w3.org/2005/Atom">',
            f"<title>{escape(self.title)}</title>{self.extra}",
            f'<link rel="next" href={quoteattr(more)}/>' if more else "",
        ]
        for each in entries:
            parts += [
                f"<entry><id>{each['id']}</id>" if self.gives_ids else "<entry>",
                f"<link href={quoteattr(each['link'])}/><title>{escape(each['title'])}</title>",
                f"<author><name>{escape(each['name'])}</name>",
                f"<uri>{self.url}/people/{escape(each['sender'])}</uri></author>",
                f"<published>{each['at']}</published><updated>{each['updated']}</updated>",
                *(_enclosure(f"{self.url}/files/{name}") for name in each["files"]),
                f'<content type="html">{escape(each["text"])}</content></entry>',
            ]
        return "\n".join((*parts, "</feed>"))

    def rss(self, entries: list[Entry], more: str) -> str:
        parts = [
            f'<?xml version="1.0" encoding="{self.encoding}"?>',
            '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>',
            f"<title>{escape(self.title)}</title>{self.extra}",
        ]
        for each in entries:
            guid = f'<guid isPermaLink="false">{each["id"]}</guid>' if self.gives_ids else ""
            at = format_datetime(datetime.fromisoformat(each["at"]))
            parts += [
                f"<item>{guid}<link>{escape(each['link'])}</link>",
                f"<title>{escape(each['title'])}</title><pubDate>{at}</pubDate>",
                f"<dc:creator>{escape(each['name'])}</dc:creator>",
                f"<description>{escape(each['text'])}</description></item>",
            ]
        return "\n".join((*parts, "</channel></rss>"))


def _enclosure(url: str) -> str:
    return f'<link rel="enclosure" type="image/png" href={quoteattr(url)}/>'


if __name__ == "__main__":
    serve(Site)
