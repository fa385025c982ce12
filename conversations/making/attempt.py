"""One attempt at a reply, by the process that holds its lease: asked for, put into the feed, ended in the database."""

import asyncio
import logging
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from conversations import store
from conversations.making import crash_points
from conversations.making.article_search import ArticleSearch
from conversations.making.asking import ask
from conversations.making.feed import Feed
from conversations.models.reply_status import ReplyStatus
from conversations.store import STOPPED, Claim, Context, Failure, Finished, PublishedMessage
from integrations.responders.base import (
    ArticleHit,
    Delta,
    Done,
    Reset,
    ResponderBroken,
    ResponderError,
    ResponderRefused,
    Source,
)
from workspaces.tenancy import new_id

logger = logging.getLogger("lumika.runner")

FINISH_TRIES = 10
RETRY_SECONDS = 1.0
INTERRUPTED = "The reply was interrupted too often. Send the message again."
OUT_OF_ATTEMPTS = Failure("attempts_used_up", INTERRUPTED, retryable=True)
NO_RESPONDER = "This integration has no responder any more."
INTERNAL_ERROR = Failure("internal_error", "The reply failed because of an error on the server.", retryable=True)


class FencedOff(Exception):
    """Somebody else owns the reply now."""


class Attempt:
    """``task`` makes it. To cancel the task is to give the attempt up, unless it is being stopped."""

    task: asyncio.Task[None]

    def __init__(self, claim: Claim, feed: Feed, context: Context | None, *, search: ArticleSearch) -> None:
        self.claim = claim
        self.feed = feed
        self.is_over = False
        """It has ended, or another one has taken its place."""
        self.is_committing = False
        """The database is told of its end, or of its new number: neither a renewal nor a stop disturbs that."""
        self.is_stopping = False
        self._context = context
        self._search = search

    def stop(self) -> None:
        """Ends it with what it has written so far, unless it is being ended anyway."""
        if not self.is_stopping:
            self.is_stopping = True
            # Not at once: a task that has not begun yet would just be dropped, and its reply left as it is.
            asyncio.get_running_loop().call_soon(self._interrupt)

    def give_way(self) -> None:
        """To another attempt at the same reply, in this process."""
        self.is_over = True
        self.task.cancel()

    async def make(self) -> Finished | None:
        """Writes the reply and ends it, fenced. None when it is left to others, who own it now or will."""
        if self.feed.attempt != self.claim.attempt or self.feed.status != ReplyStatus.GENERATING:
            self.feed.begin(self.claim.attempt)
        failure: Failure | None = None
        sources: list[Source] = []
        crash_points.reach("after-claim")
        try:
            self._context = self._context or await store.context(self.claim.reply_id)
            if self._context is not None and self.claim.attempt > self._context.last_attempt:
                failure = OUT_OF_ATTEMPTS
            else:
                sources = await self._write(await self._articles())
        except asyncio.CancelledError:
            if not self._goes_on_to_stop():
                raise
            failure = STOPPED
        except ResponderError as error:
            failure = Failure(error.code, error.message, error.retryable)
            logger.warning("reply %s failed: %s", self.claim.reply_id, error.code)
        except FencedOff:
            return None
        except psycopg.OperationalError:
            logger.warning("reply %s waits for the database", self.claim.reply_id)
            return None  # the lease runs out, and whoever reaches the database first takes over
        except Exception:
            failure = INTERNAL_ERROR
            logger.exception("reply %s failed", self.claim.reply_id)
        return await self._finish(sources, failure)

    async def _articles(self) -> list[ArticleHit]:
        """What the reply may use. Only where the workspace has articles does it cost a statement."""
        if self._context is None or not self._context.has_articles:
            return []
        return await self._search.find(self.claim.workspace_id, self._context.question)

    async def _write(self, articles: list[ArticleHit]) -> list[Source]:
        feed, context = self.feed, self._context
        if context is None:
            raise ResponderRefused(NO_RESPONDER)
        feed.held = context.held
        sources: list[Source] | None = None
        stream = ask(context, articles)
        try:
            async for item in stream:
                if isinstance(item, Delta):
                    point = "between-deltas" if feed.length else "after-first-delta"
                    feed.append(item.text)
                    crash_points.reach(point)
                elif isinstance(item, Reset):
                    await self._start_over()
                elif isinstance(item, Done):
                    sources = item.sources
        finally:
            await stream.aclose()  # type: ignore[attr-defined]  # every responder is an async generator
        if sources is None or not feed.text.strip():
            raise ResponderBroken("The responder's answer was empty.")
        return sources

    async def _start_over(self) -> None:
        """The text so far was no part of the reply. Streams, here and in other processes, learn it by the attempt.

        A renewal that runs meanwhile may know the new number or the old one.
        """
        self.is_committing = True
        try:
            attempt = await store.start_over(self.claim)
        finally:
            self.is_committing = False
        if attempt is None:
            raise FencedOff
        self.claim.attempt = attempt
        self.feed.begin(attempt)
        if self.is_stopping:
            self._interrupt()

    def _interrupt(self) -> None:
        if not self.is_over and not self.is_committing:
            self.task.cancel()

    def _goes_on_to_stop(self) -> bool:
        """Whether the cancellation that just came is a stop; if so, the task goes on."""
        return self.is_stopping and not self.is_over and self.task.uncancel() == 0

    async def _finish(self, sources: list[Source], failure: Failure | None) -> Finished | None:
        message_id = new_id()
        data: dict[str, Any] = {"author": "responder"}
        if sources:
            data["sources"] = [msgspec.to_builtins(source) for source in sources]
        self.is_committing = True
        for remaining in reversed(range(FINISH_TRIES)):
            try:
                crash_points.reach("before-finish")
                finished = await store.finish(
                    self.claim,
                    text=self.feed.text,
                    data=data,
                    message_id=message_id,
                    failure=failure,
                    responder_had_failed=self._context is not None and self._context.has_failed,
                )
                crash_points.reach("after-finish")
            except psycopg.OperationalError:
                if remaining:
                    await asyncio.sleep(RETRY_SECONDS)
            else:
                self._close_feed(finished, message_id, data, failure)
                return finished
        logger.warning("reply %s could not be finished: no database", self.claim.reply_id)
        return None

    def _close_feed(self, finished: Finished, message_id: UUID, data: dict[str, Any], failure: Failure | None) -> None:
        feed = self.feed
        if finished.outcome == ReplyStatus.SENT and finished.published_at is not None:
            if failure == STOPPED:
                data = data | {"stopped": True}
            created_at = store.timestamp(finished.published_at)
            feed.held = False
            feed.close(
                finished.outcome,
                message=PublishedMessage(str(message_id), "assistant", "message", feed.text, data, created_at),
            )
        elif finished.outcome != "fenced":
            feed.close(finished.outcome, failure=failure)
