"""Workers that were given up and come back: frozen beyond their lease, they must not write any more."""

import asyncio
import signal

from tests.faults.bursts import CONVERSATIONS, burst
from tests.faults.scenario import scenario
from tests.faults.world import LEASE_SECONDS, World
from tests.ground.waiting import until


@scenario("SIGSTOP beyond the lease, then SIGCONT, at any moment")
async def frozen(world: World, runs: int) -> None:
    first, second = world.server(), world.server()
    await asyncio.gather(first.start(), second.start())
    for _ in range(runs):
        sends = await burst(world, first.url)
        await asyncio.sleep(world.random.uniform(0, 1.2))
        first.send(signal.SIGSTOP)
        await asyncio.sleep(LEASE_SECONDS + world.random.uniform(0.5, 2.5))
        first.send(signal.SIGCONT)
        await world.settle(sends, second.url)


@scenario("SIGSTOP right before the finish; SIGCONT while the next owner generates, or after it has sent")
async def frozen_before_finish(world: World, runs: int) -> None:
    stale, other = world.server(), world.server()
    await asyncio.gather(stale.start(), other.start())
    for run in range(runs):
        stale.arm("before-finish", world.random.randint(1, CONVERSATIONS), name="STOP")
        sends = await burst(world, stale.url)
        await until(lambda: stale.has_sprung, what="the worker is frozen")
        await _until_taken_over(world, owner_has_sent=bool(run % 2))
        stale.send(signal.SIGCONT)
        await world.settle(sends, other.url)


async def _until_taken_over(world: World, *, owner_has_sent: bool) -> None:
    """No reply is the frozen worker's any more. Its next owner is in the same state as it, or has gone on."""
    seen = await world.until(
        "SELECT count(*) = 0 FROM conversations_reply WHERE status = 'generating' AND lease_expires_at < now()"
    )
    assert seen, "nobody took over"
    if owner_has_sent:
        quiet = await world.until("SELECT count(*) = 0 FROM conversations_reply WHERE status = 'generating'")
        assert quiet, "the next owner did not finish"
