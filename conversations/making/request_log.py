"""What was asked of each account, for its admins: noted in memory on the way out, written together by the clock.

A note costs a few microseconds and no database work. It names neither token nor text. Two bounds keep busy accounts
from drowning the table: the buffer, and an allowance per account, with one for what was refused beside that for what
went well, so that many polls do not hide a refusal.
"""

import logging
from time import monotonic, perf_counter, time
from uuid import UUID

from conversations import store
from conversations.store import Account, RequestNote
from integrations.origins import Caller

logger = logging.getLogger("lumika.requests")

MOST_NOTES = 5_000
BURST = 50
SECONDS_BETWEEN_CLEANINGS = 3_600.0
CLEAN_AT_ONCE = 5_000


class Call:
    """One public request: who sends it, and to which account, once its token has told."""

    __slots__ = ("account", "began", "who")

    def __init__(self, who: Caller) -> None:
        self.who = who
        self.account: Account | None = None
        self.began = perf_counter()


class RequestLog:
    """The notes of one process. The runner's clock calls ``write`` once a second."""

    def __init__(self) -> None:
        self.notes: list[RequestNote] = []
        self.dropped = 0
        self._allowances: dict[tuple[UUID, bool], int] = {}
        self._cleaning_due = 0.0

    def note(self, call: Call, *, endpoint: str, status: int, code: str, request_id: str) -> None:
        """Notes an answered request, if its account is known."""
        account = call.account
        if account is None:
            return
        key = (account.id, status >= 400)
        allowance = self._allowances.get(key, BURST)
        if not allowance or len(self.notes) >= MOST_NOTES:
            self.dropped += 1
            return
        self._allowances[key] = allowance - 1
        seconds = perf_counter() - call.began
        self.notes.append(RequestNote(account.id, endpoint, status, code, call.who, seconds, time(), request_id))

    async def write(self) -> None:
        """Writes what was noted, with one statement; every account may have one more noted from now on."""
        self._allowances = {key: left + 1 for key, left in self._allowances.items() if left + 1 < BURST}
        if self.notes:
            notes, self.notes = self.notes, []
            await store.record_requests(notes)
        if self._cleaning_due <= monotonic():
            await self._clean()

    async def _clean(self) -> None:
        """Deletes some of what is too old; goes on at the next call while there is more."""
        deleted = await store.forget_old_requests(CLEAN_AT_ONCE)
        if deleted == CLEAN_AT_ONCE:
            return
        self._cleaning_due = monotonic() + SECONDS_BETWEEN_CLEANINGS
        if self.dropped:
            logger.info("%d requests of busy accounts were not recorded", self.dropped)
            self.dropped = 0
