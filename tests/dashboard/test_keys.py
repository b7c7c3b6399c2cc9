"""The sheet of keys says what is true: each key stands on a button of some page, or is built in."""

import re
from pathlib import Path

import dashboard

TEMPLATES = sorted((Path(dashboard.__path__[0]) / "templates").rglob("*.html"))
BUILT_IN = {"j", "k", "enter", "mod+enter", "x", "shift+x", "mod+a"}


def carried() -> set[str]:
    text = "\n".join(path.read_text() for path in TEMPLATES)
    keys = {key.lower() for key in re.findall(r'data-key="([^"{]+)"', text)}
    return keys | {f"g+{key}" for key in re.findall(r'data-go="(\w)"', text)}


def listed() -> list[str]:
    (sheet,) = (path for path in TEMPLATES if path.name == "_keys.html")
    return [
        key for keys in re.findall(r'data-of="([^"]+)"', sheet.read_text()) for key in keys.split()
    ]


def test_sheet_lists_each_key_once_and_only_those_that_there_are() -> None:
    keys = listed()

    assert len(keys) == len(set(keys))
    assert set(keys) <= carried() | BUILT_IN


def test_every_carrier_of_a_key_tells_it_to_assistive_technology() -> None:
    for path in TEMPLATES:
        for tag in re.findall(
            r"<(?:a|button|summary|input)\b[^>]*data-key=[^>]*>", path.read_text()
        ):
            is_told = "aria-keyshortcuts" in tag or 'data-key="Escape"' in tag
            assert is_told, (path.name, tag)
