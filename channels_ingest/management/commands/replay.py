"""`manage.py replay`: put dead-lettered envelopes back, once the cause is mended."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels_ingest import pipeline
from channels_ingest.models import Envelope, EnvelopeState


class Command(BaseCommand):
    """List the dead letters, or put one of them or all of a channel back."""

    help = "List dead-lettered envelopes, or put them back to be processed anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("envelope", nargs="?", type=int, help="the id of one envelope")
        parser.add_argument("--channel", metavar="SLUG", help="all of one channel")

    def handle(self, *args: Any, **options: Any) -> None:
        dead = Envelope.objects.filter(state=EnvelopeState.DEAD)
        if options["envelope"] is not None:
            dead = dead.filter(pk=options["envelope"])
        elif options["channel"]:
            dead = dead.filter(channel__slug=options["channel"])
        else:
            self._list(dead)
            return
        if not (count := pipeline.replay(dead)):
            raise CommandError("no such dead letter")
        self.stdout.write(f"{count} put back; a worker takes them up within seconds")

    def _list(self, dead: Any) -> None:
        for each in dead.select_related("channel").defer("body").order_by("pk"):
            error = each.error
            self.stdout.write(
                f"{each.pk}  {each.channel.slug}  {each.received_at:%Y-%m-%d %H:%M}"
                f"  {error.get('code', '')}: {error.get('detail', '')}"
            )
