"""Words for what happens at the doors that customers open themselves: chat, case page, reviews."""

from django.utils.translation import gettext_lazy

HISTORY = {
    "address_asked": gettext_lazy("A mail asked %(address)s whether the answer may go there"),
    "identity_proved": gettext_lazy(
        "The customer proved that the account %(name)s is theirs, so it was linked"
    ),
}
