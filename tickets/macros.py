"""Ready texts with variables, and what they do to a case; pure values and a parser of its own."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from .preferences import Then
from .spans import SPANS

VARIABLES = (
    "customer.name",
    "case.number",
    "case.subject",
    "agent.name",
    "team.name",
    "channel.name",
    "working.hours",
)
LONGEST_VALUE = 200
_TAG = re.compile(r"\{\{([^{}]*)\}\}")
_BLANKS = re.compile(r"\s+")


class BadVariable(ValueError):
    """A text names what there is not, or leaves a pair of braces open; `name` is the place."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class Actions:
    """What a macro does beside its text. Nothing chosen leaves the case as it is.

    `assign` is "me" or "" and `team` the key of one; `then` is what becomes of the case after
    sending, and `snooze` for how long it sleeps.
    """

    assign: str = ""
    team: int | None = None
    tags: tuple[str, ...] = ()
    priority: str = ""
    category: str = ""
    then: Then = ""
    snooze: str = ""

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """Take what is stored; whatever has the wrong type or is not known any more is nothing."""
        team, tags = stored.get("team"), stored.get("tags")
        snooze = str(stored.get("snooze", ""))
        return cls(
            assign="me" if stored.get("assign") == "me" else "",
            team=team if isinstance(team, int) else None,
            tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
            priority=str(stored.get("priority", "")),
            category=str(stored.get("category", "")),
            then=then_named(stored.get("then")),
            snooze=snooze if snooze in SPANS else "",
        )

    def as_data(self) -> dict[str, Any]:
        """How it is stored: what was chosen and nothing else."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        values["tags"] = list(self.tags)
        return {name: value for name, value in values.items() if value}


def then_named(stored: object) -> Then:
    """What becomes of a case after sending; "" for what is not known."""
    match stored:
        case "pending":
            return "pending"
        case "closed":
            return "closed"
    return ""


def check(text: str) -> None:
    """Read a text as `fill` would. Raises BadVariable with the first thing that is wrong."""
    for name, _otherwise in _variables(text):
        if name not in VARIABLES:
            raise BadVariable(name)
    rest = _TAG.sub("", text)
    for braces in ("{{", "}}"):
        if braces in rest:
            raise BadVariable(braces)


def fill(
    text: str, values: Mapping[str, str], *, escape: Callable[[str], str] = lambda value: value
) -> str:
    """Put values for variables; what a value says is never read as a variable itself.

    `{{customer.name|there}}` says what stands where a value is empty. `escape` makes a value
    harmless where the text will be read as markup. Raises BadVariable.
    """
    check(text)

    def value(found: re.Match[str]) -> str:
        name, otherwise = _parsed(found[1])
        known = _BLANKS.sub(" ", values.get(name, "")).strip()[:LONGEST_VALUE]
        return escape(known) if known else otherwise

    return _TAG.sub(value, text)


def _variables(text: str) -> Iterator[tuple[str, str]]:
    return (_parsed(found[1]) for found in _TAG.finditer(text))


def _parsed(inside: str) -> tuple[str, str]:
    name, _bar, otherwise = inside.partition("|")
    return name.strip(), otherwise.strip()
