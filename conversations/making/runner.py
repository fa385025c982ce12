"""What works behind the streams of a process: one runner per event loop, owner of all its tasks, and its clock."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic
from weakref import WeakKeyDictionary

import psycopg
from django.conf import settings

from conversations import store
from conversations.making import tasks
from conversations.making.beat import Beat
from conversations.making.bookkeeping import Bookkeeping
from conversations.making.capacity import Capacity
from conversations.making.feed import Feed
from conversations.making.feeds import Feeds
from conversations.making.request_log import RequestLog
from conversations.making.token_check import TokenCheck
from conversations.making.writer import Writer
from conversations.models.reply_status import ReplyStatus
from conversations.store import Accepted, Account, Claim
from conversations.store.announcing import Announcer
from integrations.responders import http

logger = logging.getLogger("lumika.runner")

TICK_SECONDS = 1.0
WATCH_OFFSET_SECONDS = 0.06
AT_ONCE = 20
SORT_SECONDS = 5.0

_runners: WeakKeyDictionary[asyncio.AbstractEventLoop, "Runner"] = WeakKeyDictionary()


def runner() -> "Runner":
    """The runner of the running event loop, started at the first call. A process has one event loop that serves."""
    loop = asyncio.get_running_loop()
    found = _runners.get(loop)
    if found is None:
        assert not any(other.is_running() for other in _runners), "the runner works in another event loop"
        found = _runners[loop] = Runner()
        found.start()
    return found


def is_running() -> bool:
    return asyncio.get_running_loop() in _runners


async def close() -> None:
    """Ends the runner of this event loop, and gives its replies to other processes."""
    loop = asyncio.get_running_loop()
    if loop in _runners:
        await _runners[loop].close()
        del _runners[loop]  # not before: until then nothing that comes in begins another


class Runner:
    def __init__(self) -> None:
        self.feeds = Feeds()
        self.announcer = Announcer()
        self.capacity = Capacity()
        self.writer = Writer(self.feeds, self.announcer, self.capacity)
        self.bookkeeping = Bookkeeping()
        self.requests = RequestLog()
        self.is_draining = False
        self._beat = Beat()
        self._token_check = TokenCheck(self.feeds)
        self._tasks: list[asyncio.Task[None]] = []
        self._draining: asyncio.Task[None] | None = None

    def start(self) -> None:
        loops = (
            self._save_for_ever,
            self._tick_for_ever,
            self._wake_for_ever,
            self._start_for_ever,
            self._sort_for_ever,
        )
        self._tasks = [asyncio.create_task(loop()) for loop in loops]

    def drain(self) -> asyncio.Task[None]:
        """The process is to end: nothing new is begun, replies that are being written get their time of grace, and
        streams end, so that their clients go on elsewhere. The task ends when all that is done."""
        if self._draining is None:
            self.is_draining = True
            self._draining = asyncio.create_task(self._drain())
        return self._draining

    async def close(self) -> None:
        await tasks.end(self._tasks)
        await self.writer.close()
        await http.close()
        await self.bookkeeping.close()
        await self.requests.write()
        await self.announcer.close()

    def take(self, accepted: Accepted, account: Account) -> Feed:
        """The feed of a message that was just taken; its reply is written here if it was claimed."""
        feed = self.feeds.of_new(accepted)
        if accepted.status == ReplyStatus.GENERATING:
            claim = Claim(accepted.reply_id, accepted.conversation_id, account.workspace_id, accepted.attempt)
            self.writer.begin(claim, feed, accepted.context)
        self.announcer.note(workspace_id=account.workspace_id, conversation_id=accepted.conversation_id)
        return feed

    async def _drain(self) -> None:
        self._wake_readers()
        await self.writer.drain(settings.LUMIKA_GRACE_SECONDS)
        try:
            await self.writer.close()
        except psycopg.OperationalError:
            logger.warning("replies could not be handed back; others take them over when their leases run out")
        self._wake_readers()

    def _wake_readers(self) -> None:
        for reader in self.feeds.readers():
            reader.wake()

    async def _save_for_ever(self) -> None:
        while True:
            await self._beat.wait(offset=0, seconds=TICK_SECONDS)
            await _in_spite_of_trouble(self._save)

    async def _tick_for_ever(self) -> None:
        while True:
            await self._beat.wait(offset=WATCH_OFFSET_SECONDS, seconds=TICK_SECONDS)
            await _in_spite_of_trouble(self._tick)

    async def _start_for_ever(self) -> None:
        """Begins waiting replies, once a second and, while more wait than there is room for, whenever one ends."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.capacity.has_freed_place.wait(), TICK_SECONDS)
            self.capacity.has_freed_place.clear()
            await _in_spite_of_trouble(self._start_waiting)

    async def _wake_for_ever(self) -> None:
        """Beside the clock, which may have to wait for the database: heartbeats go on meanwhile."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = monotonic()
            for reader in self.feeds.readers():
                if reader.due <= now:
                    reader.wake(is_due=True)

    async def _sort_for_ever(self) -> None:
        """Beside the clock as well: on a large index it takes a while."""
        while True:
            await asyncio.sleep(SORT_SECONDS)
            await _in_spite_of_trouble(store.sort_words)

    async def _save(self) -> None:
        await self.writer.renew()
        await self._beat.learn()

    async def _tick(self) -> None:
        await self._watch()
        await self._release_decisions()
        await self._token_check.run()
        await self._take_over()
        await self.bookkeeping.write()
        self.feeds.release_idle()
        await self.requests.write()

    async def _release_decisions(self) -> None:
        """Carries out what agents decided, once it cannot be undone any more."""
        for _, conversation_id, workspace_id in await store.release_due(AT_ONCE):
            self.announcer.note(workspace_id=workspace_id, conversation_id=conversation_id)

    async def _watch(self) -> None:
        """Follows what other processes, and people, do with the replies that are read here."""
        if watched := self.feeds.watched():
            for state in await store.changed_replies(watched):
                self.feeds.follow(state)

    async def _take_over(self) -> None:
        """Goes on with what other processes left behind."""
        for claim in await store.take_over(min(AT_ONCE, self.capacity.places)):
            self.writer.begin(claim)
        for claim, finished in await store.end_stopped(AT_ONCE):
            self.announcer.note(workspace_id=claim.workspace_id, conversation_id=claim.conversation_id)
            if finished.next is not None:
                self.writer.begin(finished.next)

    async def _start_waiting(self) -> None:
        most = min(AT_ONCE, self.capacity.places)
        if not most:
            return
        claims = await store.start_waiting(most, written_here=self.capacity.written)
        self.capacity.has_backlog = len(claims) == most
        for claim in claims:
            self.writer.begin(claim)
        if self.capacity.has_backlog and self.capacity.places:
            self.capacity.has_freed_place.set()


async def _in_spite_of_trouble(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except psycopg.OperationalError:
        logger.warning("the database cannot be reached; trying again")
    except Exception:
        logger.exception("the runner's clock stumbled; going on")
