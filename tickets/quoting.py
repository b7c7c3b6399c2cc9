"""Tell what the author wrote from what the author quoted: mail replies, forwards, chat quotes.

Everything is decided line by line with bounded patterns, so hostile text costs linear time.
The text itself is never changed: spans point into it, for folding on screen and for matching.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["quote", "forward", "signature"]

LONGEST_LINE = 400  # no attribution or separator is longer; longer lines are prose
HEADER_BLOCK = 8  # lines in which From, Date, To and Subject must stand together
LONGEST_SIGNATURE = 12  # lines after "--" that still look like a signature


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch `[start, end)` of the text that its author did not write just now."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Split:
    """The two halves of a text; `own` + `quoted` keep every character but outer white space."""

    own: str
    quoted: str
    spans: tuple[Span, ...]

    def is_own(self, position: int) -> bool:
        """Is the character at this position of the text the author's own?"""
        index = bisect_right([span.start for span in self.spans], position) - 1
        return index < 0 or position >= self.spans[index].end


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int  # after the line break
    text: str  # without it, with plain spaces only

    @property
    def is_blank(self) -> bool:
        return not self.text.strip()

    @property
    def is_quote(self) -> bool:
        return bool(QUOTE_MARK.match(self.text)) and not EMOTICON.match(self.text)


QUOTE_MARK = re.compile(r"[ \t]{0,3}(?:>|＞)")
EMOTICON = re.compile(r"[ \t]{0,3}>[ \t]?[._:;\-^=]{1,2}[<>()oO0.^]?(?:\s|$)")
COMPARISON = re.compile(r"[ \t]{0,3}[>＞]=?\d")  # ">100 mails are stuck" is no quote

SEPARATOR = re.compile(
    r"[ \t>]{0,6}[-—_=*]{2,60}[ \t]{0,4}(?:"
    r"(?P<reply>Original(?: Message| Appointment)?|Reply message|Ursprüngliche Nachricht"
    r"|Message d'origine|(?:回复的)?(?:原始?|原始)(?:邮件|郵件|信件)|邮件原件|回复的邮件"
    r"|元の(?:メッセージ|メール))"
    r"|(?P<forward>Forwarded message|Forwarded by.{0,80}|Fwd|转发(?:的)?(?:邮件|消息|信息)"
    r"|轉寄(?:的)?郵件|転送(?:された)?(?:メッセージ|メール))"
    r")[ \t:：]{0,4}[-—_=*]{2,60}[ \t]*$",
    re.IGNORECASE,
)
FORWARD_INTRO = re.compile(
    r"[ \t]{0,3}(?:Begin forwarded message|开始转发的邮件|下面是转发的邮件|下面是被转发的邮件"
    r"|以下是转发的邮件|開始轉寄郵件|転送されたメッセージ)[ \t]*[:：][ \t]*$",
    re.IGNORECASE,
)
SIGNATURE_MARKS = ("-- ", "--")
UNDERSCORES = re.compile(r"[ \t]{0,3}(?:_{10,}|[-—]{10,})[ \t]*$")
SIGNED = re.compile(
    r"[ \t]{0,3}(?:Sent from (?:my |Mail |Outlook|Yahoo|Foxmail).{0,60}"
    r"|Get Outlook for .{1,40}"
    r"|[发發来來]自[ \t]{0,2}(?:我的|手机|企业微信|网易|QQ|Foxmail|Outlook|Windows|iPhone).{0,40}"
    r"|(?:iPhone|iPad|Android|Windows|スマートフォン).{0,20}から送信"
    r"|私の.{1,20}から送信.{0,4})[ \t]*$",
    re.IGNORECASE,
)

