"""What makes replies: asks responders, puts their words into feeds, and ends each attempt in the database."""

import asyncio
import logging
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from conversations import store
from conversations.making import crash_points, tasks
from conversations.making.article_search import ArticleSearch
from conversations.making.capacity import Capacity
from conversations.making.feed import Feed
from conversations.making.feeds import Feeds
from conversations.models.reply_status import ReplyStatus
from conversations.store import STOPPED, Claim, Context, Failure, Finished, PublishedMessage
from conversations.store.announcing import Announcer
from integrations.responders import responder_for
from integrations.responders.base import (
    ArticleHit,
    Delta,
    Done,
    ReplyRequest,
    Reset,
    ResponderBroken,
    ResponderError,
    ResponderRefused,
    ResponderSettings,
    Source,
)
from workspaces import secrets
from workspaces.tenancy import new_id

logger = logging.getLogger("lumika.runner")

FINISH_TRIES = 10
RETRY_SECONDS = 1.0
INTERRUPTED = "The reply was interrupted too often. Send the message again."
OUT_OF_ATTEMPTS = Failure("attempts_used_up", INTERRUPTED, retryable=True)
INTERNAL_ERROR = Failure("internal_error", "The reply failed because of an error on the server.", retryable=True)
NO_RESPONDER = "This integration has no responder any more."


class FencedOff(Exception):
    """Somebody else owns the reply now."""


