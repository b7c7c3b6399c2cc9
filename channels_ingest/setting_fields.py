"""The settings of each kind of channel, described so that forms can be made of them."""

from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, fields
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from .connectors import connector_class, kinds
from .connectors.base import Connector

FieldType = Literal["text", "number", "decimal", "yes_no", "list"]
TYPES: dict[Any, FieldType] = {
    bool: "yes_no",
    int: "number",
    float: "decimal",
    list: "list",
    tuple: "list",
}


@dataclass(frozen=True, slots=True)
class SettingField:
    """One value that a channel may be given.

    `help` is marked for translation. `part` is the type of the parts of a list. `previous` names
    the setting that keeps the old value while this one is being replaced, where there is one.
    """

    name: str
    help: str
    type: FieldType
    part: FieldType
    default: Any
    is_required: bool
    is_secret: bool
    is_generated: bool
    previous: str


@dataclass(frozen=True, slots=True)
class KindOnOffer:
    """A kind of channel as somebody who adds one must know it."""

    name: str
    label: str
    about: str
    fields: tuple[SettingField, ...]
    takes_pushes: bool
    can_be_tested: bool


def offered() -> list[KindOnOffer]:
    """Every kind of channel that can be added, by name."""
    return [described(name) for name in kinds()]


def described(kind: str) -> KindOnOffer:
    """One kind of channel and what it must be given. Raises UnknownKind."""
    connector = connector_class(kind)
    return KindOnOffer(
        name=kind,
        label=connector.label,
        about=(connector.__doc__ or "").partition("\n")[0],
        fields=tuple(_fields(connector)),
        takes_pushes=connector.receive is not Connector.receive,
        can_be_tested=connector.test is not Connector.test,
    )


def _fields(connector: type[Connector]) -> Iterator[SettingField]:
    hints = get_type_hints(connector.Settings)
    known = {each.name: each for each in fields(connector.Settings)}
    former = {name.replace("previous_", "", 1): name for name in known if "previous_" in name}
    for name, each in known.items():
        type_, part = _types(hints[name])
        yield SettingField(
            name=name,
            help=each.metadata.get("help", ""),
            type=type_,
            part=part,
            default=_default(each),
            is_required=_is_required(each),
            is_secret=bool(each.metadata.get("secret")),
            is_generated=bool(each.metadata.get("generated")),
            previous=former.get(name, ""),
        )


def _types(hint: Any) -> tuple[FieldType, FieldType]:
    """The type of a value without "or None", and the type of its parts where it is a list."""
    if get_origin(hint) in (Union, UnionType):
        hint = next(each for each in get_args(hint) if each is not type(None))
    part = next(iter(get_args(hint)), str)
    return TYPES.get(get_origin(hint) or hint, "text"), TYPES.get(part, "text")


def _default(each: Field[Any]) -> Any:
    if each.default is not MISSING:
        return each.default
    return each.default_factory() if each.default_factory is not MISSING else None


def _is_required(each: Field[Any]) -> bool:
    has_default = each.default is not MISSING or each.default_factory is not MISSING
    return not has_default and not each.metadata.get("generated")
