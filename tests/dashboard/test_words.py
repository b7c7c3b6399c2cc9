"""Every code that is stored or raised has words, and none of them break on its data."""

import re
from pathlib import Path
from typing import get_args

import pytest

from dashboard.words import HISTORY, REFUSALS, REVIEWS, RULES
from tickets import actions, matching

ACTIONS = "\n".join(path.read_text() for path in Path(actions.__path__[0]).rglob("*.py"))
RECORDED = set(re.findall(r'\.record\(\s*\w+,\s*"(\w+)"', ACTIONS))
REFUSED = set(re.findall(r'Refused\(\s*"(\w+)"', ACTIONS))
# These are raised at the public pages only, which have words of their own.
ELSEWHERE = {"link_dead"}


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
