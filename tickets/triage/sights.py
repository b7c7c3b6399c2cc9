"""Recognise what can be observed: clauses of a report that say more than that nothing works."""

import re
from typing import Final

from ..concepts import compiled, happenings_in, things_in, words_in
from ..concepts.direction import manner_of
from ..concepts.weights import PLAIN_WORDS
from .attempts import is_act, is_attempt

STAND_IN: Final = "§"  # where an error message stood

_MOST_CLAUSES: Final = 60
_ENOUGH_TOLD: Final = 5  # characters besides fillers; a Latin word counts as two
_CLAUSE: Final = re.compile(r"[，,。;；!?\n]|(?<!\d)[.:：]|[.:：](?!\d)|、(?=[^\n]{4})")

# Observable by themselves; other happenings need a thing to which they happen.
_PLAIN_SIGHTS: Final = frozenset(
    {
        "not_received",
        "not_sent",
        "cannot_open",
        "blank",
        "empty_file",
        "corrupt",
        "garbled",
        "cannot_upload",
        "cannot_download",
        "cannot_import",
        "cannot_export",
        "cannot_save",
        "kicked_out",
        "keeps_asking",
        "not_sync",
        "not_shown",
        "not_found",
        "not_notified",
        "cannot_login",
        "stolen",
        "crashes",
        "disordered",
        "exposed",
        "merged",
        "filed_wrongly",
        "no_reaction",
        "cannot_stop",
        "cannot_add",
        "partial",
    }
)
_SIGHTS_OF_THINGS: Final = frozenset(
    {
        "late",
        "early",
        "rejected",
        "blocked",
        "lost",
        "still_there",
        "repeated",
        "wrong_data",
        "expired",
        "too_early_expiry",
        "unchanged",
        "stuck",
        "slow",
        "auth_failed",
        "too_large",
        "over_limit",
        "taken",
        "many_a_day",
        "not_working",
        "not_verified",
        "mismatch",
        "frozen",
        "forgotten",
        "lost_device",
        "unpaid_out",
        "wrong_place",
        "fails",
        "invalid",
        "by_mistake",
        "no_permission",
    }
)
# Too wide to say where: "the site", "my phone".
_WIDE: Final = frozenset(
    {
        "website",
        "client",
        "phone",
        "app",
        "enterprise",
        "everyone",
        "help_pages",
        "port",
        "layout",
        "same_mail",
        "second_item",
        "list_order",
        "documents",
        "wechat",
        "devices",
    }
)
_WIDE_WORDS: Final = PLAIN_WORDS | {
    "staff",
    "service",
    "complain",
    "update_word",
    "human",
    "suggest",
    "year",
    "hour",
    "minute",
    "today",
    "morning",
    "night",
    "weekend",
    "keyboard",
    "layout",
    "calendar_word",
    "device",
    "browser",
    "restart",
    "install",
    "month_fee",
    "each",
    "many",
    "status",
    "confirm",
    "boss",
    "remote",
    "button",
    "client",
    "first",
    "half",
    "image_word",
    "english",
    "overseas",
    "number_many",
    "official",
    "fear",
    "spin",
    "stop",
    "left",
    "ex_employee",
    "leads_nowhere",
    "money",
    "pay",
    "two_places",
    "power",
}
_PECULIAR: Final = compiled(
    "跑(?:到|进)|要等|没[^，。]{0,3}(?:进去|进来|上去)|(?:里|中|那边|那里)(?:一直)?没有|变成"
    "|变(?:为|了)|(?:全|都|成)了?(?:是|变)|多(?:出|了)(?!次)|少(?:了|一)|自己(?:跳|变|关|回|动)"
    "|(?:差|早|晚|快|慢|错)了?~(?:小时|分钟|天|一天|一个小时)|只(?:有|显示|剩|收|能)|(?:收到|来了"
    "|扣了|弹了|发了|出现)~(?:份|遍|次|封|条|两|三|四|五)"
    "|(?:发|收|传|打|登|存|删|改|加|找|搜|翻|拖|点|连|看|听|刷|下|导|付|退|绑|换)不(?:走|动|着|见"
    "|起|全|完|下去|进|出|开)"
    "|(?:到|传|发|下|加载|跑)~(?:一半|就|又)~(?:停|断|没|卡|红|跳)"
    "|(?:列表|页面|里头|里面|那里|框)~(?:却|还|可)?~(?:啥也没|什么(?:都|也)没|空)|(?:信|单子?|钱"
    "|图|人)~(?:没影|不见)"
    "|(?:又|再|老|总)(?:是)?~跳回|反复~(?:跳|弹|刷|重启)|对方~(?:还|仍|照)~(?:收|看)"
    "|一直~(?:转|闪|加载|刷新|排队|灰)|灰(?:的|色|着)|点~没(?:反应|动静)|比~(?:早|晚|少|多)"
    "|停在|落(?:到|在|进)|进(?:了)?垃圾|回来了|没(?:开|进|到账|更新|变|发出|出来|了)|不(?:显示"
    "|更新|同步|跳转|出来|提醒)|黑底|叉|红叉|依?旧(?:名|是)|旧名字|(?:还|仍|依旧|依然)(?:是|停|剩"
    "|卡|有|没)~(?:\\d|旧|老|“|未|名|信|在)|改不了|换不了|堵在|被~(?:别人|绑定|拦|删|改|盗|占)"
    "|突然|是空的|显示(?:成|为|的是|了)|不认识|扣(?:了|款)"
    "|(?:arriv|land|end|go|get|com|show|open|appear|turn|display|stay|return|jump|stop|vanish"
    "|crash|freez|disappear|(?<!re)start|log|sort|bounc|hang|miss)\\w*~~(?:\\d|twice|four|two"
    "|three|spam"
    "|junk|wrong|blank|empty|old|late|early|ahead|behind|up|out|only|by itself|from|at|again"
    "|in the|back|to the|every)"
    "|(?:wrong|missing|empty|duplicate|blank|extra|old|late|two copies|hours? (?:ahead|behind"
    "|late|off)|charged|billed|is gone|are gone|won't|nothing is|no (?:new )?mail|no mail|went to"
    "|mail still|still (?:shows?|on|shown|there|land|full)|stays? (?:full|blank|empty)|hasn't"
    "|haven't|(?:isn't|aren't) (?:\\w+ing|visible|there|in|here|shown|accepted)|never"
    "|doesn't (?:show|load|open|arrive|update|save)|can't (?:open|send|see|find|download|upload"
    "|print|save|delete|attach|receive|sign|log))"
    "|keeps? (?:re)?(?:load|reload|jump|spin|open|clos|blink|ask|logg|sign|send|bounc|crash"
    "|return|com|go)\\w*ing"
    "|(?:is|are|stays?) (?:still )?(?:gr[ea]y(?:ed)?|cut off|unreadable|invisible|upside)"
    "|sits? in (?:the|my)"
    "|(?:が|は)(?:進|終わ|始ま|変わ|増え|減ら|閉じ|押せ|選べ|鳴)(?:み|り|ら|え)?(?:ません|ない)"
    "|勝手に|途中で|灰色|グレー"
    "|(?:ずれ|消え|空(?:に|で|の|っぽ)|二[重回度]|重複|しか|のまま(?!で)|遅れ|固ま|落ち|戻(?:り"
    "|って|る|され)|入ります|変わり|文字化け|真っ白|出て(?:き|こ)ません|来ません|届(?:き|い|か)"
    "|開け|表示されません|反応し|動き続|見え|引き落とさ|一件も|送れ|受信でき|入れません"
    "|ログアウトさ|いっぱい|取れ|できず)"
)
_VAGUE: Final = compiled(
    "(?:不好|没法|无法|不能|用不|不)用|用不(?:了|成)|有(?:点)?(?:问题|毛病|故障|bug|problem)|出(?:问题|毛病"
    "|故障|错|了点)|坏(?:了|掉)|(?:功能|系统|邮箱|账号|软件)?(?:异常|失效|故障|失灵)(?!\\d)"
    "|不正常|不(?:行|灵|好使|管用|对劲|给力)|怪怪的|和以前不一样|跟上次一样|(?:总是|老是|一直|又"
    "|经常)(?:失败|出错|报错|这样|不行|坏)|不让我|怎么(?:了|回事|搞)|太烂|极差|没效果|没用|没变化"
    "|掉链子|不如|不顺手|老样子|问题(?:仍|还|依)(?:在|旧)|照旧|依旧|没区别|还是不(?:行|好)|没好"
    "|还这样|求解决|没人管"
    "|不方便"
    "|(?:does|did|do|is|are|was)(?:n't| not) work\\w*|not working(?: properly)?|nothing works"
    "|broken|something(?:'s| is) wrong|(?:have|having|got|an?) (?:trouble|issues?|problems?)"
    "|problem with|acting (?:weird|strange|up)|keeps? failing|same (?:issue|problem|result|thing)"
    "|disaster|(?:call|contact) me"
    "|no (?:luck|change)|still nothing|unacceptable|fix (?:it|this|asap)"
    "|使えません|使えない|動きません|動かない|おかしい|変です|調子が悪|具合が|不具合|問題(?:です"
    "|が)|うまくいき|駄目|だめ|ダメ|困って|何とか|なんとか|直して|同じ(?:症状|でし|です|問題)"
    "|変わりません|解決しません"
)

