"""Find what one text takes over from others: the words that would give something away."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from .text import normalise

_STRETCH: Final = 20  # characters of a telling stretch; a CJK character counts twice
_TAIL: Final = 8  # digits that tell a phone number from others, with or without a country code

_WORD: Final = re.compile(r"[a-z0-9@][a-z0-9@._+-]{4,}[a-z0-9]")
_DIGITS: Final = re.compile(r"[0-9](?:[ -]?[0-9]){5,}")
_PRODUCT: Final = re.compile(r"[a-z]{3,}[._-]?[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}")
_DATE: Final = re.compile(r"(?:19|20)[0-9]{2}[-.]?[0-9]{1,2}[-.]?[0-9]{1,2}")
_FIRST_WIDE: Final = "\u2e80"
_NARROW: Final = re.compile(f"([{_FIRST_WIDE}-\U0010ffff])\\1")
_RULE: Final = re.compile(r"([^\w\s])(?:\s?\1){2,}")

# What a desk says to everybody. Said before by somebody of the case, it is still no secret.
_COURTESIES: Final = (
    "感谢您的耐心等待",
    "感谢您的理解与支持",
    "感谢您的来信",
    "感谢您的反馈",
    "感谢您联系我们",
    "给您带来的不便",
    "给您带来不便",
    "深表歉意",
    "敬请谅解",
    "请您耐心等待",
    "我们会尽快处理",
    "我们会尽快回复您",
    "我们正在核实",
    "如有其他问题",
    "如有任何问题",
    "请随时联系我们",
    "请随时与我们联系",
    "请问有什么可以帮您",
    "祝您生活愉快",
    "祝您工作顺利",
    "thank you for contacting us",
    "thank you for your message",
    "thank you for your patience",
    "thank you for reaching out",
    "thank you very much",
    "we apologise for the inconvenience",
    "we apologize for the inconvenience",
    "sorry for the inconvenience",
    "we will get back to you",
    "as soon as possible",
    "please let us know",
    "if you have any further questions",
    "if you have any questions",
    "please do not hesitate to contact us",
    "kind regards",
    "best regards",
    "お問い合わせいただきありがとうございます",
    "お問い合わせありがとうございます",
    "ご連絡いただきありがとうございます",
    "ご連絡ありがとうございます",
    "ご不便をおかけして申し訳ございません",
    "ご迷惑をおかけして申し訳ございません",
    "大変申し訳ございません",
    "今しばらくお待ちください",
    "よろしくお願いいたします",
    "よろしくお願い申し上げます",
    "何卒よろしく",
)
_COURTEOUS: Final = re.compile("|".join(map(re.escape, _COURTESIES)))


def shared_passage(text: str, sources: Iterable[str], *, allowed: Iterable[str] = ()) -> str:
    """Return the first words of `text` that also stand in `sources` but not in `allowed`, or "".

    A passage is a telling word (an address, a phone or order number) or a stretch of ten CJK
    characters or twenty others, courtesies apart. Costs time in proportion to the texts' length.
    """
    plain = _COURTEOUS.sub("\n", _folded(text))
    passages = dict(_words(plain))
    for part in plain.split("\n"):
        passages.update((stretch, "") for stretch in _stretches(part))
    for known in map(_folded, allowed):
        for key in _keys(known):
            passages.pop(key, None)
    shared: set[str] = set()
    if passages:
        for source in map(_folded, sources):
            shared.update(key for key in _keys(source) if key in passages)
    first = next((key for key in passages if key in shared), "")
    return passages.get(first) or _NARROW.sub(r"\1", first)


def _folded(text: str) -> str:
    """The text on one line, with drawn rules ("-----") as short as any other mark."""
    return _RULE.sub(r"\1", normalise(text))


def _keys(plain: str) -> Iterator[str]:
    """Everything by which a passage of a folded text is recognised."""
    return chain((key for key, _written in _words(plain)), _stretches(plain))


def _words(plain: str) -> Iterator[tuple[str, str]]:
    """Telling words with the keys that recognise them: addresses, order and phone numbers."""
    for found in _WORD.finditer(plain):
        word = found.group()
        if "@" in word or (_holds_digit(word) and not _is_everyday(word)):
            yield f"word {word}", word
    for found in _DIGITS.finditer(plain):
        written = found.group()
        if not _is_everyday(written):
            digits = written.replace(" ", "").replace("-", "")
            yield f"digits {digits[-_TAIL:]}", written


def _stretches(plain: str) -> Iterator[str]:
    """Every stretch that weighs enough, with each CJK character twice: all are equally long."""
    wide = "".join([each if each < _FIRST_WIDE else each + each for each in plain])
    return (wide[at : at + _STRETCH] for at in range(len(wide) - _STRETCH + 1))


def _holds_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)


def _is_everyday(word: str) -> bool:
    """Names of products with their version, and plain dates."""
    return bool(_PRODUCT.fullmatch(word) or _DATE.fullmatch(word))
