"""Find the connectors: every module of this package is imported, so a new file is a new kind."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from .base import Connector


class UnknownKind(LookupError):
    """No connector speaks this kind of channel."""


def kinds() -> dict[str, type[Connector]]:
    """Every kind of channel this installation can speak, by name."""
    _import_all()
    return dict(sorted(Connector.kinds.items()))


def connector_class(kind: str) -> type[Connector]:
    """The connector of one kind. Raises UnknownKind, naming the kinds there are."""
    known = kinds()
    if kind not in known:
        raise UnknownKind(f"no connector for {kind!r}; there are: {', '.join(known)}")
    return known[kind]


@cache  # every push asks for its connector; the folder is read once
def _import_all() -> None:
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
