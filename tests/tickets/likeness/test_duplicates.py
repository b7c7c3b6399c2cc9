"""Which reports repeat an earlier one, by rule and by figure."""

from collections import defaultdict

import pytest

from tests.tickets.likeness.rows import Pair, f1, pairs
from tickets.duplicates import Report, Verdict, compare

DAY = 24 * 60


def judged(pair: Pair) -> Verdict:
    first, later = pair.customers
    return compare(Report(first, pair.a, 0), Report(later, pair.b, pair.minutes))


def said(a: str, b: str, minutes: float = 60) -> Verdict:
    return compare(Report("kim", a, 0), Report("kim", b, minutes))


def test_pairs_kept_out_of_tuning_are_told_apart() -> None:
    held = [(pair, judged(pair)) for pair in pairs("held")]

    assert len(held) >= 200
    assert f1((found.duplicate, pair.duplicate) for pair, found in held) >= 0.88
    assert f1((found.same_issue, pair.same_issue) for pair, found in held) >= 0.88


def test_every_kind_of_pair_is_mostly_right() -> None:
    right = defaultdict(list)
    for pair in pairs("held"):
        right[pair.kind].append(judged(pair).duplicate == pair.duplicate)

    rates = {kind: sum(hits) / len(hits) for kind, hits in right.items() if len(hits) > 20}

    assert all(rate >= 0.65 for rate in rates.values()), rates
    assert rates["repost"] == 1
    assert rates["other_issue"] >= 0.95


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("附件传不上", "附件传不上！！！"),
        ("The upload stops at 99%", "上传到99%就停住了"),
        ("重复扣了两次年费", "同じプランの料金が二重に引き落とされました。"),
        ("报价单.xlsx 打不开，提示损坏", "还是那个 报价单.xlsx，说文件已损坏"),
        ("群发停在一百人", "在吗？群发停在一百人"),
    ],
)
def test_same_problem_of_one_customer_is_a_duplicate(a: str, b: str) -> None:
    assert said(a, b).duplicate


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("通讯录导入失败", "通讯录导出失败"),
        ("anna@example.com 被退信550", "bert@example.com 被退信550"),
        ("报价单.xlsx 打不开", "合同.pdf 打不开"),
        ("在吗", "人呢"),
        ("怎么退订广告", "怎么退款广告会员"),
        ("发票抬头开错了", "登录滑块过不去"),
        ("", ""),
    ],
)
def test_other_object_or_no_problem_is_no_duplicate(a: str, b: str) -> None:
    assert not said(a, b).same_issue


def test_recurrence_after_a_month_is_the_same_issue_but_no_duplicate() -> None:
    text = "附件上传到一半断开"

    assert said(text, text, minutes=30 * DAY).duplicate
    recurrence = said(text, text, minutes=30 * DAY + 1)
    assert (recurrence.same_issue, recurrence.duplicate) == (True, False)


def test_unlinked_sender_is_connected_by_shared_evidence_only() -> None:
    a, b = "报价邮件退回 554，手机尾号8021", "Mail bounced (554). My phone ends in 8021."

    assert compare(Report(None, a, 0), Report("kim", b, 9)).duplicate
    assert not compare(Report(None, a, 0), Report("kim", b.replace("8021", "1180"), 9)).duplicate
    assert not compare(Report("lee", a, 0), Report("kim", b, 9)).duplicate


def test_verdict_names_what_both_share() -> None:
    evidence = said("退信554，尾号8021", "bounced with 554, phone ending in 8021").evidence

    assert evidence["codes"] == ("554",)
    assert evidence["marks"] == ("tail:8021",)
    assert "bounce" in evidence["things"]
