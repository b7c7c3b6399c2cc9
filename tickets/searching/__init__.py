"""Words of any text as the search index keeps them, and what somebody typed as a question to it."""

from tickets.searching.narrowing import parted
from tickets.searching.questions import Question, Term, ask
from tickets.searching.snippets import Piece, marked, snippet
from tickets.searching.words import Lexemes, vector

__all__ = ["Lexemes", "Piece", "Question", "Term", "ask", "marked", "parted", "snippet", "vector"]
