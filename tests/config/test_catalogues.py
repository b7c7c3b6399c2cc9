"""Translations are collected, missed and compiled without gettext's own tools."""

import gettext
from pathlib import Path

import pytest

from config import catalogues

SOURCE = """
from django.utils.translation import gettext as _, ngettext, pgettext
print(_("Assign to me"), ngettext("%(n)s case", "%(n)s cases", 2), pgettext("verb", "Open"))
"""
TEMPLATE = (
    '{% load i18n %}{% translate "Waiting" %}'
    "{% blocktranslate count n=3 %}one reply{% plural %}{{ n }} replies{% endblocktranslate %}"
)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "desk"
    (folder / "templates").mkdir(parents=True)
    (folder / "words.py").write_text(SOURCE)
    (folder / "templates" / "page.html").write_text(TEMPLATE)
    return folder


def translate(package: Path, locale: str, first: str, second: str) -> Path:
    """Fill in one translation of the catalogue that `update` has made."""
    path = catalogues.catalogue_path(package, locale)
    found = path.read_text(encoding="utf-8")
    entry = f'msgid "{first}"\nmsgstr ""'
    assert entry in found
    path.write_text(found.replace(entry, f'msgid "{first}"\nmsgstr "{second}"'), encoding="utf-8")
    return path


def test_texts_of_code_and_templates_are_missed(package: Path) -> None:
    missing = "\n".join(catalogues.gaps([package]))

    for text in ("Assign to me", "%(n)s case", "Open", "Waiting", "one reply"):
        assert f"desk ja: {text!r}" in missing
        assert f"desk zh_Hans: {text!r}" in missing


def test_translated_text_is_missed_no_more(package: Path) -> None:
    catalogues.update([package])
    translate(package, "ja", "Waiting", "待機中")

    missing = "\n".join(catalogues.gaps([package]))

    assert "desk ja: 'Waiting'" not in missing
    assert "desk zh_Hans: 'Waiting'" in missing


def test_update_keeps_translations_and_drops_texts_that_are_gone(package: Path) -> None:
    catalogues.update([package])
    path = translate(package, "ja", "Assign to me", "自分に割り当て")
    (package / "templates" / "page.html").unlink()

    catalogues.update([package])

    kept = path.read_text(encoding="utf-8")
    assert "自分に割り当て" in kept
    assert "Waiting" not in kept


def test_compiled_catalogue_is_read_by_gettext(package: Path) -> None:
    catalogues.update([package])
    path = translate(package, "zh_Hans", "Waiting", "等待中")

    catalogues.compile_all([package])

    with path.with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Waiting") == "等待中"
