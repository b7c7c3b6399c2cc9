"""How somebody wants their desk: pure values, kept as a small JSON object with the user."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

Density = Literal["comfortable", "compact"]
HOLDS = (0, 5, 10, 20)  # seconds for which a sent reply may be held
Then = Literal["", "pending", "closed"]
Digest = Literal["off", "hourly", "daily"]


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person may choose; whatever is stored but not known any more falls back.

    `sorts` are the orders of lists, by the name of the list.
    """

    density: Density = "comfortable"
    digest: Digest = "off"
    single_keys: bool = True
    undo_send_seconds: int = 10
    send_then: Then = "pending"
    sorts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """Take what is stored where it has the right type, and the default elsewhere."""
        known = asdict(cls())
        kept: dict[str, Any] = {
            name: value
            for name, value in stored.items()
            if name in known and type(value) is type(known[name])
        }
        return cls(**kept)
