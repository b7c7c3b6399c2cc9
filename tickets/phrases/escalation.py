"""Words by which a customer threatens to go to the authorities, to court or to the public."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from .folding import any_of, fold, plain

GAP: Final = "…"  # stands in an exception for a few characters of the same sentence
_FEW: Final = r"[^。！？!?\n]{0,8}?"

ESCALATION_WORDS: Final = (
    *("12315", "12300", "工信部", "黑猫", "律师", "律師", "曝光", "消协", "消费者协会", "消保委"),
    *("市场监管局", "起诉", "告上法院", "告上法庭", "法院见", "法庭见", "集体诉讼"),
    *("lawyer", "attorney", "solicitor", "legal action", "lawsuit", "sue you", "suing you"),
    *("going to sue", "will sue", "take you to court", "see you in court", "regulator"),
    *("ombudsman", "trading standards", "small claims", "better business bureau"),
    *(
        "消費者センター",
        "消費生活センター",
        "国民生活センター",
        "弁護士",
        "訴訟",
        "訴える",
        "総務省",
    ),
)
ESCALATION_EXCEPTIONS: Final = (
    *("曝光过度", "曝光不足", "过度曝光", "曝光时间", "曝光参数", "曝光补偿", "曝光值", "曝光量"),
    *("曝光率", "曝光度", "长曝光", "双重曝光", "多重曝光", "自动曝光", "手动曝光", "照片曝光太"),
    *("相机…曝光", "镜头…曝光", "摄影…曝光", "拍摄…曝光", "光圈…曝光", "快门…曝光", "iso…曝光"),
    *("曝光…光圈", "曝光…快门", "曝光…iso", "曝光三要素"),
    *("黑猫警长", "一只黑猫", "养的黑猫", "黑猫…照片", "黑猫头像"),
    *("律师事务所", "律師事務所", "我是律师", "我是一名律师", "我是个律师", "做律师", "律师…发来"),
    *("律师…发给我", "律师…的邮件", "给律师…发"),
    *(
        "i am a lawyer",
        "i'm a lawyer",
        "i am an attorney",
        "i'm an attorney",
        "mail from my lawyer",
    ),
    *("to my lawyer", "lawyer's e-mail", "lawyer's email", "voltage regulator"),
    *("弁護士事務所", "弁護士です", "弁護士からのメール", "弁護士…メール"),
)


def words_said(text: str, words: Sequence[str], exceptions: Sequence[str] = ()) -> tuple[str, ...]:
    """The words of a list that a text holds, in the list's order and writing.

    Case, width and traditional characters do not matter; Latin words and numbers count as whole
    ones only. Whatever stands inside an exception does not count.
    """
    finder = _finder(tuple(words), tuple(exceptions))
    return finder.said(plain(text)) if text else ()


class _Finder:
    def __init__(self, words: tuple[str, ...], exceptions: tuple[str, ...]) -> None:
        meant = {word: " ".join(word.replace("|", " ").split()) for word in words}
        self._named = [(word, re.compile(any_of(said))) for word, said in meant.items() if said]
        self._any = re.compile(any_of(*filter(None, meant.values()))) if self._named else None
        parts = [_exception(each) for each in exceptions if each.strip()]
        self._harmless = re.compile("|".join(sorted(parts, key=len, reverse=True) or ["(?!)"]))

    def said(self, folded: str) -> tuple[str, ...]:
        if self._any is None or not self._any.search(folded):
            return ()
        rest = self._harmless.sub(" ", folded)
        return tuple(word for word, found in self._named if found.search(rest))


@lru_cache(maxsize=64)  # every message is asked about the same few lists
def _finder(words: tuple[str, ...], exceptions: tuple[str, ...]) -> _Finder:
    return _Finder(words, exceptions)


def _exception(written: str) -> str:
    return _FEW.join(re.escape(part) for part in fold(written.strip()).split(_GAP_FOLDED))


_GAP_FOLDED: Final = fold(GAP)
