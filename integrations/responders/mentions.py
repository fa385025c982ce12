"""Whether a mark is only spoken of, in code or in a sentence: “The tag <think> begins the thinking.”"""

import re
from enum import Enum, auto

from .code_spans import CodeSpans
from .marks import Mark, closing, opening_of

LOOKAHEAD = 8
CLOSED_WITHIN = 1_000
OPENING = "\"'“‘‚«„‹「『([{*_|"
CLOSING = ".,;:!?)]}'\"”’»›」』“‘*_|"
SENTENCE_END = ".!?…。！？"
LIST_MARK = re.compile(r"\s*\d+[.)]\s+")
PLACEHOLDER = re.compile(r"(?:\.\.\.|…)?</?\w")
AFTER_A_MARK = re.compile(r"<[^<>\s]+>(?:\.\.\.|…)?\Z")
IN_HTML_CODE = ("<code>", "<kbd>", "<pre>")


class _Sentence(Enum):
    MENTIONS = auto()
    SEEMS_TO_MENTION = auto()
    """It stands between words, and nothing sets it off."""
    DOES_NOT_MENTION = auto()
    MAY_MENTION = auto()


def is_mentioned(mark: Mark, code: CodeSpans, text: str, at: int, *, is_first: bool, is_last: bool) -> bool | None:
    """Whether the mark that stands here is a word of the reply; None when what follows has to be known first.

    In doubt, a closing mark ends thinking, unless its opening one was spoken of before: to show what a model thought is
    worse than to lose an answer about marks.

    ``code`` knows what stands before it. ``is_first``: no word of the reply does. ``is_last``: no more text comes.
    """
    is_code = code.holds(text, at, is_last=is_last)
    if is_code is not False:
        return is_code
    if not is_first and (mark.what == "opens_at_start" or code.is_indented):
        return True
    end = at + len(mark.text)
    if not is_last and len(text) - end < LOOKAHEAD:
        return None
    sentence = _sentence(code.tail, text[end : end + LOOKAHEAD])
    if sentence is _Sentence.MAY_MENTION and mark.what == "opens":
        return _stays_open(mark, text, end, is_last=is_last)
    if sentence is _Sentence.SEEMS_TO_MENTION:
        return mark.what != "closes" or (opening_of(mark.text) or mark.text) in code.tail.lower()
    return sentence is _Sentence.MENTIONS


def _sentence(before: str, after: str) -> _Sentence:
    """Judges by the end of the line before the mark, and by the next characters, fewer where the text ends."""
    if before.endswith(IN_HTML_CODE):
        return _Sentence.MENTIONS
    if not before.strip() or not after or not _stands_apart(before):
        return _Sentence.DOES_NOT_MENTION
    if (after[0] in CLOSING and not after.startswith("...")) or PLACEHOLDER.match(after):
        return _Sentence.MENTIONS
    if after[0] not in " \t" or not after[1:2].strip():
        return _Sentence.DOES_NOT_MENTION
    if after[1].isupper():
        return _Sentence.MAY_MENTION
    is_between_words = before.rstrip()[-1].isalnum() and after[1].isalnum()
    return _Sentence.SEEMS_TO_MENTION if is_between_words else _Sentence.MENTIONS


def _stands_apart(before: str) -> bool:
    """As a word of a sentence, perhaps in quotes: neither glued to a word nor after the sentence's end."""
    if before[-1] in OPENING or AFTER_A_MARK.search(before) or LIST_MARK.fullmatch(before):
        return True
    return before[-1].isspace() and before.rstrip()[-1] not in SENTENCE_END


def _stays_open(mark: Mark, text: str, end: int, *, is_last: bool) -> bool | None:
    if closing(mark.closed_by).search(text, end, end + CLOSED_WITHIN):
        return False
    return True if is_last or len(text) - end >= CLOSED_WITHIN else None