# What fills a clause and names nothing: asking for help, people, small words.
_FILLERS: Final = compiled(
    "请|麻烦|谢谢|帮(?:我|忙)?|求助?|急|快|赶紧|客服|人工|你们|咋|怎么|为什么|什么|啥|吗|呢|啊|呀"
    "|吧"
    "|了|的|我|你|有没有|有人|在|不|没|都|还|又|很|太|这|那|个|一下|看看|处理|解决|服务|投诉|体验"
    "|垃圾"
    "|please|help|asap|hello|somebody|someone|anyone|look|into|it|this|that|the|a|is|are|my|i|you"
    "|your|to|of|question|about|で|て|に|を|は|が|です|ます|ください|お願い|助け"
)
_LATIN_WORD: Final = re.compile("[a-z]+")
_MARKS: Final = re.compile(r"\W")


def shows_something(said: str) -> bool:
    """Whether a folded text, error messages replaced by `STAND_IN`, says what is seen."""
    clauses = [clause for clause in map(str.strip, _CLAUSE.split(said)) if clause]
    return any(_is_sight(clause) for clause in clauses[:_MOST_CLAUSES])


def only_complains(said: str) -> bool:
    """Whether a folded text says that something is wrong, and names neither what nor with what."""
    happens = happenings_in(said) - {"not_working", "wants_open"}  # "what now" is no wish
    return bool(_VAGUE.search(said)) and not (happens or things_in(said) - _WIDE)


