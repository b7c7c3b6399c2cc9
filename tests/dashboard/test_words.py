"""Every code that is stored or raised has words, and none of them break on its data."""

import re
from pathlib import Path
from typing import get_args

import pytest
from django.utils import translation

from dashboard.words import HISTORY, REFUSALS, REVIEWS, RULES, link_reason_in_words
from tickets import actions, matching

ACTIONS = "\n".join(path.read_text() for path in Path(actions.__path__[0]).rglob("*.py"))
RECORDED = set(re.findall(r'\.record\(\s*\w+,\s*"(\w+)"', ACTIONS))
REFUSED = set(re.findall(r'Refused\(\s*"(\w+)"', ACTIONS))
# These are raised at the public pages only, which have words of their own.
ELSEWHERE = {
    *("link_dead", "code_dead", "wrong_code"),
    *("not_theirs", "too_late", "not_closed", "not_a_picture"),
}


@pytest.mark.parametrize("code", sorted(RECORDED))
def test_history_code_has_words(code: str) -> None:
    assert code in HISTORY


@pytest.mark.parametrize("code", sorted(REFUSED - ELSEWHERE))
def test_refusal_has_words(code: str) -> None:
    assert code in REFUSALS


def test_codes_were_found_at_all() -> None:
    assert len(RECORDED) > 15
    assert len(REFUSED) > 10


def test_every_rule_and_review_of_matching_has_words_and_nothing_else_has() -> None:
    assert set(RULES) == set(get_args(matching.Rule))
    assert set(REVIEWS) == set(get_args(matching.Review)) - {""}


def test_reason_of_a_link_names_what_both_cases_hold() -> None:
    with translation.override("en"):
        said = link_reason_in_words({"codes": ["554", "0x800ccc0e"], "marks": ["a.pdf"]})

    assert "554, 0x800ccc0e" in said
    assert "a.pdf" in said
