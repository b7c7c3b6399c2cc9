"""A visitor of our own public form, as a browser is one: cookies, hidden fields, redirects."""

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from django.utils import timezone

from channels_ingest.web import reading, viewers
from channels_ingest.web.viewers import Viewer

READING = 3.2  # seconds: whoever is quicker is taken for a machine
PATIENCE = 15
FORM = "/support/new/"
HIDDEN = re.compile(r'name="(form|csrfmiddlewaretoken)" value="([^"]+)"')
NUMBER = re.compile(r"[A-Z]{2,}-\d{4}-\d{4}-\d{2}")
File = tuple[str, bytes, str]


class FormRefused(Exception):
    """The form was given back to be mended, or too many came."""


@dataclass(frozen=True, slots=True)
class Line:
    """What stands on the private page of the case."""

    text: str
    at: datetime
    is_own: bool
    author: str
    files: tuple[str, ...]


class Visitor:
    """Keeps in `kept`, which is plain JSON, what a browser would keep."""

    def __init__(
        self, url: str, kept: dict[str, Any], name: str, email: str, language: str
    ) -> None:
        self.url = url
        self.kept = kept
        self.name = name
        self.email = email
        self.language = language

    @property
    def number(self) -> str:
        """The case number that the page tells; "" before anything was sent."""
        return str(self.kept.get("number", ""))

    def open(self, path: str = FORM) -> None:
        """Look at a page, and remember its form."""
        with self._browser() as browser:
            self._remember(browser, browser.get(self.url + path, timeout=PATIENCE))

    def send(self, text: str, file: File | None = None) -> None:
        """Fill the form in and send it. Raises FormRefused or requests.RequestException."""
        self._take_time()
        if path := self.kept.get("case"):
            fields = {"message": text}
        else:
            path, fields = FORM, {"phenomenon": text, "email": self.email, "name": self.name}
        self.kept["again"] = [path, {**fields, **self.kept["fields"]}]
        self._post(path, self.kept["again"][1], file)

    def send_again(self) -> None:
        """Press the button of the last form once more. Raises as `send`."""
        path, fields = self.kept["again"]
        self._post(path, fields, None)

    def read(self) -> Iterator[Line]:
        """The page of the case as it stands; opening it is what marks replies as read."""
        viewer = self._viewer()
        if viewer is None:
            return
        page = reading.read_page(viewer)
        if page.unread:
            with self._browser() as browser:
                browser.get(self.url + self.kept["case"], timeout=PATIENCE)
        for entry in page.entries:
            names = tuple(file.name for file in entry.files)
            yield Line(entry.text, entry.at, entry.is_own, entry.author, names)

    def _viewer(self) -> Viewer | None:
        word = str(self.kept.get("case", "")).rstrip("/").rpartition("/")[2]
        try:
            return viewers.by_link(word, now=timezone.now()) if word else None
        except viewers.Gone:
            return None

    def _take_time(self) -> None:
        left = self.kept["shown_at"] + READING - time.time()
        threading.Event().wait(max(0.0, min(left, READING)))

    def _post(self, path: str, fields: dict[str, str], file: File | None) -> None:
        with self._browser() as browser:
            answer = browser.post(
                self.url + path,
                data=fields,
                files={"files": file} if file else None,
                timeout=PATIENCE,
                allow_redirects=False,
            )
            if answer.status_code != 302:
                self._remember(browser, answer)
                raise FormRefused(f"HTTP {answer.status_code}")
            self.kept["case"] = urlsplit(answer.headers["Location"]).path
            self._remember(browser, browser.get(self.url + self.kept["case"], timeout=PATIENCE))

    def _browser(self) -> requests.Session:
        browser = requests.Session()
        browser.headers["Accept-Language"] = self.language
        browser.cookies.update(self.kept.get("cookies", {}))
        return browser

    def _remember(self, browser: requests.Session, page: requests.Response) -> None:
        self.kept["fields"] = dict(HIDDEN.findall(page.text))
        self.kept["cookies"] = browser.cookies.get_dict()
        self.kept["shown_at"] = time.time()
        if "case" in self.kept and (found := NUMBER.search(page.text)):
            self.kept["number"] = found[0]
