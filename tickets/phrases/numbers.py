"""Numbers that an author takes back: "QM-…, sorry, I meant QM-…"."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from .folding import pattern, plain

_MOST: Final = 20  # numbers that are looked at; more of them are a list
_REACH: Final = 60  # characters between a wrong number and the right one

# Said anywhere between the two.
_MISTAKEN: Final = pattern(
    r"[打写输发说记抄搞弄填贴报念看]错|号(?:码)?(?:不对|错)|^\W{0,4}(?:不对|错了|有误)|更正|纠正"
    r"|勘误",
    r"\b(?:typo|mistyped|misspelled|mistake|i mean|i meant|correction"
    r"|wrong (?:number|one|case|ticket)|scratch that)\b",
    r"間違|まちがい|訂正|打ち間違|誤りで|失礼",
)
# Said right before the right one.
_RATHER: Final = pattern(
    r"(?:应该是|应为|正确的?(?:案号|号码|号)?(?:应该)?[是:]|而是|不,?是|改[成为])\W*(?:这个|案号"
    r"|工单|单号)?\W*$",
    r"\b(?:should (?:be|read|have been)|not that,? (?:but|it's)|but rather|i\.e\. not|make that"
    r"|rather)\W*(?:case |ticket )?\W*$",
    r"(?:ではなく|じゃなく|でなく)て?\W*$|正しくは\W*$",
)
_NOT_BEFORE: Final = pattern(r"(?<!是)不是(?:案号|工单|单号)?\W*$", r"\bnot(?: case| ticket)?\W*$")
_BUT_AFTER: Final = pattern(
    r"^[^。.!?\n]{0,20}(?:是|而是|应该是)\W*(?:案号)?$", r"^\W*(?:but|it's|it is)\b"
)
# Said after both: the former was wrong.
_FORMER_WAS_WRONG: Final = pattern(
    r"^[^。!?\n]{0,10}(?:前|上)(?:面|一个|一条|边)?[^。!?\n]{0,8}(?:错|不对|忽略|作废)",
    r"^[^.!?\n]{0,20}(?:first|former|previous|earlier) (?:one|number) (?:is|was) (?:wrong|a typo"
    r"|mistyped)",
    r"^[^。\n]{0,12}(?:最初|前|先)の(?:番号|方|もの)?は(?:間違|誤)",
)


def withdrawn_numbers(text: str, spans: Sequence[tuple[str, int, int]]) -> frozenset[str]:
    """The numbers among `spans` (number, start, end) that the text itself puts right.

    Of two neighbours the former is withdrawn if the author says so between, before or after
    them. The last number is never withdrawn.
    """
    withdrawn = set()
    for (wrong, wrong_from, wrong_to), (right, right_from, right_to) in pairwise(spans[:_MOST]):
        between = text[wrong_to:right_from]
        if wrong == right or len(between) > _REACH:
            continue
        before = plain(text[max(0, wrong_from - 16) : wrong_from])
        after = plain(text[right_to : right_to + 40])
        if _is_put_right(before, plain(between), after):
            withdrawn.add(wrong)
    return frozenset(withdrawn)


def _is_put_right(before: str, between: str, after: str) -> bool:
    if _MISTAKEN.search(between) or _RATHER.search(between) or _FORMER_WAS_WRONG.search(after):
        return True
    return bool(_NOT_BEFORE.search(before) and _BUT_AFTER.search(between))
