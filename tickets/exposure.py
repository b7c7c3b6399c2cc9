"""Find, purely, what must not stand where anybody can read it: personal data and keys to cases."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from . import case_numbers
from .case_numbers.folding import NUMERALS, fold, offsets

Kind = Literal["link", "id_card", "bank_card", "email", "case_number", "phone"]
Span = tuple[int, int]

MASK: Final = "••••"

_GAP: Final = r"[ .()/_·-]{0,3}"
_PAUSE: Final = r"[ _·-]{0,2}"  # without dots, or versions would be phone numbers
_END: Final = r"(?![0-9])"
_ID_CARD: Final = re.compile(rf"(?<![0-9])[1-8](?:{_GAP}[0-9]){{16}}{_GAP}[0-9x](?![0-9a-z])")
_BANK_CARD: Final = re.compile(rf"(?<![0-9])[3-9](?:{_GAP}[0-9]){{14,18}}{_END}")
# A mailbox name is at most 64 characters long; without the bound a long word would be slow.
_EMAIL: Final = re.compile(
    r"(?<![a-z0-9._%+-])[a-z0-9_][a-z0-9._%+-]{0,63} ?(?:@|\(at\)|\[at\]) ?"
    r"(?:[a-z0-9-]{1,63}(?:\.|。)){1,8}[a-z]{2,24}"
)
_PHONES: Final = (
    # A mobile number of the mainland, with or without the country.
    re.compile(
        rf"(?<![0-9])(?<![0-9][-.])(?:(?:\+|00)?86{_GAP})?"
        rf"(?:1{_PAUSE}[3-9](?:{_PAUSE}[0-9]){{9}}|1[3-9][0-9]\.[0-9]{{4}}\.[0-9]{{4}}){_END}"
    ),
    # A line with its area code, perhaps with an extension; and company numbers for one price.
    re.compile(
        rf"(?<![0-9])\(?0[1-9][0-9]{{1,2}}[) -]{{1,2}}[2-9][0-9]{{2,3}}[ -]?[0-9]{{4}}"
        rf"(?:-[0-9]{{1,5}})?{_END}"
    ),
    re.compile(rf"(?<![0-9])0(?:10|2[0-9]|[3-9][0-9]{{2}})[2-8][0-9]{{6,7}}{_END}"),
    re.compile(rf"(?<![0-9])[48]00[ -]?[0-9]{{3}}[ -]?[0-9]{{4}}{_END}"),
    # With a country, as anywhere; and as in Japan.
    re.compile(rf"(?<![0-9+])(?:\+|00)[1-9](?:{_GAP}[0-9]){{7,14}}{_END}"),
    re.compile(rf"(?<![0-9])0[1-9]0?-[0-9]{{4}}-[0-9]{{4}}{_END}"),
    re.compile(rf"(?<![0-9])0[1-9][0-9]{{2}}-[0-9]{{2}}-[0-9]{{4}}{_END}"),
)
_NUMERALS: Final = str.maketrans(NUMERALS)
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS: Final = "10x98765432"


@dataclass(frozen=True, slots=True)
class Passage:
    """One place of a text that shows something, and what."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class House:
    """What belongs to the organisation: how its case numbers look, the address of its pages, and
    the addresses and numbers that it publishes itself (`@house.example` stands for all there)."""

    prefix: str = "QM"
    long_form: bool = False
    site: str = ""
    published: frozenset[str] = frozenset()


NO_HOUSE: Final = House()


