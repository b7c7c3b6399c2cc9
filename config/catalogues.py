"""Keep the translations of each package in step with its texts, with Babel alone.

Usage: python -m config.catalogues update | check | compile
"""

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

HOME = Path(__file__).resolve().parent.parent
PACKAGES = tuple(HOME / name for name in ("tickets", "channels_ingest", "dashboard"))
LOCALES = ("zh_Hans", "ja")
_DATE = datetime(2026, 11, 22, tzinfo=UTC)
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def main(arguments: list[str], packages: Sequence[Path] = PACKAGES) -> int:
    """Do what the one argument names; return the exit status."""
    if arguments == ["update"]:
        update(packages)
        return 0
    if arguments == ["compile"]:
        compile_all(packages)
        return 0
    if arguments == ["check"]:
        missing = list(gaps(packages))
        print("\n".join(missing) or "translations: complete")  # noqa: T201
        return 1 if missing else 0
    print(__doc__, file=sys.stderr)  # noqa: T201
    return 2


def update(packages: Sequence[Path]) -> None:
    """Add new texts to every catalogue, drop those that are gone, keep the translations."""
    for package in packages:
        template = texts_of(package)
        if not len(template):
            continue
        for locale in LOCALES:
            path = catalogue_path(package, locale)
            catalogue = read(path) if path.exists() else Catalog(locale=locale)
            catalogue.update(template, no_fuzzy_matching=True)
            catalogue.obsolete.clear()
            _head(catalogue)
            path.parent.mkdir(parents=True, exist_ok=True)
            buffer = io.BytesIO()
            write_po(buffer, catalogue, width=100, sort_by_file=True, include_lineno=False)
            path.write_bytes(buffer.getvalue())


def _head(catalogue: Catalog) -> None:
    """The same head every time, so that a diff shows translations only."""
    catalogue.project = "Anhao"
    catalogue.fuzzy = False
    catalogue.header_comment = "# Anhao. The same licence as the project."
    catalogue.creation_date = catalogue.revision_date = _DATE
    catalogue.last_translator = catalogue.language_team = "The Anhao authors"
    catalogue.msgid_bugs_address = ""


def compile_all(packages: Sequence[Path]) -> None:
    """Write the binary form of every catalogue that is newer than its last one."""
    found = (package.glob("locale/*/LC_MESSAGES/*.po") for package in packages)
    for source in chain.from_iterable(found):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        buffer = io.BytesIO()
        write_mo(buffer, read(source))
        target.write_bytes(buffer.getvalue())


def gaps(packages: Sequence[Path]) -> Iterator[str]:
    """Tell, one line each, which texts lack which translation."""
    for package in packages:
        wanted = texts_of(package)
        for locale in LOCALES if len(wanted) else ():
            path = catalogue_path(package, locale)
            known = read(path) if path.exists() else Catalog(locale=locale)
            for message in wanted:
                if message.id and not is_translated(known, message):
                    first = message.id if isinstance(message.id, str) else message.id[0]
                    yield f"{package.name} {locale}: {first!r} ({message.locations[0][0]})"


def is_translated(known: Catalog, message: Message) -> bool:
    """Tell whether the catalogue has all forms of the message, and surely."""
    found = known.get(message.id, message.context)
    if found is None or found.fuzzy:
        return False
    forms = [found.string] if isinstance(found.string, str) else list(found.string or ())
    return bool(forms) and all(forms)


def texts_of(package: Path) -> Catalog:
    """Collect the texts that a package marks for translation, in Python and in templates."""
    template = Catalog()
    for path in sources(package):
        source = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            source = templatize(source)
        found = extract("python", io.BytesIO(source.encode()), KEYWORDS, ["Translators:"])
        for line, text, comments, context in found:
            place = [(str(path.relative_to(package.parent)), line)]
            template.add(text, None, place, auto_comments=comments, context=context)
    return template


def sources(package: Path) -> Iterable[Path]:
    templates = (path for path in package.rglob("*") if "templates" in path.parts)
    return sorted([*package.rglob("*.py"), *(path for path in templates if path.is_file())])


def catalogue_path(package: Path, locale: str) -> Path:
    return package / "locale" / locale / "LC_MESSAGES" / "django.po"


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
