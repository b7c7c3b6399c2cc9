"""`manage.py audit`: prove that nothing was lost, doubled or sent blindly."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from channels_ingest.audit import audit


class Command(BaseCommand):
    """Print one line a rule; the exit status tells whether all of them hold."""

    help = "Prove from the database that nothing was lost, doubled or sent blindly."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--patience",
            type=float,
            default=60.0,
            metavar="SECONDS",
            help="work younger than this may still be on its way (default 60; 0 after a drain)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        patience = timedelta(seconds=options["patience"])
        findings = audit(now=timezone.now(), patience=patience)
        for finding in findings:
            self.stdout.write(str(finding))
        broken = sum(not finding.holds for finding in findings)
        if broken:
            raise CommandError(f"{broken} of {len(findings)} rules do not hold")
