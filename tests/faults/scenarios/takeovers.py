"""What a customer sees when another process goes on with a reply, and how soon."""

import asyncio

from tests.faults.bursts import until_all_show
from tests.faults.invariants import Breach
from tests.faults.scenario import scenario
from tests.faults.sends import Send
from tests.faults.servers import Server
from tests.faults.world import LEASE_SECONDS, PATIENCE, World
from tests.ground.event_source import EventSource
from tests.ground.relay import Relay, at_port
from tests.ground.waiting import until

STREAMS = 10
RESET_SECONDS = LEASE_SECONDS + 2.0
BEHIND_SECONDS = 1.2


@scenario(
    "kill -9 of one of two servers: reset and the whole text on the same EventSource", is_measured=True, is_long=True,
    seconds=3.0,
)  # fmt: skip
async def takeover(world: World, runs: int) -> None:
    """The clients wait for two seconds before they reconnect, as they are asked to."""
    servers = [world.server(), world.server()]
    waits: list[float] = []
    async with Relay(*(at_port(server.port) for server in servers)) as balancer:
        await asyncio.gather(*(server.start() for server in servers))
        for _ in range(runs):
            sends = await world.send(f"http://127.0.0.1:{balancer.port}", STREAMS, patience=1.0)
            await until_all_show(sends, "partial")
            await asyncio.sleep(world.random.uniform(0, 0.8))
            killed_at = asyncio.get_running_loop().time()
            fallen = world.random.choice(servers)
            fallen.kill()
            await world.settle(sends, next(server for server in servers if server is not fallen).url)
            waits += [event["at"] - killed_at for send in sends for event in send.shown if event["type"] == "reset"]
            await fallen.start()
    assert waits, "no stream was taken over"
    world.notes.append(f"reset after {max(waits):.1f} s at most")
    if max(waits) > RESET_SECONDS:
        world.breaches.append(Breach("broken", "a reply is taken over within the lease + 2 s", f"{max(waits):.1f} s"))


@scenario(
    "resumed on another server, the reply is followed live", few=0, is_measured=True, seconds=4.0, pieces=(80, 100)
)
async def followed(world: World, runs: int) -> None:
    """One client stays where the reply is made; another, with the same key, is cut and comes back elsewhere."""
    maker, other = world.server(), world.server()
    await asyncio.gather(maker.start(), other.start())
    async with Relay(at_port(maker.port)) as wire:
        behind = sorted([await _follow(world, maker, other, wire) for _ in range(runs)])
    world.notes.append(f"{behind[-1]:.1f} s behind at most, {behind[len(behind) // 2]:.1f} s in the middle")
    if behind[-1] > BEHIND_SECONDS:
        rule = f"a stream is at most {BEHIND_SECONDS} s behind"
        world.breaches.append(Breach("broken", rule, ", ".join(f"{seconds:.2f}" for seconds in behind)))


async def _follow(world: World, maker: Server, other: Server, wire: Relay) -> float:
    """Seconds that the client elsewhere was behind, at most."""
    wire.targets = [at_port(maker.port)]
    (near,) = await world.send(maker.url, keyed=True)
    far = EventSource(near.url.replace(maker.url, f"http://127.0.0.1:{wire.port}"), patience=PATIENCE)
    await until(lambda: far.events and '"partial"' in far.events[-1].data, what="both see the reply")
    wire.targets = [at_port(other.port)]
    wire.drop_connections()
    before = len(far.events)
    await until(lambda: len(far.events) > before, what="the stream goes on elsewhere")
    await world.settle([near], other.url)
    await asyncio.wait_for(far.closed.wait(), 20)
    distant = Send("", near.token, near.text, near.conversation, source=far)
    world.breaches += distant.breaches()
    return _most_behind(near, distant, since=far.events[before].at)


def _most_behind(near: Send, far: Send, *, since: float) -> float:
    """Seconds between the coming of a piece of text here and there, at most, for what came after that moment."""
    arrived = _lengths(far)
    waits = [
        next(at for at, reached in arrived if reached >= length) - at for at, length in _lengths(near) if at >= since
    ]
    return max(waits, default=0.0)


def _lengths(send: Send) -> list[tuple[float, int]]:
    """When how much text had been shown."""
    found, length = [], 0
    for event in send.shown:
        length = 0 if event["type"] == "reset" else length + len(event.get("delta", ""))
        found.append((event["at"], length))
    return found
