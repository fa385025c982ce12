"""What agents decided is carried out once, whoever is left to do it."""

import asyncio

from tests.faults.bursts import CONVERSATIONS, until_all_show
from tests.faults.scenario import scenario
from tests.faults.world import World
from tests.ground.relay import Relay, at_port

DECIDE = """
UPDATE conversations_reply
SET decision = 'send', outgoing = text, release_at = clock_timestamp() + make_interval(secs => random())
WHERE status = 'awaiting_approval' AND decision = ''
"""


@scenario("kill -9 of one of two servers while approved drafts wait for their release")
async def decisions(world: World, runs: int) -> None:
    world.mode = "manual"
    servers = [world.server(), world.server()]
    async with Relay(*(at_port(server.port) for server in servers)) as balancer:
        await asyncio.gather(*(server.start() for server in servers))
        for _ in range(runs):
            sends = await world.send(f"http://127.0.0.1:{balancer.port}", CONVERSATIONS)
            await until_all_show(sends, "pending")
            await world.execute(DECIDE)
            await asyncio.sleep(world.random.uniform(0, 2))
            fallen = world.random.choice(servers)
            fallen.kill()
            await fallen.start()
            await world.settle(sends, servers[0].url)
