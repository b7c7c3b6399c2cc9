"""What the domain remembers, one module per noun."""

from .channel import Channel, Seen
from .contact import Contact, Identity, IdentityStatus
from .conversation import ClaimQuestion, ClaimState, Conversation
from .delivery import (
    Acknowledgement,
    AcknowledgementState,
    Attempt,
    Delivery,
    DeliveryState,
)
from .history import ActorKind, History, Move, MoveKind
from .message import Attachment, Direction, Message, Revision
from .service import (
    Clock,
    ClockKind,
    DayKind,
    DaySource,
    EscalateOn,
    ServiceCalendar,
    ServicePolicy,
    SpecialDay,
)
from .ticket import (
    Alias,
    AliasOrigin,
    Category,
    Link,
    LinkKind,
    LinkState,
    NumberSeries,
    Priority,
    State,
    Ticket,
)
from .token import ApiToken
from .user import Role, Team, User

__all__ = [
    "Acknowledgement",
    "AcknowledgementState",
    "ActorKind",
    "Alias",
    "AliasOrigin",
    "ApiToken",
    "Attachment",
    "Attempt",
    "Category",
    "Channel",
    "ClaimQuestion",
    "ClaimState",
    "Clock",
    "ClockKind",
    "Contact",
    "Conversation",
    "DayKind",
    "DaySource",
    "Delivery",
    "DeliveryState",
    "Direction",
    "EscalateOn",
    "History",
    "Identity",
    "IdentityStatus",
    "Link",
    "LinkKind",
    "LinkState",
    "Message",
    "Move",
    "MoveKind",
    "NumberSeries",
    "Priority",
    "Revision",
    "Role",
    "Seen",
    "ServiceCalendar",
    "ServicePolicy",
    "SpecialDay",
    "State",
    "Team",
    "Ticket",
    "User",
]
