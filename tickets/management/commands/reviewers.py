"""`manage.py reviewers list|add|remove`: who may see what customers prove their identity with."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tickets.access import may_review
from tickets.models import Role, User


class Command(BaseCommand):
    help = "List the people who check identities (managers always do), add one or remove one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("do", choices=("list", "add", "remove"))
        parser.add_argument("email", nargs="?", default="")

    def handle(self, *_: Any, do: str, email: str, **__: Any) -> None:
        if do != "list":
            self._set(email, do == "add")
        for user in User.objects.filter(is_active=True).order_by("email"):
            if may_review(user):
                why = "manager" if user.role == Role.MANAGER else "reviewer"
                self.stdout.write(f"{user.email}\t{user.name}\t{why}")

    def _set(self, email: str, checks: bool) -> None:
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None:
            raise CommandError(f"nobody active signs in as {email!r}")
        if checks and user.role == Role.HELPER:
            raise CommandError("a community helper cannot check identities")
        user.reviews_identity = checks
        user.save(update_fields=["reviews_identity"])
