"""The figures: whole turns, history polls, time to the first delta, memory per open stream."""

import asyncio
import math
import time
from contextlib import AsyncExitStack

from . import contenders, databases, servers
from .contenders import Contender, Running
from .load import Client, Sample, WrongAnswerError, load, polling, turn

WARM_UP_SECONDS = 1.0
SETTLE_SECONDS = 0.5
HELD_STREAMS = 300
HELD_DELAY = 2.0
OPENED_AT_ONCE = 10

Figures = dict[str, float]


async def turns(running: Running, clients: int, seconds: float) -> Figures:
    """Whole turns per second, with both messages found in the database afterwards, and the first deltas of many."""
    async with AsyncExitStack() as stack:
        connected = await _connect(stack, running, clients)
        await load(connected, WARM_UP_SECONDS, turn)
        before = databases.count(running.database_url, running.contender.message_table)
        sample = await load(connected, seconds, turn)
    stored = databases.count(running.database_url, running.contender.message_table) - before
    if stored != 2 * sample.done:
        raise WrongAnswerError(f"{running.contender.name} stored {stored} messages in {sample.done} turns")
    return {
        "turns_per_second": sample.rate,
        "partials_per_turn": sample.partials / sample.done,
        "load_cpu_share": sample.cpu_seconds / sample.seconds,
        **_first_deltas("many", sample),
    }


async def first(running: Running, _clients: int, seconds: float) -> Figures:
    """Time to the first delta of a client that has the server to itself."""
    async with AsyncExitStack() as stack:
        connected = await _connect(stack, running, 1)
        await load(connected, WARM_UP_SECONDS / 2, turn)
        return _first_deltas("one", await load(connected, seconds / 2, turn))


async def polls(running: Running, clients: int, seconds: float) -> Figures:
    """History polls per second: the two newest of 200 messages, by cursor."""
    async with AsyncExitStack() as stack:
        connected = await _connect(stack, running, clients)
        poll = await polling(connected[0])
        await load(connected, WARM_UP_SECONDS, poll)
        return {"polls_per_second": (await load(connected, seconds, poll)).rate}


async def memory(contender: Contender, database_url: str, slow_provider_url: str) -> Figures:
    """Growth of resident memory per open stream, on a server that was just started and then warmed."""
    with contenders.serving(contender, database_url, slow_provider_url) as running:
        async with AsyncExitStack() as stack:
            await _hold(stack, running, OPENED_AT_ONCE)
            await asyncio.sleep(SETTLE_SECONDS)
            before = servers.resident_kb(running.pid)
            started = time.perf_counter()
            await _hold(stack, running, HELD_STREAMS)
            await asyncio.sleep(SETTLE_SECONDS)
            grown = servers.resident_kb(running.pid) - before
        return {"kb_per_stream": grown / HELD_STREAMS, "seconds_to_open": time.perf_counter() - started}


ON_RUNNING_SERVERS = {"turns": turns, "polls": polls, "first": first}


async def _connect(stack: AsyncExitStack, running: Running, clients: int) -> list[Client]:
    return [await stack.enter_async_context(Client(running.port, running.token)) for _ in range(clients)]


async def _hold(stack: AsyncExitStack, running: Running, streams: int) -> None:
    """Opens so many streams, all of them at their first delta; they stay open as long as the stack."""
    async with asyncio.TaskGroup() as group:
        for number, client in enumerate(await _connect(stack, running, streams)):
            group.create_task(client.hold())
            if number % OPENED_AT_ONCE == 0:
                await asyncio.sleep(0.05)


def _first_deltas(clients: str, sample: Sample) -> Figures:
    ordered = sorted(sample.first_deltas)
    return {
        f"first_delta_ms_{clients}_p{percent}": 1000 * ordered[math.ceil(len(ordered) * percent / 100) - 1]
        for percent in (50, 99)
    }
