"""What holds for every case number and every text, whatever they are."""

import string
from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.case_numbers import (
    check_digits,
    format_number,
    is_valid,
    issue,
    near_misses,
    parse_one,
    read,
)

# --- decorations: the ways of writing a number that the dialogues of the evaluation use ---

FULL_WIDTH: Final = str.maketrans(
    "-" + string.digits + string.ascii_uppercase,
    "－" + "０１２３４５６７８９" + "ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ",
)
HAN: Final = str.maketrans("0123456789-", "零幺二三四五六七八九，")


def digits(number: str) -> str:
    return number


def lower(number: str) -> str:
    return format_number(number).lower()


def fw(number: str) -> str:
    return format_number(number).translate(FULL_WIDTH)


def cn(number: str) -> str:
    return f"QM {format_number(number).removeprefix('QM-').translate(HAN)}"


def under(number: str) -> str:
    return format_number(number).replace("-", "_")


def wrapped(number: str) -> str:
    printed = format_number(number)
    return f"> {printed[:8]}\n> {printed[8:]}"


PREFIXED: Final = (format_number, lower, fw, cn, under, wrapped)
LABELS: Final = ("案号", "工單號：", "单号是", "Case no. ", "ticket #", "受付番号は", "ref: ")
SURROUNDINGS: Final = (
    "{}",
    "您好，{}，麻烦看下",
    "re {} again",
    "（{}）",
    "{}の件です。",
    "\n{}\n",
)

numbers = (
    st.integers(0, 10**8 - 1).map(lambda body: f"{body:08}").map(lambda b: b + check_digits(b))
)

keys = st.binary(min_size=1, max_size=64)
sequences = st.integers(0, 10**8 - 1)
# Texts that look like numbers more often than chance would have it.
pieces = st.sampled_from(
    [
        *list("0123456789一零幺OlQM-_./ \n>，。"),
        *["QM", "案号", "case ", "<b>", "&nbsp;", "%2d", "\u200b", "4821", "和"],
    ]
)
texts = st.one_of(st.text(), st.lists(pieces, max_size=80).map("".join))


@given(number=numbers, surrounding=st.sampled_from(SURROUNDINGS))
@pytest.mark.parametrize("decorate", PREFIXED)
def test_prefixed_number_is_strong_in_every_decoration(
    decorate: Callable[[str], str], number: str, surrounding: str
) -> None:
    reading = read(surrounding.format(decorate(number)))

    assert [(found.number, found.strength) for found in reading.found] == [(number, "strong")]
    assert reading.invalid == ()


@given(number=numbers, label=st.sampled_from(LABELS), surrounding=st.sampled_from(SURROUNDINGS))
def test_labelled_number_is_strong(number: str, label: str, surrounding: str) -> None:
    reading = read(surrounding.format(label + digits(number)))

    assert [(found.number, found.strength) for found in reading.found] == [(number, "strong")]


@given(number=numbers, surrounding=st.sampled_from(SURROUNDINGS))
def test_bare_number_is_weak(number: str, surrounding: str) -> None:
    reading = read(surrounding.format(digits(number)))

    assert [(found.number, found.strength) for found in reading.found] == [(number, "weak")]


@given(number=numbers)
@pytest.mark.parametrize("decorate", [digits, *PREFIXED])
def test_search_box_reads_every_decoration(decorate: Callable[[str], str], number: str) -> None:
    assert parse_one(decorate(number)) == number


@given(number=numbers, position=st.integers(0, 9), step=st.integers(1, 9))
def test_every_changed_digit_is_noticed(number: str, position: int, step: int) -> None:
    changed = str((int(number[position]) + step) % 10)
    wrong = number[:position] + changed + number[position + 1 :]

    assert not is_valid(wrong)
    assert near_misses(wrong, [number]) == (number,)


@given(number=numbers, position=st.integers(0, 8))
def test_every_swap_of_neighbours_is_noticed(number: str, position: int) -> None:
    first, second = number[position], number[position + 1]
    swapped = number[:position] + second + first + number[position + 2 :]

    assert is_valid(swapped) == (first == second)
    assert near_misses(swapped, [number]) == (() if first == second else (number,))


@given(number=numbers, position=st.integers(0, 9), step=st.integers(1, 9))
def test_mistyped_number_is_reported_as_typed(number: str, position: int, step: int) -> None:
    changed = str((int(number[position]) + step) % 10)
    wrong = number[:position] + changed + number[position + 1 :]

    reading = read(f"案号 {format_number(wrong)}")

    assert reading.found == ()
    # A row of zeros is taken for a form that was not filled in.
    assert [claim.digits for claim in reading.invalid] == ([wrong] if len(set(wrong)) > 1 else [])


@given(key=keys, first=sequences, second=sequences)
def test_issue_gives_different_cases_different_numbers(key: bytes, first: int, second: int) -> None:
    same = issue(first, key=key) == issue(second, key=key)

    assert same == (first == second)


@given(key=keys, sequence=sequences)
def test_issued_number_is_valid_and_reads_back_from_print(key: bytes, sequence: int) -> None:
    number = issue(sequence, key=key)

    assert is_valid(number)
    assert parse_one(format_number(number)) == number


@given(key=keys, sequence=st.integers(0, 10**12 - 1))
def test_issued_long_number_reads_back_from_print(key: bytes, sequence: int) -> None:
    number = issue(sequence, key=key, digits=12)

    reading = read(f"re {format_number(number)}", long_form=True)

    assert [(found.number, found.strength) for found in reading.found] == [(number, "strong")]


@given(text=texts, long_form=st.booleans(), prefix=st.text(max_size=4))
def test_reading_never_fails_and_points_into_the_text(
    text: str, long_form: bool, prefix: str
) -> None:
    reading = read(text, prefix=prefix, long_form=long_form)

    spans = [(found.start, found.end) for found in reading.found]
    spans += [(claim.start, claim.end) for claim in reading.invalid]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(is_valid(found.number) for found in reading.found)
    assert not any(is_valid(claim.digits) for claim in reading.invalid)


@given(text=texts)
def test_each_number_and_each_failed_claim_is_told_once(text: str) -> None:
    reading = read(text)

    assert len({found.number for found in reading.found}) == len(reading.found)
    assert len({claim.digits for claim in reading.invalid}) == len(reading.invalid)


@given(text=texts, number=numbers)
def test_invisible_characters_change_nothing(text: str, number: str) -> None:
    visible = f"{text} {format_number(number)}"

    hidden = read("\u200b".join(visible))

    plain = read(visible)
    assert [(found.number, found.strength) for found in hidden.found] == [
        (found.number, found.strength) for found in plain.found
    ]
    assert [claim.digits for claim in hidden.invalid] == [claim.digits for claim in plain.invalid]
