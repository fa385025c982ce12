"""What the runner of a process owes the streams that it feeds, whatever the database and the other requests do."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime

import psycopg
import pytest

from conversations import store
from conversations.api import sse
from conversations.api.sse import Stream
from conversations.making import runner as runner_module
from conversations.making.feed import Feed, Reader
from conversations.making.position import Position
from conversations.making.runner import Runner
from conversations.making.sending import Sent
from conversations.store import database
from workspaces.tenancy import new_id


def test_a_stream_reads_the_live_feed_when_its_own_was_forgotten_and_replaced() -> None:
    async def replaced() -> Feed:
        running, reply_id = Runner(), new_id()
        forgotten = Feed(reply_id, status="awaiting_approval", attempt=1, held=True)
        live = Feed(reply_id, status="awaiting_approval", attempt=1, held=True)
        sent = Sent("c", "m", "r", forgotten, Position(reply_id, 1), goes_on=True, accepted_at=None)
        stream = Stream(running, sent, token_id=new_id())
        running.feeds[reply_id] = live
        blocks = stream.blocks()
        async with aclosing(blocks):  # type: ignore[type-var]  # an async generator
            await anext(blocks)
            assert live.readers == {stream.reader}
        return stream.reader.feed

    assert asyncio.run(replaced()).status == "awaiting_approval"


def test_a_repetition_that_is_quicker_than_the_first_request_reads_the_same_feed() -> None:
    async def taken() -> None:
        running, reply_id = Runner(), new_id()
        repetition = running.feeds[reply_id] = Feed(reply_id, status="queued", attempt=0, held=False)
        accepted = store.Accepted(
            outcome="created",
            conversation_id=new_id(),
            external_id="customer-42",
            message_id=new_id(),
            created_at=datetime.now(UTC),
            reply_id=reply_id,
            status="queued",
            attempt=0,
            held=False,
            context=None,
        )
        assert running.feeds.of_new(accepted) is repetition

    asyncio.run(taken())


def test_heartbeats_go_on_while_the_clock_waits_for_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_module, "TICK_SECONDS", 0.01)

    async def hang(_self: Runner) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Runner, "_tick", hang)
    monkeypatch.setattr(Runner, "_save", hang)
    monkeypatch.setattr(Runner, "_start_waiting", hang)

    async def woken() -> bool:
        running = Runner()
        running.start()
        feed = running.feeds.setdefault(new_id(), Feed(new_id(), status="queued", attempt=0, held=False))
        reader = Reader(feed, token_id=new_id())
        reader.join()
        await asyncio.sleep(0.05)
        try:
            return await asyncio.wait_for(reader.wait(seconds=0.01), 2)
        finally:
            for task in running._tasks:
                task.cancel()

    assert asyncio.run(woken())
    assert sse.HEARTBEAT_SECONDS + 1 < 15


@pytest.mark.alone
def test_the_database_is_found_again_soon_after_a_long_outage(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """Left alone, the pool doubles its waits: after eight seconds of outage the next try would be eight later."""
    reachable, nowhere = database._address(), database._address() | {"host": "/nowhere"}
    monkeypatch.setattr(database, "WAIT_SECONDS", 1.0)

    async def seconds_to_recover() -> float:
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(database, "_address", lambda: nowhere)
        try:
            down_until = loop.time() + 8
            while loop.time() < down_until:
                with pytest.raises(psycopg.OperationalError):
                    await database.fetch("SELECT 1")
            database.api.pools[loop].kwargs = reachable | {"autocommit": True}
            back = loop.time()
            while True:
                try:
                    await database.fetch("SELECT 1")
                except psycopg.OperationalError:
                    continue
                return loop.time() - back
        finally:
            await database.close()

    assert asyncio.run(seconds_to_recover()) < 4
