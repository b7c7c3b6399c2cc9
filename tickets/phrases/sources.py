"""By which door the author says to have written before."""

import re
from typing import Final

from .folding import any_of, pattern, plain
from .lists import SOURCES

_WROTE_ZH: Final = (
    "(?:提交|提过|提了|反馈|报过|报了|报修|投诉|问过|问了|咨询|联系过|说过|说了"
    "|填过|填了|发过|发了|留言|写过|申请|登记|打过|走过)"
)
_WROTE_EN: Final = (
    r"(?:submitted|sent|reported|filed|wrote|written|contacted|posted|asked|raised|opened|messaged"
    r"|complained|emailed|filled)"
)
_WROTE_JA: Final = (
    "(?:送|连络|連絡|问い合|問い合|お问|お問|投稿|报告|報告|申請|申し込|提出|相談|伝え)"
)


def _said_to_have_used(names: str) -> re.Pattern[str]:
    source = any_of(names)
    return pattern(
        rf"{source}[^。,，!?\n]{{0,8}}{_WROTE_ZH}",
        rf"(?:发|写|寄|打|填)(?:过|了)[^。,，!?\n]{{0,6}}{source}",
        rf"{_WROTE_EN}\b[^.!?\n]{{0,40}}\b(?:by|via|through|on|from|using|in|with|over)"
        rf" (?:the |your |an? )?(?:official )?{source}",
        rf"(?:filled in|filled out|already) [^.!?\n]{{0,12}}{source}",
        rf"{source}(?:の?ページ)?(?:で|から|より|にて|経由で|に)[^。\n]{{0,12}}{_WROTE_JA}",
    )


_SOURCES: Final = tuple((kind, _said_to_have_used(names)) for kind, names in SOURCES.items())


def declared_source(text: str) -> str:
    """The kind of channel by which the author says to have written before, or ""."""
    said = plain(text)
    return next((kind for kind, words in _SOURCES if words.search(said)), "")
