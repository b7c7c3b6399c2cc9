"""Templates, scripts and sheets keep to the policy of the pages, and carry nothing unused."""

import re
from pathlib import Path

import pytest

import dashboard

ROOT = Path(dashboard.__path__[0])
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static/dashboard/js").glob("*.js"))
SHEETS = sorted((ROOT / "static/dashboard/css").glob("*.css"))
# Classes that Python or htmx put together.
MADE = {"htmx-request", "dot--on"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_template_has_no_inline_style_or_script(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_sheet_has_no_class_that_nothing_uses(path: Path) -> None:
    sources = [*TEMPLATES, *SCRIPTS, *ROOT.rglob("*.py")]
    words = set(re.findall(r"[\w-]+", "\n".join(source.read_text() for source in sources))) | MADE
    no_selector = r"/\*.*?\*/|url\([^)]*\)|@import[^;]*;"
    selectors = re.sub(no_selector, "", path.read_text(), flags=re.DOTALL)
    selectors = re.sub(r"\{[^{}]*\}", "{}", selectors)
    classes = set(re.findall(r"\.([a-zA-Z][\w-]*)", selectors))

    assert {name for name in classes if name not in words and name[:3] != "ch-"} == set()


def test_every_icon_asked_for_is_drawn_and_the_other_way_round() -> None:
    sprite = (ROOT / "static/dashboard/icons.svg").read_text()
    drawn = set(re.findall(r'id="i-([\w-]+)"', sprite))
    sources = "\n".join(path.read_text() for path in [*TEMPLATES, *ROOT.rglob("*.py")])
    asked = set(re.findall(r'icon "([\w-]+)"', sources))

    assert asked <= drawn
    assert {name for name in drawn if f'"{name}"' not in sources and name[:3] != "ch-"} == set()


def test_every_script_is_loaded() -> None:
    text = "\n".join(path.read_text() for path in [*SCRIPTS, *TEMPLATES])

    loaded = set(re.findall(r'"\./([\w-]+\.js)"|dashboard/js/([\w-]+\.js)', text))
    assert {name for pair in loaded for name in pair if name} == {path.name for path in SCRIPTS}


def test_what_others_wrote_lies_here_with_licence_and_version() -> None:
    for folder in (ROOT / "static/dashboard/vendor").iterdir():
        assert (folder / "LICENSE").read_text()
        assert re.fullmatch(r"\S+ \d+\.\d+\.\d+\n", (folder / "VERSION").read_text())
