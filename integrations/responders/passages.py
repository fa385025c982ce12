"""Markdown cut into passages that can be read on their own."""

import re
from collections.abc import Iterator

import msgspec

FENCE = re.compile(r"\s*(```+|~~~+)")
HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.*)")
LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s")
INDENTED = re.compile(r"(?:\t| {2,})\S")


class Passage(msgspec.Struct, frozen=True):
    """A paragraph, list, table or code block, with what introduces it; ``heading`` is the nearest one above."""

    heading: str
    text: str


def passages(markdown: str) -> list[Passage]:
    """The passages in their order. Headings are no passages of their own; a code block is never cut."""
    found: list[tuple[str, list[str]]] = []
    heading = ""
    for block in _blocks(markdown):
        title = heading_of(block)
        if title is not None:
            heading = title
        elif found and found[-1][0] == heading and _belongs(block, found[-1][1][-1]):
            found[-1][1].append(block)
        else:
            found.append((heading, [block]))
    return [Passage(above, "\n\n".join(blocks)) for above, blocks in found]


def heading_of(line: str) -> str | None:
    """The words of a heading, or None when the line is none. Takes no longer for an odd line than for a plain one."""
    match = HEADING.match(line)
    return match.group(1).rstrip().rstrip("#").rstrip() if match else None


def _blocks(markdown: str) -> Iterator[str]:
    """What blank lines and headings part, fenced code kept whole."""
    lines: list[str] = []
    fence = ""
    for line in markdown.splitlines():
        if fence:
            lines.append(line)
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            continue
        opening = FENCE.match(line)
        fence = opening.group(1) if opening else ""
        if lines and (not line.strip() or HEADING.match(line)):
            yield "\n".join(lines)
            lines = []
        if HEADING.match(line) and not fence:
            yield line
        elif line.strip():
            lines.append(line.rstrip())
    if lines:
        yield "\n".join(lines)


def _belongs(block: str, before: str) -> bool:
    """Whether a block goes on with the one before: an announced list or code block, the next item of a loose list."""
    if before.rstrip().endswith((":", "\uff1a")):
        return True
    in_list = LIST_ITEM.match(before.rsplit("\n\n", 1)[-1]) is not None
    return FENCE.match(block) is not None or (in_list and bool(LIST_ITEM.match(block) or INDENTED.match(block)))
