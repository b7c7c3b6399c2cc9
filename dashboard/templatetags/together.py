"""Marks of working together that templates place."""

from django import template

from tickets.models import User
from tickets.queries.together import UNREAD_CAP, unread_count

register = template.Library()


@register.simple_tag
def unread(person: User) -> str:
    """How much somebody was told and has not read; nothing where it is none."""
    count = unread_count(person)
    return f"{UNREAD_CAP}+" if count > UNREAD_CAP else str(count or "")
