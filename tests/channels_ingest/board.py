"""The NodeBB forum of the tests: its settings, and a desk that pulls from it."""

import json
from typing import Any

from channels_ingest.connectors.base import Cursor, RawEnvelope
from channels_ingest.connectors.nodebb import NodeBB
from channels_ingest.sandbox.nodebb import DEMO_ACCESS, Board
from tests.channels_ingest.account import LocalAccount, session
from tests.channels_ingest.contract import stored
from tickets.interchange import IncomingMessage, OutgoingMessage

KIM, LIN = 12, 13


def configured(base_url: str = "https://board.example", **changes: Any) -> NodeBB.Settings:
    given = {"base_url": base_url, "token": DEMO_ACCESS, "uid": "2"}
    return NodeBB.Settings(**(given | changes))


def outgoing(**changes: Any) -> OutgoingMessage:
    given = {
        "delivery_id": "d-1001",
        "recipient": str(KIM),
        "thread": "topic:7",
        "text": "Your parcel is on its way to you.",
        "case_number": "QM-4821-0937-10",
    }
    return OutgoingMessage(**(given | changes))


class Desk:
    """The desk on the other side of a board: it pulls, keeps its cursor, and knows what came."""

    def __init__(self, board: Board, **settings: Any) -> None:
        self.board = board
        self.account = LocalAccount(configured(board.url, **settings), http=session())
        self.connector = NodeBB(self.account)
        self.cursor: Cursor = {}

    def pull(self) -> list[RawEnvelope]:
        """Pull once; a moment passes at the board, as between any two looks."""
        pulled: list[RawEnvelope] = []
        for page in self.connector.fetch(self.cursor):
            self.cursor = json.loads(json.dumps(page.cursor))
            pulled += page.envelopes
        self.board.jump(0.01)
        return pulled

    def keys(self) -> list[str]:
        return [envelope.key for envelope in self.pull()]

    def messages(self) -> list[IncomingMessage]:
        parsed = [self.connector.parse(stored(envelope))[0] for envelope in self.pull()]
        return [item for item in parsed if isinstance(item, IncomingMessage)]
