"""Rank articles for a question, or say that none fits."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from .article import Article, starter_articles
from .features import MOST_READ, features
from .own_texts import OwnTexts
from .spelling import Spelling
from .weights import learnt

DOUBT: Final = 0.7  # chance that no article fits, from which on none is offered
DOUBT_WHILE_TYPING: Final = 0.75  # half a question says less, and a wrong guess costs less
CLEAR: Final = 0.07  # chance that the best must have: many faint guesses are no answer
LEAST: Final = 0.01  # chance below which an article is not worth its line
ALIKE: Final = 0.28  # likeness from which on an article without questions is offered


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that may answer; `score` from 0.0 to 1.0, best first."""

    slug: str
    score: float


class Index:
    """Articles made ready for many questions.

    Starter articles are known by what was learnt from written questions; articles of one's
    own, and starter articles that were rewritten, by their texts.
    """

    def __init__(self, articles: Iterable[Article]) -> None:
        given = tuple(articles)
        features("")  # reads the concepts now, so that the first question waits no longer
        self._weights = learnt()
        self._spelling = Spelling(self._weights.words)
        self._known = {each.slug for each in given} & set(self._weights.slugs)
        untouched = {each.slug: each for each in starter_articles()}
        own = (each for each in given if each != untouched.get(each.slug))
        self._own = OwnTexts(own, self._weights.vocabulary)

    def search(
        self, question: str, *, language: str = "", limit: int = 5, prefix: bool = False
    ) -> list[Hit]:
        """The articles that fit, best first; none if none fits well enough.

        With `prefix`, the question is still being typed. `language` is the asker's: it changes
        nothing today, because words of every language are known at once.
        """
        meant = self._spelling.corrected(question[:MOST_READ], unfinished=prefix)
        pieces = features(meant, unfinished=prefix)
        if not pieces:
            return []
        doubt = DOUBT_WHILE_TYPING if prefix else DOUBT
        found = fitting(self._weights.chances(pieces), self._known, doubt=doubt)
        for slug, score in self._own.scores(pieces).items():
            if score >= ALIKE:
                found[slug] = max(score, found.get(slug, 0.0))
        best = sorted(found.items(), key=lambda each: (-each[1], each[0]))[:limit]
        return [Hit(slug, round(min(score, 1.0), 4)) for slug, score in best]


def fitting(
    chances: Mapping[str, float], known: Collection[str], *, doubt: float = DOUBT
) -> dict[str, float]:
    """The articles worth offering of those known; what another one answers fits none of them."""
    here = {slug: chance for slug, chance in chances.items() if slug in known}
    if 1.0 - sum(here.values()) >= doubt or max(here.values()) < CLEAR:
        return {}
    return {slug: chance for slug, chance in here.items() if chance >= LEAST}
