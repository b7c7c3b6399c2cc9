"""Look after calendars: `manage.py calendar seed YEAR … [--country CN]`, `calendar check`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from tickets.actions.refusals import Refused
from tickets.actions.seeding import Seeded, seed, unfinished_years
from tickets.models import ServiceCalendar


class Command(BaseCommand):
    help = "Fill calendars with public holidays, or say which years are missing."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True)
        seeding = commands.add_parser("seed", help="take over the days of some years")
        seeding.add_argument("years", type=int, nargs="+", metavar="YEAR")
        seeding.add_argument("--country", default="CN", help="calendars of this country; CN")
        commands.add_parser("check", help="fail where this or next year's days are missing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one of the two. Raises CommandError where there is nothing to seed or days lack."""
        if options["what"] == "seed":
            self._seed(options["country"].upper(), options["years"])
        else:
            self._check()

    def _seed(self, country: str, years: list[int]) -> None:
        calendars = list(ServiceCalendar.objects.filter(country=country).order_by("name"))
        if not calendars:
            raise CommandError(f"no calendar goes by the holidays of {country}")
        for calendar in calendars:
            try:
                seeded = seed(calendar=calendar, years=years)
            except Refused:
                raise CommandError(f"nothing is known of the holidays of {country}") from None
            for each in seeded:
                self.stdout.write(f"{calendar}: {_told(each)}")

    def _check(self) -> None:
        this = timezone.localdate().year
        lacking = [
            f"{calendar}: {', '.join(map(str, years))}"
            for calendar in ServiceCalendar.objects.order_by("name")
            if (years := unfinished_years(calendar, (this, this + 1)))
        ]
        if lacking:
            raise CommandError("days are missing or not final: " + "; ".join(lacking))
        self.stdout.write("all days of this and the next year are known")


def _told(each: Seeded) -> str:
    told = f"{each.year}: {each.holidays} holidays, {each.working} make-up working days"
    told += f", {each.changed} changed"
    if each.lacks_moved_days:
        told += "; moved days are not published yet, seed again when they are"
    return told
