"""Time the search of the starter articles: `python -m tests.bench.knowledge`."""

import time
from pathlib import Path

from tickets.knowledge import Index, starter_articles
from tickets.knowledge.questions import written_questions

HELD_OUT = Path(__file__).parents[1] / "tickets" / "knowledge" / "held_out.jsonl"


def main() -> None:
    """Print what the start costs and what a question costs."""
    started = time.process_time()
    index = Index(starter_articles())
    print(f"{(time.process_time() - started) * 1000:8.1f} ms  to start")
    times = sorted(milliseconds(index, each.text) for each in written_questions(HELD_OUT))
    print(f"{times[len(times) // 2]:8.2f} ms  a question, the middle one")
    print(f"{times[-1]:8.2f} ms  a question, the slowest")
    print(f"{milliseconds(index, 'forgotten 密码 ' * 100_000):8.2f} ms  a megabyte")


def milliseconds(index: Index, text: str) -> float:
    started = time.process_time()
    index.search(text)
    return (time.process_time() - started) * 1000


if __name__ == "__main__":
    main()
