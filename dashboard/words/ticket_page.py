"""Words for what is done on the page of a case: relations, notes on customers, doubts."""

from django.utils.translation import gettext_lazy

HISTORY = {
    "related": gettext_lazy("%(actor)s noted that %(number)s is related"),
    "unrelated": gettext_lazy("%(actor)s took back that %(number)s is related"),
    "got_parent": gettext_lazy("%(actor)s put this case under %(number)s"),
    "left_parent": gettext_lazy("%(actor)s took this case out from under %(number)s"),
    "got_child": gettext_lazy("%(actor)s put %(number)s under this case"),
    "left_child": gettext_lazy("%(actor)s took %(number)s out from under this case"),
    "not_duplicate": gettext_lazy("%(actor)s decided that %(number)s is another problem"),
    "contact_noted": gettext_lazy("%(actor)s noted something about the customer"),
    "contact_note_edited": gettext_lazy("%(actor)s changed a note about the customer"),
    "contact_note_removed": gettext_lazy("%(actor)s removed a note about the customer"),
    "claim_doubted": gettext_lazy("%(actor)s took back that a claim was verified"),
    "contact_parted": gettext_lazy("The case went back to the customer whose it was before"),
}
# The side pane shows these where they stand.
SILENT_HISTORY = frozenset({"contact_noted", "contact_note_edited", "contact_note_removed"})
REFUSALS = {
    "has_parent": gettext_lazy("This case stands under another one already."),
    "circle": gettext_lazy("The other case stands below this one."),
    "no_such_case": gettext_lazy("There is no such case for you to see."),
}
