"""What a customer writes, made fit to be stored (docs/api.md, section 4). The same words always come out the same, so
that a repeated request is recognised by its text."""

import re

from conversations.errors import ApiError, invalid

MAX_CHARACTERS = 4000

# Unicode's Default_Ignorable_Code_Point, and what else leaves no mark: white space, control characters, the blank
# Braille pattern, the null notehead, the Khitan filler and the marks of interlinear notes.
_UNSEEN = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    r"\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*"
)
_HALVES = re.compile(r"[\ufffd\ud800-\udfff]")


def cleaned(text: str) -> str:
    """Trimmed, and without the half of an emoji that a browser's limit left at the end. Raises ApiError."""
    text = text.strip()
    if _HALVES.match(text[-1:]):
        text = text[:-1].rstrip()
    if "\x00" in text:
        raise invalid("textContent", "textContent must not contain NUL characters.")
    if is_blank(text):
        raise invalid("textContent", "textContent is empty: it has no visible character. Send at least one.")
    if len(text) > MAX_CHARACTERS:
        message = f"textContent has {len(text)} characters; at most {MAX_CHARACTERS} are taken. Split the message."
        raise ApiError(413, "text_too_long", message, param="textContent")
    if _HALVES.search(text):
        raise invalid("textContent", "textContent is not valid UTF-8, or contains U+FFFD. Encode it as UTF-8.")
    return text


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing: white space and invisible characters alone, or no character at all."""
    return _UNSEEN.fullmatch(text) is not None
