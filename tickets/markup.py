"""What people write in articles, made into steps, lines and harmless HTML. Pure."""

import html
import re
import textwrap
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt

TAGS = {
    *("p", "br", "strong", "em", "s", "code", "pre", "blockquote", "hr", "a"),
    *("ul", "ol", "li", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td"),
}
SCHEMES = {"https", "http", "mailto", "tel"}
_PARTS = re.compile(r"\n[ \t]*\n\s*")
_MARKER = re.compile(r"^\s*(?:\d{1,2}[.)、]|[-*•])\s*(?=\S)")
# What an article calls a heading stands below the two levels of its page.
_HEADINGS = {"h1": "h3", "h2": "h3", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
_markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: what it is, and more about it where there is more, both as HTML."""

    title: str
    more: str


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a text that say something, without the signs of a list."""
    lines = (_MARKER.sub("", line).strip() for line in text.splitlines())
    return tuple(line for line in lines if line)


def steps_of(text: str) -> tuple[str, ...]:
    """The steps as they were written: one on each line, or parted by empty lines."""
    text = text.replace("\r\n", "\n").strip()
    if not _PARTS.search(text):
        return lines_of(text)
    parts = (_MARKER.sub("", part).strip() for part in _PARTS.split(text))
    return tuple(part for part in parts if part)


def shown_steps(text: str) -> tuple[Step, ...]:
    """The steps for a page: the first line of each is its title."""
    return tuple(_step(each) for each in steps_of(text))


def to_html(text: str) -> str:
    """Markdown as HTML that can do nothing: no scripts, no pictures, no raw HTML."""
    tokens = _markdown.parse(text)
    for token in tokens:
        token.tag = _HEADINGS.get(token.tag, token.tag)
    return _clean(_markdown.renderer.render(tokens, _markdown.options, {}))


def plain(text: str) -> str:
    """Markdown as one line of plain words, for summaries and for machines."""
    bare = nh3.clean(_markdown.render(text), tags=set())
    return " ".join(html.unescape(bare).split())


def _step(text: str) -> Step:
    title, _newline, more = text.partition("\n")
    inline = _clean(_markdown.renderInline(title.strip()))
    return Step(inline, to_html(textwrap.dedent(more)) if more.strip() else "")


def _clean(text: str) -> str:
    return nh3.clean(
        text,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        link_rel="noopener nofollow",
    )
