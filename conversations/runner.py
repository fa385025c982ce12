"""What makes replies, and keeps the feeds of this process: one runner per event loop, owner of all its tasks."""

import asyncio
import logging
from time import monotonic
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec
import psycopg
from psycopg_pool import PoolTimeout

from conversations import store
from conversations.feed import Feed
from conversations.request_log import RequestLog
from conversations.store import Claim, Context, PublishedMessage, ReplyState
from integrations import secrets
from integrations.responders import http, responder_for
from integrations.responders.base import (
    Delta,
    Done,
    ReplyRequest,
    ResponderBroken,
    ResponderError,
    ResponderRefused,
    ResponderSettings,
    Source,
)
from workspaces.tenancy import new_id

logger = logging.getLogger("lumika.runner")

TICK_SECONDS = 1.0
TAKE_OVER_AT_ONCE = 20
TOKEN_CHECK_SECONDS = 5.0
TOKEN_USE_SECONDS = 60.0
FINISH_TRIES = 10
DATABASE_TROUBLE = (psycopg.OperationalError, PoolTimeout)
OUT_OF_ATTEMPTS = ("attempts_used_up", "The reply was interrupted too often. Send the message again.", True)
INTERNAL_ERROR = ("internal_error", "The reply failed because of an error on the server.", True)
NO_RESPONDER = "This integration has no responder any more."

_runners: WeakKeyDictionary[asyncio.AbstractEventLoop, "Runner"] = WeakKeyDictionary()


def runner() -> "Runner":
    """The runner of the running event loop, started at the first call."""
    loop = asyncio.get_running_loop()
    found = _runners.get(loop)
    if found is None:
        found = _runners[loop] = Runner()
        found.start()
    return found


async def close() -> None:
    """Ends the runner of this event loop, and gives its replies to other processes."""
    found = _runners.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.close()


