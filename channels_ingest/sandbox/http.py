"""A system on the other side of our signed HTTP channel: it receives replies and checks them."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Any

from channels_ingest.sandbox.base import Answer, Call, Emulator, as_json, serve

DEMO_SECRET = "demo-callback-secret"  # noqa: S105 - of the demo, which listens on loopback only
WINDOW = 300


class CallbackReceiver(Emulator):
    """Keeps the replies that were posted to it; one that it knows by its key is not kept again.

    The check is written anew from docs/channels/http.md, as a customer would write it, and shares
    nothing with the connector: a mistake cannot hide on both sides.
    """

    name = "callback receiver"

    def __init__(
        self,
        secret: str = DEMO_SECRET,
        *,
        port: int = 0,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        super().__init__(port=port, clock=clock)
        self.secret = secret
        self.messages: list[dict[str, Any]] = []
        self.repeats = 0
        self._keys: set[str] = set()

    @property
    def address(self) -> str:
        """What a channel is given as its callback_url."""
        return f"{self.url}/replies"

    def answer(self, call: Call) -> Answer:
        if call.method != "POST":
            return Answer(405)
        if not self._is_signed(call):
            return as_json({"errors": {"signature": "refused"}}, 401)
        key = call.headers.get("idempotency-key", "")
        if not key:
            return as_json({"errors": {"Idempotency-Key": "is required"}}, 400)
        if key in self._keys:
            self.repeats += 1
        else:
            self._keys.add(key)
            self.messages.append(call.json())
        return Answer(204)

    def _is_signed(self, call: Call) -> bool:
        pairs = [part.split("=", 1) for part in call.headers.get("anhao-signature", "").split(",")]
        moment = next((pair[1] for pair in pairs if pair[0] == "t" and pair[1:]), "")
        if not moment.isdigit() or abs(self.now().timestamp() - int(moment)) > WINDOW:
            return False
        text = moment.encode() + b"." + call.body
        expected = hmac.new(self.secret.encode(), text, hashlib.sha256).hexdigest()
        return any(
            hmac.compare_digest(pair[1], expected)
            for pair in pairs
            if pair[0] == "v1" and pair[1:] and pair[1].isascii()
        )

    def inject(self, **what: Any) -> Any:
        raise LookupError("customers write to the channel itself")

    def inspect(self) -> Any:
        return {"messages": self.messages, "repeats": self.repeats, "calls": len(self.calls)}


if __name__ == "__main__":
    serve(CallbackReceiver)
