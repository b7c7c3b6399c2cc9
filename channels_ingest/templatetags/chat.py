"""The chat's button on our own public pages."""

from django import template

from tickets.models import Channel

from ..connectors.chat import Chat

register = template.Library()


@register.inclusion_tag("channels_ingest/web/chat/_launch.html")
def chat_launch() -> dict[str, object]:
    """The script tag of the first chat that takes messages, if there is one."""
    chats = Channel.objects.filter(kind=Chat.kind, is_paused=False).order_by("pk")
    return {"slug": chats.values_list("slug", flat=True).first()}
