"""The part of a message in which the words stand that somebody looked for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

LENGTH = 180
BEFORE = 50


@dataclass(frozen=True)
class Piece:
    text: str
    is_match: bool


def excerpt(body: str, words: Sequence[str]) -> list[Piece]:
    """About ``LENGTH`` characters around the first of the words, in pieces; words that begin so are marked whole."""
    body = " ".join(body.split())
    pattern = _beginning_with(words)
    first = pattern.search(body)
    start = _start(body, first.start()) if first else 0
    end = start + LENGTH
    shown = f"{'…' if start else ''}{body[start:end]}{'…' if end < len(body) else ''}"
    pieces = pattern.split(shown)
    return [Piece(text, is_match=number % 2 == 1) for number, text in enumerate(pieces) if text]


def _beginning_with(words: Sequence[str]) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![^\W_])((?:{alternatives})[^\W_]*)", re.IGNORECASE)


def _start(body: str, match: int) -> int:
    """A little before the match, at the beginning of a word."""
    if match <= BEFORE:
        return 0
    return body.find(" ", match - BEFORE, match) + 1 or match
