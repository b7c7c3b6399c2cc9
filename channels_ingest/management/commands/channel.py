"""`manage.py channel`: make, list, change, test, pause, resume and remove channels."""

from dataclasses import MISSING, fields
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from channels_ingest import api
from channels_ingest.connectors import connector_class
from tickets.models import Channel, Team


class Command(BaseCommand):
    """One subcommand for each thing that can be done to a channel."""

    help = "Make and look after channels: the doors that customers write through."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        add = actions.add_parser("add", help="make a channel")
        add.add_argument("kind", help="what sort of channel; see: channel kinds")
        add.add_argument("--slug", required=True, help="its name in addresses")
        add.add_argument("--label", default="", help="its name on screen")
        add.add_argument("--team", metavar="SLUG", help="the team whose queue it feeds")
        self._add_settings(add)
        change = actions.add_parser("set", help="give a channel other settings")
        change.add_argument("slug")
        self._add_settings(change)
        for name, help_text in ONE_CHANNEL.items():
            actions.add_parser(name, help=help_text).add_argument("slug")
        actions.add_parser("list", help="show the channels and how they fare")
        kinds = actions.add_parser("kinds", help="show the kinds of channels, or one's settings")
        kinds.add_argument("kind", nargs="?")
        actions.add_parser("reseal", help="encrypt all secrets by the first of CREDENTIALS_KEY")

    def _add_settings(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--set",
            action="extend",
            nargs="+",
            default=[],
            metavar="KEY=VALUE",
            help="what the channel must be given; lists with commas",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['action']}")(options)
        except (api.BadSetting, api.UnknownKind, api.SlugTaken, api.InUse) as error:
            raise CommandError(error.args[0]) from None

    def _add(self, options: dict[str, Any]) -> None:
        created = api.create_channel(
            kind=options["kind"],
            slug=options["slug"],
            label=options["label"],
            team=self._team(options["team"]),
            values=self._values(options["set"]),
            now=timezone.now(),
        )
        self.stdout.write(f"channel {created.channel.slug} ({created.channel.kind}) is ready")
        for name, value in created.generated.items():
            self.stdout.write(f"{name}: {value}  (shown only now)")
        self.stdout.write(f"webhook address: {created.address}")

    def _set(self, options: dict[str, Any]) -> None:
        channel = self._channel(options)
        values = self._values(options["set"])
        api.change_channel(channel, values=values, now=timezone.now())
        self.stdout.write(f"channel {channel.slug}: {', '.join(values) or 'nothing'} changed")

    def _list(self, options: dict[str, Any]) -> None:
        for each in api.health():
            condition: str = each.condition
            if each.error:
                condition += f" ({each.error['code']}: {each.error['detail']})"
            self.stdout.write(
                f"{each.channel.slug}  {each.channel.kind}  {condition}"
                f"  unread {each.unread}  dead {each.dead}  queued {each.queued}"
                f"  unknown {each.unknown}  failed {each.failed}"
                f"  {api.webhook_address(each.channel)}"
            )

    def _test(self, options: dict[str, Any]) -> None:
        try:
            self.stdout.write(api.test_channel(self._channel(options)))
        except api.FetchFailure as failure:
            raise CommandError(str(failure)) from None

    def _pause(self, options: dict[str, Any]) -> None:
        channel = self._channel(options)
        api.pause(channel)
        self.stdout.write(f"channel {channel.slug} is paused; what is pushed is still stored")

    def _resume(self, options: dict[str, Any]) -> None:
        channel = self._channel(options)
        api.resume(channel, now=timezone.now())
        self.stdout.write(f"channel {channel.slug} goes on")

    def _remove(self, options: dict[str, Any]) -> None:
        channel = self._channel(options)
        api.remove_channel(channel)
        self.stdout.write(f"channel {channel.slug} is removed")

    def _kinds(self, options: dict[str, Any]) -> None:
        if not options["kind"]:
            for name, kind in api.kinds().items():
                self.stdout.write(f"{name}  {kind.label}")
            return
        for each in fields(connector_class(options["kind"]).Settings):
            needed = "" if each.default is not MISSING else " (needed)"
            made = " (made for you)" if each.metadata.get("generated") else needed
            self.stdout.write(f"{each.name}{made}: {each.metadata.get('help', '')}")

    def _reseal(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"{api.reseal_all()} channels' secrets encrypted anew")

    def _channel(self, options: dict[str, Any]) -> Channel:
        try:
            return Channel.objects.select_related("account").get(slug=options["slug"])
        except Channel.DoesNotExist:
            raise CommandError(f"there is no channel {options['slug']}") from None

    def _team(self, slug: str | None) -> Team | None:
        if not slug:
            return None
        try:
            return Team.objects.get(slug=slug)
        except Team.DoesNotExist:
            raise CommandError(f"there is no team {slug}") from None

    def _values(self, settings: list[str]) -> dict[str, str]:
        values = {}
        for setting in settings:
            name, sign, value = setting.partition("=")
            if not sign:
                raise CommandError(f"--set takes KEY=VALUE, not {setting!r}")
            values[name.strip()] = value
        return values


ONE_CHANNEL = {
    "test": "call the vendor for real and say what answered",
    "pause": "send and ask nothing until it is resumed",
    "resume": "take up a paused channel again",
    "remove": "delete a channel that was never used",
}