def find(text: str, house: House = NO_HOUSE) -> list[Passage]:
    """Every place that shows personal data or leads into a case, in order and none within another.

    Full-width and Chinese numerals count as digits, blanks and dashes within a number as nothing.
    """
    found: list[Passage] = []
    open_links, secret_links = _links(text, house)
    _add(found, "link", secret_links)
    text = _blanked(text, [*open_links, *secret_links])
    page = fold(text)
    digits = page.translate(_NUMERALS)
    original = offsets(text, page)
    sights: tuple[tuple[Kind, Iterable[Span]], ...] = (
        ("id_card", _checked(_ID_CARD, digits, is_id_card)),
        ("bank_card", _checked(_BANK_CARD, digits, is_bank_card)),
        ("email", (each.span() for each in _EMAIL.finditer(page))),
        ("case_number", _case_numbers(page, house)),
        ("phone", (each.span() for pattern in _PHONES for each in pattern.finditer(digits))),
    )
    for kind, spans in sights:
        _add(found, kind, ((original(start), original(end - 1) + 1) for start, end in spans))
    published = {_bare(each) for each in house.published}
    shown = [each for each in found if not _is_published(text[each.start : each.end], published)]
    return sorted(shown, key=lambda each: each.start)


def kinds(passages: Iterable[Passage]) -> list[str]:
    """What is shown, each kind once, in the order of first appearance."""
    return list(dict.fromkeys(each.kind for each in passages))


def masked(text: str, house: House = NO_HOUSE) -> str:
    """The text with bullets in place of all that it shows."""
    return hidden(text, ((each.start, each.end) for each in find(text, house)))


def hidden(text: str, spans: Iterable[Span]) -> str:
    """The text with bullets in place of `spans`, which stand in order."""
    parts, place = [], 0
    for start, end in spans:
        parts += [text[place:start], MASK]
        place = end
    return "".join([*parts, text[place:]])


def is_id_card(digits: str) -> bool:
    """Whether eighteen characters are an identity number of the mainland: day of birth, check."""
    try:
        born = date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    total = sum(int(d) * weight for d, weight in zip(digits, _ID_WEIGHTS, strict=False))
    return born.year >= 1900 and _ID_CHECKS[total % 11] == digits[17]


def is_bank_card(digits: str) -> bool:
    """Whether the digits pass Luhn's check and are not all alike."""
    doubled = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0 and len(set(digits)) > 1


def _checked(pattern: re.Pattern[str], page: str, check: Callable[[str], bool]) -> Iterator[Span]:
    for each in pattern.finditer(page):
        if check(re.sub(r"[^0-9x]", "", each.group())):
            yield each.span()


def _case_numbers(page: str, house: House) -> Iterator[Span]:
    reading = case_numbers.read(page, prefix=house.prefix, long_form=house.long_form)
    # `read` names each number once, but a text may show it twice.
    for found in reading.found:
        shown = re.escape(page[found.start : found.end])
        yield from (each.span() for each in re.finditer(shown, page))


def _links(text: str, house: House) -> tuple[list[Span], list[Span]]:
    """Links to pages of ours: those for everybody, and those that are the key to a case."""
    if not house.site:
        return [], []
    everybodys: list[Span] = []
    keys: list[Span] = []
    for each in re.finditer(rf"{re.escape(house.site)}/support/[\w./:=~%-]*", text):
        path = each.group().removeprefix(f"{house.site}/support/")
        is_key = path.startswith(("case/", "claims/", "enter/"))
        (keys if is_key else everybodys).append(each.span())
    return everybodys, keys


def _blanked(text: str, spans: Iterable[Span]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _add(found: list[Passage], kind: Kind, spans: Iterable[Span]) -> None:
    """Add what lies in no earlier find: an address may hold digits, a card a phone number."""
    for start, end in spans:
        if all(end <= other.start or other.end <= start for other in found):
            found.append(Passage(kind, start, end))


def _is_published(passage: str, published: set[str]) -> bool:
    shown = _bare(passage)
    domain = shown[shown.find("@") :] if "@" in shown else ""
    return shown in published or bool(domain and domain in published)


def _bare(written: str) -> str:
    """An address in lower case, or the digits of a number without the mainland's prefix."""
    plain = unicodedata.normalize("NFKC", written).lower().strip()
    if "@" in plain:
        return plain.replace(" ", "")
    digits = re.sub(r"[^0-9x]", "", plain.translate(_NUMERALS))
    return re.sub(r"^(?:00)?86(?=1[3-9][0-9]{9}$|0?[2-9][0-9]{9}$)", "", digits)
