"""The beat that all processes share: whole seconds by the database's clock.

Every process saves its texts on the beat, and reads what others saved a moment later. A stream that follows a reply of
another process is thus about a second behind; were each to tick when it likes, it would be two.
"""

import asyncio
from time import monotonic, time

from conversations import store

LEARN_EVERY_SECONDS = 60.0


class Beat:
    def __init__(self) -> None:
        self._ahead = time() - monotonic()
        self._learn_at = 0.0

    async def wait(self, *, offset: float, seconds: float = 1.0) -> None:
        """Until so long after the next beat; there is one every ``seconds``."""
        passed = (monotonic() + self._ahead - offset) % seconds
        await asyncio.sleep(seconds - passed)

    async def learn(self) -> None:
        """Asks the database for its time, once a minute. Raises psycopg.OperationalError."""
        now = monotonic()
        if now >= self._learn_at:
            self._ahead = await store.database_time() - monotonic()
            self._learn_at = now + LEARN_EVERY_SECONDS
