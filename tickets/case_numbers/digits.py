"""The arithmetic of case numbers: check digits, issuing, printing and near misses."""

import hmac
from collections.abc import Iterable
from typing import Final

BODY_DIGITS: Final = 8
LONG_BODY_DIGITS: Final = 12
CHECK_DIGITS: Final = 2
LENGTH: Final = BODY_DIGITS + CHECK_DIGITS
LONG_LENGTH: Final = LONG_BODY_DIGITS + CHECK_DIGITS

# An even number, so that the halves end where they began; ten is what FF1 (NIST SP 800-38G) uses.
FEISTEL_ROUNDS: Final = 10


def check_digits(body: str) -> str:
    """Return the two check digits of `body` by ISO/IEC 7064 MOD 97-10, from "02" to "98"."""
    return f"{98 - int(body) * 100 % 97:02}"


def is_valid(number: str) -> bool:
    """Tell whether `number` is ten (or fourteen) ASCII digits whose check digits hold."""
    if len(number) not in (LENGTH, LONG_LENGTH) or not (number.isascii() and number.isdigit()):
        return False
    # Compared as text: a remainder alone would also let 00, 01 and 99 pass, which are never issued.
    return number[-CHECK_DIGITS:] == check_digits(number[:-CHECK_DIGITS])


def format_number(number: str, *, prefix: str = "QM") -> str:
    """Print `number` as customers see it: QM-4821-0937-10, in the long form 4-4-4-2."""
    body = number[:-CHECK_DIGITS]
    groups = [body[start : start + 4] for start in range(0, len(body), 4)]
    return "-".join([prefix, *groups, number[-CHECK_DIGITS:]])


def issue(sequence: int, *, key: bytes, digits: int = BODY_DIGITS) -> str:
    """Return the case number of the `sequence`-th case: a keyed shuffle of it, then check digits.

    Different sequences give different numbers under one key, and without the key neither the order
    nor the count of cases can be read from them. Raises ValueError for a sequence outside
    0..10**digits - 1, for `digits` that are odd or none, and for an empty key.
    """
    if digits < 2 or digits % 2:
        raise ValueError("digits must be even and at least 2")
    if not key:
        raise ValueError("the key must not be empty")
    if not 0 <= sequence < 10**digits:
        raise ValueError(f"sequence {sequence} does not fit in {digits} digits")
    body = f"{_shuffle(sequence, key=key, half=10 ** (digits // 2)):0{digits}}"
    return body + check_digits(body)


def _shuffle(value: int, *, key: bytes, half: int) -> int:
    """Permute 0..half**2 - 1: a Feistel network on two decimal halves needs no cycle walking."""
    left, right = divmod(value, half)
    for turn in range(FEISTEL_ROUNDS):
        digest = hmac.digest(key, f"{half}:{turn}:{right}".encode(), "sha256")
        left, right = right, (left + int.from_bytes(digest)) % half
    return left * half + right


def near_misses(digits: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """Return those `candidates`, in their order, that one slip of the hand turns into `digits`.

    A slip is one digit changed, missing or too many, or two neighbours swapped.
    """
    return tuple(number for number in candidates if _one_slip_apart(digits, number))


def _one_slip_apart(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 1 or one == other:
        return False
    at = next((i for i, digit in enumerate(shorter) if digit != longer[i]), len(shorter))
    if len(shorter) < len(longer):
        return shorter[at:] == longer[at + 1 :]
    changed = shorter[at + 1 :] == longer[at + 1 :]
    swapped = shorter[at : at + 2] == longer[at : at + 2][::-1]
    return changed or (swapped and shorter[at + 2 :] == longer[at + 2 :])
