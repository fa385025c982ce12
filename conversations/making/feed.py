"""One reply as this process knows it: written by one producer, read by any number of streams.

A feed holds no queue: it keeps the attempt's text in pieces, and each reader keeps how far it got. A slow reader
gets larger deltas, and resuming is starting at an offset.
"""

import asyncio
from time import monotonic
from uuid import UUID

from conversations.models.reply_status import ENDED, WAITING_FOR_A_PERSON, ReplyStatus
from conversations.store import Failure, PublishedMessage, ReplyState


class Feed:
    __slots__ = (
        "attempt",
        "failure",
        "held",
        "is_produced_here",
        "length",
        "message",
        "pieces",
        "readers",
        "reply_id",
        "status",
    )

    def __init__(self, reply_id: UUID, *, status: str, attempt: int, held: bool) -> None:
        self.reply_id = reply_id
        self.status = status
        self.attempt = attempt
        self.held = held
        self.pieces: list[str] = []
        self.length = 0
        self.message: PublishedMessage | None = None
        self.failure: Failure | None = None
        self.is_produced_here = False
        self.readers: set[Reader] = set()

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED

    @property
    def waits_for_a_person(self) -> bool:
        return self.status in WAITING_FOR_A_PERSON

    def begin(self, attempt: int) -> None:
        """A new attempt starts from nothing."""
        self.attempt = attempt
        self.status = ReplyStatus.GENERATING.value
        self.pieces = []
        self.length = 0
        self._wake()

    def append(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)
        self._wake()

    def close(self, status: str, *, message: PublishedMessage | None = None, failure: Failure | None = None) -> None:
        """The attempt is over: ended, or handed to a person."""
        self.status = status
        self.message = message
        self.failure = failure
        self._wake()

    def follow(self, state: ReplyState) -> None:
        """Takes over what the database says: another process, or a person, went on with the reply."""
        if state.attempt == self.attempt and state.known > self.length:
            return  # an answer to an older question
        if state.attempt != self.attempt:
            self.attempt = state.attempt
            self.pieces = []
            self.length = 0
        fresh = state.text[max(self.length - state.known, 0) :]
        if fresh:
            self.pieces.append(fresh)
            self.length += len(fresh)
        self.held = state.held
        self.status = state.status
        self.message = state.message
        self.failure = state.failure
        self._wake()

    def _wake(self) -> None:
        for reader in self.readers:
            reader.wake()


class Reader:
    """A stream's place in a feed. Wakes up when the feed goes on, and when ``due`` (monotonic seconds) has passed.

    ``token_id`` is None where an agent's page reads, which needs no integration token.
    """

    __slots__ = ("_waiting", "due", "feed", "index", "is_shut_out", "offset", "token_id")

    def __init__(self, feed: Feed, *, token_id: UUID | None, offset: int = 0) -> None:
        self.feed = feed
        self.token_id = token_id
        self.is_shut_out = False
        self.due = 0.0
        self.offset = offset
        self.index = 0
        self._waiting: asyncio.Future[bool] | None = None

    def join(self) -> None:
        self.feed.readers.add(self)

    def leave(self) -> None:
        self.feed.readers.discard(self)

    def shut_out(self) -> None:
        """The token that the stream was opened with works no longer: nothing more may be read."""
        self.is_shut_out = True
        self.wake()

    def restart(self) -> None:
        self.offset = 0
        self.index = 0

    def take(self) -> str:
        """The text since the last call; empty when the feed has not gone past the reader's offset."""
        feed = self.feed
        if feed.length <= self.offset:
            return ""
        text = "".join(feed.pieces[self.index :]) if self.index else feed.text[self.offset :]
        self.index = len(feed.pieces)
        self.offset = feed.length
        return text

    async def wait(self, *, seconds: float) -> bool:
        """Until the feed goes on (false), or about so many seconds are over (true): the runner's clock sees to it."""
        self.due = monotonic() + seconds
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            return await self._waiting
        finally:
            self._waiting = None

    def wake(self, *, is_due: bool = False) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(is_due)
