"""The bytes of an event stream, such that widespread clients read them right (docs/decisions/0004)."""

from typing import Any

import msgspec

from conversations.api import event_ids
from conversations.making.position import Position

RETRY = b"retry: 2000\n"
HEARTBEAT = b": keep-alive\n"
"""No blank line: clients take one that ends no data for an event with empty data."""
LINE_ENDS = {"\x85".encode(): b"\\u0085", "\u2028".encode(): b"\\u2028", "\u2029".encode(): b"\\u2029"}

_json = msgspec.json.Encoder()


def block(position: Position, event: dict[str, Any]) -> bytes:
    """The id stands last: some clients take it when they read its line, so a cut behind it would lose what is still to
    come of the event.
    """
    return b"data: %b\nid: %b\n\n" % (_one_line(_json.encode(event)), event_ids.written(position).encode())


def _one_line(json: bytes) -> bytes:
    """JSON without the line ends that JSON permits and careless clients split at: U+0085, U+2028, U+2029."""
    if not json.isascii():
        for line_end, escape in LINE_ENDS.items():
            json = json.replace(line_end, escape)
    return json
