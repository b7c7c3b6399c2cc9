"""Turn HTML mail into plain text: paragraphs, lists, quotes as "> " lines, nothing hidden.

The standard library's HTML parser takes quadratic time on unclosed marks, so this reads tags in
one pass: what a search finds is used up, and what it does not find is never searched again.
"""

import html
import re

from channels_ingest import wire

LONGEST = 1024 * 1024  # characters of HTML that are read; the rest is style and data anyway
DEEPEST_QUOTE = 10

SILENT = frozenset({"script", "style", "title", "template", "noscript", "svg", "object"})
PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre"})
# Python refuses to read numbers of thousands of digits.
ENDLESS_REFERENCE = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{8,});?")
LINES = frozenset({"div", "br", "tr", "li", "section", "article", "header", "footer", "dt", "dd"})
TAG_BEGINS = re.compile(r"</?[a-zA-Z]")
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})([^>]*)")
HIDDEN = re.compile(r"display\s{0,3}:\s{0,3}none", re.IGNORECASE)
VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "col", "wbr", "area", "source"})


def to_text(markup: str) -> str:
    """Return what a reader of the HTML would see, as plain text."""
    reader = _Reader(markup[:LONGEST])
    reader.read()
    return wire.storable(reader.text())


class _Reader:
    def __init__(self, markup: str) -> None:
        self.markup = markup
        self.lowered = markup.lower() if len(markup.lower()) == len(markup) else markup
        self.absent: set[str] = set()
        self.lines: list[str] = []
        self.words: list[str] = []
        self.quotes = 0
        self.keeps_space = False

    def read(self) -> None:
        position = 0
        while (opened := self.markup.find("<", position)) >= 0:
            self.say(self.markup[position:opened])
            position = self.mark(opened)
        self.say(self.markup[position:])

    def mark(self, opened: int) -> int:
        """Take in what begins at "<"; return where reading goes on."""
        if self.markup.startswith("<!--", opened):
            return self.after("-->", opened)
        if self.markup.startswith(("<!", "<?"), opened):
            return self.after(">", opened)
        if not TAG_BEGINS.match(self.markup, opened):
            self.say("<")
            return opened + 1
        end = self.tag_end(opened)
        if not (tag := TAG.match(self.markup, opened, end)):
            return end + 1
        closes, name, attributes = bool(tag[1]), tag[2].lower(), tag[3]
        if name in SILENT and not closes:
            return self.after_element(name, end)
        is_hidden = HIDDEN.search(attributes[:2000]) and not closes and name not in VOID
        if is_hidden and self.find(f"</{name}", end) >= 0:
            return self.after_element(name, end)
        self.tag(name, closes)
        return end + 1

    def find(self, mark: str, position: int) -> int:
        found = -1 if mark in self.absent else self.lowered.find(mark, position)
        if found < 0:
            self.absent.add(mark)
        return found

    def after(self, mark: str, position: int) -> int:
        """Where reading goes on after `mark`; without one nothing more is known to be text."""
        found = self.find(mark, position)
        return len(self.markup) if found < 0 else found + len(mark)

    def after_element(self, name: str, position: int) -> int:
        return self.after(">", self.after(f"</{name}", position))

    def tag_end(self, opened: int) -> int:
        """The ">" of a tag, or one further on where the first stands inside quotes."""
        end = self.find(">", opened)
        if end < 0:
            return len(self.markup)
        if self.markup.count('"', opened, end) % 2:
            closing = self.markup.find('"', end, end + 4096)
            outer = self.markup.find(">", closing) if closing >= 0 else -1
            end = outer if outer >= 0 else end
        return end

    def tag(self, name: str, closes: bool) -> None:
        if name == "blockquote":
            self.end_line()
            self.quotes = max(0, self.quotes + (-1 if closes else 1))
        elif name in PARAGRAPHS:
            self.end_line()
            self.end_paragraph()
            self.keeps_space = name == "pre" and not closes
        elif name == "hr":
            self.end_line()
            self.lines.append(self.margin() + "-" * 20)
        elif name in ("td", "th") and closes:
            self.words.append(" ")
        elif name == "br":
            self.end_line(keep_blank=True)
        elif name in LINES:
            self.end_line()
            if name == "li" and not closes:
                self.words.append("- ")

    def say(self, raw: str) -> None:
        if not raw:
            return
        words = html.unescape(ENDLESS_REFERENCE.sub("\ufffd", raw))
        if self.keeps_space:
            first, *others = words.split("\n")
            self.words.append(first)
            for line in others:
                self.end_line(keep_blank=True)
                self.words.append(line)
        else:
            self.words.append(re.sub(r"[ \t\r\n\f]+", " ", words))

    def margin(self) -> str:
        return "> " * min(self.quotes, DEEPEST_QUOTE)

    def end_line(self, *, keep_blank: bool = False) -> None:
        line = "".join(self.words)
        line = line.rstrip() if self.keeps_space else re.sub(" {2,}", " ", line).strip(" ")
        self.words.clear()
        if line or keep_blank:
            self.lines.append(self.margin() + line)

    def end_paragraph(self) -> None:
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(self.margin().rstrip())

    def text(self) -> str:
        self.end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.lines)).strip()
