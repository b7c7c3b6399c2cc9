"""A time promised to a customer: "10 分钟内给您结果", "I'll get back to you within 2 hours"."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from tickets.clocks import Calendar
from tickets.quoting import split_quoted

from .folding import MOST_WEIGHED, fold
from .promised_times import Then, moment_named

_ZH_NUMBER: Final = r"\d+(?:\.\d+)?|[一二两三四五六七八九十]{1,3}|半"
_ZH_DAY: Final = (
    r"今天|今日|今晚|今早|明天|明日|明早|明晚|后天|(?:本|这|下)?(?:周|星期|礼拜)[一二三四五六日天]"
)
_ZH_PART: Final = r"凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间"
_ZH_ANSWER: Final = (
    r"回复|答复|回信|回电|致电|打电话|电话联系|联系[您你]|通知[您你]|告[诉知][您你]|反馈|回访|同步"
    r"|给[您你]们?(?:一个|个|出|确切|明确|最终|准确)*的?(?:结果|结论|消息|说法|方案|答案|处理|解决"
    r"|修复|发|打|回|办|查|退|换|补|进展|更新)|发给[您你]|发到|发送给|寄出|退款?给[您你]"
    r"|处理(?:好|完)|解决(?!方案)|修复|修好|恢复|查清|查明|弄好|办好|办完|完成|上线|跟进"
    r"|有(?:结果|结论|消息|进展)|出结果"
)
_EN_DAY: Final = (
    r"today|tonight|tomorrow|this (?:morning|afternoon|evening)|"
    r"(?:next )?(?:mon|tues|wednes|thurs|fri|satur|sun)day"
)
_EN_NUMBER: Final = (
    r"\d+(?:\.\d+)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|half|couple of"
)
_EN_ANSWER: Final = (
    r"get back|come back|be back|repl(?:y|ies)|respond|answer|write|call|phone|ring|e-?mail|update"
    r"|let you know|tell you|inform|send|have|follow up|fix|resolve|sort|be in touch|contact"
    r"|reach out|confirm|look into|finish|be (?:fixed|resolved|done)|hear|get (?:an?|our|your)"
)
_JA_DAY: Final = r"本日|今日|明日|明後日|翌営業日|(?:今週|来週)?の?[月火水木金土日]曜日?"
_JA_PART: Final = r"午前|午後|朝|夕方|夜"

_ZH_TIMES: Final = (
    (
        rf"(?:(?:{_ZH_NUMBER})\s*(?:-|~|到|至)\s*)?(?P<n>{_ZH_NUMBER})\s*个?(?P<half>半)?个?\s*"
        r"(?P<unit>分钟?|刻钟|小时|钟头|工作日|天|日|周|星期)\s*(?:之?内|以内|之?后|里|左右|(?=给|回|答))"
    ),
    (
        rf"(?P<day>{_ZH_DAY})?\s*的?\s*(?P<part>{_ZH_PART})?\s*(?P<h>\d{{1,2}}|[一二两三四五六七八九十]"
        rf"{{1,3}})(?:点钟?(?:(?P<half>半)|(?P<m>\d{{1,2}})分?)?|:(?P<m2>\d{{2}}))"
        r"\s*(?:之?前|以前|左右|整)?"
    ),
    rf"(?P<day>{_ZH_DAY})\s*的?\s*(?P<part>{_ZH_PART})?(?:下班)?(?:之?内|之?前|以前|里|晚些时候)?",
    r"(?P<day>[本这下]周)(?:之?内|里)",
    r"(?P<part>)下班前",
)
_EN_TIMES: Final = (
    (
        r"(?:within|in|inside) (?:the )?(?:next )?(?:about |around |at most )?"
        rf"(?:(?:{_EN_NUMBER}) ?(?:-|to|or) ?)?(?P<n>{_EN_NUMBER}) ?(?:an? )?"
        r"(?P<unit>minutes?|mins?|hours?|hrs?|h|business days?|working days?|days?|weeks?)\b"
    ),
    (
        rf"(?P<h>\d{{1,2}})(?:(?::(?P<m>\d{{2}}))? ?(?P<ap>[ap]\.?m\b)|:(?P<m2>\d{{2}})) (?:on )?"
        rf"(?P<day>{_EN_DAY})"
    ),
    (
        rf"(?:(?P<day>{_EN_DAY}) )?(?:by|before|at) (?P<h>\d{{1,2}})"
        r"(?:(?::(?P<m>\d{2}))? ?(?P<ap>[ap]\.?m\b)|:(?P<m2>\d{2}))"
    ),
    rf"\b(?:end of |before )?(?P<day>{_EN_DAY})\b ?(?P<part>morning|noon|afternoon|evening|night)?",
    r"\b(?:end of (?:the |this )?(?:business )?day|eod|close of business)\b(?P<part>)",
    r"\bend of (?:the |this )?(?P<day>week)\b",
)
_JA_TIMES: Final = (
    (
        r"(?:\d+\s*[~〜-]\s*)?(?P<n>\d+(?:\.\d+)?|[一二三四五六七八九十半])\s*"
        r"(?P<unit>分|時間|営業日|日|週間)(?P<half>半)?(?:間|程度)?(?:以内|内|ほど|後|程|くらい|ぐらい)"
    ),
    (
        rf"(?P<day>{_JA_DAY})?の?(?P<part>{_JA_PART})?\s*(?P<h>\d{{1,2}})"
        r"(?:時(?:(?P<half>半)|(?P<m>\d{1,2})分)?|:(?P<m2>\d{2}))\s*(?:まで|頃|ごろ|前)"
    ),
    rf"(?P<day>{_JA_DAY})の?(?P<part>{_JA_PART})?(?:中に?|まで|に)",
    r"(?P<day>[今来]週)中",
)
_ASIDE: Final = re.compile(
    r"最[晚迟]|预计|大约|大概|[约在于将会]|我们?|我方|争取|尽量|之?前|以?内|左右"
)
_GENERAL_ZH: Final = re.compile(
    r"一般|通常|正常情况|平均|往往|平时|默认|如果|若|要是|假如|一旦|万一|[?吗]\s*$|可以吗|行吗|好吗"
)
_NOT_OURS_ZH: Final = re.compile(
    r"请(?![您你]?(?:放心|稍|耐心|等|见谅|理解))|[您你](?:可以|需|要|应|能|再|先)|无法|不能|没法|不会|未能|没能|不一定"
    r"|不保证|到账|入账|生效|过期|有效|失效|自动|昨天|昨日|前天|刚才|刚刚|此前|之前已|上周|上次"
    r"|已经?(?!收|记|了解|知|转|看到|安排|登记|为)|(?:收到|提供|提交|补充|核实|审核).{0,6}后"
    rf"|(?:{_ZH_ANSWER})[您你]?[了过]"
)
_WILL_EN: Final = re.compile(
    r"\b(?:i|we)(?:'ll| will| shall|(?:'m| am|'re| are) going to| promise| can| should)\b"
    r"|\byou(?:'ll| will) (?:have|hear|get)\b|\blet me\b|\bexpect\b"
)
_GENERAL_EN: Final = re.compile(
    r"\b(?:usually|typically|generally|normally|on average|if|unless|takes?|won't|cannot|can't"
    r"|unable|yesterday|last (?:week|night)|ago|expires?|would|could)\b|\?\s*$"
)
_NOT_OURS_EN: Final = re.compile(
    r"\bplease\b|\byou (?:can|should|must|need|may|have to)\b|\bonce\b|\bafter you\b"
)
_GENERAL_JA: Final = re.compile(r"通常|一般的|目安|場合|自動|か\s*[?。]?\s*$")
_NOT_OURS_JA: Final = re.compile(r"ください|下さい|願い|ました|でした|ません|かかり|反映|たら|れば")
_ANSWER_JA: Final = re.compile(
    r"(?:連絡|回答|返信|返答|報告|案内|知らせ|折り返し|対応|送り|送付|電話|共有|修正|解決|返金)"
    r".{0,8}?(?:ます|予定です)"
)


@dataclass(frozen=True, slots=True)
class Promised:
    """What was promised: the words as they were written, and until when."""

    words: str
    due_at: datetime


def promised_in(
    text: str, *, sent_at: datetime, zone: ZoneInfo, calendar: Calendar | None = None
) -> Promised | None:
    """The first time that the author promises to a customer; None when unsure.

    "Tomorrow" and hours are those of `zone`; a day's work ends as `calendar` says. What is quoted,
    usual, conditional, past, or asked of the customer is no promise of ours.
    """
    then = Then(sent_at, zone, calendar)
    own = split_quoted(text[:MOST_WEIGHED]).own
    for sentence in re.split(r"(?<=[。!?！？;；\n])|(?<=\.)\s", own):
        if sentence and (found := _in_sentence(sentence, then)):
            return found
    return None


def _in_sentence(sentence: str, then: Then) -> Promised | None:
    if re.search(r"[\u3040-\u30ff]", sentence):
        return _japanese(sentence, then)
    if re.search(r"[\u4e00-\u9fff]", sentence):
        return _chinese(sentence, then)
    return _english(sentence, then)


def _chinese(sentence: str, then: Then) -> Promised | None:
    level = _level(sentence)
    if _GENERAL_ZH.search(level):
        return None
    clauses = [each.span() for each in re.finditer(r"[^,、]+", level)]
    for place, (start, end) in enumerate(clauses):
        clause = level[start:end]
        if _NOT_OURS_ZH.search(clause):
            continue
        for found, due in _times(_ZH_TIMES, clause, then):
            if re.search(_ZH_ANSWER, clause):
                return Promised(sentence[start:end].strip(" 。!?！？;；\n"), due)
            rest = _ASIDE.sub("", clause[: found.start()] + clause[found.end() :]).strip()
            after = level[slice(*clauses[place + 1])] if place + 1 < len(clauses) else ""
            is_ours = re.search(_ZH_ANSWER, after) and not _NOT_OURS_ZH.search(after)
            if not rest and is_ours:
                last = clauses[place + 1][1]
                return Promised(sentence[start:last].strip(" 。!?！？;；\n"), due)
    return None


def _english(sentence: str, then: Then) -> Promised | None:
    level = _level(sentence)
    if _GENERAL_EN.search(level):
        return None
    for part in re.finditer(r"[^,]+", level):
        clause = part.group()
        will = _WILL_EN.search(level[: part.end()])
        if not will or _NOT_OURS_EN.search(clause) or not re.search(_EN_ANSWER, clause):
            continue
        for _found, due in _times(_EN_TIMES, clause, then):
            return Promised(sentence[slice(*part.span())].strip(" .!\n"), due)
    return None


def _japanese(sentence: str, then: Then) -> Promised | None:
    level = _level(sentence, simpler=False)
    if _GENERAL_JA.search(level):
        return None
    for part in re.finditer(r"[^、,]+", level):
        tail = level[part.start() :]
        if _NOT_OURS_JA.search(tail) or not _ANSWER_JA.search(tail):
            continue
        for _found, due in _times(_JA_TIMES, part.group(), then):
            return Promised(sentence[part.start() :].strip(" 。!！\n"), due)
    return None


def _times(
    patterns: tuple[str, ...], clause: str, then: Then
) -> Iterator[tuple[re.Match[str], datetime]]:
    """The times of a clause that lie ahead; the most exact way to read one comes first."""
    for each in patterns:
        for found in re.finditer(each, clause):
            if due := moment_named(found, then):
                yield found, due


def _level(text: str, *, simpler: bool = True) -> str:
    """Folded character by character, so that every place stays what it was."""
    return "".join(_one(each, simpler) for each in text)


@lru_cache(maxsize=8192)
def _one(character: str, simpler: bool) -> str:
    folded = (
        fold(character).replace("鐘", "钟")
        if simpler
        else unicodedata.normalize("NFKC", character).lower()
    )
    return folded if len(folded) == 1 else character
