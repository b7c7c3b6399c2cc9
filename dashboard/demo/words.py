"""What the sandbox page calls its doors, the chats behind them, and what can go wrong there."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .wiring import ADDRESS


@dataclass(frozen=True, slots=True)
class DoorWords:
    """The name of a door, what it is, what to type there, and its kind, by which it is drawn."""

    kind: str
    title: Promise | str
    about: Promise | str
    hint: Promise


@dataclass(frozen=True, slots=True)
class TroubleWords:
    """What a button says, and what the pane says once it was pressed."""

    button: Promise
    done: Promise


DOORS = {
    "web": DoorWords("web_form", _("Web"), _("the public form"), _("Describe a problem")),
    "qq": DoorWords("qq", "QQ", _("private chat and group"), _("Write a message")),
    "wechat": DoorWords("wechat", _("WeChat"), _("Official Account"), _("Write a message")),
    "weibo": DoorWords("weibo", _("Weibo"), _("messages and comments"), _("Write a message")),
    "forum": DoorWords("discourse", _("Forum"), _("public posts"), _("Write a post")),
    "mail": DoorWords("email", _("E-mail"), ADDRESS, _("Write a mail")),
}
PLACES = {
    "private": _("private"),
    "group": pgettext_lazy("chat", "group"),
    "public": _("public comment"),
}
TROUBLES = {
    "lost": TroubleWords(
        _("Lose the answer to our reply"),
        _("The next reply is taken, but nobody tells us so"),
    ),
    "limited": TroubleWords(
        _("Too many requests (429)"), _("The next reply is refused: too many requests")
    ),
    "token": TroubleWords(_("End our access token"), _("Our access token has ended")),
    "window": TroubleWords(
        _("Let the reply window pass"), _("The time for replies is over, until the customer writes")
    ),
    "twice": TroubleWords(
        _("Deliver the last message twice"), _("The last message was delivered once more")
    ),
}
