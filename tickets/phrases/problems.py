"""Whether a message begins, or holds, another problem than the one its case is about."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from .folding import pattern, plain
from .lists import CIRCUMSTANCES, NEAR
from .politeness import FILLING, is_courteous
from .topics import topics_in, topics_of

_MOST_ANNOUNCED: Final = 10  # announcements that are weighed; more are no person's
_MOST_CLAUSES: Final = 100
_LONGEST_PROBLEM: Final = 400  # characters after an announcement that tell what it announces

_SENTENCE_END: Final = re.compile(r"[。!?;；\n]|(?<=[a-z0-9)§])\.(?=\s|$)|\.{2,}")
_CLAUSE_END: Final = re.compile(r"[。!?;；\n,，、]|(?<=[a-z0-9)§])\.(?=\s|$)|\.{2,}")
_BEGINNING: Final = r"(?:^|[。!?;；\n,，、.:~)】]\s*)"

# "There is something else", said outright ...
_PLAINLY_ANOTHER: Final = pattern(
    r"(?<!不是)(?<!没有)(?<!没)(?<!无)(?:另外?(?:新|再)?开一?[个张]|[新再]开一?[个张](?:工?单|案)?"
    r"|重新开一?[个张]|再报一?个(?:问题|故障)?|换一?个(?:问题|话题)|新的?(?:问题|情况|需求)"
    r"|别的(?:问题|事情?)|其他的?(?:问题|事情)|另外?[一有][个件]?(?:别的)?(?:问题|事情?|情况|需求"
    r"|请求|疑问)|还有(?:另外)?一?[个件](?:别的|其他|新的)?(?:问题|事情?|情况|疑问)"
    r"|不同的(?:问题|事情)|两码事|另一回事|[跟和与](?:这个|那个|上面|之前"
    r"|刚才)[^，。,.\n]{0,6}(?:无关|没关系))",
    r"(?<!not a )(?<!no )(?<!not an )(?<!any )\b(?:(?:another|different|separate|new|second"
    r"|unrelated|one more) (?:question|problem|issue|matter|thing|request|topic)"
    r"|open (?:a|another) (?:new |separate )?(?:ticket|case)"
    r"|on (?:a different|another|an unrelated) (?:note|matter|topic)"
    r"|unrelated(?: to (?:this|that))?[,:])",
    r"別件|別の(?:质问|質問|问題|問題|件で|話|相談|お願い)|もう(?:一つ|ひとつ|1つ|一点|1点|一件"
    r"|1件)|新しい(?:質問|問題)|話[はが]変わ",
)
# ... and the small words that often, but not always, say it.
_PERHAPS_ANOTHER: Final = pattern(
    _BEGINNING + r"(?:另外?|此外|顺便|顺带|对了|还有(?!人|没|多久|多长|一会)|再就是|以及|同时)",
    _BEGINNING
    + r"(?:by the way|btw|also|in addition|additionally|besides|p\.?s\.?|oh and|and also|plus|separately|secondly|meanwhile"
    r"|while i'm at it)\b",
    _BEGINNING
    + r"(?:ところで|ついでに|それと|あと(?!で|から|何|どの|どれ)|また(?=[、,])|ちなみに|加えて"
    r"|さらに|それから|追加で|なお(?=[、,]))",
    r"(?:又|还)(?:遇到|碰到|发现)|[再又](?:说|提|报|反馈|反映)一?[个下]",
    r"(?:另外|顺便|还|再)(?:再|还)?我?[想要]?(?:再|顺便)?(?:问|咨询|请教|了解|麻烦)(?:一下|一个|个"
    r"|下)?",
)

# Belongs to what was said before, whatever else it names.
_SUPPLEMENT: Final = pattern(
    r"补充|补[一上发个]|附上|附件[是里见]|见附件|如图|截图|截屏|日志|录屏|视频[发在]|更新一下"
    r"|供参考|同样的?问题|同一个问题|[跟和与](?:刚才|之前|上次|前面)|发(?:你们?|给你们?)[看了参]",
    r"\b(?:attached|attaching|screenshots?|log files?|(?:more|further) details?|additional info\w*"
    r"|for reference|same (?:problem|issue|thing|error)|still (?:the same|not|no|broken"
    r"|happening))\b",
    r"追加情報|補足|スクリーンショット|スクショ|添付(?:します|しました|の)"
    r"|同じ(?:問題|症状|エラー|現象)|ログを",
)
_CONTINUES: Final = pattern(
    r"还是|仍然|仍旧|依[然旧]|还[不没]|也(?!许|想)|照[样旧]|又(?!想)|试[过了]|换[了成个]|重启|重装"
    r"|清了缓存|刚[才刚]|[上前]面|之前[说提讲反报那]|上次|[那这]个(?:问题|事|情况)|^就是|同上"
    r"|[按照]你|你们?说的",
    r"\b(?:still|again|too|either|as well|neither|same|tried|as you said|as before|earlier"
    r"|previous)\b",
    r"まだ|やはり|やっぱり|相変わらず|試し(?:ました|た)|再起動|再度|先ほど|さっき|前回|[こそ]の件"
    r"|も(?:同じ|だめ|駄目|ダメ|でき)",
)
_URGES: Final = pattern(
    r"什么时候[能可才]?(?:以|会)?(?:好|修|解决|处理|回复|有|给|搞)|几时|多久|进度|进展|结果|催|尽快"
    r"|赶紧|快点|加急|优先|没人[理管处回]|有人(?:处理|跟进|管)|处理(?:得|怎|了吗|到|完)"
    r"|怎么(?:样了|还没|没人|还不)|回个?电话|打电话|电话联系|联系我|投诉|消息|跟进",
    r"\b(?:how long|any (?:update|news|progress)|when will (?:this|it|you)|status|eta|hurry|asap"
    r"|urgent\w*|expedite|escalate|call me|follow(?:ing)? up)\b",
    r"まだですか|いつ(?:頃|ごろ|まで)?に?(?:直|解決|対応|返|復旧|終)|進捗|状況|どうなって|急いで"
    r"|至急|早く|お急ぎ|お電話|ご連絡",
)

_ASKS: Final = pattern(
    r"\?|怎么|如何|怎样|能不能|可不可以|可以吗|吗$|是否|有没有|请问|为什么|为啥|什么|哪里|在哪|多少"
    r"|多久|多长时间|何时|几个|咋",
    r"\b(?:how|(?:can|could) (?:i|you|we)|what|why|when|where|which|is there|is it possible"
    r"|do you)\b",
    r"どう|なぜ|でしょうか|ますか|ですか|いつ|教えて|どこ|どの|いくら",
)
_TROUBLE: Final = pattern(
    r"不[了到出上开响动能行对见准通]|不显示|没[到收来有了]|没反应|无法|失败|失灵|老是|总是|错[误了]|报错|异常"
    r"|重复|丢[失了]|坏|慢|卡|被|乱码|过期|满了|崩|多扣|扣了|开错|是空的|0字节|占用|有人用|过不去"
    r"|不动了|没动静|[登收发]不",
    r"\b(?:can'?t|cannot|can not|couldn't|(?:do|does|did|is|was|are|has|have|wo)(?:n't| not)"
    r"|not work\w*|unable|fail\w*|errors?|broken|missing|lost|wrong|duplicate\w*|twice|expired"
    r"|slow|stuck|never|stopped|reject\w*|taken|nothing|empty|denied|refus\w*|crash\w*)\b",
    r"ません|ない|できな|エラー|失敗|消え|遅い|文字化け|重複|壊れ|止ま|ずれ|届か",
)
_WANTS: Final = pattern(
    r"想要?(?!起)|需要|申请|要[开加改退买换报]|要(?:取消|升级)|希望|麻烦|请[帮给把]|帮[我忙]"
    r"|求(?!助)|开一?张|给我[换开改加退办]|换一个|改一下",
    r"\b(?:(?:i'd|we'd|i would|we would) like|(?:i|we) (?:want|need)|please|would love)\b",
    r"たい(?:です|の|と|。|$)|ほしい|欲しい|お願い|希望します|ください",
)
_SOLVED: Final = pattern(
    r"(?:已经?|都|现在)?(?:解决|搞定|好|恢复|通过|可以|正常)了|没问题了",
    r"\b(?:solved|resolved|fixed|works? now|working now)\b",
    r"解決し|直りました|できました",
)


def starts_new_problem(text: str, earlier: Iterable[str]) -> bool:
    """Whether `text` begins another problem than the `earlier` messages of its case.

    Yes, if it announces something else and asks or complains about it, or if the whole speaks of
    other things than everything before it. A text that first goes on about the old problem does
    not *start* a new one, though it may carry one. Unsure is no.
    """
    said = plain(text)
    before = _topics_of_all(earlier)
    for start, tail, plainly in _announcements(said):
        if _is_another(tail, before, plainly=plainly):
            return not _goes_on(said[:start], before)
    return _is_about_something_else(said, before)


def announces_another_problem(text: str, earlier: Iterable[str]) -> bool:
    """Whether a text says, in whatever place, that there is something else, and what."""
    said, before = plain(text), _topics_of_all(earlier)
    return any(_is_another(tail, before, plainly=sure) for _, tail, sure in _announcements(said))


def carries_another_problem(text: str, earlier: Iterable[str]) -> bool:
    """Whether a text that also speaks of its case holds a separate new problem besides."""
    if announces_another_problem(text, earlier := list(earlier)):
        return True
    said, before = plain(text), _topics_of_all(earlier)
    clauses = [clause for clause in map(str.strip, _CLAUSE_END.split(said)) if clause]
    telling = [clause for clause in clauses[:_MOST_CLAUSES] if not is_courteous(clause)]
    return len(telling) > 1 and any(_is_about_something_else(c, before) for c in telling)


def _topics_of_all(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(topic for text in texts for topic in topics_of(text))


def _announcements(said: str) -> Iterator[tuple[int, str, bool]]:
    """Where something else is announced, what follows, and whether it is said outright."""
    for announced, plainly in ((_PLAINLY_ANOTHER, True), (_PERHAPS_ANOTHER, False)):
        for found in islice(announced.finditer(said), _MOST_ANNOUNCED):
            tail = said[found.end() : found.end() + _LONGEST_PROBLEM]
            yield found.start(), tail.lstrip("，,:、 。.\n"), plainly


def _is_another(tail: str, before: frozenset[str], *, plainly: bool) -> bool:
    """Whether what follows an announcement is a problem of its own."""
    end = _SENTENCE_END.search(tail)
    sentence = tail[: end.end()] if end else tail
    about = topics_in(sentence)
    fresh = about - before
    if len(sentence) < 3 or _SUPPLEMENT.search(sentence):
        return False
    if plainly:
        return bool(fresh) or not _URGES.search(sentence)
    if not fresh and (_URGES.search(sentence) or (about and before)):
        return False
    if _CONTINUES.search(sentence) and not fresh - CIRCUMSTANCES:
        return False
    asks = _ASKS.search(sentence) or _WANTS.search(sentence)
    return bool(asks or (fresh and _TROUBLE.search(sentence)))


def _is_about_something_else(said: str, before: frozenset[str]) -> bool:
    """Whether a text or clause asks or complains about other subjects only than those before."""
    about = topics_in(said)
    known = before.union(*(NEAR.get(topic, frozenset()) for topic in before))
    if not about - CIRCUMSTANCES or not before or about & known:
        return False
    if _SUPPLEMENT.search(said) or _CONTINUES.search(said):
        return False
    is_detail = before <= CIRCUMSTANCES  # "it is slow", then what is slow: no question, no news
    telling = (_ASKS, _WANTS) if is_detail else (_ASKS, _WANTS, _TROUBLE)
    return any(words.search(said) for words in telling)


def _goes_on(said: str, before: frozenset[str]) -> bool:
    """Whether the words before an announcement still complain about the old problem."""
    if not said.strip(FILLING) or is_courteous(said) or _SOLVED.search(said):
        return False
    return bool(_CONTINUES.search(said) or _URGES.search(said) or topics_in(said) & before)
