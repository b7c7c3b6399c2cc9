"""Greetings, thanks and calls for attention: messages that say nothing of a problem yet."""

import re
from typing import Final

from .folding import NUMBER, any_of, plain
from .lists import COURTESIES, GREETINGS

FILLING: Final = (
    " \n,，.。!！?？~～、:：;；…—-()（）[]【】啊呀哈呢吧哦噢哟啦哇^_♥😊😀😂☺️💕🎉" + NUMBER
)
_FILLINGS: Final = f"[{re.escape(FILLING)}]+"
_COURTEOUS: Final = re.compile(f"{any_of(*COURTESIES)}|{_FILLINGS}")
_OPENING: Final = re.compile(f"{any_of(*GREETINGS, *COURTESIES)}|{_FILLINGS}")


def is_opener(text: str) -> bool:
    """Whether a text is only greetings, thanks or calls for attention ("在吗"), or empty."""
    return _consists_of(plain(text), _OPENING)


def is_courtesy(text: str) -> bool:
    """Whether a text only thanks, confirms or says that all is well, case numbers aside."""
    return is_courteous(plain(text))


def is_courteous(said: str) -> bool:
    """The same for a text that is folded already."""
    return bool(said.strip(FILLING)) and "?" not in said and _consists_of(said, _COURTEOUS)


def _consists_of(said: str, phrases: re.Pattern[str]) -> bool:
    position = 0
    while position < len(said):
        phrase = phrases.match(said, position)
        if phrase is None:
            return False
        position = phrase.end()
    return True
