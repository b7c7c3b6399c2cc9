"""What the desk's machine says first in a chat: offer articles, ask what is missing, hand over."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from .. import phrases
from .assessing import Assessment
from .structure import Structure

Kind = Literal["articles", "ask", "hand_over", "solved"]
Reason = Literal[
    "",
    "asked_for_human",
    "low_confidence",
    "two_failures",
    "account_theft",
    "refund",
    "escalation",
]
Part = Literal["phenomenon", "steps", "error"]

MOST_FAILURES = 2  # answers that did not help; then a person must
MOST_QUESTIONS = 2  # asked for more so often; then a person must
MOST_READ = 4000  # characters of a text that are looked at
# Articles on what only people may decide: never offered, and a sign of what it is about.
FOR_PEOPLE: dict[str, Reason] = {
    "recover-hacked-account": "account_theft",
    "phishing-clicked": "account_theft",
    "refund": "refund",
}


class Offer(Protocol):
    """An article that may help, as the search gives it."""

    @property
    def slug(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation so far: the visitor's words, newest last, and what was answered to them.

    `offered` are the articles that were shown, `failures` how many of those answers did not
    help, `questions` how often more was asked for. `is_escalated` tells that a lead is called,
    `names_nothing` that all these words only complain.
    """

    words: tuple[str, ...]
    offered: tuple[str, ...] = ()
    failures: int = 0
    questions: int = 0
    is_escalated: bool = False
    names_nothing: bool = False

    @property
    def newest(self) -> str:
        return self.words[-1] if self.words else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say: `articles` by slug, `missing` parts by code, or why a person takes over.

    `failed` tells that the visitor has just said that the last answer did not help.
    """

    kind: Kind
    articles: tuple[str, ...] = ()
    missing: tuple[Part, ...] = ()
    reason: Reason = ""
    failed: bool = False
    category: str = ""
    confidence: float = field(default=0.0, compare=False)


def first_answer(
    talk: Talk, assessment: Assessment, structure: Structure, suggested: Sequence[Offer]
) -> Answer:
    """Decide what is said to the newest words. `suggested` are articles, best first.

    Of theft, money and escalation nothing is ever answered: a person takes over.
    """
    category = "" if assessment.abstains else assessment.category
    failed = bool(talk.offered) and says_unsolved(talk.newest)

    def hand_over(reason: Reason) -> Answer:
        return Answer("hand_over", reason=reason, failed=failed, category=category)

    if reason := for_people(talk, suggested):
        return hand_over(reason)
    if talk.offered and says_solved(talk.newest):
        return Answer("solved", articles=talk.offered[-1:], category=category)
    if talk.failures + failed >= MOST_FAILURES:
        return hand_over("two_failures")
    if _says_nothing_yet(talk):
        return _ask(talk, structure, category) or hand_over("low_confidence")
    if talk.names_nothing and not talk.offered:
        # Whatever fits such words fits by chance: neither an article nor a category is shown.
        return _ask(talk, structure, "") or hand_over("low_confidence")
    fresh = [each.slug for each in suggested if each.slug not in talk.offered]
    if fresh:
        return Answer(
            "articles",
            articles=(fresh[0],),
            failed=failed,
            category=category,
            confidence=assessment.confidence,
        )
    question = _ask(talk, structure, category) if not talk.offered else None
    return question or hand_over("low_confidence")


def for_people(talk: Talk, suggested: Sequence[Offer]) -> Reason:
    """Why no machine may answer this, or ""."""
    said = [text[:MOST_READ] for text in talk.words]
    if asks_for_person(talk.newest):
        return "asked_for_human"
    if talk.is_escalated:
        return "escalation"
    for reason, says in _SIGNS.items():
        if any(map(says, said)):
            return reason
    if any(phrases.says_account_is_stolen(text) for text in said):
        return "account_theft"
    best = suggested[0].slug if suggested else ""
    return FOR_PEOPLE.get(best, "")


def asks_for_person(text: str) -> bool:
    """Whether the visitor wants to talk to a person."""
    return bool(_PERSON.search(text[:MOST_READ])) and not _NO_PERSON.search(text[:MOST_READ])


def says_escalation(text: str) -> bool:
    """Whether the visitor names an authority, a lawyer or the press."""
    found = phrases.words_said(text, phrases.ESCALATION_WORDS, phrases.ESCALATION_EXCEPTIONS)
    return bool(found)


def says_refund(text: str) -> bool:
    """Whether the visitor wants money back."""
    return bool(_REFUND.search(text))


def says_solved(text: str) -> bool:
    """Whether the visitor says that it works now."""
    return bool(_SOLVED.search(text[:MOST_READ])) and not says_unsolved(text)


def says_unsolved(text: str) -> bool:
    """Whether the visitor says that it still does not work."""
    return bool(_UNSOLVED.search(text[:MOST_READ]))


def wishes(text: str) -> tuple[str, str]:
    """The address at which the visitor wants the answer: ("email" | "phone", address) or "", ""."""
    if found := _EMAIL.search(text[:MOST_READ]):
        return "email", found[0]
    digits = _PHONE.search(text[:MOST_READ])
    return ("phone", re.sub(r"[^\d+]", "", digits[0])) if digits else ("", "")


def _ask(talk: Talk, structure: Structure, category: str) -> Answer | None:
    """Ask for what is missing, while that has not been done too often."""
    if talk.questions >= MOST_QUESTIONS:
        return None
    missing: list[Part] = []
    if not structure.has_phenomenon or _says_nothing_yet(talk):
        missing.append("phenomenon")
    if not structure.has_steps:
        missing.append("steps")
    if not structure.has_error:
        missing.append("error")
    if not missing:
        return None
    return Answer("ask", missing=tuple(missing), category=category)


def _says_nothing_yet(talk: Talk) -> bool:
    return all(not text.strip() or phrases.is_opener(text) for text in talk.words)


def _words(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(parts), re.IGNORECASE)


_PERSON = _words(
    r"(?:转|找|要|接|换)(?:个|一个|成|到|下|一下)?\s*(?:人工|真人|客服|活人)",
    r"^\s*人工(?:客服|服务)?\s*[!！。.]*\s*$",
    r"人工(?:客服|服务|坐席)",
    r"(?:talk|speak|chat|connect|transfer)\w*\s+(?:me\s+)?(?:to|with)\s+(?:an?\s+|the\s+|some\s*)?"
    r"(?:real\s+|live\s+|actual\s+)?(?:human|person|agent|body|one|representative|operator)",
    r"\b(?:human|live|real)\s+(?:agent|person|being|support)\b",
    r"^\s*(?:agent|human|operator|representative)\s*[!.]*\s*$",
    r"(?:want|need|get\s+me)\s+(?:an?\s+|the\s+)?(?:human|agent|real person|operator|person)\b",
    r"オペレー?ター|有人(?:対応|チャット)|人(?:間)?と(?:話|チャット)|担当者(?:と|に|へ)",
)
_NO_PERSON = _words(
    r"不(?:用|要|需要)(?:转)?人工", r"\b(?:don't|do not|no) need (?:for )?an? (?:agent|human)"
)
_REFUND = _words(
    r"退款|退费|退钱|退我钱|还我钱|重复扣|多扣|误扣|乱扣|扣了(?:两|2|二)次|盗刷",
    r"\brefund\w*|money back|charge\s?back|double charge",
    r"charged (?:me )?(?:twice|double|again)",
    r"返金|払い?戻|二重(?:請求|課金|引き落とし)",
)
_SIGNS: dict[Reason, Callable[[str], bool]] = {
    "escalation": says_escalation,
    "account_theft": phrases.says_account_is_stolen,
    "refund": says_refund,
}
_SOLVED = _words(
    r"^\s*(?:已经?|都)?解决了?[，,。.!！~]*\s*(?:谢谢|多谢|感谢)?",
    r"(?:可以|好|行|搞定|正常|成功|弄好|恢复)了",
    r"\b(?:it )?(?:works|worked|solved|fixed|resolved)\b",
    r"(?:that|this) (?:helped|did it)|all good now",
    r"解決(?:しました|した|です|済)|直りました|できました|うまくいき",
)
_UNSOLVED = _words(
    r"(?:没有?|未|还没|仍未|不能|无法|没能)解决|解决不了|没用|没有用|不管用|不起作用|还是?不(?:行|能|可以|好)",
    r"(?:还是|依然|仍然|仍旧|照样)[^。！？\n]{0,8}(?:不|没|报错|失败|退)|试过了?[^。\n]{0,6}(?:不|没)|不行",
    r"\b(?:not|n't|didn't|doesn't|isn't|never)\b[^.!?\n]{0,25}(?:solve|work|help|fix)\w*",
    r"\bstill\b[^.!?\n]{0,30}(?:not|n't|fail\w*|error|same|broken|bounc\w*)",
    r"no luck|same (?:error|problem)",
    r"解決(?:しません|しない|していません|できま?せん|しませんでした)",
    r"(?:まだ|やはり)[^。\n]{0,12}(?:ません|ない|だめ)|だめでした",
)
_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}", re.ASCII
)
_PHONE = re.compile(r"(?<![\w-])\+?\d(?:[\d -]{5,16})\d(?![\w-])", re.ASCII)
