"""What stands before the text of a turn, where a server leaves it in: a role, a channel."""

import re
from typing import NamedTuple

LONGEST_HEADER = 300
LONGEST_ROLE = 60
CHANNEL = re.compile(
    r"<\|channel\|>\s*(\w+)[^<]{0,150}(?:<\|constrain\|>[^<]{0,50})?<\|message\|>",
    re.IGNORECASE,
)
TURN = re.compile(r"<\|start\|>\s*(\w+)[^<]{0,100}(?:<\|message\|>|(?=<\|channel\|>))", re.IGNORECASE)
ROLE = re.compile(r"[ \t]*(?:assistant|model|chatbot)?[ \t]*(?:<\|end_header_id\|>|<\|im_sep\|>)?", re.IGNORECASE)


class Header(NamedTuple):
    length: int
    is_of_reply: bool
    names_channel: bool = False


def harmony_header(text: str, at: int) -> Header | None:
    """The header of a Harmony message that begins here: of a channel, or of a turn up to its channel."""
    if found := CHANNEL.match(text, at, at + LONGEST_HEADER):
        return Header(found.end() - at, found[1].lower() == "final", names_channel=True)
    if found := TURN.match(text, at, at + LONGEST_HEADER):
        return Header(found.end() - at, found[1].lower() == "assistant" and found[0].endswith(">"))
    return None


def role_length(text: str, at: int) -> int:
    """How long the assistant's role is that is named here, with what ends a header."""
    found = ROLE.match(text, at)
    return found.end() - at if found else 0
