"""Find quoted error messages and codes in a report."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from ..concepts import compiled

_MOST: Final = 40  # stretches looked at; more are a log file's
_QUOTE: Final = re.compile(
    r"“[^“”\n]{1,160}”|「[^「」\n]{1,160}」|『[^『』\n]{1,160}』|《[^《》\n]{1,160}》"
    r'|"[^"\n]{1,160}"|‘[^‘’\n]{1,160}’|【[^【】\n]{1,160}】'
)
_SAID_BEFORE: Final = compiled(
    "(?:(?<!按)(?<!照)提示|显示|弹(?:出|窗|框)?|跳(?:出|转到)?|蹦出|冒出|报(?:错|出)?|说是?"
    "|写(?:着|的)?|返回|出现|称|回复我?|告诉我|变成)"
    '[^“”「」"，。,]{0,6}$|(?:say|show|get|got|give|read|answer|return|display|report|fail|throw'
    "|respond|state|tell|see|message|error|with|receiv|bounc|appear|popup|warn)"
    '\\w*[^"“”.;]{0,14}$|(?:エラー|表示|メッセージ|警告)[^「」。]{0,6}$|[:：] ?$'
)
_SAID_AFTER: Final = compiled(
    "^ ?(?:と(?:出|表示|言わ|いう|の(?:表示|エラー)|返|戻|書|なり)|って(?:出|表示|言わ)|で(?:失敗"
    "|止ま|拒否|戻|エラー)|が(?:出|表示|返)|に(?:なり|なる)|の(?:エラー|表示|メッセージ)"
    "|的?(?:提示|报错|错误)|error|appears|pops up|message)"
)
_LIKE_ERROR: Final = compiled(
    "失败|错误|异常|不正确|不存在|不匹配|不支持|无效|非法|超限|超时|过期|拒绝|受限|限制|频繁|缺失"
    "|未绑定|未(?:知|授权|找到|验证|登录|开通)|不足|已满|上限|风险|繁忙|不给力|无法|不能|请稍后"
    "|检测到|禁止|已停用|无权|被占用|重试|不可信|断开|不可用"
    "|fail|error|invalid|denied|refus|not (?:found|allowed|permitted|supported)|expired|exceed"
    "|too (?:many|large|big)|unavailable|unauthori[sz]ed|forbidden|timed? ?-?out|time-?out"
    "|rejected|unknown|reset|missing|bad request|declined|cannot|can't|could not|unable|blocked"
    "|locked|detected|unexpected|undefined|mismatch|at risk|greylist|full|busy"
    "|エラー|失敗|できません|できない|無効|不正|拒否|正しくありません|見つかりません|期限切れ"
    "|上限|タイムアウト|しばらく|ありません|リスク"
)
_STATUS: Final = (
    "400|401|402|403|404|405|408|409|413|421|422|429|450|451|452|454|500|501|502|503|504|505|511"
    "|521"
    "|530|534|535|541|550|551|552|553|554|557|571"
)
_NO_CODE_AFTER: Final = (
    r"(?! ?(?:人|个|封|次|元|块|天|字|条|mb?\b|kb?\b|gb?\b|兆|多|名|通|件|円|people|users"
    r"|recipients|customers"
    r"|mails?|messages|days|parents|times|%|,\d|\.\d\d(?!\d)|年|月|日|号))"
)
_CODE: Final = re.compile(
    r"0x[0-9a-f]{4,8}"
    r"|(?<![a-z])(?:err|ssl|sec|pr|net)_[a-z_]{3,40}"
    r"|(?<![a-z])e(?:conn|timed|host|pipe|net|addr|socket|auth)[a-z]{2,12}(?![a-z])"
    r"|(?<![a-z])[a-z]{2,24}(?:error|exception)(?![a-z])[: ]"
    r"|(?<![a-z])(?:invalid|access|permission|redirect|token|auth|unauthorized"
    r"|expired)_[a-z_]{2,30}"
    r"|-err(?![a-z])|dt:?spm|(?<!\d)-\d{1,4} ?(?:system|sys|error|err)|(?:system|internal|unknown"
    r"|fatal) error"
    r"|(?:errcode|err code|error code|error|code|错误码|错误代码|错误号|代码|报错|エラーコード"
    r"|エラー番号|エラー)"
    r"[ :#=(]{0,3}[a-z]{0,4}-?\d{1,6}(?!\d)"
    r"|(?<![\d.])[45]\.\d\.\d{1,3}(?![\d.])"
    rf"|(?<![\d.,])(?:{_STATUS})(?!\d){_NO_CODE_AFTER}"
    r"|(?<![a-z])(?:ord|e|err|pay|sys|net|auth|mail|smtp|http|imap)-? ?\d{3,6}(?!\d)"
    r"|(?:返回|报|提示|显示|出现|弹出|returns?|gets?|got|with"
    r"|says?)[^。，,.\n\d]{0,8}[1-9]\d{3,5}(?!\d)"
    + _NO_CODE_AFTER
    + r"|^[\s\"'“「(#]{0,3}[1-9]\d{3,5}[\s\"'”」)]{0,3}(?:求解|是什么|啥意思|怎么办|とは|\?)?\s*$"
    r"|[(（]-?[a-z]?-?\d{1,6}[)）]",
    re.ASCII,
)
_SPOKEN: Final = compiled(
    "(?<!按)(?<!照)(?<!新邮件)(?<!有)提示(?!音|语|框|我怎么)[:： ]?[^，。,.\n]{3,}"
    "|(?:报错|报出|弹个?框|弹了个框|弹窗|弹出|跳出|蹦出|错误信息|报错信息)[:： ]{0,2}(?!了|吗"
    "|啊)[^，。,.\n]{1,}[a-z0-9误败效法止]|报 ?-?\\d"
    "|(?<!汇)(?<!上)(?<!举)(?<!申)(?<!警)报(?!告|名|价|修|案|警|销|表|道|给|上|了|过|错|纸|刊"
    "|备)[^，。,\n]{0,24}(?:错|失败|异常|无效|不对|不匹配|不给力|超|限|fail|error|invalid|denied)"
    "|(?:显示|说是?|写着?|返回|出现)[^，。,\n]{0,14}(?:失败|错误|异常|不正确|不存在|无效|拒绝"
    "|不匹配|未绑定|过于频繁|不支持|没权限|无权限|权限不足|已过期)"
    "|(?:says?|said|shows?|get|getting|got|gives?|reads?|answers?|error|message|reports?|returns?"
    '|returned with|fails with|stops with)[: ][^.\n"]{0,30}'
    "(?:fail(?:ed|ure)|invalid|denied|refused|not found|expired|exceed|too (?:many|large)"
    "|unavailable|unauthori[sz]ed|forbidden|timed? ?out|declined|unknown|blocked|at risk)"
    "|(?:mailbox full|user unknown|unknown user|access denied|connection (?:refused|timed out"
    "|reset|closed)|authentication failed|login fail|auth failed|handshake fail"
    "|authori[sz]ation failed|bad request"
    "|gateway time-?out|service unavailable|permission denied|message too large"
    "|message size exceeds|spam detected|relay access denied|session invalid|unauthenticated"
    "|greylisted|no such user|not a function|is not trusted by)"
    "|(?:エラー|表示)[^。、\n]{0,4}[:：][^。\n]{2,}"
    "|タイムアウト\\("
)


def error_spans(said: str) -> list[tuple[int, int]]:
    """Where a folded text quotes an error message or names a code."""
    return sorted({*_quoted(said), *_coded(said), *_spoken(said)})


def quote_spans(said: str) -> list[tuple[int, int]]:
    """Where a folded text quotes anything: messages, names of buttons and folders."""
    return [found.span() for found in islice(_QUOTE.finditer(said), _MOST)]


def _quoted(said: str) -> Iterator[tuple[int, int]]:
    for start, end in quote_spans(said):
        if not said[:start].strip() and not said[end:].strip(" 。.!?"):
            yield start, end  # nothing but a message
        before, after = said[max(0, start - 24) : start], said[end : end + 12]
        inside = said[start:end]
        if (
            _SAID_AFTER.search(after)
            or (_SAID_BEFORE.search(before) and len(inside) > 3)
            or _LIKE_ERROR.search(inside)
        ):
            yield start, end


def _coded(said: str) -> Iterator[tuple[int, int]]:
    for found in islice(_CODE.finditer(said), _MOST):
        yield found.span()


def _spoken(said: str) -> Iterator[tuple[int, int]]:
    for found in islice(_SPOKEN.finditer(said), _MOST):
        yield found.span()