_DATE = r"\d{1,4}[年月/.\-:]"
_ENGLISH_DATE = r"\d{1,2}\b|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|yesterday|today)"
_ADDRESS = r"<[^<>\s]{1,120}@[^<>\s]{1,120}>"
ATTRIBUTIONS = tuple(
    re.compile(rf"[ \t]{{0,3}}{pattern}$", re.IGNORECASE)
    for pattern in (
        # On Tue, Nov 3, 2026 at 10:21 AM Support <a@b> wrote:
        rf"On[ \t](?=.*?(?:{_ENGLISH_DATE}|@)).{{2,300}}[ \t]wrote[ \t]?[:：]",
        # Support <a@b> wrote on Tue, 3 Nov 2026 10:21:
        r"(?=.*?@).{2,200}[ \t]wrote(?:[ \t]on[ \t].{4,80})?[ \t]?[:：]",
        # 在 11月3日，客服 写道： / 客服 <a@b> 于2026年11月3日周二 10:21写道：
        rf"(?=.*?(?:{_DATE}|@)).{{2,300}}(?:写道|寫道)[ \t]?[:：]?",
        # 2026年11月3日(火) 10:21 サポート <a@b>: / 2026/11/03 10:21、サポート <a@b>のメール:
        rf"{_DATE}.{{4,200}}{_ADDRESS}[ \t]?(?:のメール|さん|様)?[ \t]?[:：]",
        rf"{_DATE}.{{4,200}}(?:のメール|は書きました|さんのメッセージ)[ \t]?[:：]",
        r"(?:Am[ \t].{4,200}schrieb.{0,120}|Le[ \t].{4,200}a écrit[ \t]?)[:：]",
    )
)
ATTRIBUTION_BEGINS = re.compile(
    rf"[ \t]{{0,3}}(?:On[ \t]|在|於|于|{_DATE}|[^<>]{{1,80}}<[^<>\s]+@)"
)
ATTRIBUTION_ENDS = (":", "：", "写道", "寫道")
PRECISE = re.compile(r"@|\d{1,2}[:：]\d{2}")  # what a program writes and a person seldom does

_LABEL = r"[ \t]{{0,3}}\*?(?:{})[ \t]{{0,8}}\*?[ \t]{{0,8}}[:：]"
FROM = re.compile(
    _LABEL.format("From|发件人|發件人|寄件者|寄件人|差出人|送信者|送信元|Von|De"), re.IGNORECASE
)
DATE = re.compile(
    _LABEL.format(
        "Date|Sent|发送时间|发送日期|发件日期|日期|時間|傳送時間|寄件日期|送信日時|送信日|日時|日付"
        "|Gesendet|Datum|Envoyé"
    ),
    re.IGNORECASE,
)
TO = re.compile(_LABEL.format("To|收件人|收件者|宛先|送信先|An|À"), re.IGNORECASE)
SUBJECT = re.compile(
    _LABEL.format("Subject|主题|主題|主旨|标题|件名|題名|Betreff|Objet"), re.IGNORECASE
)

CHAT_QUOTE = re.compile(r"\s{0,4}「[^「」\n]{1,60}[:：]")
CHAT_RULE = re.compile(r"[ \t]*(?:-[ \t]*){5,}$|[ \t]*[—－]{5,}[ \t]*$")


def split_quoted(text: str) -> Split:
    """Divide a text into the author's own words and what is quoted, forwarded or signature."""
    lines = list(_lines(text))
    spans = _merged(_spans(lines))
    own, quoted, position = [], [], 0
    for span in spans:
        own.append(text[position : span.start])
        quoted.append(text[span.start : span.end])
        position = span.end
    own.append(text[position:])
    return Split("".join(own).strip(), "".join(quoted).strip(), spans)


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for raw in text.splitlines(keepends=True):
        shown = raw.splitlines()[0].replace("\u00a0", " ").replace("\u3000", " ")
        yield _Line(start, start + len(raw), shown)
        start += len(raw)


def _spans(lines: list[_Line]) -> Iterator[Span]:
    end_of_text = lines[-1].end if lines else 0
    index = 0
    if chat := _chat_quote(lines):
        yield Span(lines[0].start, lines[chat - 1].end, "quote")
        index = chat
    while index < len(lines):
        if kind := _cuts_off(lines, index):
            yield Span(lines[index].start, end_of_text, kind)
            return
        if taken := _attribution(lines, index):
            after = _next_written(lines, index + taken)
            if after is None or not lines[after].is_quote:
                yield Span(lines[index].start, end_of_text, "quote")
                return
            yield Span(lines[index].start, lines[after].start, "quote")
            index = after
        elif lines[index].is_quote and not _lone_comparison(lines, index):
            yield Span(lines[index].start, lines[index].end, "quote")
            index += 1
        elif taken := _signature(lines, index):
            yield Span(lines[index].start, lines[index + taken - 1].end, "signature")
            index += taken
        else:
            index += 1


