"""Whether two messages report the same problem, and whether the second repeats the first. Pure."""

from dataclasses import dataclass

from .text import similarity


@dataclass(frozen=True, slots=True)
class Report:
    """One customer's words: `customer` None where the sender is not linked to anybody."""

    customer: str | None
    text: str
    minutes: float  # since some common beginning
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`duplicate` is the same issue of the same customer, no recurrence after 30 days.

    `evidence` is data to explain it with; `score` (0.0 to 1.0) how alike the problems are.
    """

    same_issue: bool
    duplicate: bool
    score: float
    evidence: dict[str, object]


def compare(first: Report, later: Report) -> Verdict:
    """Judge `later` against `first`."""
    score = similarity(first.text, later.text)
    same = score >= 0.35
    known = first.customer is not None and first.customer == later.customer
    return Verdict(same, same and known, score, {})
