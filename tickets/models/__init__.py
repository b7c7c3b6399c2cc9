"""What the domain remembers, one module per noun."""

from .answer_place import AnswerPlace
from .bulk import BulkAction, BulkItem, BulkRun, BulkState, BulkUndo
from .channel import Channel, Seen
from .composing import (
    Draft,
    DraftFile,
    DraftMode,
    LaterReply,
    LaterState,
    Macro,
    MacroAudience,
    SendHold,
)
from .contact import Contact, Identity, IdentityStatus
from .contact_note import ContactNote
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
from .merging import Merging
from .message import Attachment, Direction, Message, Revision
from .promise import Promise, PromiseState
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
from .saved_view import SavedView, ViewAudience
from .search import Audience, CaseWords
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
from .together import Follower, HandedOver, HandOver, Notification, NotificationKind
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
    "AnswerPlace",
    "ApiToken",
    "Approval",
    "ApprovalKind",
    "ApprovalState",
    "Article",
    "ArticleVersion",
    "ArticleVote",
    "Attachment",
    "Attempt",
    "Audience",
    "BulkAction",
    "BulkItem",
    "BulkRun",
    "BulkState",
    "BulkUndo",
    "CaseProof",
    "CaseWords",
    "Category",
    "Channel",
    "ClaimQuestion",
    "ClaimState",
    "Clock",
    "ClockKind",
    "Contact",
    "ContactNote",
    "Conversation",
    "DayKind",
    "DaySource",
    "Delivery",
    "DeliveryState",
    "Direction",
    "Draft",
    "DraftFile",
    "DraftMode",
    "EscalateOn",
    "EscalationList",
    "Follower",
    "HandOver",
    "HandedOver",
    "History",
    "Identity",
    "IdentityStatus",
    "LaterReply",
    "LaterState",
    "Link",
    "LinkKind",
    "LinkState",
    "Macro",
    "MacroAudience",
    "Merging",
    "Message",
    "Move",
    "MoveKind",
    "Notice",
    "NoticeKind",
    "NoticeState",
    "NoticeUpdate",
    "Notification",
    "NotificationKind",
    "NumberSeries",
    "Priority",
    "Promise",
    "PromiseState",
    "Rating",
    "Review",
    "ReviewFile",
    "ReviewState",
    "ReviewView",
    "Revision",
    "Role",
    "RoutingRule",
    "SavedView",
    "Seen",
    "SendHold",
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
    "ViewAudience",
]
