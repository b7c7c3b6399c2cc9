"""How a kind of channel looks: one glyph and colour of the drawn set for each kind."""

from functools import cache

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

# Kinds that are drawn under another name than their own. A kind that is neither here nor drawn
# gets the general glyph, so that a new channel needs no entry.
LOOKS_LIKE = {
    "web_form": "web",
    "chat": "web",
    "discourse": "forum",
    "nodebb": "forum",
    "feed": "forum",
    "wecom": "wechat",
    "http": "api",
}
DRAWN = frozenset({"web", "qq", "wechat", "weibo", "forum", "email", "phone", "api"})


def look(kind: str) -> str:
    """The name under which a kind of channel is drawn and coloured."""
    name = LOOKS_LIKE.get(kind, kind)
    return name if name in DRAWN else "api"


@cache
def icon(name: str) -> SafeString:
    """One symbol of the sprite. It says nothing aloud; what stands beside it must."""
    return format_html(
        '<svg class="i" viewBox="0 0 20 20" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        static("dashboard/icons.svg"),
        name,
    )


@cache
def channel_mark(kind: str, label: str) -> SafeString:
    """The glyph of a channel with its label for those who cannot see it."""
    name = look(kind)
    return format_html(
        '<span class="ch ch-{}" title="{}">{}<span class="sr">{}</span></span>',
        name,
        label,
        icon(f"ch-{name}"),
        label,
    )
