"""The same message many times at once, and many messages at once in one conversation."""

import asyncio

from tests.faults.scenario import scenario
from tests.faults.sends import Send
from tests.faults.world import PATIENCE, World
from tests.ground.relay import Relay, at_port

SENDERS = 50
CROWD = 25


@scenario("50 sends at once with one clientMessageId, on two servers")
async def one_key(world: World, runs: int) -> None:
    servers = [world.server(), world.server()]
    async with Relay(*(at_port(server.port) for server in servers)) as balancer:
        await asyncio.gather(*(server.start() for server in servers))
        for run in range(runs):
            named = f"{world.name}-{run}" if run % 2 else None
            sends = [
                Send(
                    f"http://127.0.0.1:{balancer.port}",
                    world.token,
                    f"Run {run} of {world.name}",
                    named,
                    key=f"{world.name}-{run:08}",
                    patience=PATIENCE,
                )
                for _ in range(SENDERS)
            ]
            world.sends += sends
            for send in sends:
                send.begin()
            await asyncio.gather(*(send.until_over(30) for send in sends))
            ids = {event["conversationId"] for send in sends for event in send.shown if event["type"] == "accepted"}
            assert len(ids) == 1, f"the senders were given {len(ids)} conversations"
            for send in sends:
                send.conversation = next(iter(ids))
            await world.note(sends[:1])
            await world.settle(sends, servers[0].url)


@scenario("25 messages at once in one conversation, on two servers")
async def crowd(world: World, runs: int) -> None:
    servers = [world.server(), world.server()]
    world.model.seconds = 0.2
    async with Relay(*(at_port(server.port) for server in servers)) as balancer:
        await asyncio.gather(*(server.start() for server in servers))
        for run in range(runs):
            url = f"http://127.0.0.1:{balancer.port}"
            sends = await world.send(url, CROWD, conversation=f"{world.name}-{run}", keyed=True)
            await world.settle(sends, servers[0].url)
