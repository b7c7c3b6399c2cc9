"""What the reader of case numbers takes from the ways in which people write them."""

import pytest

from tickets.case_numbers import (
    Found,
    Invalid,
    check_digits,
    format_number,
    is_valid,
    issue,
    near_misses,
    parse_one,
    read,
)

NUMBER = "4821093710"
OTHER = "7300512650"
LONG = "48210937561227"
KEY = b"a key that only the tests know"


def strengths(text: str, *, prefix: str = "QM", long_form: bool = False) -> dict[str, str]:
    reading = read(text, prefix=prefix, long_form=long_form)
    return {found.number: found.strength for found in reading.found}


def failed_claims(text: str) -> list[str]:
    return [claim.digits for claim in read(text).invalid]


@pytest.mark.parametrize(
    "text",
    [
        "QM-4821-0937-10",
        "QM4821093710",
        "qm 4821 0937 10",
        "Qm:4821093710",
        "QM#4821093710",
        "QM no. 4821093710",
        "QM—4821—0937—10",
        "QM–4821–0937–10",
        "QM−4821−0937−10",
        "QM‐4821‐0937‐10",
        "QM‑4821‑0937‑10",
        "QM━4821━0937━10",
        "QM～4821～0937～10",
        "QM〜4821〜0937〜10",
        "QMー4821ー0937ー10",
        "QM一4821一0937一10",
        "QM_4821_0937_10",
        "QM.4821.0937.10",
        "QM·4821·0937·10",
        "QM・4821・0937・10",
        "QM/4821/0937/10",
        "QM-48210937-10",
        "QM 48 21 09 37 10",
        "QM 4 8 2 1 0 9 3 7 1 0",
        "Q M - 4821 - 0937 - 10",
        "Q.M. 4821 0937 10",
        "ＱＭ－４８２１－０９３７－１０",
        "ｑｍ4821093710",
        "Ⓠ Ⓜ 4821 0937 10",
        "QM-④⑧②①-⓪⑨③⑦-①⓪",
        "QM-4️⃣8️⃣2️⃣1️⃣-0937-10",
        "QM-٤٨٢١-٠٩٣٧-١٠",
        "QM-𝟒𝟖𝟐𝟏-𝟎𝟗𝟑𝟕-𝟏𝟎",
    ],
)
def test_number_after_the_prefix_is_strong_in_any_script_and_with_any_separator(text: str) -> None:
    assert strengths(text) == {NUMBER: "strong"}


@pytest.mark.parametrize(
    "text",
    [
        "案号 4821-0937-10",
        "案號：4821-0937-10",
        "工单4821093710催一下",
        "工單號 4821093710 麻煩跟進",
        "工单号码4821093710",
        "工单编号：4821093710",
        "工单【4821-0937-10】还没回",
        "單號係4821093710",
        "单号，4821093710",
        "编号4821 0937 10",
        "我收到的编号是4821-0937-10",
        "上面单号4821-0937-10",
        "退款工单 4821-0937-10",
        "附件打不开，编号4821-0937-10",
        "您的受理编号为4821093710，请妥善保存",
        "案号应该是4821093710吧",
        "案号我记得是4821-0937-10",
        "工单号短信里写的是4821-0937-10",
        "工单号一个字一个字念：4 8 2 1 0 9 3 7 1 0",
        "case 4821-0937-10",
        "case no. 4821093710",
        "Case ID 4821 0937 10",
        "CaseID=4821093710",
        "CASE NUMBER - 4821 0937 10",
        "Ｃａｓｅ　Ｎｏ．４８２１－０９３７－１０",
        "the case number they gave me was 4821-0937-10",
        "[Ticket#4821093710]",
        "ticket-4821093710.txt",
        "my ticket, 4821-0937-10, is stuck",
        "Ref. 4821093710",
        "our reference is 4821-0937-10",
        "reference no. 4821-0937-10",
        "ケース番号は4821093710です",
        "ｹｰｽ番号 4821-0937-10 の件",
        "ケースNo.4821-0937-10",
        "受付番号4821、0937、10",
        "受付番号「4821-0937-10」で問い合わせ済み",
        "お問い合わせ番号４８２１０９３７１０の件",
        "お問合せ番号は4821-0937-10です",
        "案件番号 4821ー0937ー10",
        "案号 ४८२१०९३७१०",
        "{'ticket': '4821093710'}",
        "| 案号 | 4821-0937-10 |",
        "ケース番号 | ステータス\n4821-0937-10 | 対応中",
    ],
)
def test_number_after_a_label_is_strong(text: str) -> None:
    assert strengths(text) == {NUMBER: "strong"}


