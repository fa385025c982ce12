"""Restarts in good order, as for an update."""

import asyncio

from tests.faults.bursts import until_all_show
from tests.faults.relay import Relay, at_port
from tests.faults.scenario import scenario
from tests.faults.world import World

STREAMS = 100


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
