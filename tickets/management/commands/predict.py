"""Answer evaluation rows: `manage.py predict TASK < in.jsonl > out.jsonl`."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tickets.predictions import TASKS


class Command(BaseCommand):
    help = "Read JSON lines from standard input and print one answer for each."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("task", choices=sorted(TASKS))

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer line by line, so that long inputs need no memory. Raises CommandError."""
        predict = TASKS[options["task"]]
        for number, line in enumerate(sys.stdin, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                answer = predict(row)
            except (ValueError, KeyError, TypeError) as error:
                raise CommandError(f"line {number} cannot be answered: {error!r}") from error
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
