"""Redis goes away. It carries nothing that must not be lost, so nobody should notice."""

import asyncio
from functools import partial

from tests import machine
from tests.faults.bursts import burst
from tests.faults.scenario import scenario
from tests.faults.world import World
from tests.ground.redis import Redis
from tests.ground.relay import Relay, at_port

REDIS = partial(machine.missing, "redis")


@scenario("kill -9 of Redis in the middle of streams, started again up to 2 s later", needs=REDIS)
async def killed_redis(world: World, runs: int) -> None:
    with Redis() as cache:
        servers = [world.server(REDIS_URL=cache.url) for _ in range(2)]
        async with Relay(*(at_port(server.port) for server in servers)) as balancer:
            await asyncio.gather(*(server.start() for server in servers))
            for _ in range(runs):
                sends = await burst(world, f"http://127.0.0.1:{balancer.port}")
                await asyncio.sleep(world.random.uniform(0, 1.2))
                cache.kill()
                await asyncio.sleep(world.random.uniform(0, 2))
                await asyncio.to_thread(cache.start)
                await world.settle(sends, servers[0].url)


@scenario("SIGSTOP of Redis, and servers restarted while it is silent", needs=REDIS)
async def silent_redis(world: World, runs: int) -> None:
    with Redis() as cache:
        servers = [world.server(REDIS_URL=cache.url) for _ in range(2)]
        async with Relay(*(at_port(server.port) for server in servers)) as balancer:
            await asyncio.gather(*(server.start() for server in servers))
            for run in range(runs):
                sends = await burst(world, f"http://127.0.0.1:{balancer.port}")
                await asyncio.sleep(world.random.uniform(0, 1.2))
                cache.freeze()
                await servers[run % 2].stop()
                await servers[run % 2].start()
                cache.thaw()
                await world.settle(sends, servers[0].url)


@scenario("kill -9 of one of two servers with Redis on, and none after that", few=0, needs=REDIS)
async def killed_server_with_redis(world: World, runs: int) -> None:
    with Redis() as cache:
        servers = [world.server(REDIS_URL=cache.url) for _ in range(2)]
        async with Relay(*(at_port(server.port) for server in servers)) as balancer:
            await asyncio.gather(*(server.start() for server in servers))
            for run in range(runs):
                if run == runs // 2:
                    cache.kill()
                sends = await burst(world, f"http://127.0.0.1:{balancer.port}")
                await asyncio.sleep(world.random.uniform(0, 1.2))
                fallen = world.random.choice(servers)
                fallen.kill()
                await fallen.start()
                await world.settle(sends, servers[0].url)
