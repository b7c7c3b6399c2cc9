"""Read the labelled rows; of every file one half was kept out of writing the rules."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Part = Literal["tune", "held"]

_HERE = Path(__file__).parent
_ADDITIONS = ("再问一次：{}", "{}，有人吗？", "Again: {}", "再送します。{}")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, `minutes` apart, of customers who may be unknown, and what they should be."""

    kind: str
    a: str
    b: str
    same_issue: bool
    duplicate: bool
    customers: tuple[str | None, str | None] = ("kim", "kim")
    minutes: int = 300


def structures(part: Part) -> list[dict[str, Any]]:
    """Texts with the four flags of their structure."""
    return _rows("structure.jsonl", part)


def pairs(part: Part) -> list[Pair]:
    """Pairs written by hand and those made of scenes, in the order of the files."""
    return [*_by_hand(part), *_of_scenes(_rows("scenes.jsonl", part))]


def f1(hits: Iterable[tuple[bool, bool]]) -> float:
    """F1 of (predicted, true) answers."""
    seen = list(hits)
    right = sum(said and true for said, true in seen)
    return 2 * right / max(1, sum(said for said, _ in seen) + sum(true for _, true in seen))


def _rows(name: str, part: Part) -> list[dict[str, Any]]:
    rows = map(json.loads, (_HERE / name).read_text(encoding="utf-8").splitlines())
    return [row for row in rows if row["part"] == part]


def _by_hand(part: Part) -> Iterator[Pair]:
    for row in _rows("pairs.jsonl", part):
        yield Pair(
            row["kind"],
            row["a"]["text"],
            row["b"]["text"],
            row["same_issue"],
            row["duplicate"],
            (row["a"]["customer"], row["b"]["customer"]),
            row["minutes"],
        )


def _of_scenes(scenes: list[dict[str, Any]]) -> Iterator[Pair]:
    """One problem in two Chinese wordings, English and Japanese, with what only looks like it."""
    for at, scene in enumerate(scenes):
        yield from _of_one(at, scene)
        for distance in (3, 7, 11):
            other = scenes[(at + distance) % len(scenes)]["wordings"]
            mine = scene["wordings"][(at + distance) % 4]
            yield Pair("other_issue", mine, other[(at + 2 * distance) % 4], False, False)


def _of_one(at: int, scene: dict[str, Any]) -> Iterator[Pair]:
    wordings = scene["wordings"]
    chinese, again, english, japanese = wordings
    yield Pair("paraphrase", chinese, again, True, True)
    yield Pair("cross_language", again, english, True, True)
    yield Pair("cross_language", chinese, japanese, True, True)
    yield Pair("cross_language", english, japanese, True, True)
    repeated = _ADDITIONS[at % 4].format(wordings[at % 4])
    yield Pair("repost", wordings[at % 4], repeated, True, True)
    for number, near in enumerate(scene["near"]):
        yield Pair("near_miss", wordings[(at + number) % 2], near, False, False)
        yield Pair("near_miss", wordings[2 + (at + number) % 2], near, False, False)
    yield Pair("recurrence", again, chinese, True, False, minutes=90_000)
    yield Pair("other_customer", again, japanese, True, False, ("kim", "lee"))
