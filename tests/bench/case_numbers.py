"""Time the reading of a megabyte of hostile text: `python -m tests.bench.case_numbers`."""

import random
import time
from collections.abc import Iterable
from typing import Final

from tickets.case_numbers import read

MEGABYTE: Final = 1_000_000
ROUNDS: Final = 3

# Each is repeated to a megabyte of UTF-8; what it tries to make slow is said by its name.
REPEATED: Final = {
    "one endless run of digits": "1",
    "runs of eleven digits": "48210937100 ",
    "runs of ten digits": "4821093710 ",
    "almost ten digits": "482109371x",
    "digits one by one": "4 8-2.1_",
    "digits and separators": "1-",
    "groups of four": "4821-",
    "separators": "-_./ ",
    "prefixes": "QM",
    "prefixes and separators": "Q M - ",
    "prefixes and digits": "QM1",
    "prefixes and bad numbers": "QM-4821-0937-11 ",
    "prefixes and eight digits": "QM-4821-0937 ",
    "labels": "工单号",
    "labels and fillers": "工单号是：",
    "labels, fillers and eight digits": "工单号是我的：48210937x",
    "labels and bad numbers": "工单号4821093711 ",
    "English labels": "ticket no. is ",
    "foreign labels": "订单号4821093710 ",
    "fillers": "ticket is my number is the ",
    "joined numbers": "案号4821093710和",
    "quoted lines": "> 4821-\n",
    "quote marks": "> > > ",
    "line ends": "\n",
    "tags": "<b>4",
    "open tags": "<",
    "tags with labels": "<case 1>",
    "entities": "&nbsp;4",
    "percent escapes": "%204",
    "Han numerals": "一二三",
    "bare Han numerals": "四八二一零九三七一零，",
    "ordinary numerals": "一直三天",
    "full width": "４８２１－",
    "full-width prefixes": "ＱＭ４",
    "letters for digits": "QMOlO",
    "zero width": "4\u200b",
    "key-caps": "4\ufe0f\u20e3",
    "plain Chinese": "收不到邮件，页面一直转圈。",
    "plain English": "I cannot open the mailbox page since 10:32. ",
    "log lines": "2023-11-08 10:32:05.482 [109] SEND 3756 bytes -> 354 id=1699411925\n",
}


def hostile_texts() -> Iterable[tuple[str, str]]:
    """Yield names and texts of about a megabyte each."""
    for name, piece in REPEATED.items():
        yield name, piece * (MEGABYTE // len(piece.encode()))
    yield "endless joined numbers", "案号" + "4821093710和" * (MEGABYTE // 13)
    chance = random.Random(97)
    pieces = [*REPEATED.values(), "QM-4821-0937-10", "案号：", "case ", "\n> "]
    yield "all of it mixed", "".join(chance.choices(pieces, k=MEGABYTE // 12))
    characters = "0123456789一二三QMqm-_./ \n>，工单号caseno<b>&%2d$¥,:"
    yield "characters mixed", "".join(chance.choices(characters, k=MEGABYTE))
    yield "every character there is", "".join(map(chr, range(0xD800))) * 8


def milliseconds(text: str) -> float:
    """Return the processor time of the best of a few readings: the machine may be busy."""
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        read(text, long_form=True)
        times.append(time.process_time() - started)
    return min(times) * 1000


def main() -> None:
    """Print one line for each hostile text, the slowest last."""
    results = [(milliseconds(text), name) for name, text in hostile_texts()]
    for took, name in sorted(results):
        print(f"{took:7.1f} ms  {name}")


if __name__ == "__main__":
    main()
