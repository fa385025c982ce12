"""What a customer writes, made fit to be stored (docs/api.md, section 4). The same words always come out the same, so
that a repeated request is recognised by its text."""

import re

from conversations.api.errors import ApiError, invalid
from workspaces.unseen import is_blank

MAX_CHARACTERS = 4000

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