@pytest.mark.parametrize(
    "text",
    [
        "QM四八二一零九三七一零",
        "QM-四八二一-〇九三七-一〇",
        "QM4821〇九三七10",
        "工单号啊四八二幺零九三七幺零然后还是登不上",
        "案号我念给你：四八二一，零九三七，一零",
        "案号是四八二一。零九三七。一零。",
        "受付番号 四八二一 〇九三七 一〇",
        "工单号肆捌贰壹零玖叁柒壹零",
        "工单号四八二一零九三七一零一直没人管",
        "单号四八二一零九三七一零三天了没动静",
        "第一次报的工单号四八二一零九三七一零，一共报了三次",
    ],
)
def test_spoken_number_is_read_without_the_numerals_of_the_words_around_it(text: str) -> None:
    assert strengths(text) == {NUMBER: "strong"}


@pytest.mark.parametrize(
    "text",
    [
        "第2次催QM4821093710",
        "2023QM-4821-0937-10",
        "前面那单QM4821093710一直没人理",
        "QM-4821-0937-10号工单，谁负责",
        "QM-4821-0937-10の件",
        "案号QM-4821-0937-10。2号也失败过",
        "QM-4821-0937-10 2个附件",
        "QM-4821-0937-10/2 files",
        "QM-4821-0937-10 2023-11-08 10:32 又报错",
        "QM-4821-0937-10I think",
        "QM4821093710 lol",
        "🙏QM-4821-0937-10🙏",
        "QM-4821-0937-10²",
        "工单4821093710和13812345678",
        "`QM-4821-0937-10`",
        "**案号** 4821-0937-10",
        "登录IP 113.88.12.7，案号QM-4821-0937-10",
        "受付番号4821-0937-10、電話は090-0000-1234です。",
        "//@小助手:已登记QM4821093710//@某人:求助",
    ],
)
def test_what_is_glued_to_a_number_does_not_belong_to_it(text: str) -> None:
    assert strengths(text) == {NUMBER: "strong"}
    assert failed_claims(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "> QM-4821-\n> 0937-10",
        "> > 案号 QM-4821-0937-\n> > 10",
        "QM-\n4821-0937-10",
        "QM-4821-0937-\r\n10",
        "QM-4821-=\n0937-10",
        "案号：\n\n4821-0937-10",
        "QM-<b>4821</b>-0937-<wbr>10",
        "QM&nbsp;4821&#8209;0937&nbsp;10",
        "<td>工单号</td><td>4821-0937-10</td>",
        "https://help.example.com/t/QM-4821-0937-10?from=sms",
        "https://help.example.com/status?case=QM4821093710&lang=ja",
        "https://help.example.com/status?case=4821093710",
        "https://help.example.com/tickets/4821093710",
        "?q=QM%2D4821%2D0937%2D10",
        "Q\u200bM-48\u200b21-09\u00ad37-10\ufeff",
    ],
)
def test_number_survives_line_wrapping_markup_and_urls(text: str) -> None:
    assert strengths(text) == {NUMBER: "strong"}


@pytest.mark.parametrize("text", ["QM-482l-O937-lO", "QM48210937I0", "typed it: QM-4821-O937-1O."])
def test_letters_stand_for_digits_after_the_prefix(text: str) -> None:
    assert strengths(text) == {NUMBER: "strong"}


def test_letters_do_not_stand_for_digits_after_a_label() -> None:
    assert strengths("案号 482l-O937-lO") == {}


@pytest.mark.parametrize(
    "text",
    [
        "4821093710",
        "4821-0937-10",
        "4821 0937 10 thanks",
        "4821.0937.10",
        "４８２１－０９３７－１０ 在吗",
        "四位四位念啊，四八二一，零九三七，一零",
        "四八二一零九三七一零",
        "> 4821-\n> 0937-10",
        "是 4821093710 吗？短信里就这一串像",
        "前台给我写了个4821093710，说报这个就行",
        "メモ：4821 0937 10、転送が止まった件",
        "my number is 4821-0937-10",
        "主题：4821-0937-10",
        "4821-0937-10 2 files",
        "4821-0937-10/2",
        "OM-4821-0937-10",
        "お問い合わせ 4821-0937-10 の件",
        "其中之一四八二一零九三七一零",
    ],
)
def test_number_without_prefix_or_label_is_weak(text: str) -> None:
    assert strengths(text) == {NUMBER: "weak"}


