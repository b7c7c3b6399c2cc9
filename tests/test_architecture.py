"""The rules of the house that no other tool checks: imports, connectors, words, settings."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.channels_ingest import contract

HOME = Path(__file__).resolve().parents[1]
PACKAGES = ("config", "tickets", "channels_ingest", "dashboard")
CONNECTORS = sorted(
    path.stem
    for path in (HOME / "channels_ingest" / "connectors").glob("*.py")
    if path.stem not in {"__init__", "base"}
)
VENDORS = (
    "qq", "wechat", "weixin", "wecom", "weibo", "telegram", "discourse", "nodebb", "mastodon",
    "dingtalk", "feishu", "zendesk",
)  # fmt: skip
READERS = {"text", "secret", "flag", "number", "words"}


def test_imports_go_one_way() -> None:
    checked = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("name", CONNECTORS)
def test_connector_says_how_it_is_set_up(name: str) -> None:
    module = importlib.import_module(f"channels_ingest.connectors.{name}")

    assert module.__doc__
    assert len(module.__doc__.split()) > 5


@pytest.mark.parametrize("name", CONNECTORS)
def test_connector_keeps_the_contract(name: str) -> None:
    promises = tuple(
        found
        for _, found in inspect.getmembers(contract, inspect.isclass)
        if found.__module__ == contract.__name__
    )

    module = importlib.import_module(f"tests.channels_ingest.test_{name}")

    heirs = [
        found
        for key, found in vars(module).items()
        if key.startswith("Test") and isinstance(found, type) and issubclass(found, promises)
    ]
    assert heirs, f"tests/channels_ingest/test_{name}.py inherits no contract"


def test_domain_names_no_vendor() -> None:
    pattern = re.compile(rf"(?<![a-z])({'|'.join(VENDORS)})(?![a-z])", re.IGNORECASE)
    named = [
        f"{path.relative_to(HOME)}:{number}: {line.strip()}"
        for path in sorted((HOME / "tickets").rglob("*.py"))
        for number, line in enumerate(code_of(path), start=1)
        if pattern.search(line)
    ]

    assert named == []


def code_of(path: Path) -> list[str]:
    """Return the lines of a module without comments and without what it reads in texts.

    A customer may well write "my order from ...": word lists and patterns are strings, and a
    string that is an identifier of ours (a kind, a module) has no blank and is lower case.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = ast.walk(tree)
    lines = [""] * (len(path.read_text(encoding="utf-8").splitlines()) + 1)
    for node in names:
        word = (
            getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "arg", None)
        )
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.alias):
            word = node.name
        if isinstance(node, ast.Compare):
            word = " ".join(
                str(side.value) for side in node.comparators if isinstance(side, ast.Constant)
            )
        if isinstance(word, str) and hasattr(node, "lineno"):
            lines[node.lineno - 1] += f" {word}"
    return lines


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_says_what_it_is_for(package: str) -> None:
    silent = [
        str(path.relative_to(HOME))
        for path in sorted((HOME / package).rglob("*.py"))
        if path.read_text(encoding="utf-8").strip()
        and "migrations" not in path.parts
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert silent == []


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    tree = ast.parse((HOME / "config" / "settings.py").read_text(encoding="utf-8"))
    read = {
        str(call.args[0].value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in READERS
        and isinstance(call.args[0], ast.Constant)
    }
    page = (HOME / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}

    assert len(read) > 15
    assert documented == read


def test_only_the_settings_read_the_environment() -> None:
    """What a person may set is in one place, typed and documented."""
    allowed = {"env.py", "manage.py", "faults.py", "up.py", "crew.py", "postgres.py"}
    readers = [
        str(path.relative_to(HOME))
        for package in PACKAGES
        for path in sorted((HOME / package).rglob("*.py"))
        if path.name not in allowed
        and re.search(r"os\.environ(?!\.setdefault)|os\.getenv", path.read_text(encoding="utf-8"))
    ]

    assert readers == []


def test_locked_requirements_name_no_place_and_carry_hashes() -> None:
    for path in sorted((HOME / "requirements").glob("*.txt")):
        content = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://|file:|--index|--find-links|--trusted", content), path.name
        for pinned in re.split(r"\n(?=\S)", content.strip()):
            assert "==" in pinned, pinned
            assert "--hash=sha256:" in pinned, pinned
