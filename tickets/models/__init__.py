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
from .knowledge import (
    Article,
    ArticleVersion,
    ArticleVote,
    Notice,
    NoticeKind,
    NoticeState,
    NoticeUpdate,
    Solved,
    SolvedBy,
    VersionState,
)
from .message import Attachment, Direction, Message, Revision
from .proof import CaseProof
from .rating import Rating
from .review import (
    Approval,
    ApprovalKind,
    ApprovalState,
    Review,
    ReviewFile,
    ReviewState,
    ReviewView,
)
from .routing import EscalationList, RoutingRule
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
from .triage import Triage
from .triage_model import TriageModel
from .user import Role, Team, User

__all__ = [
    "Acknowledgement",
    "AcknowledgementState",
    "ActorKind",
    "Alias",
    "AliasOrigin",
    "ApiToken",
    "Approval",
    "ApprovalKind",
    "ApprovalState",
    "Article",
    "ArticleVersion",
    "ArticleVote",
    "Attachment",
    "Attempt",
    "CaseProof",
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
    "EscalationList",
    "History",
    "Identity",
    "IdentityStatus",
    "Link",
    "LinkKind",
    "LinkState",
    "Message",
    "Move",
    "MoveKind",
    "Notice",
    "NoticeKind",
    "NoticeState",
    "NoticeUpdate",
    "NumberSeries",
    "Priority",
    "Rating",
    "Review",
    "ReviewFile",
    "ReviewState",
    "ReviewView",
    "Revision",
    "Role",
    "RoutingRule",
    "Seen",
    "ServiceCalendar",
    "ServicePolicy",
    "Solved",
    "SolvedBy",
    "SpecialDay",
    "State",
    "Team",
    "Ticket",
    "Triage",
    "TriageModel",
    "User",
    "VersionState",
]
