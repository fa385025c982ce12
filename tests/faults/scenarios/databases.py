"""The database goes away: killed and recovered, or out of reach."""

import asyncio

from tests.faults.bursts import burst
from tests.faults.scenario import scenario
from tests.faults.sends import Send
from tests.faults.world import World
from tests.ground.relay import Relay, at_socket

OUTAGE_SECONDS = 10.0


@scenario(
    "kill -9 of PostgreSQL in the middle of streams, started again up to 3 s later", is_long=True, has_own_postgres=True
)
async def killed_postgres(world: World, runs: int) -> None:
    server = world.server()
    await server.start()
    for _ in range(runs):
        sends = await burst(world, server.url)
        await asyncio.sleep(world.random.uniform(0.1, 1.2))
        world.ground.postgres.kill()
        await asyncio.sleep(world.random.uniform(0, 3))
        await world.ground.postgres.start_again()
        await world.settle(sends, server.url)


@scenario("connections to the database refused for 10 s, in the middle of streams", is_long=True)
async def unreachable_database(world: World, runs: int) -> None:
    postgres = world.ground.postgres
    async with Relay(at_socket(postgres.socket)) as wire:
        servers = [world.server(DATABASE_URL=postgres.through(wire.port, world.database)) for _ in range(2)]
        await asyncio.gather(*(server.start() for server in servers))
        for _ in range(runs):
            sends = [send for server in servers for send in await burst(world, server.url)]
            await asyncio.sleep(world.random.uniform(0, 1.2))
            await wire.refuse()
            late = asyncio.create_task(_send_meanwhile(world, servers[0].url))
            await asyncio.sleep(OUTAGE_SECONDS)
            await wire.accept()
            await world.settle([*sends, *await late], servers[1].url)


async def _send_meanwhile(world: World, server: str) -> list[Send]:
    await asyncio.sleep(world.random.uniform(0, OUTAGE_SECONDS - 1))
    return await world.send(server, 2)
