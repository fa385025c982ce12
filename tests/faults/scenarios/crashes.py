"""Processes that die: SIGKILL at any moment, and at every named point of the code."""

import asyncio

from conversations.making.crash_points import POINTS
from tests.faults.bursts import CONVERSATIONS, burst
from tests.faults.scenario import scenario
from tests.faults.servers import Server
from tests.faults.world import World
from tests.ground.waiting import until


@scenario("kill -9 of the server and its worker, at any moment")
async def killed_server(world: World, runs: int) -> None:
    server = world.server()
    await server.start()
    for _ in range(runs):
        sends = await burst(world, server.url)
        await asyncio.sleep(world.random.uniform(0, 1.5))
        server.kill()
        await server.start()
        await world.settle(sends, server.url)


@scenario("kill -9 of one of two workers, at any moment", few=0)
async def killed_worker(world: World, runs: int) -> None:
    server = world.server(workers=2)
    async with server.kept_up():
        for _ in range(runs):
            sends = await burst(world, server.url)
            await asyncio.sleep(world.random.uniform(0, 1.5))
            server.kill_worker(world.random)
            await world.settle(sends, server.url)


@scenario("kill -9 of one of two workers, at every named point in turn", runs=21, few=7)
async def every_point(world: World, runs: int) -> None:
    server = world.server(workers=2)
    async with server.kept_up():
        for run in range(runs):
            await _die(world, server, POINTS[run % len(POINTS)])


def _dies_at(point: str) -> None:
    @scenario(f"kill -9 {point.replace('-', ' ')}", name=point.replace("-", "_"), few=0)
    async def dies(world: World, runs: int) -> None:
        server = world.server()
        async with server.kept_up():
            for _ in range(runs):
                await _die(world, server, point)


async def _die(world: World, server: Server, point: str) -> None:
    server.arm(point, world.random.randint(1, CONVERSATIONS // 2))
    sends = await burst(world, server.url)
    await until(lambda: server.has_sprung, what=f"a process dies {point}")
    await world.settle(sends, server.url)


for _point in POINTS:
    _dies_at(_point)
