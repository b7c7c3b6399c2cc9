"""Learn the search of the starter articles again: `manage.py train_knowledge`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tickets.knowledge.questions import written_questions
from tickets.knowledge.training import article_texts, cross_validated, train
from tickets.knowledge.weights import LEARNT


class Command(BaseCommand):
    help = "Learn from questions.jsonl which article answers what, and write weights.npz."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--folds", type=int, default=0, help="only measure, on this many parts (some minutes)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the weights, or with --folds print how well unseen questions are answered."""
        if options["folds"]:
            for name, share in cross_validated(folds=options["folds"]).items():
                self.stdout.write(f"{name:24} {share:.3f}")
            return
        train([*written_questions(), *article_texts()]).save(LEARNT)
        self.stdout.write(f"wrote {LEARNT} ({LEARNT.stat().st_size // 1024} kB)")
