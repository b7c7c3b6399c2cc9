"""Put the result of a training into figures to keep and tables to read."""

from collections.abc import Iterator, Sequence
from typing import Any

from . import scoring
from .labels import CATEGORIES
from .material import FOREIGN, Row
from .model import Model
from .scoring import Guess
from .training import Result


def scores(result: Result) -> dict[str, Any]:
    """What is kept with a version."""
    foreign = _of(result.guesses, *FOREIGN)
    urgency = scoring.urgency_pairs(foreign)
    return {
        "macro_f1": round(scoring.macro_f1(scoring.category_pairs(foreign)), 4),
        "urgency_accuracy": round(scoring.accuracy(urgency), 4),
        "urgency_macro_f1": round(scoring.macro_f1(urgency), 4),
        "threshold": result.model.threshold,
        "rows": result.model.about["rows"],
    }


def in_words(result: Result) -> str:
    """Scores, confusions and the abstention curve, for people. No text is shown."""
    return "\n".join(_lines(result))


def on_unseen(model: Model, rows: Sequence[Row]) -> str:
    """How good a finished model is on texts that took no part in its training."""
    guesses = []
    for row in rows:
        found = model.assess(row.text)
        guesses.append(Guess(row, found.category, found.confidence, found.urgency))
    return "\n".join(_summary("held out", guesses))


def _lines(result: Result) -> Iterator[str]:
    yield "each text judged by models that had not seen it"
    ours = {guess.row.source for guess in result.guesses} - {*FOREIGN}
    groups = {"our material": _of(result.guesses, *ours)}
    groups.update((source, _of(result.guesses, source)) for source in FOREIGN)
    for name, guesses in groups.items():
        if guesses:
            yield from _summary(name, guesses)
    yield ""
    yield from _table(result.guesses)
    yield ""
    yield "threshold  answered  right"
    for point in scoring.abstention_curve(result.guesses):
        mark = "  <- chosen" if point.threshold == result.model.threshold else ""
        yield f"{point.threshold:9.2f}  {point.coverage:8.3f}  {point.accuracy:5.3f}{mark}"


def _summary(name: str, guesses: Sequence[Guess]) -> Iterator[str]:
    pairs, urgency = scoring.category_pairs(guesses), scoring.urgency_pairs(guesses)
    yield (
        f"{name:20} {len(guesses):5} texts  macro-F1 {scoring.macro_f1(pairs):.3f}  "
        f"urgency {scoring.accuracy(urgency):.3f} right, macro-F1 {scoring.macro_f1(urgency):.3f}"
    )
    kinds = scoring.by_kind(guesses)
    if kinds:
        yield "  " + "  ".join(f"{kind} {right:.2f}" for kind, right in kinds.items())


def _table(guesses: Sequence[Guess]) -> Iterator[str]:
    """Confusions: a line for each right category, a column for each guessed one."""
    table = scoring.confusions(guesses)
    yield f"{'right, then guessed':20}" + "".join(f"{name[:6]:>8}" for name in CATEGORIES)
    for right, counts in table.items():
        yield f"{right:20}" + "".join(f"{counts[name] or '.':>8}" for name in CATEGORIES)


def _of(guesses: Sequence[Guess], *sources: str) -> list[Guess]:
    return [guess for guess in guesses if guess.row.source in sources]
