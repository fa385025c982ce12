"""The documentation inside the product: the Markdown files of ``docs/`` that are listed here, and no others."""

import posixpath
import re
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import nh3
from django.conf import settings
from django.urls import reverse
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "h2": {"id"}, "h3": {"id"}}

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


class Page(NamedTuple):
    """One file: ``source`` is its path below ``docs/``."""

    slug: str
    title: str
    source: str


class Heading(NamedTuple):
    anchor: str
    text: str


class Article(NamedTuple):
    """A rendered page: HTML that may be shown as it is, and its sections."""

    html: str
    headings: list[Heading]


PAGES = {
    page.slug: page
    for page in (
        Page("quick-start", "Quick start", "quick-start.md"),
        Page("authentication", "Authentication and domains", "guides/authentication.md"),
        Page("history", "History and polling", "guides/history.md"),
        Page("approval", "Manual approval", "guides/approval.md"),
        Page("desk", "At the desk", "guides/desk.md"),
        Page("errors", "Errors", "guides/errors.md"),
        Page("api", "Endpoint reference", "api.md"),
        Page("deployment", "Deployment", "deployment.md"),
    )
}
_SLUGS = {page.source: page.slug for page in PAGES.values()}


def article(page: Page) -> Article:
    """Raises FileNotFoundError where the files of ``docs/`` were not installed."""
    path: Path = settings.BASE_DIR / "docs" / page.source
    return _rendered(page, path, path.stat().st_mtime_ns)


def anchor(heading: str) -> str:
    """What a link to this heading says behind the #, as code hosts have it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@lru_cache(maxsize=2 * len(PAGES))
def _rendered(page: Page, path: Path, _changed: int) -> Article:
    tokens = _markdown.parse(path.read_text(encoding="utf-8"))
    headings = _name_headings(tokens)
    for token in tokens:
        token.children = _linked(token.children or [], page)
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    return Article(nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES), headings)


def _name_headings(tokens: list[Token]) -> list[Heading]:
    """Gives each heading its anchor, and lists those of the second level."""
    listed = []
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        text = "".join(child.content for child in inline.children or [])
        opening.attrSet("id", anchor(inline.content))
        if opening.tag == "h2":
            listed.append(Heading(anchor(inline.content), text))
    return listed


def _linked(children: list[Token], page: Page) -> list[Token]:
    """Links to listed files lead to their pages; links to files that are not listed become plain text."""
    kept, is_dropped = [], False
    for token in children:
        if token.type == "link_open":
            target = _target(str(token.attrGet("href")), page)
            is_dropped = target is None
            token.attrSet("href", target or "")
        if token.type not in {"link_open", "link_close"} or not is_dropped:
            kept.append(token)
    return kept


def _target(link: str, page: Page) -> str | None:
    if link.startswith(("#", "http://", "https://")):
        return link
    path, _, fragment = link.partition("#")
    source = posixpath.normpath(posixpath.join(posixpath.dirname(page.source), path))
    slug = _SLUGS.get(source)
    if slug is None:
        return None
    return reverse("docs-page", args=[slug]) + (f"#{fragment}" if fragment else "")