@pytest.mark.parametrize(
    "text",
    [
        "订单号4821093710",
        "采购单编号：4821093710",
        "快递单号 4821093710",
        "顺丰寄的，单号4821093710",
        "合同编号4821093710",
        "发票的编号是4821093710",
        "备案号4821093710",
        "QQ号4821093710，收不到邮件",
        "会议号4821093710",
        "案号忘了，QQ是4821093710",
        "编号（QQ）：4821093710",
        "order no. 4821093710",
        "booking reference 4821093710",
        "train ticket 4821093710",
        "e-ticket no. 4821093710",
        "just in case 4821093710 is my phone",
        "refund 4821093710",
        "ticket about order 4821093710",
        "会員番号は4821093710です",
        "ヤマトの問い合わせ番号 4821093710",
        "受付番号：なし\n会員番号：4821093710",
        "https://help.example.com/?id=4821093710",
    ],
)
def test_number_of_another_kind_is_never_strong(text: str) -> None:
    assert strengths(text) in ({}, {NUMBER: "weak"})


@pytest.mark.parametrize(
    "text",
    [
        "48210937101",
        "14821093710",
        "八四八二一零九三七一零",
        "4821-0937-1056",
        "1234-4821-0937-10",
        "4821-09371-0",
        "6217 4821 0937 10",
        "4539 4821 0937 1056",
        "784-4821093710",
        "$4821093710",
        "CNY 4821093710",
        "4,821,093,710 bytes used",
        "流量 4821093710 字节",
        "耗时4821093710ms",
        "4821093710.55",
        "坐标 113.4821093710，登录地不对",
        "traceId=a4821093710b",
        "<5f4821093710aa@mx.example.org>",
        "4821093710@qq.com",
        "IMG_4821093710.jpg",
        "+86 4821093710",
        "abc4821093710",
        "session 4821093710-ab12",
        "4821093710:80",
        "12,4821093710",
        "ticket 4,821,093,710 KRW",
        "工单 4821093710@qq.com 打不开",
        "case 4821093710f3",
    ],
)
def test_part_of_something_longer_is_nothing(text: str) -> None:
    assert strengths(text) == {}
    assert failed_claims(text) == []


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("QM-4821-0937-56", "4821093756"),
        ("qm 4821 0937 56 2个附件", "4821093756"),
        ("QM-8421-0937-10", "8421093710"),
        ("QM-482l-O937-56", "4821093756"),
        ("> QM-4821-\n> 0937-56", "4821093756"),
        ("案号是4821093756还是别的我忘了", "4821093756"),
        ("案号 四八二一 零九三七 五六", "4821093756"),
        ("工单号4 8 2 1 0 9 3 7 5 6", "4821093756"),
        ("ticket no. 4821093756 - your form says invalid", "4821093756"),
        ("受付番号は4821-0937-56で合っていますか", "4821093756"),
        ("https://help.example.com/t/QM-4821-0937-56", "4821093756"),
        ("工单号 QM-4821-0937-1，最后一位没截到", "482109371"),
        ("QM-821-0937-10", "821093710"),
        ("QM-4821-937-10 2次了", "482193710"),
        ("QM-4821-0937-101", "48210937101"),
        ("QM-4821-09371-10", "48210937110"),
        ("案号 48210937100", "48210937100"),
    ],
)
def test_claim_that_fails_is_invalid_and_neither_cut_nor_mended(text: str, digits: str) -> None:
    assert strengths(text) == {}
    assert failed_claims(text) == [digits]


@pytest.mark.parametrize(
    "text",
    [
        "QM- (the rest got cut off)",
        "what does QM stand for",
        "型号 QM-200 的打印机",
        "QM 2023-11-08 10:32",
        "工单 2023-11-08 提的",
        "工单号好像是4821开头的",
        "案号末四位3710",
        "QM-4821-****-10",
        "QM-4821-09**-10",
        "QM-XXXX-XXXX-XX",
        "QM-0000-0000-00",
        "受付番号 〇〇〇〇-〇〇〇〇-〇〇",
        "工单号发到13812345678了吗",
        "受付番号を090-1234-5678に送って",
        "案号：\n\n电话：13812345678",
        "合同编号 HT-2023-1108-07",
        "订单编号 2023110807",
        "Invoice ref 2023110807",
        "lowercase 4821093756",
        "MAIL-4821，别的系统的",
        "QM oil oil oil oil",
        "QM lol oil ill o",
        "型号SQM-4821-0937-56",
        "QM 2023-1108 10:30",
        "QM-4821-0937-1*",
        "QM-4821-0937-1x",
        "QM-4821-0937-5612-27",
        "550e8400-e29b-41d4-a716-446655440000",
        "4821093756",
        "一二三四五六七八九零",
        "",
    ],
)
def test_text_that_claims_no_number_says_nothing(text: str) -> None:
    reading = read(text)

    assert (reading.found, reading.invalid) == ((), ())


