"""A stream: what one client gets to see of one reply, as Server-Sent Events (docs/api.md, section 4)."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings

from conversations.api.blocks import HEARTBEAT, RETRY, block
from conversations.making.feed import Reader
from conversations.making.position import Position
from conversations.making.runner import Runner
from conversations.making.sending import Sent
from conversations.models.reply_status import ReplyStatus
from conversations.store import Failure

HEARTBEAT_SECONDS = 10.0
PROOF_SECONDS = 0.5
FAILED_FOR_NOW = "The reply could not be completed. Send the message again in a moment."
FAILED_FOR_GOOD = "The reply could not be made. The team that runs this assistant has to look at its responder."
CANCELED = Failure("canceled", "The reply was stopped before it was sent.", retryable=True)


class Stream:
    """The blocks for one connection: ``resumed`` before all else where it is not the first stream of its message."""

    __slots__ = ("attempt", "is_keyed", "pending_sent", "prove", "reader", "runner", "sent")

    def __init__(
        self, runner: Runner, sent: Sent, *, token_id: UUID, is_keyed: bool = True, prove: bool = False
    ) -> None:
        self.runner = runner
        self.sent = sent
        self.reader = Reader(sent.feed, token_id=token_id, offset=sent.position.offset)
        self.attempt = sent.position.attempt
        self.pending_sent = sent.position.is_pending
        self.is_keyed = is_keyed
        self.prove = prove

    async def blocks(self) -> AsyncIterator[bytes]:
        """Everything from the position on, until the reply has ended or the hold is over.

        When the token stops working meanwhile, the stream just ends: the client comes again by itself and gets 401.
        The reply counts as delivered when its last block was taken by a connection that was still open.
        """
        reader = self.reader
        opened = monotonic()
        hold_until = 0.0
        feed = reader.feed = self.runner.feeds.keep(reader.feed)
        reader.join()
        try:
            yield RETRY + self._opening()
            while not reader.is_shut_out:
                if blocks := self._progress():
                    yield blocks
                    continue
                if feed.has_ended:
                    await self._wait_for_proof(opened)
                    if blocks := self._end():
                        yield blocks
                        self.runner.bookkeeping.note_delivery(feed.reply_id)
                        if not self.is_keyed:
                            self.runner.bookkeeping.write_deliveries_soon()
                    return
                if self.runner.is_draining and not feed.is_produced_here:
                    return  # the client goes on at another process
                seconds = HEARTBEAT_SECONDS
                if feed.waits_for_a_person:
                    if not hold_until:
                        hold_until = monotonic() + settings.LUMIKA_HOLD_SECONDS
                    seconds = min(seconds, hold_until - monotonic())
                    if seconds <= 0:
                        return
                if await reader.wait(seconds=seconds):
                    yield HEARTBEAT
        finally:
            reader.leave()
            self.runner.feeds.release(feed)

    def _progress(self) -> bytes:
        """What is new and may be shown: a restart, more text, or that a person has to act."""
        reader, feed = self.reader, self.reader.feed
        blocks = b""
        if feed.attempt != self.attempt:
            if self.attempt:
                reader.restart()
                blocks = self._block({"type": "reset"}, attempt=feed.attempt)
            self.attempt = feed.attempt
        if not feed.held and not self._was_overtaken() and (text := reader.take()):
            blocks += self._block({"type": "partial", "delta": text})
        if feed.waits_for_a_person and not self.pending_sent:
            self.pending_sent = True
            reason = "no_responder" if feed.status == ReplyStatus.BY_HAND else "awaiting_approval"
            blocks += self._block({"type": "pending", **self._ids(), "reason": reason}, mark="p")
        return blocks

    def _was_overtaken(self) -> bool:
        """A person's own words were sent instead of the text that is being shown."""
        message = self.reader.feed.message
        return message is not None and message.body != self.reader.feed.text

    def _shows_other_text(self) -> bool:
        """Overtaken, or stopped while its worker was dead, with less text than it had shown."""
        reader = self.reader
        return reader.offset > 0 and (self._was_overtaken() or reader.offset > reader.feed.length)

    def _end(self) -> bytes:
        """The terminal event, if the reply ended with one: superseded and rejected drafts end in silence."""
        feed = self.reader.feed
        if feed.message is not None:
            blocks = b""
            if self._shows_other_text():
                self.reader.restart()
                blocks = self._block({"type": "reset"}) + self._block({"type": "partial", "delta": feed.message.body})
            return blocks + self._block({"type": "final", **self._ids(), "message": feed.message}, mark="e")
        if (failure := self._failure()) is not None:
            event = {"type": "error", **msgspec.structs.asdict(failure), **self._ids()}
            return self._block(event, mark="e")
        return b""

    def _failure(self) -> Failure | None:
        """What the customer is told: the code, but not the team's explanation, which may quote the provider."""
        feed = self.reader.feed
        if feed.status == ReplyStatus.CANCELED:
            return CANCELED
        if feed.failure is None:
            return None
        words = FAILED_FOR_NOW if feed.failure.retryable else FAILED_FOR_GOOD
        return msgspec.structs.replace(feed.failure, message=words)

    async def _wait_for_proof(self, opened: float) -> None:
        """Gives a cut connection the time to be noticed before an instant reply counts as delivered.

        A browser whose connection broke before the first byte asks again without an id, so nothing but this tells
        its repetition from a customer who says the same thing twice.
        """
        if self.prove:
            await asyncio.sleep(max(opened + PROOF_SECONDS - monotonic(), 0))

    def _opening(self) -> bytes:
        """What the connection begins with.

        WebKit glues what was left of a cut event to the first one of the next connection, so that one is none that
        anybody needs. Its id is where the client is: by the letter of the standard, a block without an id forgets
        the last one.
        """
        resumed = block(self.sent.position, {"type": "resumed"}) if self.sent.goes_on else b""
        if self.sent.accepted_at is None:
            return resumed
        return resumed + self._block({"type": "accepted", **self._ids(), "createdAt": self.sent.accepted_at})

    def _ids(self) -> dict[str, Any]:
        return {
            "conversationId": self.sent.conversation_id,
            "userMessageId": self.sent.message_id,
            "replyId": self.sent.reply_id,
        }

    def _block(self, event: dict[str, Any], *, attempt: int | None = None, mark: str = "") -> bytes:
        reader = self.reader
        position = Position(reader.feed.reply_id, self.attempt if attempt is None else attempt, reader.offset, mark)
        return block(position, event)
