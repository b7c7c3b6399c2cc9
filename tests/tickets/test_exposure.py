"""What must not stand in a public place, in all the ways in which people write it."""

import time

import pytest

from tickets.case_numbers import format_number
from tickets.exposure import NO_HOUSE, House, find, kinds, masked

WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def shown(text: str, house: House = NO_HOUSE) -> list[tuple[str, str]]:
    return [(each.kind, text[each.start : each.end]) for each in find(text, house)]


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "138.0013.8000",
        "1 3 8 0 0 1 3 8 0 0 0",
        "+86 138 0013 8000",
        "(+86)13800138000",
        "0086-13800138000",
        "13800138000".translate(WIDE),
        "幺三八零零幺三八零零零",
        "138\u200b0013\u200b8000",
        "010-88886666",
        "(021) 6888 6666",
        "0755-26666666-801",
        "075526666666",
        "400-820-8820",
        "+1 415 555 2671",
        "+44 20 7946 0958",
        "+81-90-1234-5678",
        "090-1234-5678",
        "03-1234-5678",
        "0120-12-3456",
    ],
)
def test_phone_number_is_found_however_it_is_written(written: str) -> None:
    text = f"请打{written}，谢谢"

    assert kinds(find(text)) == ["phone"]
    assert masked(text).startswith("请打")
    assert masked(text).endswith("，谢谢")
    assert not any(character.isdigit() for character in masked(text))


@pytest.mark.parametrize(
    "written",
    [
        "kim@example.com",
        "Kim.Lee+desk@mail.example.co.jp",
        "kim＠example．com",
        "kim @ example.com",
        "kim(at)example.com",
        "13800138000@qq.com",
    ],
)
def test_address_is_found_whole(written: str) -> None:
    assert shown(f"写到 {written} 就行") == [("email", written)]


@pytest.mark.parametrize(
    "written",
    ["11010519491231002X", "110105 19491231 002x", "１１０１０５１９４９１２３１００２Ｘ"],
)
def test_identity_number_is_found_by_its_check_digit(written: str) -> None:
    assert shown(f"身份证{written}。") == [("id_card", written)]


@pytest.mark.parametrize(
    "written", ["6222020200112230", "6222 0202 0011 2230", "4111-1111-1111-1111"]
)
def test_bank_card_is_found_by_its_check_digit(written: str) -> None:
    assert shown(f"卡号 {written}") == [("bank_card", written)]


def test_case_number_is_found_each_time_it_stands_there() -> None:
    number = format_number("4821093710")

    assert shown(f"{number} 就是 {number}") == [("case_number", number)] * 2


@pytest.mark.parametrize(
    "text",
    [
        "错误 0x80070005，版本 12.4.1.20231108，之前 1.4.2.20231108",
        "2026-11-22 10:32:15 开始，持续 12345 秒",
        "订单 2026112200001234567",
        "192.168.100.200:8080",
        "身份证 110105194912310021",
        "卡号 6222020200112231",
        "@everybody, see issue 1234567",
        "10:00-12:00, 13:00-18:00",
        "https://forum.example/t/4821/17",
        "共 138 个文件，0013 号和 8000 号",
        "",
    ],
)
def test_everyday_digits_are_nothing(text: str) -> None:
    assert find(text) == []


def test_several_things_are_found_in_order_and_none_twice() -> None:
    text = "kim@example.com 或 13800138000，卡 6222020200112230"

    assert kinds(find(text)) == ["email", "phone", "bank_card"]
    assert masked(text) == "•••• 或 ••••，卡 ••••"


@pytest.mark.parametrize("path", ["case/abc:def", "claims/1:x", "enter/tok.en"])
def test_link_that_is_the_key_to_a_case_is_found(path: str) -> None:
    house = House(site="https://desk.example")

    assert shown(f"看 https://desk.example/support/{path}/ 吧", house) == [
        ("link", f"https://desk.example/support/{path}/")
    ]


def test_link_for_everybody_is_nothing_whatever_digits_it_holds() -> None:
    house = House(site="https://desk.example")

    assert find("https://desk.example/support/private/13800138000:13800138000/", house) == []


@pytest.mark.parametrize(
    "written",
    ["support@house.example", "Help@HOUSE.example", "400 820 8820", "+86 138-0013-8000"],
)
def test_what_the_house_publishes_itself_is_allowed(written: str) -> None:
    published = frozenset({"@house.example", "400-820-8820", "13800138000"})

    assert find(f"联系 {written}", House(published=published)) == []
    assert find("写到 kim@example.com", House(published=published)) != []


@pytest.mark.parametrize(
    "text", ["1" * 50_000, "a" * 50_000, "1 " * 25_000, "a@" * 25_000, "0-" * 25_000, "a." * 25_000]
)
def test_no_text_is_slow_to_read(text: str) -> None:
    begun = time.perf_counter()

    find(text)

    assert time.perf_counter() - begun < 2
