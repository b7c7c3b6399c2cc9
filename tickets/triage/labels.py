"""Where a message can go and how urgent it can be; the same words as in the desk's tables."""

from typing import Final

CATEGORIES: Final = (
    "account_security",
    "sending_receiving",
    "spam_blocking",
    "attachments",
    "features_settings",
    "client_setup",
    "billing_enterprise",
    "api_integration",
    "feedback_suggestion",
    "other",
)
URGENCIES: Final = ("low", "normal", "high", "urgent")
