"""Turn measured times into tables that a person can compare."""

import time
from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile; of few values the 99th is the largest."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def spread(values: Sequence[float]) -> list[str]:
    """Return the best, p50 and p99 of some milliseconds, as the cells of a table."""
    if not values:
        return ["-", "-", "-"]
    chosen = (min(values), percentile(values, 0.5), percentile(values, 0.99))
    return [f"{value:.1f}" for value in chosen]


def print_table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table with its columns aligned: the first to the left, the others to the right."""
    cells = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(head))]
    print(f"\n{title}")
    for row in cells:
        first, *others = row
        tail = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        print("  ".join((first.ljust(widths[0]), *tail)), flush=True)


def print_pace() -> None:
    """Print how long a fixed piece of work takes now, to tell a busy machine from a quiet one."""
    times = []
    for _round in range(5):
        begun = time.perf_counter()
        sum(number * number for number in range(200_000))
        times.append((time.perf_counter() - begun) * 1000)
    print(f"\nmachine: {min(times):.0f} to {max(times):.0f} ms for the same loop", flush=True)