class Runner:
    def __init__(self) -> None:
        self.feeds: dict[UUID, Feed] = {}
        self.delivered: set[UUID] = set()
        self.requests = RequestLog()
        self._claims: dict[UUID, Claim] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._finishing: set[UUID] = set()
        self._clock: asyncio.Task[None] | None = None
        self._alarm: asyncio.Task[None] | None = None
        self._delivering: asyncio.Task[None] | None = None
        self._used_tokens: dict[UUID, float] = {}
        self._tokens_to_mark: set[UUID] = set()
        self._tokens_checked_at = monotonic()

    def start(self) -> None:
        self._clock = asyncio.create_task(self._tick_for_ever())
        self._alarm = asyncio.create_task(self._wake_for_ever())

    async def close(self) -> None:
        claims = list(self._claims.values())
        tasks = [
            task for task in (self._clock, self._alarm, self._delivering, *self._tasks.values()) if task is not None
        ]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await http.close()
        if claims:
            await store.hand_back(claims)
        if self.delivered:
            await store.mark_delivered(list(self.delivered))
        await self.requests.write()

    # Feeds

    def feed_of_new(self, accepted: store.Accepted) -> Feed:
        """The feed of a message that was just taken; its reply is generated here if it was claimed."""
        feed = self.feeds.get(accepted.reply_id)  # a repetition of the request may have been quicker
        if feed is None:
            feed = Feed(accepted.reply_id, status=accepted.status, attempt=accepted.attempt, held=accepted.held)
        if accepted.status == "generating":
            claim = Claim(accepted.reply_id, accepted.conversation_id, accepted.attempt)
            self.generate(claim, feed, accepted.context)
        self.feeds[feed.reply_id] = feed
        return feed

    def feed_of(self, state: ReplyState) -> Feed:
        """The feed of a reply that exists already: the live one of this process, or one made from the database."""
        feed = self.feeds.get(state.reply_id)
        if feed is None:
            feed = Feed(state.reply_id, status=state.status, attempt=state.attempt, held=state.held)
            feed.follow(state)
            if not feed.has_ended:
                self.feeds[feed.reply_id] = feed
        elif not feed.is_produced_here:
            feed.follow(state)
        return feed

    def keep(self, feed: Feed) -> Feed:
        """The feed for a stream to read, followed until it has ended: the live one, should another have replaced it."""
        return feed if feed.has_ended else self.feeds.setdefault(feed.reply_id, feed)

    def release(self, feed: Feed) -> None:
        """Forgets a feed that nobody writes and nobody reads."""
        if not feed.is_produced_here and not feed.readers and self.feeds.get(feed.reply_id) is feed:
            del self.feeds[feed.reply_id]

    # Generating

    def generate(self, claim: Claim, feed: Feed | None = None, context: Context | None = None) -> None:
        """Starts an attempt that this process holds the lease for; an older one that still runs here is stopped."""
        if claim.reply_id in self._tasks:
            self._tasks[claim.reply_id].cancel()
        feed = feed or self.feeds.get(claim.reply_id)
        if feed is None:
            feed = Feed(claim.reply_id, status="generating", attempt=claim.attempt, held=True)
        self.feeds[claim.reply_id] = feed
        feed.is_produced_here = True
        self._claims[claim.reply_id] = claim
        self._tasks[claim.reply_id] = asyncio.create_task(self._generate(claim, feed, context))

    async def _generate(self, claim: Claim, feed: Feed, context: Context | None) -> None:
        following: Claim | None = None
        try:
            if feed.attempt != claim.attempt or feed.status != "generating":
                feed.begin(claim.attempt)
            following = await self._attempt(claim, feed, context)
        finally:
            if self._claims.get(claim.reply_id) is claim:
                del self._claims[claim.reply_id], self._tasks[claim.reply_id]
                self._finishing.discard(claim.reply_id)
                feed.is_produced_here = False
                self.release(feed)
        if following is not None:
            self.generate(following)

    async def _attempt(self, claim: Claim, feed: Feed, context: Context | None) -> Claim | None:
        error = ("", "", False)
        sources: list[Source] = []
        try:
            context = context or await store.context(claim.reply_id)
            if claim.attempt > store.MAX_ATTEMPTS:
                error = OUT_OF_ATTEMPTS
            else:
                sources = await self._write(feed, context)
        except ResponderError as failure:
            error = (failure.code, failure.message, failure.retryable)
            logger.warning("reply %s failed: %s", claim.reply_id, failure.code)
        except DATABASE_TROUBLE:
            logger.warning("reply %s waits for the database", claim.reply_id)
            return None  # the lease runs out, and whoever reaches the database first takes over
        except Exception:
            error = INTERNAL_ERROR
            logger.exception("reply %s failed", claim.reply_id)
        had_failed = context is not None and context.has_failed
        return await self._finish(claim, feed, sources, error, had_failed)

    async def _write(self, feed: Feed, context: Context | None) -> list[Source]:
        if context is None:
            raise ResponderRefused(NO_RESPONDER)
        feed.held = context.held
        sources: list[Source] | None = None
        stream = responder_for(context.kind).stream(_request(context))
        try:
            async for item in stream:
                if isinstance(item, Delta):
                    feed.append(item.text)
                elif isinstance(item, Done):
                    sources = item.sources
        finally:
            await stream.aclose()  # type: ignore[attr-defined]  # every responder is an async generator
        if sources is None or not feed.text.strip():
            raise ResponderBroken("The responder's answer was empty.")
        return sources

    async def _finish(
        self, claim: Claim, feed: Feed, sources: list[Source], error: tuple[str, str, bool], had_failed: bool
    ) -> Claim | None:
        message_id = new_id()
        data: dict[str, Any] = {"author": "responder"}
        if sources:
            data["sources"] = [msgspec.to_builtins(source) for source in sources]
        self._finishing.add(claim.reply_id)
        for remaining in reversed(range(FINISH_TRIES)):
            try:
                finished = await store.finish(
                    claim,
                    text=feed.text,
                    data=data,
                    message_id=message_id,
                    error=error,
                    responder_had_failed=had_failed,
                )
                break
            except DATABASE_TROUBLE:
                if not remaining:
                    logger.warning("reply %s could not be finished: no database", claim.reply_id)
                    return None
                await asyncio.sleep(TICK_SECONDS)
        if finished.outcome == "sent" and finished.published_at is not None:
            created_at = store.timestamp(finished.published_at)
            message = PublishedMessage(str(message_id), "assistant", "message", feed.text, data, created_at)
            feed.held = False
            feed.close("sent", message=message)
        elif finished.outcome != "fenced":
            feed.close(finished.outcome, error=error)
        return finished.next

    # Delivery and use

    def note_delivery(self, reply_id: UUID) -> None:
        """The terminal event of a reply reached a client; the clock writes it down, together with others."""
        self.delivered.add(reply_id)

    def write_deliveries_soon(self) -> None:
        """Does not wait for the clock, so that other processes know before the customer says the same again."""
        if self._delivering is None or self._delivering.done():
            self._delivering = asyncio.create_task(self._write_deliveries())

    async def _write_deliveries(self) -> None:
        while batch := set(self.delivered):
            try:
                await store.mark_delivered(list(batch))
            except DATABASE_TROUBLE:
                return  # they stay in `delivered`, and the clock tries again
            self.delivered -= batch

    def note_use(self, token_id: UUID) -> None:
        """A token was used; its row says so at most once a minute."""
        now = monotonic()
        if now - self._used_tokens.get(token_id, -TOKEN_USE_SECONDS) >= TOKEN_USE_SECONDS:
            self._used_tokens[token_id] = now
            self._tokens_to_mark.add(token_id)

    # The clock

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                await self._tick()
            except DATABASE_TROUBLE:
                logger.warning("the database cannot be reached; trying again")
            except Exception:
                logger.exception("the runner's clock stumbled; going on")

    async def _wake_for_ever(self) -> None:
        """Beside the clock, which may have to wait for the database: heartbeats go on meanwhile."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._wake_who_is_due()

    async def _tick(self) -> None:
        await self._renew()
        await self._watch()
        if monotonic() - self._tokens_checked_at >= TOKEN_CHECK_SECONDS:
            await self._check_tokens()
        for claim in await store.take_over(TAKE_OVER_AT_ONCE):
            self.generate(claim)
        for claim in await store.start_left_behind(TAKE_OVER_AT_ONCE):
            self.generate(claim)
        if self._tokens_to_mark:
            used, self._tokens_to_mark = self._tokens_to_mark, set()
            await store.mark_used(list(used))
        if self.delivered:
            await self._write_deliveries()
        for feed in list(self.feeds.values()):
            self.release(feed)
        await self.requests.write()

    async def _renew(self) -> None:
        """Keeps the leases of what is generated here, and stops what is not ours any more."""
        claims = list(self._claims.values())
        if not claims:
            return
        progress = [(claim.reply_id, claim.attempt, self.feeds[claim.reply_id].text) for claim in claims]
        ours = await store.renew(progress)
        for claim in claims:
            is_finishing = claim.reply_id in self._finishing
            if claim.reply_id not in ours and self._claims.get(claim.reply_id) is claim and not is_finishing:
                self._tasks[claim.reply_id].cancel()

    async def _watch(self) -> None:
        """Follows what other processes, and people, do with the replies that are read here."""
        watched = [
            (feed.reply_id, feed.attempt, feed.length, feed.status)
            for feed in self.feeds.values()
            if not feed.is_produced_here and not feed.has_ended
        ]
        if not watched:
            return
        for state in await store.changed_replies(watched):
            feed = self.feeds.get(state.reply_id)
            if feed is not None and not feed.is_produced_here:
                feed.follow(state)

    async def _check_tokens(self) -> None:
        """Ends the streams whose token has expired or was revoked, or whose account was retired, since they opened."""
        self._tokens_checked_at = monotonic()
        readers = [reader for feed in self.feeds.values() for reader in feed.readers]
        if not readers:
            return
        working = await store.working_tokens({reader.token_id for reader in readers})
        for reader in readers:
            if reader.token_id not in working:
                reader.shut_out()

    def _wake_who_is_due(self) -> None:
        now = monotonic()
        for feed in list(self.feeds.values()):
            for reader in feed.readers:
                if reader.due <= now:
                    reader.wake(is_due=True)


def _request(context: Context) -> ReplyRequest:
    settings = ResponderSettings(
        kind=context.kind,
        instructions=context.instructions,
        base_url=context.base_url,
        model=context.model,
        api_key=secrets.decrypt(context.api_key) if context.api_key else "",
        temperature=context.temperature,
        max_tokens=context.max_tokens,
    )
    return ReplyRequest(
        settings=settings, turns=context.turns, articles=context.articles, conversation_id=context.external_id
    )
