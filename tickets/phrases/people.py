"""Whether an author says that the case number they quote is somebody else's."""

from typing import Final

from .folding import any_of, pattern, plain
from .lists import PEOPLE, PEOPLE_EN, PEOPLE_JA

# A colleague of *ours*, who gave the author the number, is nobody else's owner.
_NOT_OURS: Final = r"(?<!你们)(?<!客服)(?<!贵司)(?<!你)(?<!您)(?<!我们给)"
_WHO: Final = _NOT_OURS + any_of(*PEOPLE)
_LINK: Final = (
    r"(?:的|那边|那里|那个|这个|之前|昨天|上周|今天|给我?|转给?我?|发给?我?|[报提开]的?|提交的?"
    r"|反馈的?|申请的?|过的?|[也有说是了他她:,， ])"
)
_NOUN: Final = r"(?:案号|案件|单号|工单|编号|号码|单子|案子|案件号|号)"
_OF_THE_THREAD: Final = r"(?:楼主|楼上|层主|贴主|版主)"

_ZH: Final = (
    _OF_THE_THREAD,
    rf"{_WHO}{_LINK}{{1,5}}{_NOUN}",
    rf"{_WHO}{_LINK}{{0,6}}§",
    rf"{_WHO}的(?:问题|事情?|情况|投诉|反馈)[^。!?\n]{{0,10}}§",
    r"(?<!其)[他她](?:们)?(?:的|那个|那边的)(?:" + _NOUN + r"|§)",
    rf"[替帮代](?:替|为|表)?(?:我们?的?|一下|个|一?[个位])?(?:{any_of(*PEOPLE)}|(?<!其)[他她])",
    rf"§[^。!?\n]{{0,8}}(?:是|属于|归)(?:我们?|一个|一位)?的?{_WHO}(?:的|提|开|报|反馈|那)",
    rf"不是我的?(?:{_NOUN}|§|[提开报])|§[^。!?\n]{{0,8}}不是我的?",
    (
        r"(?<!不)[和跟与同像](?![^§\n]{0,10}(?:我|之前|上次|原来|前几天|刚才"
        r"|昨天))[^。!?\n]{0,12}§[^。!?\n]{0,8}(?:一样|同样|相同|类似|一个情况|同款|差不多"
        r"|一毛一样)"
    ),
    r"(?:^|[\n,，。])同§|§[^。!?\n]{0,8}(?:同款|同样的?(?:问题|情况|故障|症状|现象)|\+1)",
    (
        r"(?:网上|群里|论坛|帖子|评论|微博|贴吧|别处)[^。\n]{0,8}(?:看到|看见|搜到|刷到|捡到|找到"
        r"|有人)[^。\n]{0,8}§"
    ),
    r"有人[^。\n]{0,6}(?:发|贴|说|报|提)[^。\n]{0,6}§",
)
_WHO_EN: Final = rf"(?<!your )(?<!of yours ){any_of(*PEOPLE_EN)}"
_NOUN_EN: Final = r"(?:case|ticket|number|ref\w*|issue|§)"
_EN: Final = (
    r"\b(?:original poster|thread starter|the op\b|op's|op\b(?= ?§| has| had| posted))",
    rf"{_WHO_EN}(?:'s|s')\s+(?:\w+ ){{0,2}}{_NOUN_EN}",
    (
        rf"{_WHO_EN}[^.!?\n]{{0,24}}(?:opened|filed|reported|submitted|raised|has"
        rf"|got)[^.!?\n]{{0,16}}§"
    ),
    (
        rf"(?:case|ticket|number|§)[^.!?\n]{{0,16}}\b(?:of|belongs to|from"
        rf"|(?:opened|filed|raised) by) (?:my|a|his|her|our) {any_of(*PEOPLE_EN)}"
    ),
    rf"\b(?:for|on behalf of|instead of) (?:my|a|our|his|her) {any_of(*PEOPLE_EN)}",
    r"\bon behalf of\b|\b(?:someone|somebody|anybody) else'?s?\b",
    r"\banother (?:person|user|customer|member)'s\b",
    r"\bnot my (?:own )?(?:case|ticket|number|§)|§[^.!?\n]{0,12}\b(?:isn't|is not|not) mine\b",
    r"\b(?:his|her|their) (?:case|ticket|number|§)",
    (
        r"\bsame (?:issue|problem|thing|error|symptoms?|situation|bug|fault|here)?\s?(?:as|like"
        r"|with|to|described in|reported in) (?:in |the one in |with |case |ticket |number )*§"
    ),
    (
        r"\bsame as (?:case|ticket|him|her|them)\b|\blike (?:case |ticket |in )?§"
        r"|§[^.!?\n]{0,20}\bsame here\b|\bsame here\b[^.!?\n]{0,20}§|§\s?\+1|\+1[^.!?\n]{0,8}§"
    ),
    (
        r"\b(?:saw|found|read) [^.!?\n]{0,24}§[^.!?\n]{0,16}\b(?:forum|online|internet|reddit"
        r"|group chat|comments?)\b"
    ),
)
_WHO_JA: Final = rf"(?:{any_of(*PEOPLE_JA)})(?:さん|様|さま|の方)?"
_JA: Final = (
    r"(?<!私は)(?<!私が)(?:スレ主|トピ主|投稿主|主さん)",
    (rf"{_WHO_JA}の[^。\n]{{0,10}}(?:§|番号|ケース|案件|件|受付|問い合わせ|代わり|代理|ため)"),
    rf"{_WHO_JA}(?:が|から)[^。\n]{{0,16}}§",
    r"(?:代理|代わり)で|に代わって|の代わりに|に頼まれ",
    (
        r"(?<!私の)(?<!前回の)§(?:の(?:方|人|件|ケース))?(?:さん)?と(?:全く|まったく|ほぼ)?(?:同じ"
        r"|同様|一緒|似た)"
    ),
    r"§[^。\n]{0,10}(?:私|自分|僕)の(?:もの|番号|ケース|件)?では(?:ない|ありません|なく)",
    r"(?:私|自分|僕)の(?:番号|ケース|件)では(?:ない|ありません|なく)",
)
_SOMEBODY_ELSES: Final = pattern(*_ZH, *_EN, *_JA)

_MINE: Final = pattern(
    rf"(?<!不是)(?<!给)我(?:自己|本人)?的(?:{_NOUN}|§)|我(?:就)?是楼主|楼主(?:就)?是我|本楼主"
    rf"|楼主本人",
    r"(?<!not )\bmy (?:own )?(?:case|ticket|number|§)|\bi(?:'m| am) the (?:op|original poster)\b",
    r"(?:私|自分|僕)の(?:番号|ケース|案件|§)(?!では)|(?:スレ主|トピ主|投稿主)(?:です|本人)",
)


def says_somebody_elses(text: str) -> bool:
    """Whether the author says that the number they quote, written as `NUMBER`, is another's."""
    said = plain(text)
    return bool(_SOMEBODY_ELSES.search(said)) and not _MINE.search(said)