@pytest.mark.parametrize(
    "text",
    [
        "QM-4821-0937-10QM-7300-5126-50两个连着发了",
        "QM4821093710,QM7300512650,这俩都催",
        "tickets 4821-0937-10 and 7300-5126-50, both mine",
        "案号4821093710、7300512650",
        "案号不是4821093710，是7300512650",
        "Mine is QM-4821-0937-10, my coworker's is ticket 7300512650",
    ],
)
def test_two_numbers_are_both_strong_in_order_of_appearance(text: str) -> None:
    assert list(strengths(text).items()) == [(NUMBER, "strong"), (OTHER, "strong")]


def test_strong_and_weak_numbers_are_told_apart() -> None:
    text = "短信里还有个 7300512650 不知道是什么，工单是 QM-4821-0937-10"

    assert list(strengths(text).items()) == [(OTHER, "weak"), (NUMBER, "strong")]


@pytest.mark.parametrize(
    "text",
    [
        "QM4821093711……不对，最后应该是 QM4821093710",
        "案号4821-0937-11，更正：4821-0937-10",
        "ticket 4821093711 - sorry, it's 4821093710",
    ],
)
def test_corrected_number_is_strong_beside_the_wrong_one(text: str) -> None:
    assert strengths(text) == {NUMBER: "strong"}
    assert failed_claims(text) == ["4821093711"]


def test_repeated_number_is_found_once_with_its_strongest_evidence() -> None:
    text = "4821093710？对，QM-4821-0937-10，QM4821093710"

    assert read(text).found == (Found(NUMBER, "strong", 13, 28),)
    assert text[13:28] == "QM-4821-0937-10"


def test_evidence_spans_point_into_the_original_text() -> None:
    text = "\u200b您好，工\u200b单号：48\u200b21-0937-10，还有\ufeffQM4821093756"

    reading = read(text)

    assert [text[found.start : found.end] for found in reading.found] == [
        "工\u200b单号：48\u200b21-0937-10"
    ]
    assert [text[claim.start : claim.end] for claim in reading.invalid] == ["QM4821093756"]


def test_invalid_claim_carries_its_span() -> None:
    assert read("see QM4821093756").invalid == (Invalid("4821093756", 4, 16),)


@pytest.mark.parametrize(
    ("prefix", "text"),
    [
        ("KF", "工单 KF-4821-0937-10 的附件打不开"),
        ("kf", "ＫＦ4821093710"),
        ("HELP", "Re: [HELP-4821-0937-10] DKIM failing"),
        ("A1", "a1 4821 0937 10"),
        ("A.B", "A.B-4821-0937-10"),
        ("安", "安4821-0937-10"),
    ],
)
def test_another_prefix_is_a_setting(prefix: str, text: str) -> None:
    assert strengths(text, prefix=prefix) == {NUMBER: "strong"}


def test_prefix_of_somebody_else_makes_a_number_no_more_than_weak() -> None:
    assert strengths("QM-4821-0937-10", prefix="KF") == {NUMBER: "weak"}


def test_prefix_that_is_a_word_needs_its_number_right_after_it() -> None:
    assert strengths("Help me with 4821093710", prefix="HELP") == {NUMBER: "weak"}


def test_empty_prefix_leaves_the_labels() -> None:
    assert strengths("案号4821093710", prefix="") == {NUMBER: "strong"}


@pytest.mark.parametrize(
    ("text", "strength"),
    [
        ("QM-4821-0937-5612-27", "strong"),
        ("案号48210937561227", "strong"),
        ("48210937561227", "weak"),
        ("4821 0937 5612 27", "weak"),
    ],
)
def test_long_form_is_read_only_when_it_is_in_use(text: str, strength: str) -> None:
    assert strengths(text, long_form=True) == {LONG: strength}
    assert strengths(text) == {}


def test_short_form_stays_readable_beside_the_long_one() -> None:
    text = "QM-4821-0937-10 2023年的，案号48210937561227，7300512650"

    assert strengths(text, long_form=True) == {NUMBER: "strong", LONG: "strong", OTHER: "weak"}


