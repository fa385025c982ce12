"""Events between processes: through Redis where there is one, and never at anybody's cost where it is gone.

Each layer here stands for a process.
"""

import asyncio
import logging
import time
from contextlib import suppress

import pytest
from asgiref.sync import async_to_sync
from redis.asyncio import Redis as Client

from lumika import channel_layer
from lumika.channel_layer import SharedLayer
from tests.ground.redis import Redis
from tests.machine import needs

EVENT = {"type": "conversations.changed", "ids": ["42"]}
MISSED = {"type": "events.missed"}


@pytest.fixture
def redis():
    with Redis() as server:
        yield server


@pytest.fixture
async def processes():
    """``processes(url)`` makes a layer."""
    layers = []

    def make(url):
        layers.append(SharedLayer(url=url))
        return layers[-1]

    yield make
    for layer in layers:
        await layer.close()


@pytest.fixture
def process_apart():
    """``hear = process_apart(url)``: a layer in an event loop of its own, which runs while ``hear()`` waits."""
    with asyncio.Runner() as loop:
        layers = []

        def make(url):
            layers.append(SharedLayer(url=url))
            channel = loop.run(member(layers[0], "home"))
            loop.run(arrives(SharedLayer(url=url), layers[0], channel))
            return lambda: loop.run(heard(layers[0], channel))

        yield make
        for layer in layers:
            loop.run(layer.close())


@pytest.fixture
def swift(monkeypatch):
    """An impatient layer, so that outages pass quickly."""
    for name in ("RETRY_SECONDS", "RECONNECT_SECONDS", "QUIET_SECONDS"):
        monkeypatch.setattr(channel_layer, name, 0.1)


async def member(layer, *groups):
    """A new channel of these groups."""
    channel = await layer.new_channel()
    for group in groups:
        await layer.group_add(group, channel)
    return channel


async def heard(layer, channel, *, seconds=10.0):
    return await asyncio.wait_for(layer.receive(channel), seconds)


async def hear_out(layer, channel):
    """Whatever is still on its way."""
    with suppress(TimeoutError):
        while True:
            await heard(layer, channel, seconds=0.5)


async def arrives(sender, layer, channel, group="home"):
    """Sends until it arrives: a layer needs a moment to find Redis."""
    async with asyncio.timeout(15):
        while True:
            await sender.group_send(group, EVENT)
            try:
                return await heard(layer, channel, seconds=0.2) == EVENT
            except TimeoutError:
                pass


@needs("redis")
async def test_an_event_reaches_the_same_group_in_all_processes(redis, processes):
    one, two = processes(redis.url), processes(redis.url)
    here, there, elsewhere = await member(one, "home"), await member(two, "home"), await member(two, "other")
    assert await arrives(one, two, there)
    assert await heard(one, here) == EVENT
    for layer, channel in ((one, here), (two, there)):
        await hear_out(layer, channel)

    await two.group_send("other", EVENT | {"ids": ["43"]})

    assert await heard(two, elsewhere) == EVENT | {"ids": ["43"]}
    for layer, channel in ((one, here), (two, there)):
        with pytest.raises(TimeoutError):
            await heard(layer, channel, seconds=0.3)


@needs("redis")
async def test_nobody_hears_an_event_twice(redis, processes):
    one = processes(redis.url)
    channel = await member(one, "home")
    two = processes(redis.url)
    assert await arrives(one, two, await member(two, "home"))
    await hear_out(one, channel)

    await one.group_send("home", EVENT)

    assert await heard(one, channel) == EVENT
    with pytest.raises(TimeoutError):
        await heard(one, channel, seconds=0.3)


@pytest.mark.alone
@needs("redis")
def test_code_without_an_event_loop_is_heard_too(redis, process_apart):
    hear = process_apart(redis.url)

    started = time.monotonic()
    for _ in range(3):
        async_to_sync(SharedLayer(url=redis.url).group_send)("home", EVENT)

    assert time.monotonic() - started < 1
    assert hear() == EVENT


@needs("redis")
async def test_garbage_of_others_is_passed_over(redis, processes):
    one, two = processes(redis.url), processes(redis.url)
    channel = await member(two, "home")
    assert await arrives(one, two, channel)
    stranger = Client.from_url(redis.url)

    for garbage in (
        "",
        "no json",
        "[]",
        "[1, 2]",
        '{"a": 1, "b": 2, "c": 3}',
        "42",
        "[1, 2, 3]",
        '["x", "home", 3]',
        '["x", [], {}]',
        '["x", "home", {}]',
    ):
        await stranger.publish(channel_layer.CHANNEL, garbage)
    await stranger.aclose()

    assert await arrives(one, two, channel)


@pytest.mark.alone
@pytest.mark.parametrize("trouble", ["killed", "frozen"])
@needs("redis")
async def test_nobody_waits_for_a_redis_that_is_gone(redis, processes, trouble):
    one, two = processes(redis.url), processes(redis.url)
    here, there = await member(one, "home"), await member(two, "home")
    assert await arrives(one, two, there)
    assert await heard(one, here) == EVENT
    {"killed": redis.kill, "frozen": redis.freeze}[trouble]()

    took = []
    for _ in range(50):
        started = time.monotonic()
        await one.group_send("home", EVENT)
        took.append(time.monotonic() - started)
        assert await heard(one, here) == EVENT

    assert max(took) < 1
    assert sum(took) < 2


@pytest.mark.alone  # a busy machine is an outage to this impatient layer
@needs("redis")
async def test_an_outage_is_logged_once_and_ends_with_a_catch_up(redis, processes, swift, caplog):
    caplog.set_level(logging.INFO, logger="lumika.live")
    one, two = processes(redis.url), processes(redis.url)
    channel = await member(two, "home")
    assert await arrives(one, two, channel)
    redis.kill()
    for _ in range(20):
        await two.group_send("home", EVENT)
        assert await heard(two, channel) == EVENT
        await asyncio.sleep(0.05)
    assert [record.levelname for record in caplog.records] == ["WARNING"] * len(caplog.records)
    assert len(caplog.records) <= 2  # one for each process
    assert "Redis cannot be reached" in caplog.text

    redis.start()

    assert await heard(two, channel, seconds=5) == MISSED
    assert await arrives(one, two, channel)
    assert [record.levelname for record in caplog.records].count("INFO") <= 2
    assert "Redis can be reached again" in caplog.text


@needs("redis")
async def test_a_connection_that_died_in_silence_is_noticed(redis, processes, swift):
    one, two = processes(redis.url), processes(redis.url)
    channel = await member(two, "home")
    assert await arrives(one, two, channel)
    redis.freeze()
    await asyncio.wait_for(_until(lambda: two._outage.is_fresh), 5)

    redis.thaw()

    assert await heard(two, channel, seconds=5) == MISSED
    assert await arrives(one, two, channel)


async def test_without_any_redis_a_process_hears_itself(processes, caplog):
    alone = processes("redis://127.0.0.1:9/0")
    channel = await member(alone, "home")

    for _ in range(3):
        await alone.group_send("home", EVENT)
        assert await heard(alone, channel) == EVENT

    assert len(caplog.records) == 1


async def _until(condition):
    while not condition():
        await asyncio.sleep(0.02)
