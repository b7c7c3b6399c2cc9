"""What speaks for two customers being one person, and what does not."""

import pytest

from tickets.exposure import NO_HOUSE, House
from tickets.likeness import Person, reasons

WORDS = "收不到邮件，客户端提示服务器错误，重启也没有用"


def signs(a: Person, b: Person, house: House = NO_HOUSE) -> list[tuple[str, str]]:
    return [(each.sign, each.value) for each in reasons(a, b, house)]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (Person(1, phones=["+86 138 1234 0192"]), Person(2, phones=["13812340192"]), "phone"),
        (Person(1, words="请打 138-1234-0192"), Person(2, phones=["13812340192"]), "phone"),
        (
            Person(1, addresses=["Kim@example.com"]),
            Person(2, words="E: kim@example.com"),
            "address",
        ),
        (Person(1, numbers=["4821093710"]), Person(2, quotes=["4821093710"]), "number"),
        (Person(1, quotes=["4821093710"]), Person(2, numbers=["4821093710"]), "number"),
        (
            Person(1, names=["小金"], words=WORDS),
            Person(2, names=["小金"], words=f"你好，{WORDS}"),
            "name_and_words",
        ),
    ],
)
def test_sign_is_found(a: Person, b: Person, expected: str) -> None:
    assert [sign for sign, _value in signs(a, b)] == [expected]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (Person(1), Person(2)),
        (Person(1, phones=["13812340192"]), Person(2, phones=["13812340193"])),
        (Person(1, phones=[""]), Person(2, phones=[""])),
        (Person(1, addresses=[""]), Person(2, addresses=[""])),
        (Person(1, names=["小金"], words=WORDS), Person(2, names=["小金"], words="发票怎么开")),
        (Person(1, names=["小金"], words=WORDS), Person(2, names=["小林"], words=WORDS)),
        (Person(1, names=["金"], words=WORDS), Person(2, names=["金"], words=WORDS)),
        (Person(1, numbers=["4821093710"]), Person(2, numbers=["4821093710"])),
    ],
)
def test_coincidence_is_no_sign(a: Person, b: Person) -> None:
    assert signs(a, b) == []


def test_address_of_the_house_is_no_sign() -> None:
    house = House(published=frozenset({"help@house.example"}))
    text = "I wrote to help@house.example"

    assert signs(Person(1, words=text), Person(2, words=text), house) == []


def test_signs_come_strongest_first() -> None:
    a = Person(1, names=["Kim"], words=WORDS, phones=["13812340192"], numbers=["4821093710"])
    b = Person(2, names=["kim"], words=WORDS, phones=["13812340192"], quotes=["4821093710"])

    assert [sign for sign, _value in signs(a, b)] == ["number", "phone", "name_and_words"]
