"""The attempts of this process: begun, kept by renewing their leases, stopped, and handed to other processes."""

import asyncio
from uuid import UUID

from conversations import store
from conversations.making import tasks
from conversations.making.article_search import ArticleSearch
from conversations.making.attempt import Attempt
from conversations.making.capacity import Capacity
from conversations.making.feed import Feed
from conversations.making.feeds import Feeds
from conversations.models.reply_status import ReplyStatus
from conversations.store import Claim, Context
from conversations.store.announcing import Announcer


class Writer:
    def __init__(self, feeds: Feeds, announcer: Announcer, capacity: Capacity) -> None:
        self._feeds = feeds
        self._capacity = capacity
        self._announcer = announcer
        self._search = ArticleSearch()
        self._attempts: dict[UUID, Attempt] = {}

    def begin(self, claim: Claim, feed: Feed | None = None, context: Context | None = None) -> None:
        """Starts an attempt that this process holds the lease for; an older one that still runs here is given up."""
        if older := self._attempts.get(claim.reply_id):
            older.give_way()
        else:
            self._capacity.take_place(claim.workspace_id)
        feed = feed or self._feeds.get(claim.reply_id)
        if feed is None:
            feed = Feed(claim.reply_id, status=ReplyStatus.GENERATING.value, attempt=claim.attempt, held=True)
        self._feeds[claim.reply_id] = feed
        feed.is_produced_here = True
        attempt = self._attempts[claim.reply_id] = Attempt(claim, feed, context, search=self._search)
        attempt.task = asyncio.create_task(self._run(attempt))

    def stop(self, reply_id: UUID) -> None:
        """Ends an attempt with what it has written so far. One that is being ended anyway, or elsewhere, is left."""
        if attempt := self._attempts.get(reply_id):
            attempt.stop()

    async def renew(self) -> None:
        """Keeps the leases, and gives up what is not ours any more. Raises psycopg.OperationalError."""
        attempts = list(self._attempts.values())
        if not attempts:
            return
        progress = [(attempt.claim.reply_id, attempt.claim.attempt, attempt.feed.text) for attempt in attempts]
        ours = await store.renew(progress)
        for attempt, (reply_id, number, _) in zip(attempts, progress, strict=True):
            if attempt.is_over or attempt.is_committing or attempt.claim.attempt != number:
                continue  # it went on meanwhile
            if reply_id not in ours:
                attempt.task.cancel()
            elif ours[reply_id]:
                attempt.stop()

    async def drain(self, seconds: float) -> None:
        """Begins nothing new, and lets what runs go on for so long at most."""
        self._capacity.close()
        if running := [attempt.task for attempt in self._attempts.values()]:
            await asyncio.wait(running, timeout=seconds)

    async def close(self) -> None:
        """Gives everything up, and hands the leases to other processes."""
        self._capacity.close()
        attempts = list(self._attempts.values())
        await tasks.end(attempt.task for attempt in attempts)
        if attempts:
            await store.hand_back([attempt.claim for attempt in attempts])

    async def _run(self, attempt: Attempt) -> None:
        finished = None
        try:
            finished = await attempt.make()
        finally:
            if not attempt.is_over:
                self._forget(attempt)
        if finished is None:
            return
        self._announcer.note(workspace_id=attempt.claim.workspace_id, conversation_id=attempt.claim.conversation_id)
        if finished.next is not None and self._capacity.is_closed:
            await store.hand_back([finished.next])
        elif finished.next is not None:
            self.begin(finished.next)

    def _forget(self, attempt: Attempt) -> None:
        attempt.is_over = True
        del self._attempts[attempt.claim.reply_id]
        self._capacity.free_place(attempt.claim.workspace_id)
        attempt.feed.is_produced_here = False
        self._feeds.release(attempt.feed)
