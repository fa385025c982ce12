"""Articles without their HTML comments: what an author noted beside the text is not for customers.

Code decides as in Markdown: in a code block or a code span, ``<!--`` is text that a reader sees. Anywhere else it
begins a comment, also where Markdown's fine print would show it: in the middle of a line without an end, or over blank
lines. In doubt it is hidden. A comment ends as in a browser, at the first ``-->`` or ``--!>`` (``<!-->`` and ``<!--->``
are whole), and one without an end takes all that follows.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator

from markdown_it import MarkdownIt

OPENING = "<!--"
EMPTY = ("<!-->", "<!--->")
MOST_LINES = 10_000
MOST_CELLS = 100_000
"""Of a text with more lines, or of one that could be a larger table, blocks are not told apart: comments are hidden in
code too."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_CLOSING = re.compile(r"--!?>")
_MARK = re.compile(r"\\.|`+|<!--", re.DOTALL)
_BACKTICKS = re.compile(r"`+")
_BAR = re.compile(r"\\.|\|", re.DOTALL)
_KINDS = {"fence": "code", "code_block": "code", "html_block": "html", "tr_open": "row", "inline": "text"}
_CELLS = {"td_open", "th_open"}
_blocks = MarkdownIt("commonmark", {"html": True}).enable("table").disable("inline")


def without_comments(markdown: str) -> str:
    """The text that a reader sees, still Markdown. Takes time in proportion to its length."""
    if OPENING not in markdown:
        return markdown
    kept: list[str] = []
    done = 0
    for stretch in _stretches(markdown):
        at = max(done, stretch.start)
        while (opening := stretch.comment_from(at)) is not None:
            _keep(kept, markdown[done:opening])
            done = at = _end_of_comment(markdown, opening)
    _keep(kept, markdown[done:])
    return "".join(kept)


def _keep(kept: list[str], text: str) -> None:
    """What stood on both sides of a comment never makes up another one."""
    if kept and kept[-1].endswith(("<", "<!", "<!-")) and text.startswith(("!", "-")):
        kept.append(" ")
    if text:
        kept.append(text)


def _end_of_comment(markdown: str, opening: int) -> int:
    for whole in EMPTY:
        if markdown.startswith(whole, opening):
            return opening + len(whole)
    closing = _CLOSING.search(markdown, opening + len(OPENING))
    return closing.end() if closing else len(markdown)


class _Stretch:
    """Lines of one block that is no code block. Raw HTML has no code spans; those of a table end at its bars."""

    def __init__(self, markdown: str, start: int, end: int, kind: str) -> None:
        self.start = start
        self._markdown = markdown
        self._end = end
        self._has_spans = kind != "html"
        self._bars: list[int] = []
        self._runs: dict[int, list[int]] = defaultdict(list)
        if self._has_spans and markdown.find(OPENING, start, end) >= 0:
            for run in _BACKTICKS.finditer(markdown, start, end):
                self._runs[len(run[0])].append(run.start())
            if kind == "row":
                self._bars = [bar.start() for bar in _BAR.finditer(markdown, start, end) if bar[0] == "|"]

    def comment_from(self, at: int) -> int | None:
        """Where the next comment begins."""
        if not self._has_spans:
            found = self._markdown.find(OPENING, at, self._end)
            return found if found >= 0 else None
        while mark := _MARK.search(self._markdown, at, self._end):
            if mark[0] == OPENING:
                return mark.start()
            at = self._end_of_span(mark) if mark[0].startswith("`") else mark.end()
        return None

    def _end_of_span(self, opening: re.Match[str]) -> int:
        """Behind the code span; where there is none, behind the backticks."""
        length = len(opening[0])
        closing = _first_after(opening.start(), self._runs[length])
        bar = _first_after(opening.start(), self._bars)
        if closing is None or (bar is not None and bar < closing):
            return opening.end()
        return closing + length


def _first_after(position: int, positions: list[int]) -> int | None:
    index = bisect_right(positions, position)
    return positions[index] if index < len(positions) else None


def _stretches(markdown: str) -> Iterator[_Stretch]:
    """All but the insides of code blocks, in order. What belongs to no block, such as a link's definition, is text."""
    starts = [line.start() for line in _LINE.finditer(markdown)]
    columns = max(line.count("|") for line in markdown.splitlines())
    if len(starts) > MOST_LINES or columns * len(starts) > MOST_CELLS:
        yield _Stretch(markdown, 0, len(markdown), "html")
        return
    kinds = _kinds(markdown, len(starts))
    starts.append(len(markdown))
    first = 0
    for line in range(1, len(kinds) + 1):
        if line == len(kinds) or kinds[line] != kinds[first]:
            kind, _ = kinds[first]
            if kind != "code":
                yield _Stretch(markdown, starts[first], starts[line], kind)
            first = line


def _kinds(markdown: str, lines: int) -> list[tuple[str, int]]:
    """What each line is, and the number of its block. Behind the marks of a fence stands what no reader sees."""
    kinds = [("text", -1)] * lines
    within = ""
    for number, token in enumerate(_blocks.parse(markdown)):
        kind = _KINDS.get(token.type)
        if kind and token.map and not (token.type == "inline" and within in _CELLS):
            first, end = token.map
            kinds[first:end] = [(kind, number)] * (min(end, lines) - first)
            if token.type == "fence":
                kinds[first] = ("html", number)
        within = token.type
    return kinds
