"""Restarts in good order, as for an update."""

import asyncio

from tests.faults import versions
from tests.faults.bursts import until_all_show
from tests.faults.scenario import scenario
from tests.faults.servers import Server
from tests.faults.world import World
from tests.ground.relay import Relay, at_port

STREAMS = 100
STREAMS_OF_EACH_STEP = 15


@scenario("rolling restart of two servers under 100 open streams", is_long=True, seconds=2.0)
async def rolling_restart(world: World, runs: int) -> None:
    servers = [world.server(), world.server()]
    async with Relay(*(at_port(server.port) for server in servers)) as balancer:
        await asyncio.gather(*(server.start() for server in servers))
        for _ in range(runs):
            sends = await world.send(f"http://127.0.0.1:{balancer.port}", STREAMS)
            await until_all_show(sends, "accepted")
            for server in servers:
                await server.stop()
                await server.start()
            await world.settle(sends, servers[0].url)


@scenario(
    "two servers of the version before, replaced in turn by this one and back again",
    is_long=True,
    needs=versions.missing,
    seconds=2.0,
)
async def two_versions(world: World, runs: int) -> None:
    """The tables are those of this version, as in an update: migrate first, then replace the servers."""
    before = await asyncio.to_thread(versions.before)
    old = [world.server(directory=before), world.server(directory=before)]
    new = [world.server(), world.server()]
    async with Relay(*(at_port(server.port) for server in [*old, *new])) as balancer:
        await asyncio.gather(*(server.start() for server in old))
        for _ in range(runs):
            for leaving, coming in (*zip(old, new, strict=True), *zip(new, old, strict=True)):
                await _replace_under_streams(world, balancer, leaving, coming)


async def _replace_under_streams(world: World, balancer: Relay, leaving: Server, coming: Server) -> None:
    sends = await world.send(f"http://127.0.0.1:{balancer.port}", STREAMS_OF_EACH_STEP)
    await until_all_show(sends, "accepted")
    await coming.start()
    await leaving.stop()
    await world.settle(sends, coming.url)
