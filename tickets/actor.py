"""Who did it: the author of a change, as history records it."""

from dataclasses import dataclass
from typing import Any

from .models import ActorKind, Identity, User


@dataclass(frozen=True, slots=True)
class Actor:
    """A user, a customer's identity, a rule or the system itself.

    `run` is the bulk run as part of which a user does it; history keeps it with each change.
    """

    kind: ActorKind
    user: User | None = None
    identity: Identity | None = None
    run: int | None = None

    @classmethod
    def of(cls, user: User) -> "Actor":
        return cls(ActorKind.USER, user=user)

    @classmethod
    def customer(cls, identity: Identity) -> "Actor":
        return cls(ActorKind.CONTACT, identity=identity)

    def as_fields(self) -> dict[str, Any]:
        """The columns of a History row."""
        return {
            "actor_kind": self.kind,
            "actor_user": self.user,
            "actor_identity": self.identity,
        }


RULE = Actor(ActorKind.RULE)
SYSTEM = Actor(ActorKind.SYSTEM)