def test_long_form_claim_that_fails_is_invalid() -> None:
    assert [claim.digits for claim in read(f"QM{LONG[:-1]}0", long_form=True).invalid] == [
        f"{LONG[:-1]}0"
    ]


def test_strong_number_is_found_behind_a_long_log() -> None:
    log = "2023-11-08 10:32:05.482 [109] SEND 3756 bytes id=1699411925\n" * 5_000

    assert strengths(f"{log}QM-4821-0937-10") == {NUMBER: "strong"}


@pytest.mark.parametrize(
    "text",
    [
        "QM-4821-0937-10",
        " qm4821093710 ",
        "4821 0937 10",
        "48 21 09 37 10",
        "4 8 2 1 0 9 3 7 1 0",
        "４８２１０９３７１０",
        "四八二一零九三七一零",
        "案号 4821-0937-10",
    ],
)
def test_search_box_takes_a_number_in_any_writing(text: str) -> None:
    assert parse_one(text) == NUMBER


def test_search_box_takes_the_long_form() -> None:
    assert parse_one("4821-0937-5612-27") == LONG


@pytest.mark.parametrize(
    "text", ["", "hello", "4821-0937-56", "48210937101", f"{NUMBER} {OTHER}", "4821 0937"]
)
def test_search_box_takes_nothing_else(text: str) -> None:
    assert parse_one(text) is None


@pytest.mark.parametrize(
    ("body", "digits"), [("48210937", "10"), ("00000000", "98"), ("99999999", "52"), ("794", "44")]
)
def test_check_digits_are_iso_7064_mod_97_10(body: str, digits: str) -> None:
    assert check_digits(body) == digits
    assert int(body + digits) % 97 == 1


@pytest.mark.parametrize(
    "number",
    ["", "10", "4821093756", "482109371", "48210937100", "４８２１０９３７１０", "48210937x0"],
)
def test_anything_but_ten_good_ascii_digits_is_not_valid(number: str) -> None:
    assert not is_valid(number)


def test_check_digits_that_are_never_issued_are_not_valid() -> None:
    # Both leave 1 when divided by 97, as their issued twins "98" and "02" do.
    assert is_valid("0000000098")
    assert int("0000000001") % 97 == 1
    assert not is_valid("0000000001")
    body = next(f"{n:08}" for n in range(100) if check_digits(f"{n:08}") == "02")
    assert int(f"{body}99") % 97 == 1
    assert not is_valid(f"{body}99")


def test_number_is_printed_in_groups() -> None:
    assert format_number(NUMBER) == "QM-4821-0937-10"
    assert format_number(LONG, prefix="KF") == "KF-4821-0937-5612-27"


def test_issued_numbers_keep_their_order_secret_but_stay_the_same() -> None:
    first = [issue(sequence, key=KEY) for sequence in range(50)]

    assert first == [issue(sequence, key=KEY) for sequence in range(50)]
    assert first != sorted(first)
    assert first != [issue(sequence, key=b"another key") for sequence in range(50)]


def test_issue_uses_every_body_exactly_once() -> None:
    bodies = {issue(sequence, key=KEY, digits=4)[:-2] for sequence in range(10_000)}

    assert bodies == {f"{body:04}" for body in range(10_000)}


def test_long_numbers_are_issued_with_twelve_digits() -> None:
    number = issue(10**12 - 1, key=KEY, digits=12)

    assert len(number) == 14
    assert is_valid(number)


@pytest.mark.parametrize(
    ("sequence", "key", "digits"), [(-1, KEY, 8), (10**8, KEY, 8), (0, b"", 8), (0, KEY, 7)]
)
def test_issue_refuses_what_it_cannot_number(sequence: int, key: bytes, digits: int) -> None:
    with pytest.raises(ValueError):
        issue(sequence, key=key, digits=digits)


@pytest.mark.parametrize(
    "digits", ["4821093711", "8421093710", "482109371", "48210937100", "4821903710", "821093710"]
)
def test_near_misses_are_one_slip_away(digits: str) -> None:
    assert near_misses(digits, [OTHER, NUMBER, "4128093756"]) == (NUMBER,)


@pytest.mark.parametrize("digits", [NUMBER, "4821093701x", "4281903710", "48210937", "4821093733"])
def test_equal_or_further_numbers_are_no_near_misses(digits: str) -> None:
    assert near_misses(digits, [NUMBER]) == ()
