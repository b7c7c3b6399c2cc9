"""Which articles answer a question, in whatever words and language it is asked. Pure."""

from .article import Article, starter_articles
from .index import Hit, Index

__all__ = ["Article", "Hit", "Index", "starter_articles"]
