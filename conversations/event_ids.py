"""The ``id`` of a stream's blocks: which reply, which attempt, how far. What ``Last-Event-ID`` brings back.

    <reply, 32 hex digits>.<attempt>.<offset>[.b|.p|.e]

``offset`` counts the code points of the attempt's text that the client has. ``b`` stands before ``accepted``, at the
beginning, where a client without an id attaches. ``p`` follows a ``pending``, ``e`` a terminal event.
"""

import re
from typing import NamedTuple
from uuid import UUID

_FORM = re.compile(r"([0-9a-f]{32})\.([0-9]{1,6})\.([0-9]{1,9})(?:\.([bpe]))?", re.ASCII)


class Position(NamedTuple):
    reply_id: UUID
    attempt: int = 0
    offset: int = 0
    mark: str = ""

    @property
    def is_beginning(self) -> bool:
        return self.mark == "b"

    @property
    def is_pending(self) -> bool:
        return self.mark == "p"

    @property
    def is_end(self) -> bool:
        return self.mark == "e"

    def __str__(self) -> str:
        mark = f".{self.mark}" if self.mark else ""
        return f"{self.reply_id.hex}.{self.attempt}.{self.offset}{mark}"


def parse(text: str) -> Position | None:
    """The position that an id names, or None when it is not one of ours."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    reply, attempt, offset, mark = match.groups()
    return Position(UUID(reply), int(attempt), int(offset), mark or "")
