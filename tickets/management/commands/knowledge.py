"""`manage.py knowledge import [FILE]`: bring in articles, never over what people wrote."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tickets.actions.starting_articles import articles_in, import_articles
from tickets.knowledge import starter_articles


class Command(BaseCommand):
    """Safe to repeat. Without a file the articles that come with Anhao are brought in."""

    help = "Bring in articles of the help centre from a file, one JSON object on each line."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        bring = actions.add_parser("import", help="publish what is new or changed in the file")
        bring.add_argument("file", nargs="?", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path | None = options["file"]
        try:
            articles = articles_in(path) if path else starter_articles()
        except (OSError, ValueError) as error:
            raise CommandError(f"{path} cannot be read: {error}") from None
        done = import_articles(articles=articles, now=timezone.now())
        self.stdout.write(
            f"articles: {done.new} texts new, {done.changed} changed, "
            f"{done.kept} left as people wrote them"
        )
