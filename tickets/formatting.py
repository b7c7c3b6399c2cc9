"""What an agent writes with marks, as harmless HTML and as plain words beside it. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "hr", "a", "ul", "ol", "li"}
SCHEMES = {"https", "http", "mailto", "tel"}
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough")
# What somebody writes at the head of a line is no heading, and an indented line is no code.
_markdown.disable(["heading", "lheading", "code", "image", "html_block", "html_inline"])
_PLAIN_TAGS = re.compile(r"</?p>|<br ?/?>")
_MARKS = re.compile(r"([\\`*_\[\]<>~])")


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text in both forms; `html` is "" where nothing in it is formatted."""

    text: str
    html: str


def formatted(source: str) -> Formatted:
    """Read marks (bold, lists, links, code); without any, the text stays as it was written."""
    html = nh3.clean(
        _markdown.render(source),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        link_rel="noopener nofollow",
    ).strip()
    if "<" not in _PLAIN_TAGS.sub("", html):
        return Formatted(source, "")
    return Formatted(_words(_markdown.parse(source)), html)


def without_marks(value: str) -> str:
    """Make what somebody else wrote mean itself inside a text with marks."""
    return _MARKS.sub(r"\\\1", value)


def _words(tokens: Sequence[Token]) -> str:
    """The plain words: lists with their signs, links with their address behind the name."""
    lines: list[str] = []
    places: list[int | None] = []  # one for each open list: the next number, or none
    sign, depth = "", 0
    for token in tokens:
        match token.type:
            case "ordered_list_open":
                places.append(int(token.attrs.get("start", 1)))
            case "bullet_list_open":
                places.append(None)
            case "ordered_list_close" | "bullet_list_close":
                places.pop()
                if not places:
                    lines.append("")
            case "list_item_open":
                number = places[-1]
                sign = "- " if number is None else f"{number}. "
                if number is not None:
                    places[-1] = number + 1
            case "blockquote_open":
                depth += 1
            case "blockquote_close":
                depth -= 1
            case "inline":
                indent = "  " * max(len(places) - 1, 0)
                text = _inline(token.children or ())
                lines.append("> " * depth + indent + sign + text)
                sign = ""
                if not places:
                    lines.append("")
            case "fence":
                lines += [token.content.rstrip("\n"), ""]
            case "hr":
                lines += ["---", ""]
    return "\n".join(lines).strip()


def _inline(children: Sequence[Token]) -> str:
    said: list[str] = []
    begun: list[tuple[str, int]] = []
    for child in children:
        match child.type:
            case "text" | "code_inline":
                said.append(child.content)
            case "softbreak" | "hardbreak":
                said.append("\n")
            case "link_open":
                begun.append((str(child.attrs.get("href", "")), len(said)))
            case "link_close":
                href, start = begun.pop()
                if "".join(said[start:]).strip() not in {href, href.removeprefix("mailto:")}:
                    said.append(f" ({href})")
    return "".join(said)
