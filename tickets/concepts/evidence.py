"""What two texts may have in common besides their subject: numbers, addresses, files, codes."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ..phrases import codes_in
from .reading import beginning

_MOST: Final = 30  # of each kind; more are a log file's
_DIGITS: Final = str.maketrans("〇零一二三四五六七八九幺", "001234567891")
_SPELT: Final = re.compile("[〇零一二三四五六七八九幺]{3,}")
_ADDRESS: Final = re.compile(r"[a-z0-9][a-z0-9._+-]{0,63}@[a-z0-9][a-z0-9.-]{0,252}[a-z0-9]")
_FILE: Final = re.compile(
    r"[\w-]{1,80}\.(?:xlsx?|docx?|pptx?|pdf|csv|zip|rar|7z|exe|jpe?g|png|gif|mp4|mov|eml|txt|dwg"
    r"|psd)"
    r"(?![a-z0-9])"
)
_DOMAIN: Final = re.compile(
    r"(?<![\w@.-])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|org|net|cn|jp|io|co)\b", re.ASCII
)
_TAIL: Final = re.compile(
    r"(?:尾号|末四位|后四位|末尾|下4桁|下四桁|ending(?: in)?|ends (?:in|with)|last (?:four"
    r"|4)(?: digits)?)"
    r"[^\d\n]{0,6}(\d{4})(?!\d)"
)
_MESSENGER: Final = re.compile(
    r"(?<![a-z])qq ?(?:号码?|number|no\.?|番号)?[:： 是]{0,3}(\d{5,12})(?!\d)"
)
_LONG: Final = re.compile(r"(?<![\w.-])\d{6,20}(?![\w.]*[a-z])", re.ASCII)
_ORDER: Final = re.compile(
    r"(?<![a-z0-9])(?=[a-z0-9-]*\d{3})[a-z]{1,6}-?\d[a-z0-9-]{4,24}", re.ASCII
)
_REQUEST: Final = re.compile(
    r"(?<![a-z0-9])(?=[0-9a-f-]*[a-f])(?=[0-9a-f-]*\d)[0-9a-f]{7,32}(?![a-z0-9])", re.ASCII
)
_HEX: Final = re.compile(r"0x[0-9a-f]{4,8}", re.ASCII)
_WORDY_CODE: Final = re.compile(r"(?:err|e|ssl)_[a-z_]{4,40}|e(?:conn|timed)[a-z]{3,12}", re.ASCII)
_NOT_CODES: Final = frozenset({"993", "995", "465", "587", "365", "200", "400元"})
_COUNTED: Final = re.compile(
    r"\d{3,5} ?(?:人|个|封|次|元|块|天|mb?|kb?|gb?|兆|名|通|件|people|users|recipients|customers"
    r"|mails?|days)"
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What identifies things and people (`marks`) and what identifies a failure (`codes`).

    Marks are lower-case and say their kind: `tail:8021`, `file:a.pdf`, `address:…`, `number:…`,
    `domain:…`.
    """

    marks: frozenset[str]
    codes: frozenset[str]

    def of_kind(self, kind: str) -> frozenset[str]:
        """The marks of one kind."""
        return frozenset(mark for mark in self.marks if mark.startswith(f"{kind}:"))


def evidence_in(text: str) -> Evidence:
    """The marks and error codes that a text holds."""
    return _evidence(beginning(text))


@lru_cache(maxsize=4096)
def _evidence(text: str) -> Evidence:
    said = _SPELT.sub(lambda run: run.group().translate(_DIGITS), text)
    marks = {f"{kind}:{value}" for kind, value in _marks(said)}
    known = {mark.partition(":")[2] for mark in marks}
    codes = {code for code in _codes(said) if not any(code in value for value in known)}
    return Evidence(frozenset(marks), frozenset(codes))


def _marks(said: str) -> list[tuple[str, str]]:
    addresses = _ADDRESS.findall(said)[:_MOST]
    rest = _ADDRESS.sub(" ", said)
    return [
        *(("address", found) for found in addresses),
        *(("file", found) for found in _FILE.findall(rest)[:_MOST]),
        *(("domain", found) for found in _DOMAIN.findall(_FILE.sub(" ", rest))[:_MOST]),
        *(("tail", found) for found in _TAIL.findall(rest)[:_MOST]),
        *(("number", found) for found in _MESSENGER.findall(rest)[:_MOST]),
        *(("number", found) for found in _LONG.findall(rest)[:_MOST]),
        *(("number", found) for found in _ORDER.findall(rest)[:_MOST]),
        *(("number", found) for found in _REQUEST.findall(rest)[:_MOST]),
    ]


def _codes(said: str) -> set[str]:
    counted = _COUNTED.sub(" ", _ADDRESS.sub(" ", said))
    found = set(codes_in(counted)) | set(_HEX.findall(counted)) | set(_WORDY_CODE.findall(counted))
    return found - _NOT_CODES
