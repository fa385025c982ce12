"""Markdown as HTML that may stand in our pages: no raw HTML, no scripts, and nothing loaded from elsewhere."""

from typing import Any

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from integrations.comments import without_comments

TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
LEVELS_DOWN = 2


def render(text: str) -> SafeString:
    """The HTML of a text from anywhere. An image becomes its description: to load it would tell strangers who reads.

    Headings go below the h1 of our page and the h2 of the part that the text stands in.
    """
    html = nh3.clean(
        _markdown.render(text),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(html)  # noqa: S308  # cleaned by nh3


def render_article(text: str) -> SafeString:
    """The HTML of an article, as customers would see it: without its comments."""
    return render(without_comments(text))


def _lower_headings(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + LEVELS_DOWN, 6)}"


def _described(_renderer: Any, tokens: Any, index: int, _options: Any, _env: Any) -> str:
    return escape(tokens[index].content)


_markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_markdown.add_render_rule("image", _described)
_markdown.core.ruler.push("lower_headings", _lower_headings)
