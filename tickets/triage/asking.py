"""Choose which questions would help most about a report that says too little. Codes, no words."""

from typing import Final

from ..concepts import beginning, compiled, happenings_in, things_in
from ..concepts.evidence import evidence_in
from .structure import Structure, structure_of

MOST_ASKED: Final = 3

WHICH_PAGE: Final = "which_page"
WHAT_DID_YOU_DO: Final = "what_did_you_do"
WHAT_DID_IT_SAY: Final = "what_did_it_say"
SINCE_WHEN: Final = "since_when"
WHICH_DEVICE: Final = "which_device"
WHICH_ADDRESS: Final = "which_address"
ONE_OR_ALL: Final = "one_or_all"
QUESTIONS: Final = (
    WHICH_PAGE,
    WHAT_DID_YOU_DO,
    WHAT_DID_IT_SAY,
    SINCE_WHEN,
    WHICH_DEVICE,
    WHICH_ADDRESS,
    ONE_OR_ALL,
)

_MAIL_FLOW: Final = frozenset(
    {"not_received", "not_sent", "late", "rejected", "filed_wrongly", "bounce", "junk", "sending"}
)
_PROGRAMS: Final = frozenset({"client", "outlook", "foxmail", "thunderbird", "imap", "pop", "app"})
_TIME: Final = compiled(
    "今[天早晚]|昨[天晚]|前天|刚[才刚]|早上|上午|下午|晚上|[一二三四五六七八九十几两\\d]+(?:点|天"
    "|周|个?小时|个?月)|从~(?:起|开始)|上周|本周"
    "|today|yesterday|this (?:morning|week|month)|since|last (?:night|week|month)|for \\d{1,6}"
    "|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    "|今日|昨日|今朝|昨夜|先週|先月|から|\\d{1,6}(?:日|時)"
)
_DEVICE: Final = compiled(
    "手机|电脑|安卓|苹果|平板|浏览器|网页|客户端|软件|(?<![a-z])app|iphone|ipad|android|windows"
    "|mac|linux|chrome|edge|firefox"
    "|safari|outlook|foxmail|thunderbird|browser|phone|laptop|desktop|スマホ|パソコン|ブラウザ"
    "|アプリ"
)
_HOW_MANY: Final = compiled(
    "全部|所有|每[封个次]|都|一封|只有|有些|有的|部分|某|all|every|some|only|one|nobody|全て"
    "|すべて|一部|だけ|全員|毎回"
)


def missing(structure: Structure, language: str = "") -> tuple[str, ...]:
    """What a report still lacks, most telling first: codes out of `QUESTIONS`; () if nothing."""
    lacks = (
        (WHICH_PAGE, structure.has_phenomenon),
        (WHAT_DID_YOU_DO, structure.has_steps),
        (WHAT_DID_IT_SAY, structure.has_error),
    )
    return tuple(code for code, is_there in lacks if not is_there)


def questions_for(text: str, language: str = "") -> tuple[str, ...]:
    """At most three questions that would help with these words: codes out of `QUESTIONS`.

    A vague complaint is asked for the place, the acts and the message. One that shows something is
    asked for what its subject needs (whose address, which device, one or all, since when), and
    nothing where an error was told besides.
    """
    structure = structure_of(text, language=language)
    if structure.vague:
        return missing(structure, language)
    if structure.has_error and (structure.has_phenomenon or structure.has_steps):
        return ()
    return tuple(_details(text, structure))[:MOST_ASKED]


def _details(text: str, structure: Structure) -> list[str]:
    said = beginning(text)
    subjects = things_in(text) | happenings_in(text)
    wanted: list[str] = []
    if not structure.has_phenomenon:
        wanted.append(WHICH_PAGE)
    if not structure.has_error:
        wanted.append(WHAT_DID_IT_SAY)
    if subjects & _MAIL_FLOW:
        wanted = [
            *([] if evidence_in(text).of_kind("address") else [WHICH_ADDRESS]),
            *([] if _HOW_MANY.search(said) else [ONE_OR_ALL]),
            *wanted,
        ]
    if (subjects & _PROGRAMS or not subjects & _MAIL_FLOW) and not _DEVICE.search(said):
        wanted.append(WHICH_DEVICE)
    if not _TIME.search(said):
        wanted.append(SINCE_WHEN)
    return wanted
