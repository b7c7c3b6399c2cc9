"""Fold texts and word lists alike, and make patterns of the lists."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

NUMBER: Final = "§"  # stands for a case number in texts that come from `without_numbers`
MOST_WEIGHED: Final = 4_000  # characters; what a message is about stands at its beginning

# Traditional characters of common words, so that one spelling in the lists is enough.
_SIMPLER: Final = str.maketrans(
    "碼號單錄陸驗證發郵電開關這裡裏嗎們還請問題幫麼樣讓給個沒處顯設備賬帳戶員費應該補圖複製訊線網頁聯繫"
    "說話時間會長對錯壞過進結復覆資檔夾規則轉樓刪籤簽稱圍變頭買賣價錢實續訂閱統寫報輸傳滿鎖盜為從兩動謝聲響試裝機覽載點儲攔訴內邊’",
    "码号单录陆验证发邮电开关这里里吗们还请问题帮么样让给个没处显设备账账户员费应该补图复制讯线网页联系"
    "说话时间会长对错坏过进结复复资档夹规则转楼删签签称围变头买卖价钱实续订阅统写报输传满锁盗为从两动谢声响试装机览载点储拦诉内边'",
)


def fold(text: str) -> str:
    """Lower case, full width and traditional characters folded; length may change."""
    return unicodedata.normalize("NFKC", text).lower().translate(_SIMPLER)


def words(*alternatives: str) -> tuple[str, ...]:
    """The single words of lists like "a|b|c", folded as texts are."""
    return tuple(fold(word) for part in alternatives for word in part.split("|"))


def any_of(*alternatives: str) -> str:
    """A pattern for any of the words, the longest first; Latin ones only as whole words."""
    longest_first = sorted(words(*alternatives), key=lambda word: (-len(word), word))
    return "(?:" + "|".join(map(_as_pattern, longest_first)) + ")"


def pattern(*parts: str) -> re.Pattern[str]:
    """A pattern of several parts, any of which may match, written in folded text."""
    return re.compile("|".join(part.translate(_SIMPLER) for part in parts))


def _as_pattern(word: str) -> str:
    before = r"(?<![a-z0-9])" if _is_latin(word[0]) else ""
    after = r"(?![a-z0-9])" if _is_latin(word[-1]) else ""
    return before + re.escape(word) + after


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def plain(text: str) -> str:
    """Folded, cut to what is weighed and with single spaces; lines stay apart."""
    folded = fold(text[:MOST_WEIGHED])[:MOST_WEIGHED]  # folding may lengthen
    lines = (" ".join(line.split()) for line in folded.splitlines())
    return "\n".join(line for line in lines if line)


def without_numbers(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with the given stretches, its case numbers, replaced by `NUMBER`."""
    parts, position = [], 0
    for start, end in sorted(spans):
        if start >= position:
            parts += [text[position:start], NUMBER]
            position = end
    return "".join([*parts, text[position:]])
