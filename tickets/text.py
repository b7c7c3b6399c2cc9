"""Pure helpers for text: normalising, tokens (CJK bigrams and words), similarity, excerpts."""

import re
import unicodedata
from collections.abc import Iterator

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
_RUN = re.compile(rf"[{_CJK}]+|[a-z0-9][a-z0-9._-]*")
_SPACE = re.compile(r"\s+")
MOST_READ = 20_000  # characters looked at for tokens and similarity


def normalise(text: str) -> str:
    """Lower case, full width folded, white space squeezed."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text).lower()).strip()


def tokens(text: str) -> Iterator[str]:
    """Words of alphabetic scripts and overlapping pairs of CJK characters, in order."""
    for run in _RUN.finditer(normalise(text[:MOST_READ])):
        word = run.group()
        if word[0].isascii():
            yield word.rstrip(".-_")
        elif len(word) == 1:
            yield word
        else:
            yield from (word[i : i + 2] for i in range(len(word) - 1))


def similarity(a: str, b: str) -> float:
    """How much two texts share: the Dice coefficient of their token sets, 0.0 to 1.0."""
    first, second = set(tokens(a)), set(tokens(b))
    if not first or not second:
        return 0.0
    return 2 * len(first & second) / (len(first) + len(second))


def excerpt(text: str, most: int) -> str:
    """The first words of a text on one line, at most `most` characters."""
    line = _SPACE.sub(" ", text).strip()
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def language_of(text: str) -> str:
    """A guess at the language: "ja" (kana), "zh-hans" (Han only), "en", or "" for no letters."""
    sample = text[:2000]
    kana = len(re.findall(r"[\u3040-\u30ff]", sample))
    han = len(re.findall(r"[\u4e00-\u9fff]", sample))
    latin = len(re.findall(r"[A-Za-z]+", sample))
    if kana and kana * 4 >= han:
        return "ja"
    if han * 2 >= latin and han:
        return "zh-hans"
    return "en" if latin else ""
