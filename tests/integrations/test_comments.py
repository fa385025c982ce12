"""What counts as a comment in an article, and that finding it never takes long."""

from time import perf_counter

import pytest

from integrations.comments import without_comments

SEEN = {
    "in the middle of a line": ("Ask us. <!-- INTERNAL --> Any time.", "Ask us.  Any time."),
    "over lines": ("a\n\n<!-- INTERNAL\nINTERNAL -->\n\nb", "a\n\n\n\nb"),
    "over blank lines, begun within a line": ("a <!-- INTERNAL\n\nINTERNAL --> b", "a  b"),
    "without an end": ("a\n\n<!-- INTERNAL\n\nINTERNAL", "a\n\n"),
    "without an end, begun within a line": ("a <!-- INTERNAL\n\nINTERNAL", "a "),
    "the shortest ones are whole": ("a<!-->b<!--->c", "abc"),
    "ended with an exclamation mark": ("a <!-- INTERNAL --!> b", "a  b"),
    "with dashes and arrows inside": ("a <!-- IN->TER--NAL -- > INTERNAL --> b", "a  b"),
    "one inside of another ends both": ("a <!-- INTERNAL <!-- INTERNAL --> b -->", "a  b -->"),
    "in a heading": ("# Refunds <!-- INTERNAL -->\n\na", "# Refunds \n\na"),
    "in a list and a quotation": ("- a <!-- INTERNAL -->\n\n> <!-- INTERNAL -->b", "- a \n\n> b"),
    "in a table": ("| a | b |\n|---|---|\n| c | <!-- INTERNAL --> |", "| a | b |\n|---|---|\n| c |  |"),
    "around a fence": ("<!--\n```\nINTERNAL\n```\n-->\nb", "\nb"),
    "around a fence, begun within a line": ("a <!--\n\n```\nINTERNAL\n```\n\n-->\nb", "a \nb"),
    "with backticks inside": ("a <!-- ` INTERNAL --> b ` c", "a  b ` c"),
    "behind an opening fence": ("``` <!-- INTERNAL -->\nb\n```", "``` \nb\n```"),
    "behind a fence that its list ends": ("- a\n\n  ```\n  b\n\nc <!-- INTERNAL --> d", "- a\n\n  ```\n  b\n\nc  d"),
    "behind a fence that its quotation ends": ("> ```\n> b\n\n<!-- INTERNAL -->c", "> ```\n> b\n\nc"),
    "behind a lone backtick": ("a ` b <!-- INTERNAL --> c", "a ` b  c"),
    "between backticks of two cells": (
        "| ` | <!-- INTERNAL --> ` |\n|---|---|\n| a | b |",
        "| ` |  ` |\n|---|---|\n| a | b |",
    ),
    "between code spans, one over two lines": ("`a\nb` <!-- INTERNAL --> `c`", "`a\nb`  `c`"),
    "between escaped backticks": (r"\`<!-- INTERNAL -->\`", r"\`\`"),
    "between backticks of two paragraphs": ("a `\n\n<!-- INTERNAL -->\n\nb `", "a `\n\n\n\nb `"),
    "between backticks in raw HTML": ("<div>`<!-- INTERNAL -->`</div>", "<div>``</div>"),
    "made of what stood around another": ("<!<!-- INTERNAL -->-- INTERNAL -->", "<! -- INTERNAL -->"),
    "with Windows' line ends": ("a\r\n\r\n<!-- INTERNAL\r\n-->\r\nb", "a\r\n\r\n\r\nb"),
    "after a byte order mark": ("\ufeff<!-- INTERNAL -->a", "\ufeffa"),
}
CODE = {
    "a fence": "```html\n<!-- shown -->\n```",
    "a fence of tildes": "~~~\n<!-- shown -->\n~~~",
    "a fence without an end": "a\n\n```\n<!-- shown -->",
    "a fence in a list": "1. a\n\n   ```\n   <!-- shown -->\n   ```",
    "a longer fence": "````\n```\n<!-- shown -->\n```\n````",
    "indented code": "a\n\n    <!-- shown -->\n\nb",
    "a code span": "Write `<!-- shown -->` there.",
    "a code span of two backticks": "Write `` ` <!-- shown --> `` there.",
    "a code span over two lines": "Write `a\nb <!-- shown -->` there.",
    "an opening alone in a code span": "Begin with `<!--`, and go on.",
    "an escaped one": r"Write \<!-- shown --> there.",
}


@pytest.mark.parametrize(("markdown", "seen"), SEEN.values(), ids=SEEN.keys())
def test_a_comment_is_hidden(markdown: str, seen: str) -> None:
    assert without_comments(markdown) == seen


@pytest.mark.parametrize("markdown", CODE.values(), ids=CODE.keys())
def test_code_that_shows_a_comment_stays(markdown: str) -> None:
    assert without_comments(markdown) == markdown


def test_a_text_too_large_to_be_told_apart_hides_comments_in_code_too() -> None:
    lines = "a\n" * 20_000

    assert without_comments(f"{lines}\n`<!-- a -->` <!-- INTERNAL -->") == f"{lines}\n`` "


HOSTILE = {
    "openings": "<!--",
    "openings in open spans": "`<!--",
    "whole ones": "<!-- -->",
    "empty ones": "<!-->",
    "halves": "<!<!-- -->-- -->",
    "backticks": "<!-- --> ` `` ```",
    "bars": "|`<!-- -->",
    "backslashes": "\\<!-- -->",
    "lists": "- ",
    "quotations": "> ",
    "nested lists": "- <!-- -->\n  ",
    "paragraphs": "`<!-- -->\n\n",
    "fences": "```\n<!-- -->\n",
    "rows": "| a | `b` |\n",
    "definitions": '[a]: b "<!--\n',
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_text_twice_as_long_takes_about_twice_as_long(piece: str) -> None:
    start = "<!-- -->| a | b |\n|---|---|\n"

    def seconds(length: int) -> float:
        text = (start + piece * (length // len(piece)))[:length]
        taken = []
        for _ in range(3):
            begun = perf_counter()
            without_comments(text)
            taken.append(perf_counter() - begun)
        return min(taken)

    short, long = seconds(50_000), seconds(200_000)

    assert long < max(10 * short, 0.1), f"{short * 1000:.1f} ms, four times the text {long * 1000:.1f} ms"