def _is_sight(clause: str) -> bool:
    """Whether one clause says something that can be observed."""
    happens = happenings_in(clause)
    things = things_in(clause) - _WIDE
    plainly = happens & _PLAIN_SIGHTS
    if is_attempt(clause) and not (plainly or _PECULIAR.search(clause)):
        return False
    if plainly:
        return True
    rest = _VAGUE.sub(" ", clause)
    if STAND_IN in clause and things:
        return True
    if things and happens & _SIGHTS_OF_THINGS:
        return True
    if _PECULIAR.search(rest) and len(rest.replace(" ", "")) > 3:
        return True
    if is_act(clause) or "asks" in manner_of(clause):
        return False
    return _tells_much(rest) or (rest == clause and _states_something(clause))


def _states_something(clause: str) -> bool:
    """Whether a clause without vague words is about something and long enough to say what."""
    if STAND_IN in clause or is_attempt(clause):
        return False
    told = _LATIN_WORD.sub("aa", _FILLERS.sub("", clause))
    return len(_MARKS.sub("", told)) >= _ENOUGH_TOLD and bool(
        happenings_in(clause) or things_in(clause) - _WIDE or words_in(clause) - _WIDE_WORDS
    )


def _tells_much(rest: str) -> bool:
    """Whether enough is left of a clause, vague words taken out, to be about something."""
    words = len(words_in(rest) - _WIDE_WORDS)
    return words >= 3 or (words >= 2 and bool(things_in(rest) - _WIDE))
