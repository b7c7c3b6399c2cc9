"""A public place where the desk may hide posts and ask who somebody is: a test says what comes."""

from dataclasses import dataclass
from typing import ClassVar

from channels_ingest import api
from channels_ingest.connectors.base import Connector
from tests.channels_ingest.doors import NOON
from tickets.interchange import Capabilities, Sender
from tickets.models import Channel


class Moderated(Connector):
    """One per process, so each test empties it by asking for `moderated_channel`."""

    kind = "moderated"
    label = "Moderated"
    capabilities: ClassVar[Capabilities] = Capabilities(
        is_public=True, moderates=True, invites="link"
    )
    hidden: ClassVar[list[str]] = []
    failures: ClassVar[list[Exception]] = []
    people: ClassVar[dict[str, Sender | Exception]] = {}
    asked: ClassVar[list[str]] = []

    @dataclass(frozen=True, slots=True)
    class Settings(Connector.Settings):
        """Nothing has to be given."""

    def hide(self, external_id: str) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.hidden.append(external_id)

    def profile(self, external_id: str) -> Sender | None:
        self.asked.append(external_id)
        known = self.people.get(external_id)
        if isinstance(known, Exception):
            raise known
        return known


def moderated_channel(slug: str = "board") -> Channel:
    """A channel of this kind, which forgets what earlier tests made of it."""
    for script in (Moderated.hidden, Moderated.failures, Moderated.asked):
        script.clear()
    Moderated.people.clear()
    return api.create_channel(kind="moderated", slug=slug, values={}, now=NOON).channel
