"""What a question is taken apart into: pieces of words, and concepts that languages share."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from ..phrases.folding import fold

CONCEPTS: Final = Path(__file__).parent / "concepts.jsonl"
MOST_READ: Final = 600  # characters; a question says what it is about early
MOST_PAIRED: Final = 10  # concepts that are paired with each other

_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_RUN = re.compile(rf"[{_CJK}]+|[a-z0-9][a-z0-9_'.-]*")
_WORD = re.compile(r"[a-z0-9][a-z0-9_']*")
_AMOUNT = re.compile(r"\d\s?(?:[mg]b?(?![a-z])|兆|メガ|ギガ|meg|gig)")  # of data
_ENDINGS = ("ing", "ed", "es", "s", "ly")
# Traditional characters of the trade that `fold` leaves alone, and one spelling for two habits.
_SIMPLER = str.maketrans(
    "舊註銷測擋夾檔匯駭簡遲遷資畫據嘅俾佔寬觸擴縮損毀斷憑離職與權級範撥誤刪釣魚詐騙檢舉綁購費"
    "餘額週歷曆區該舉權導選擇鏈紀錯滅強彈卻稅統編夠覽圖",
    "旧注销测挡夹档汇骇简迟迁资画据的给占宽触扩缩损毁断凭离职与权级范拨误删钓鱼诈骗检举绑购费"
    "余额周历历区该举权导选择链纪错灭强弹却税统编够览图",
)
_HABITS = (("帐号", "账号"), ("帐户", "账户"), ("登陆", "登录"), ("登入", "登录"), ("信箱", "邮箱"))


def features(text: str, *, unfinished: bool = False) -> list[str]:
    """The pieces of a text, as often as they occur; alike for training and for questions.

    With `unfinished`, the last Latin word may be the beginning of a longer one.
    """
    folded = folded_question(text)
    runs = [run.group().rstrip(".-_'") for run in _RUN.finditer(folded)]
    found: list[str] = []
    for at, run in enumerate(runs):
        if not run[0].isascii():
            found.extend(_grams(run, 1, 4))
        else:
            found.extend(_latin(run, cut=unfinished and at == len(runs) - 1))
    words = [stem(run) for run in runs if run[0].isascii()]
    found.extend(f"b:{first} {second}" for first, second in itertools.pairwise(words))
    concepts = sorted(concepts_in(folded))
    found.extend(f"c:{name}" for name in concepts)
    pairs = itertools.combinations(concepts[:MOST_PAIRED], 2)
    found.extend(f"c:{first}+{second}" for first, second in pairs)
    return found


def is_whole(piece: str) -> bool:
    """Whether a piece is as good as a word, and not a part or a longer stretch of words."""
    return piece.startswith("w:") or (piece[0] >= "\u3000" and len(piece) <= 2)


def folded_question(text: str) -> str:
    """The beginning of a text in one case, width and spelling."""
    folded = fold(text[:MOST_READ]).translate(_SIMPLER)
    for habit, usual in _HABITS:
        folded = folded.replace(habit, usual)
    return folded


def stem(word: str) -> str:
    """An English word without its ending; good enough to bring its forms together."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def concepts_in(folded: str) -> set[str]:
    """The concepts that a folded text names, in whatever language."""
    inside, phrases, longest = _lexicon()
    found = {"amount"} if _AMOUNT.search(folded) else set()
    for at, character in enumerate(folded):
        for size in range(1, longest.get(character, 0) + 1):
            found |= inside.get(folded[at : at + size], frozenset())
    words = [stem(word) for word in _WORD.findall(folded)]
    for at in range(len(words)):
        for size in (1, 2, 3):
            found |= phrases.get(tuple(words[at : at + size]), frozenset())
    return found


def _latin(run: str, *, cut: bool) -> Iterator[str]:
    if not cut:
        yield f"w:{stem(run)}"
    yield from _grams(f"^{run}" if cut else f"^{run}$", 3, 5)


def _grams(run: str, shortest: int, longest: int) -> Iterator[str]:
    for size in range(shortest, longest + 1):
        yield from (run[at : at + size] for at in range(len(run) - size + 1))


@cache
def _lexicon() -> tuple[
    Mapping[str, frozenset[str]], Mapping[tuple[str, ...], frozenset[str]], Mapping[str, int]
]:
    """Concepts by characters that name them, by English words; how long by their start."""
    inside: dict[str, set[str]] = {}
    phrases: dict[tuple[str, ...], set[str]] = {}
    for row in map(json.loads, CONCEPTS.read_text(encoding="utf-8").splitlines()):
        for word in (*row["zh"], *row["en"], *row["ja"]):
            folded = folded_question(word)
            if any(character >= "\u3000" for character in folded):
                inside.setdefault(folded, set()).add(row["concept"])
            else:
                words = tuple(stem(each) for each in _WORD.findall(folded))
                phrases.setdefault(words, set()).add(row["concept"])
    return (
        {word: frozenset(names) for word, names in inside.items()},
        {words: frozenset(names) for words, names in phrases.items()},
        {
            start: max(map(len, names))
            for start, names in itertools.groupby(sorted(inside), key=lambda name: name[0])
        },
    )
