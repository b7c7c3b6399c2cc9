"""Fold a customer's text into the few characters that numbers and labels are recognised by."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from typing import Final

NUMERALS: Final = {
    **dict(zip("〇一二三四五六七八九", "0123456789", strict=True)),
    "零": "0",
    "幺": "1",
}

# Stands for a numeral that is no digit: part of a word ("一直", "三天"), or 一 typed for a dash.
ORDINARY: Final = "\ue000"

# Drawn without any width, and left inside numbers by web pages, chats and key-cap emoji.
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff"
    "\U000e0020-\U000e007f\U000e0100-\U000e01ef]"
)
_LINE_ENDS: Final = "\n\v\f\x85\u2028\u2029"
_DASHES_BY_LOOK: Final = "~∼˜−⁃─━"  # besides everything that Unicode itself calls a dash


def _pairs(text: str) -> dict[str, str]:
    return {pair[0]: pair[1] for pair in text.split()}


# One entry for each traditional (or formal) character that occurs in our word lists.
_SIMPLER: Final = _pairs("""
    號号 單单 編编 訂订 運运 遞递 發发 給给 寫写 說说 報报 讀读 顯显 記记 應应 該该 個个 這这
    裡里 裏里 碼码 為为 們们 會会 員员 學学 設设 備备 資资 產产 貨货 稅税 匯汇 轉转 賬账 帳账
    銀银 護护 證证 書书 執执 戶户 購购 銷销 價价 庫库 順顺 圓圆 韻韵 達达 東东 寶宝 貓猫 機机
    車车 約约 處处 圖图 專专 樓楼 門门 項项 務务 與与 還还 條条 訊讯 錄录 題题 郵邮 電电 數数
    錯错 誤误 請请 狀状 態态 係是 嘅的 統统 週周 點点 樣样 歲岁 從从 幣币 韓韩 歐欧 錢钱 節节
    壹一 貳二 贰二 叁三 肆四 伍五 陸六 陆六 柒七 捌八 玖九
""")

_ORDINARY_NUMERAL: Final = re.compile(
    "[一二三四五六七八九](?:(?=[次个天月年点岁遍封秒元块倍层周十百千万亿])"
    "|(?<=一)(?=[直些样起共定般旦边])"
    "|(?<=[统唯万第之周期十每]一)"
    "|(?<=[a-z]一|[0-9]一)(?=(?:[0-9]{4}|[0-9]{2})(?![0-9])))"
)


class _Folds(dict[int, int | None]):
    """What each code point folds to, worked out when first met."""

    MOST_REMEMBERED = 60_000  # a text made of every character there is must not fill the memory

    def __missing__(self, code: int) -> int | None:
        folded = _fold_character(chr(code))
        point = ord(folded) if folded else None
        if len(self) < self.MOST_REMEMBERED:
            self[code] = point
        return point


def _fold_character(character: str) -> str | None:
    if _INVISIBLE.match(character):
        return None
    if character in _LINE_ENDS:
        return "\n"
    if character.isspace():
        return " "
    # A superscript is a footnote or an exponent, never a digit of the number that it follows.
    if unicodedata.decomposition(character).startswith(("<super>", "<sub>")):
        return character
    if (digit := unicodedata.digit(character, None)) is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", character).lower()
    if len(plain) != 1:  # offsets hold only as long as one character stays one
        plain = character
    if unicodedata.category(plain) == "Pd" or plain in _DASHES_BY_LOOK:
        return "-"
    return _SIMPLER.get(plain, plain)


_FOLDS: Final = _Folds()


def fold(text: str) -> str:
    """Return `text` in lower case, with ASCII digits, one kind of dash and blank, no invisibles.

    Han numerals stay as they are where they may be digits; see `NUMERALS` and `ORDINARY`.
    """
    if text.isascii():
        return text.translate(_FOLDS)
    return _ORDINARY_NUMERAL.sub(ORDINARY, _translated(text))


def _translated(text: str) -> str:
    """Do what `translate` does, which is slow outside ASCII, for the few characters that change."""
    distinct = set(text)
    if len(distinct) > 2_000:
        return text.translate(_FOLDS)
    changing = [character for character in distinct if _FOLDS[ord(character)] != ord(character)]
    if len(changing) > 100:  # each costs a pass over the text
        return text.translate(_FOLDS)
    for character in changing:
        point = _FOLDS[ord(character)]
        text = text.replace(character, "" if point is None else chr(point))
    return text


def offsets(text: str, folded: str) -> Callable[[int], int]:
    """Return the function that leads from a position in `folded` to its character in `text`."""
    if len(folded) == len(text):
        return lambda position: position
    gaps = [gap.start() - already for already, gap in enumerate(_INVISIBLE.finditer(text))]
    return lambda position: position + bisect_right(gaps, position)