class Writer:
    """The attempts that this process holds the leases for, each a task."""

    def __init__(self, feeds: Feeds, announcer: Announcer, capacity: Capacity) -> None:
        self._feeds = feeds
        self._capacity = capacity
        self._announcer = announcer
        self._search = ArticleSearch()
        self._claims: dict[UUID, Claim] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._finishing: set[UUID] = set()
        self._stopping: set[UUID] = set()

    def begin(self, claim: Claim, feed: Feed | None = None, context: Context | None = None) -> None:
        """Starts an attempt that this process holds the lease for; an older one that still runs here is given up."""
        if claim.reply_id in self._tasks:
            self._tasks[claim.reply_id].cancel()
            self._finishing.discard(claim.reply_id)
            self._stopping.discard(claim.reply_id)
        else:
            self._capacity.take_place(claim.workspace_id)
        feed = feed or self._feeds.get(claim.reply_id)
        if feed is None:
            feed = Feed(claim.reply_id, status=ReplyStatus.GENERATING.value, attempt=claim.attempt, held=True)
        self._feeds[claim.reply_id] = feed
        feed.is_produced_here = True
        self._claims[claim.reply_id] = claim
        self._tasks[claim.reply_id] = asyncio.create_task(self._run(claim, feed, context))

    def stop(self, reply_id: UUID) -> None:
        """Ends an attempt with what it has written so far. One that is being ended anyway, or elsewhere, is left."""
        if reply_id in self._tasks and reply_id not in self._stopping:
            self._stopping.add(reply_id)
            # Not at once: a task that has not begun yet would just be dropped, and its reply left as it is.
            asyncio.get_running_loop().call_soon(self._interrupt, self._claims[reply_id])

    def _interrupt(self, claim: Claim) -> None:
        if self._claims.get(claim.reply_id) is claim and claim.reply_id not in self._finishing:
            self._tasks[claim.reply_id].cancel()

    async def renew(self) -> None:
        """Keeps the leases, and gives up what is not ours any more. Raises psycopg.OperationalError."""
        claims = list(self._claims.values())
        if not claims:
            return
        progress = [(claim.reply_id, claim.attempt, self._feeds[claim.reply_id].text) for claim in claims]
        ours = await store.renew(progress)
        for claim, (_, attempt, _) in zip(claims, progress, strict=True):
            if self._claims.get(claim.reply_id) is not claim or claim.reply_id in self._finishing:
                continue
            if claim.attempt != attempt:
                continue  # it started over meanwhile
            if claim.reply_id not in ours:
                self._tasks[claim.reply_id].cancel()
            elif ours[claim.reply_id]:
                self.stop(claim.reply_id)

    async def drain(self, seconds: float) -> None:
        """Begins nothing new, and lets what runs go on for so long at most."""
        self._capacity.close()
        if running := list(self._tasks.values()):
            await asyncio.wait(running, timeout=seconds)

    async def close(self) -> None:
        """Gives everything up, and hands the leases to other processes."""
        self._capacity.close()
        claims = list(self._claims.values())
        await tasks.end(self._tasks.values())
        if claims:
            await store.hand_back(claims)

    async def _run(self, claim: Claim, feed: Feed, context: Context | None) -> None:
        following: Claim | None = None
        try:
            if feed.attempt != claim.attempt or feed.status != ReplyStatus.GENERATING:
                feed.begin(claim.attempt)
            following = await self._attempt(claim, feed, context)
        finally:
            if self._claims.get(claim.reply_id) is claim:
                del self._claims[claim.reply_id], self._tasks[claim.reply_id]
                self._finishing.discard(claim.reply_id)
                self._stopping.discard(claim.reply_id)
                self._capacity.free_place(claim.workspace_id)
                feed.is_produced_here = False
                self._feeds.release(feed)
        if following is not None and self._capacity.is_closed:
            await store.hand_back([following])
        elif following is not None:
            self.begin(following)

    async def _attempt(self, claim: Claim, feed: Feed, context: Context | None) -> Claim | None:
        failure: Failure | None = None
        sources: list[Source] = []
        crash_points.reach("after-claim")
        try:
            context = context or await store.context(claim.reply_id)
            if context is not None and claim.attempt > context.last_attempt:
                failure = OUT_OF_ATTEMPTS
            else:
                articles = await self._articles(claim, context)
                sources = await self._write(claim, feed, context, articles)
        except asyncio.CancelledError:
            if not self._is_stopped(claim):
                raise
            failure = STOPPED
        except ResponderError as error:
            failure = Failure(error.code, error.message, error.retryable)
            logger.warning("reply %s failed: %s", claim.reply_id, error.code)
        except FencedOff:
            return None
        except psycopg.OperationalError:
            logger.warning("reply %s waits for the database", claim.reply_id)
            return None  # the lease runs out, and whoever reaches the database first takes over
        except Exception:
            failure = INTERNAL_ERROR
            logger.exception("reply %s failed", claim.reply_id)
        had_failed = context is not None and context.has_failed
        return await self._finish(claim, feed, sources, failure, had_failed)

    async def _articles(self, claim: Claim, context: Context | None) -> list[ArticleHit]:
        """What the reply may use. Only where the workspace has articles does it cost a statement."""
        if context is None or not context.has_articles:
            return []
        return await self._search.find(claim.workspace_id, context.question)

    async def _write(
        self, claim: Claim, feed: Feed, context: Context | None, articles: list[ArticleHit]
    ) -> list[Source]:
        if context is None:
            raise ResponderRefused(NO_RESPONDER)
        feed.held = context.held
        sources: list[Source] | None = None
        stream = responder_for(context.kind).stream(_request(context, articles))
        try:
            async for item in stream:
                if isinstance(item, Delta):
                    point = "between-deltas" if feed.length else "after-first-delta"
                    feed.append(item.text)
                    crash_points.reach(point)
                elif isinstance(item, Reset):
                    await self._start_over(claim, feed)
                elif isinstance(item, Done):
                    sources = item.sources
        finally:
            await stream.aclose()  # type: ignore[attr-defined]  # every responder is an async generator
        if sources is None or not feed.text.strip():
            raise ResponderBroken("The responder's answer was empty.")
        return sources

    async def _start_over(self, claim: Claim, feed: Feed) -> None:
        """The text so far was no part of the reply. Streams, here and in other processes, learn it by the attempt.

        A renewal that runs meanwhile may know the new number or the old one, so neither it nor a stop disturbs this.
        """
        self._finishing.add(claim.reply_id)
        try:
            attempt = await store.start_over(claim)
        finally:
            self._finishing.discard(claim.reply_id)
        if attempt is None:
            raise FencedOff
        claim.attempt = attempt
        feed.begin(attempt)
        if claim.reply_id in self._stopping:
            self._interrupt(claim)

    def _is_stopped(self, claim: Claim) -> bool:
        """Whether the cancellation that just came is a stop; if so, the task goes on."""
        if claim.reply_id not in self._stopping or self._claims.get(claim.reply_id) is not claim:
            return False
        task = asyncio.current_task()
        assert task is not None
        return task.uncancel() == 0

    async def _finish(
        self, claim: Claim, feed: Feed, sources: list[Source], failure: Failure | None, had_failed: bool
    ) -> Claim | None:
        message_id = new_id()
        data: dict[str, Any] = {"author": "responder"}
        if sources:
            data["sources"] = [msgspec.to_builtins(source) for source in sources]
        self._finishing.add(claim.reply_id)
        finished: Finished | None = None
        for remaining in reversed(range(FINISH_TRIES)):
            try:
                crash_points.reach("before-finish")
                finished = await store.finish(
                    claim,
                    text=feed.text,
                    data=data,
                    message_id=message_id,
                    failure=failure,
                    responder_had_failed=had_failed,
                )
                crash_points.reach("after-finish")
                break
            except psycopg.OperationalError:
                if remaining:
                    await asyncio.sleep(RETRY_SECONDS)
        if finished is None:
            logger.warning("reply %s could not be finished: no database", claim.reply_id)
            return None
        self._close(feed, finished, message_id, data, failure)
        self._announcer.note(workspace_id=claim.workspace_id, conversation_id=claim.conversation_id)
        return finished.next

    def _close(
        self, feed: Feed, finished: Finished, message_id: UUID, data: dict[str, Any], failure: Failure | None
    ) -> None:
        if finished.outcome == ReplyStatus.SENT and finished.published_at is not None:
            if failure == STOPPED:
                data = data | {"stopped": True}
            created_at = store.timestamp(finished.published_at)
            message = PublishedMessage(str(message_id), "assistant", "message", feed.text, data, created_at)
            feed.held = False
            feed.close(finished.outcome, message=message)
        elif finished.outcome != "fenced":
            feed.close(finished.outcome, failure=failure)


def _request(context: Context, articles: list[ArticleHit]) -> ReplyRequest:
    stored = ResponderSettings(
        kind=context.kind,
        instructions=context.instructions,
        base_url=context.base_url,
        model=context.model,
        api_key=secrets.decrypt(context.api_key) if context.api_key else "",
        temperature=context.temperature,
        max_tokens=context.max_tokens,
    )
    return ReplyRequest(
        settings=stored,
        turns=context.turns,
        articles=articles,
        conversation_id=context.external_id,
        workspace_id=str(context.workspace_id),
        instruction=context.instruction,
        previous_draft=context.previous_draft or "",
    )
