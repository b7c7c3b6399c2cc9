"""`manage.py demo`: load the demo once and say who can sign in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dashboard.demo.loading import NoDemo, load
from dashboard.demo.people import accounts_table
from dashboard.demo.servers import sandbox_lines


class Command(BaseCommand):
    """Safe to run again: where there are people, nothing is changed."""

    help = "Fill an empty desk with sample people, channels and cases, and print the accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            load(now=timezone.now())
        except NoDemo:
            raise CommandError("this is no demo (DEMO is off): nothing was loaded") from None
        for line in (*accounts_table(), *sandbox_lines()):
            self.stdout.write(line)
