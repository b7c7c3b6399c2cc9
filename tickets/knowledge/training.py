"""Learn from written questions which starter article they ask for. Slow: never while serving."""

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from . import features as features_module
from .article import STARTER, starter_articles
from .features import CONCEPTS, features, folded_question
from .index import fitting
from .questions import QUESTIONS, Question, written_questions
from .weights import NONE, Vocabulary, Weights

_LATIN = re.compile(r"[a-z]{4,}")
SOFTNESS: Final = 20.0  # how closely the material is followed (inverse of the penalty)
ROUNDS: Final = 150
SEEN_IN: Final = 2  # texts that a piece must occur in, to be kept
LEVELS: Final = 127  # weights are kept as small whole numbers


def article_texts() -> list[Question]:
    """Titles and symptoms of the starter articles, as questions that ask for them."""
    return [
        Question(text, language, (each.slug,))
        for each in starter_articles()
        for language, title in each.titles.items()
        for text in (title, *each.symptoms.get(language, ()))
    ]


def digest_of_material() -> str:
    """What the weights depend on: texts, concepts and how texts are taken apart."""
    taken = hashlib.sha256()
    for path in (STARTER, QUESTIONS, CONCEPTS, Path(features_module.__file__)):
        taken.update(path.read_bytes())
    return taken.hexdigest()


def train(questions: Iterable[Question]) -> Weights:
    """Weights that tell the articles of these questions apart.

    Softmax regression over weighted pieces; a question with several articles stands for each.
    """
    # Only here: importing scikit-learn takes longer than answering a hundred questions.
    from sklearn.linear_model import LogisticRegression

    asked = tuple(questions)
    lessons = [(features(each.text), slug) for each in asked for slug in each.relevant or (NONE,)]
    vocabulary = _vocabulary([pieces for pieces, _ in lessons])
    matrix = _matrix(vocabulary, [pieces for pieces, _ in lessons])
    learner = LogisticRegression(C=SOFTNESS, max_iter=ROUNDS, tol=1e-3)
    learner.fit(matrix, [slug for _, slug in lessons])
    scale = float(np.abs(learner.coef_).max()) / LEVELS
    return Weights(
        slugs=tuple(learner.classes_.tolist()),
        vocabulary=vocabulary,
        rows=np.ascontiguousarray(np.rint(learner.coef_.T / scale).astype(np.int8)),
        scale=scale,
        bias=learner.intercept_.astype(np.float32),
        words=_words(asked),
        material=digest_of_material(),
    )


def cross_validated(*, folds: int) -> dict[str, float]:
    """How well questions are answered that were not learnt from, by language.

    The share of right articles among the first three, and of right silence ("none …").
    """
    questions = written_questions()
    marks: dict[str, list[float]] = defaultdict(list)
    for fold in range(folds):
        rest = [each for at, each in enumerate(questions) if at % folds != fold]
        weights = train([*rest, *article_texts()])
        for each in questions[fold::folds]:
            name = each.language if each.relevant else f"none {each.language}"
            marks[name].append(_mark(each, weights))
            marks["none" if not each.relevant else "recall at 3"].append(marks[name][-1])
    return {name: sum(given) / len(given) for name, given in sorted(marks.items())}


def _mark(question: Question, weights: Weights) -> float:
    found = fitting(weights.chances(features(question.text)), set(weights.slugs) - {NONE})
    if not question.relevant:
        return float(not found)
    first = sorted(found, key=found.__getitem__, reverse=True)[:3]
    return len(set(first) & set(question.relevant)) / len(question.relevant)


def _words(questions: Iterable[Question]) -> tuple[str, ...]:
    """Latin words that occur more than once: a single one may be a slip of the pen."""
    written = Counter(
        word for each in questions for word in set(_LATIN.findall(folded_question(each.text)))
    )
    return tuple(sorted(word for word, n in written.items() if n >= SEEN_IN))


def _vocabulary(texts: Sequence[Sequence[str]]) -> Vocabulary:
    seen_in = Counter(piece for pieces in texts for piece in set(pieces))
    kept = sorted(piece for piece, n in seen_in.items() if n >= SEEN_IN)
    rarity = [_rarity(seen_in[piece], len(texts)) for piece in kept]
    return Vocabulary(
        places={piece: at for at, piece in enumerate(kept)},
        rarity=np.array(rarity, np.float32),
        unknown=_rarity(1, len(texts)),
    )


def _rarity(seen_in: int, texts: int) -> float:
    return math.log((1 + texts) / (1 + seen_in)) + 1


def _matrix(vocabulary: Vocabulary, texts: Sequence[Sequence[str]]) -> Any:
    from scipy.sparse import csr_matrix

    weighed = [vocabulary.weigh(pieces) for pieces in texts]
    starts = np.cumsum([0, *(len(places) for places, _ in weighed)])
    return csr_matrix(
        (
            np.concatenate([weights for _, weights in weighed]),
            np.concatenate([places for places, _ in weighed]),
            starts,
        ),
        shape=(len(texts), len(vocabulary.places)),
    )
