"""Look after routing: `manage.py routing seed`, `routing list`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tickets.actions.starting_rules import seed_rules
from tickets.models import RoutingRule


class Command(BaseCommand):
    help = "Make the rules to begin with, or list those that there are."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True)
        commands.add_parser("seed", help="make the starting rules for the teams that there are")
        commands.add_parser("list", help="the rules in their order")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one of the two."""
        if options["what"] == "seed":
            self._seed()
        for row in RoutingRule.objects.select_related("team").order_by("position", "pk"):
            state = "" if row.is_enabled else " (not in force)"
            self.stdout.write(f"{row.position}. {row.name} -> {row.team or '-'}{state}")

    def _seed(self) -> None:
        made, missing = seed_rules()
        self.stdout.write(f"{len(made)} rules made")
        if missing:
            slugs = ", ".join(missing)
            self.stdout.write(f"no rules for teams that are not there: {slugs}")