def _chat_quote(lines: list[_Line]) -> int:
    """How many lines a leading chat quote takes: 「name: words」, a rule, then the answer."""
    if not lines or not CHAT_QUOTE.match(lines[0].text[:LONGEST_LINE]):
        return 0
    for index, line in enumerate(lines[:60]):
        if "」" in line.text:
            rule = _next_written(lines, index + 1)
            if rule is not None and CHAT_RULE.match(lines[rule].text[:LONGEST_LINE]):
                return rule + 1
            return 0
    return 0


def _cuts_off(lines: list[_Line], index: int) -> Kind | None:
    """Does everything from this line on belong to an older message?"""
    line = lines[index].text
    if len(line) > LONGEST_LINE:
        return None
    if separator := SEPARATOR.match(line):
        return "forward" if separator["forward"] else "quote"
    if FORWARD_INTRO.match(line):
        return "forward"
    if UNDERSCORES.match(line):
        after = _next_written(lines, index + 1)
        return "quote" if after is not None and _header_block(lines, after) else None
    return "quote" if _header_block(lines, index) else None


def _header_block(lines: list[_Line], index: int) -> bool:
    """From, date, to and subject close together: what Outlook puts above the older message.

    All four are asked for, because customers of a mail service list senders and recipients
    in their own words all the time.
    """
    if not FROM.match(lines[index].text[:LONGEST_LINE]):
        return False
    block = [line.text[:LONGEST_LINE] for line in lines[index + 1 : index + HEADER_BLOCK]]
    return all(any(map(label.match, block)) for label in (DATE, TO, SUBJECT))


def _attribution(lines: list[_Line], index: int) -> int:
    """How many lines (0 to 3) an introduction like "On …, … wrote:" takes here."""
    if _attributes(lines[index].text):
        return 1
    if not ATTRIBUTION_BEGINS.match(lines[index].text[:LONGEST_LINE]):
        return 0
    joined = ""
    for taken, line in enumerate(lines[index : index + 3], start=1):
        if line.is_blank or line.is_quote:
            return 0
        joined = f"{joined} {line.text[:LONGEST_LINE].strip()}".strip()
        if PRECISE.search(joined) and _attributes(joined):
            return taken
    return 0


def _attributes(text: str) -> bool:
    stripped = text.rstrip()
    return (
        len(stripped) <= LONGEST_LINE
        and stripped.endswith(ATTRIBUTION_ENDS)
        and any(pattern.match(stripped) for pattern in ATTRIBUTIONS)
    )


def _lone_comparison(lines: list[_Line], index: int) -> bool:
    neighbours = lines[max(0, index - 1) : index] + lines[index + 1 : index + 2]
    return bool(COMPARISON.match(lines[index].text)) and not any(
        line.is_quote for line in neighbours
    )


def _signature(lines: list[_Line], index: int) -> int:
    """How many lines a signature takes here; it ends where quoting begins."""
    line = lines[index].text
    if index and line in SIGNATURE_MARKS:
        return _until_quoting(lines, index)
    if len(line) > LONGEST_LINE or not SIGNED.match(line):
        return 0
    after = _next_written(lines, index + 1)
    is_last = after is None or lines[after].is_quote or _begins_quoting(lines, after)
    return 1 if is_last else 0


def _until_quoting(lines: list[_Line], index: int) -> int:
    for taken, line in enumerate(lines[index + 1 : index + 2 + LONGEST_SIGNATURE], start=1):
        if line.text in SIGNATURE_MARKS:
            return 0  # dashes that come again are a drawing, not a signature
        if line.is_quote or _begins_quoting(lines, index + taken):
            return taken
    remaining = len(lines) - index
    # "-- " is the signature mark by convention; a bare "--" only before a few last lines.
    is_marked = lines[index].text.endswith(" ")
    return remaining if is_marked or remaining <= LONGEST_SIGNATURE // 2 else 0


def _begins_quoting(lines: list[_Line], index: int) -> bool:
    return bool(_cuts_off(lines, index) or _attribution(lines, index))


def _next_written(lines: list[_Line], index: int) -> int | None:
    while index < len(lines):
        if not lines[index].is_blank:
            return index
        index += 1
    return None


def _merged(spans: Iterator[Span]) -> tuple[Span, ...]:
    """Join neighbours of one kind, so that a quoted block is folded as one."""
    merged: list[Span] = []
    for span in spans:
        if merged and merged[-1].kind == span.kind and merged[-1].end == span.start:
            merged[-1] = Span(merged[-1].start, span.end, span.kind)
        else:
            merged.append(span)
    return tuple(merged)
