"""The made-up people who work at the demo's desk."""

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password

from tickets.models import Role, Team, User

from .wiring import DOMAIN

TEAMS = {
    "mail": "邮件技术组",
    "security": "账号安全组",
    "enterprise": "企业支持组",
    "general": "综合组",
}


@dataclass(frozen=True, slots=True)
class Person:
    """One account of the demo; `key` is its name in the scripts and in its address."""

    key: str
    name: str
    role: Role
    teams: tuple[str, ...] = ()
    language: str = "zh-hans"

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


PEOPLE = (
    Person("su", "苏敏", Role.MANAGER),
    Person("lin", "林岚", Role.LEAD, ("mail", "general")),
    Person("zhou", "周野", Role.AGENT, ("mail",)),
    Person("he", "何越", Role.LEAD, ("security", "general")),
    Person("zheng", "郑可", Role.AGENT, ("security",)),
    Person("sun", "孙禾", Role.AGENT, ("enterprise", "mail")),
    Person("amy", "Amy Collins", Role.AGENT, ("general", "enterprise", "mail"), "en"),
    Person("aoi", "佐藤 葵", Role.AGENT, ("general", "mail", "enterprise"), "ja"),
    Person("tang", "小唐", Role.HELPER),
)


def make_people() -> dict[str, User]:
    """Make teams and accounts, all with this installation's demo password; users by key."""
    teams = {slug: Team.objects.create(slug=slug, name=name) for slug, name in TEAMS.items()}
    hashed = make_password(demo_password())  # once: it is slow on purpose
    users = {}
    for person in PEOPLE:
        user = User.objects.create(
            email=person.email,
            name=person.name,
            role=person.role,
            language=person.language,
            password=hashed,
        )
        user.teams.set(teams[slug] for slug in person.teams)
        users[person.key] = user
    return users


def demo_password() -> str:
    """The password of every demo account: random, made once and kept beside the data."""
    kept: str = settings.FOLDERS.kept_secret("demo_password", lambda: secrets.token_urlsafe(9))
    return kept


def accounts_table() -> list[str]:
    """The demo's accounts that still exist, in lines for the log."""
    there = set(User.objects.filter(is_active=True).values_list("email", flat=True))
    known = [person for person in PEOPLE if person.email in there]
    if not known:
        return []
    password = demo_password()
    lines = [
        f"  {person.email:<24} {password:<14} {person.role:<8} {', '.join(person.teams)}".rstrip()
        for person in known
    ]
    return ["demo accounts (e-mail, password, role, teams):", *lines]
