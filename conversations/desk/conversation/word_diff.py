"""What an agent changed in a draft, word by word: the responder's words against those that were sent."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache
from itertools import takewhile

MOST_WORDS = 2_000
"""Longer changes are told line by line, then as a whole: comparing takes more than linear time."""

_WORDS = re.compile(
    r"\n|[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+[^\S\n]*|[^\w\s][^\S\n]*|[^\S\n]+"
)
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


class Change(StrEnum):
    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class Piece:
    change: Change
    text: str

    @property
    def is_removed(self) -> bool:
        return self.change == Change.REMOVED

    @property
    def is_added(self) -> bool:
        return self.change == Change.ADDED


@lru_cache(maxsize=256)
def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces in reading order. Those kept or removed make up ``before``, those kept or added ``after``."""
    old, new = _split(before, after)
    head = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    rest = zip(reversed(old[head:]), reversed(new[head:]), strict=False)
    tail = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], rest))
    old_end, new_end = len(old) - tail, len(new) - tail
    found = [
        (Change.KEPT, old[:head]),
        *_changes(old[head:old_end], new[head:new_end]),
        (Change.KEPT, old[old_end:]),
    ]
    return tuple(Piece(change, "".join(tokens)) for change, tokens in found if tokens)


def _split(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) > MOST_WORDS:
        return _LINES.findall(before), _LINES.findall(after)
    return old, new


def _changes(old: list[str], new: list[str]) -> list[tuple[Change, list[str]]]:
    if max(len(old), len(new)) > MOST_WORDS:
        return [(Change.REMOVED, old), (Change.ADDED, new)]
    found: list[tuple[Change, list[str]]] = []
    for kind, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            found.append((Change.KEPT, old[old_start:old_end]))
        else:
            found += [(Change.REMOVED, old[old_start:old_end]), (Change.ADDED, new[new_start:new_end])]
    return found
