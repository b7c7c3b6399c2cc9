"""Time what a megabyte of hostile text costs to understand: `python -m tests.bench.phrases`."""

import time
from collections.abc import Callable
from typing import Final

from tickets import phrases
from tickets.text import language_of, similarity, tokens

MEGABYTE: Final = 1_000_000

REPEATED: Final = (
    *(
        "a",
        "1",
        "§",
        "，",
        "\n",
        " ",
        "é",
        "没",
        "同事的",
        "同事转给我的",
        "my colleague's ",
        "另外",
        "还有一个",
    ),
    *(
        "另外，顺便，还有，",
        "by the way, also, ",
        "同僚の",
        "谢谢",
        "自动回复",
        "收不到",
        "验证码",
        "和§",
        "§と同じ",
    ),
    *(
        "re: ",
        "subject: ",
        "[",
        "0x800",
        "官网网站网页",
        "submitted on the ",
        "发到给往",
        "A\u0301",
        "ﷺ",
    ),
)

QUESTIONS: Final[dict[str, Callable[[str], object]]] = {
    "topics_of": phrases.topics_of,
    "starts_new_problem": lambda text: phrases.starts_new_problem(text, [text[:1000]]),
    "carries_another_problem": lambda text: phrases.carries_another_problem(text, ["登录"]),
    "says_somebody_elses": phrases.says_somebody_elses,
    "is_opener": phrases.is_opener,
    "is_courtesy": phrases.is_courtesy,
    "machine_made": lambda text: phrases.machine_made(text[:1000], text),
    "declared_source": phrases.declared_source,
    "codes_in": phrases.codes_in,
    "withdrawn_numbers": lambda text: phrases.withdrawn_numbers(
        text, [(str(at), at, at + 10) for at in range(0, len(text) - 10, 40)]
    ),
    "similarity": lambda text: similarity(text, text[1:]),
    "tokens": lambda text: sum(1 for _ in tokens(text)),
    "language_of": language_of,
}


def milliseconds(question: Callable[[str], object], text: str) -> float:
    started = time.process_time()
    question(text)
    return (time.process_time() - started) * 1000


def main() -> None:
    """Print for each question the hostile text that costs most."""
    for name, question in QUESTIONS.items():
        times = [
            (milliseconds(question, piece * (MEGABYTE // len(piece.encode()))), piece)
            for piece in REPEATED
        ]
        took, piece = max(times)
        print(f"{took:8.1f} ms  {name}  {piece!r}")


if __name__ == "__main__":
    main()
