"""What may be said where anybody can read it."""

from collections.abc import Sequence
from dataclasses import dataclass

from .. import exposure
from ..masking import find_exposed
from ..models import Conversation
from .outgoing import StoredUpload
from .secrecy import private_passage

PRIVATE = "private"  # the kind of what stands in the case's private conversations


@dataclass(frozen=True, slots=True)
class Exposed:
    """Why a text must not stand in public: the kinds of what it shows, and the words that do."""

    kinds: list[str]
    passages: list[str]


def exposed_by(
    conversation: Conversation,
    text: str,
    uploads: Sequence[StoredUpload] = (),
    *,
    is_acknowledgement: bool = False,
) -> Exposed | None:
    """Why `text` must not be said in `conversation`, or None where it may.

    In private everything may be said. An acknowledgement names the number that it gives out: a
    number is a hint and no credential, and nobody gets one in public but by it.
    """
    if not conversation.is_public:
        return None
    found = find_exposed(text)
    if is_acknowledgement:
        found = [each for each in found if each.kind != "case_number"]
    if found:
        return Exposed(exposure.kinds(found), [text[each.start : each.end] for each in found])
    if is_acknowledgement:
        return None
    passage = private_passage(conversation, text, uploads)
    return Exposed([PRIVATE], [passage]) if passage else None
