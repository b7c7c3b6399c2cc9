"""Issue and revoke API tokens: `manage.py api_token add EMAIL NAME`, `… revoke EMAIL NAME`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from tickets.models import ApiToken, User


class Command(BaseCommand):
    help = "Issue a token for a user (printed once), or revoke it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=("add", "revoke"))
        parser.add_argument("email")
        parser.add_argument("name", help="what the token is for")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one of the two. Raises CommandError for an unknown user or token."""
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError(f"no user signs in as {options['email']}")
        if options["what"] == "add":
            _, secret = ApiToken.issue(user=user, name=options["name"], now=timezone.now())
            self.stdout.write(secret)
            return
        tokens = user.api_tokens.filter(name=options["name"], revoked_at__isnull=True)
        if not tokens.update(revoked_at=timezone.now()):
            raise CommandError(f"{user.email} has no token named {options['name']!r}")
