"""The ``id`` of a stream's blocks: which reply, which attempt, how far. What ``Last-Event-ID`` brings back.

    <reply, 32 hex digits>.<attempt>.<offset>[.b|.p|.e]

``offset`` counts the code points of the attempt's text that the client has. ``b`` stands before ``accepted``, at the
beginning, where a client without an id attaches. ``p`` follows a ``pending``, ``e`` a terminal event.
"""

import re
from uuid import UUID

from conversations.making.position import Position

_FORM = re.compile(r"([0-9a-f]{32})\.([0-9]{1,6})\.([0-9]{1,9})(?:\.([bpe]))?", re.ASCII)


def written(position: Position) -> str:
    mark = f".{position.mark}" if position.mark else ""
    return f"{position.reply_id.hex}.{position.attempt}.{position.offset}{mark}"


def parse(text: str) -> Position | None:
    """The position that an id names, or None when it is not one of ours."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    reply, attempt, offset, mark = match.groups()
    return Position(UUID(reply), int(attempt), int(offset), mark or "")
