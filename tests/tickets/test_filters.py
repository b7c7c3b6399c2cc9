"""The filter language: read in any language, written in each, and never silently ignored."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.filters import KEYS, Book, Filter, Term, complete, parse, write
from tickets.filters.vocabulary import UNITS

BOOK = Book(
    {
        "channel": {"qq-bot": "QQ 机器人", "mail": "Mailbox"},
        "kind": {"qq": "QQ", "email": "email"},
        "team": {"billing": "Billing, Refunds"},
        "assignee": {"7": "Ada", "8": "林二"},
    }
)
LANGUAGES = ("", "zh-hans", "en", "ja")


def terms(text: str, book: Book = BOOK) -> list[tuple[str, str, bool]]:
    parsed = parse(text, book)
    assert parsed.problems == ()
    return [(each.key, each.value, each.is_negated) for each in parsed.filter.terms]


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("状态:未结 渠道：QQ 等待:>5分", "state:open kind:qq waiting:>5m"),
        ("渠道:QQ机器人", "channel:qq-bot"),
        ("状態：対応中 優先度：高、緊急", "state:open priority:high priority:urgent"),
        ("ＳＴＡＴＥ：Ｏｐｅｎ 等待：＞５分钟", "state:open waiting:>5m"),
        ("处理人:无 -标签:502", "assignee:none -tag:502"),
        ("－标签：５０２", "-tag:502"),
        ("assignee:林二 assignee:ada assignee:me", "assignee:8 assignee:7 assignee:me"),
        ('team:"billing, refunds"', "team:billing"),
        ("waiting:2小时 due:30min", "waiting:>2h due:<30m"),
        ("期限：超過 到期:今天", "due:overdue due:today"),
        ("创建：2026年11月1日 created:>=2026/11/02", "created:2026-11-01 created:>=2026-11-02"),
        ("resolved:2026-11-01..2026-11-05", "resolved:2026-11-01..2026-11-05"),
        ("updated:3天", "updated:<3d"),
        ("案号:QM-4821-0937-10", "number:4821093710"),
        ("category:account_security 分类:账号安全", "category:account_security"),
        ("state: open", "state:open"),
        ("发票 没收到 tag:x", '"发票 没收到" tag:x'),
        ("「発票」 “two words” -spam", '発票 "two words" -spam'),
        ("http://a.example 12:30 Error: full", '"http://a.example 12:30 Error: full"'),
        (r'tag:"a \"b\" \\ c"', r'tag:"a \"b\" \\ c"'),
        ("", ""),
    ],
)
def test_what_people_write_has_one_form_to_keep(text: str, canonical: str) -> None:
    parsed = parse(text, BOOK)

    assert parsed.problems == ()
    assert write(parsed.filter) == canonical


@pytest.mark.parametrize(
    ("text", "code", "start", "end", "offers"),
    [
        ("tag:x state:opn", "unknown_value", 6, 15, ("open", "closed")),
        ("stat:open", "unknown_key", 0, 9, ("state",)),
        ("claim:", "missing_value", 0, 6, ("pending", "verified", "rejected", "none")),
        ("waiting:xyz", "unknown_value", 0, 11, ("any", "none")),
        ("created:2026-02-30", "unknown_value", 0, 18, ("today", "yesterday", "week", "month")),
        ("number:4821-0937-11", "unknown_value", 0, 19, ()),
        ("channel:mailbx", "unknown_value", 0, 14, ("mail",)),
        ('tag:"a b', "open_quote", 0, 8, ()),
    ],
)
def test_what_is_not_understood_says_where_and_what_would_do(
    text: str, code: str, start: int, end: int, offers: tuple[str, ...]
) -> None:
    problem = parse(text, BOOK).problems[0]

    assert (problem.code, problem.start, problem.end) == (code, start, end)
    assert problem.offers[: len(offers)] == offers


def test_filter_that_is_too_long_is_a_problem() -> None:
    assert parse("x" * 5000).problems[0].code == "too_long"
    assert parse(" ".join(f"tag:{n}" for n in range(50))).problems[0].code == "too_many"


def test_each_language_shows_its_own_words() -> None:
    found = parse("state:open waiting:>5m assignee:8", BOOK).filter

    assert write(found, "zh-hans", BOOK) == "状态:未结 等待:>5分 处理人:林二"
    assert write(found, "ja", BOOK) == "状態:対応中 待ち:>5分 担当者:林二"
    assert write(found, "en", BOOK) == "state:open waiting:>5m assignee:林二"


def _values(key: str) -> st.SearchStrategy[str]:
    number = st.integers(0, 9999)
    known = [st.sampled_from(sorted(KEYS[key].values))] if KEYS[key].values else []
    match KEYS[key].sort:
        case "span":
            said = st.builds(
                "{}{}{}".format, st.sampled_from("<>"), number, st.sampled_from(list(UNITS))
            )
        case "moment":
            said = st.builds("{}{}".format, st.sampled_from(["", "<=", ">"]), st.dates().map(str))
        case "number":
            said = st.just("4821093710")
        case "choice":
            return known[0]
        case "listed" if key in BOOK.names:
            said = st.sampled_from(sorted(BOOK.names[key]))
        case _:
            said = st.text(max_size=12)
    return st.one_of(said, *known)


ANY_TERM = st.one_of(
    st.builds(Term, st.just("text"), st.text(max_size=12), st.booleans()),
    *(st.builds(Term, st.just(key), _values(key), st.booleans()) for key in KEYS),
)


@settings(max_examples=60)
@given(st.lists(ANY_TERM, max_size=6))
def test_what_is_written_is_read_again_in_every_language(found: list[Term]) -> None:
    once = parse(write(Filter(tuple(found)), "", BOOK), BOOK).filter  # in canonical values

    for language in LANGUAGES:
        again = parse(write(once, language, BOOK), BOOK)
        assert (again.problems, again.filter) == ((), once)


@settings(max_examples=60)
@given(
    st.text(
        alphabet=st.sampled_from('状态未结statewaiting:：>5m分 -"“”「」,，、\\\n#'), max_size=30
    )
)
def test_any_text_is_read_and_what_is_understood_is_read_again(text: str) -> None:
    once = parse(text, BOOK).filter

    assert parse(write(once, "zh-hans", BOOK), BOOK).filter == once


@pytest.mark.parametrize(
    ("begun", "language", "offered"),
    [
        ("状", "zh-hans", "状态:"),
        ("foo 状态:未", "zh-hans", "状态:未结"),
        ("zustand stat", "en", "state:"),
        ("-渠道:q", "zh-hans", '-渠道:"QQ 机器人"'),
        ("超时", "zh-hans", "到期:超时"),
        ("アサ 待ち:", "ja", "待ち:>5分"),
    ],
)
def test_what_was_begun_is_gone_on_with(begun: str, language: str, offered: str) -> None:
    offers = complete(begun, BOOK, language, frozenset(KEYS))

    assert offered in [each.text for each in offers]
    assert all(parse(each.text, BOOK).problems == () for each in offers if each.is_term)


def test_keys_that_are_not_for_somebody_are_not_offered() -> None:
    assert complete("标", BOOK, "zh-hans", frozenset({"state"})) == []
    assert complete("tag:", BOOK, "en", frozenset({"state"})) == []
