"""A host whose clock is wrong by an hour: leases and times of messages are by the database's clock."""

import asyncio
from pathlib import Path

from tests.faults.bursts import burst
from tests.faults.invariants import Breach
from tests.faults.scenario import scenario
from tests.faults.world import World
from tests.ground.relay import Relay, at_port

PRELOAD = str(Path(__file__).parents[1] / "preload")
HOUR = 3600


@scenario("clocks an hour ahead and an hour behind on two servers, one of which dies by kill -9")
async def wrong_clocks(world: World, runs: int) -> None:
    servers = [world.server(PYTHONPATH=PRELOAD, LUMIKA_FAULTS_CLOCK=str(seconds)) for seconds in (HOUR, -HOUR)]
    async with Relay(*(at_port(server.port) for server in servers)) as balancer:
        await asyncio.gather(*(server.start() for server in servers))
        for _ in range(runs):
            sends = await burst(world, f"http://127.0.0.1:{balancer.port}")
            await asyncio.sleep(world.random.uniform(0.2, 1.2))
            fallen = world.random.choice(servers)
            fallen.kill()
            await fallen.start()
            await world.settle(sends, servers[0].url)
    assert await _count(world, "uuid_extract_timestamp(id)") > 0, "the clocks were not wrong: no id has their time"
    if by_the_hour := await _count(world, "created_at"):
        world.breaches.append(Breach("broken", "messages have the time of the database", f"{by_the_hour} have not"))


async def _count(world: World, moment: str) -> int:
    """Messages for which this is half an hour off."""
    statement = f"SELECT count(*) FROM conversations_message WHERE abs(extract(epoch FROM {moment} - now())) > 1800"
    ((number,),) = await world.execute(statement)
    return int(number)
