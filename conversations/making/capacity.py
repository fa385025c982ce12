"""How many replies a process writes at a time, in all and for one workspace. What is beyond that waits its turn.

What is claimed at the very same moment may go beyond by a few.
"""

import asyncio
from collections import Counter
from uuid import UUID

from django.conf import settings


class Capacity:
    """The places of a process. ``written`` says how many are taken by which workspace."""

    def __init__(self) -> None:
        self.written: Counter[UUID] = Counter()
        self.has_backlog = False
        self.has_freed_place = asyncio.Event()
        self._is_closed = False

    @property
    def places(self) -> int:
        """How many more replies may be begun."""
        return 0 if self._is_closed else max(settings.LUMIKA_REPLIES_PER_PROCESS - self.written.total(), 0)

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    def has_place_for(self, workspace_id: UUID) -> bool:
        return self.places > 0 and self.written[workspace_id] < settings.LUMIKA_REPLIES_PER_WORKSPACE

    def take_place(self, workspace_id: UUID) -> None:
        self.written[workspace_id] += 1

    def free_place(self, workspace_id: UUID) -> None:
        self.written[workspace_id] -= 1
        if not self.written[workspace_id]:
            del self.written[workspace_id]
        if self.has_backlog:
            self.has_freed_place.set()

    def close(self) -> None:
        """Nothing more is begun: the process is to end."""
        self._is_closed = True
