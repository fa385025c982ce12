"""How far somebody has read a reply."""

from typing import NamedTuple
from uuid import UUID


class Position(NamedTuple):
    """``offset`` counts the code points of the attempt's text. ``mark``: ``b`` stands before all else, where a reader
    begins who may have read before; ``p`` follows the news that a person has to act, ``e`` the end."""

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
