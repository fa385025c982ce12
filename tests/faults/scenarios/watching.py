"""However many streams follow replies that another process makes, each process asks once a second."""

import asyncio
import re

from tests.faults.bursts import until_all_show
from tests.faults.invariants import Breach
from tests.faults.scenario import scenario
from tests.faults.servers import Server
from tests.faults.world import World
from tests.ground.event_source import EventSource
from tests.ground.waiting import until

FEW, MANY = 10, 100
SECONDS = 4.0
WATCH = "AS v (id, attempt, known, status)"
"""In the statement of `changed_replies`, and in no other."""


@scenario(
    "one watch query a second in each process, with 10 and with 100 streams", has_own_postgres=True, is_long=True,
    seconds=9.0, runs=3, few=0,
)  # fmt: skip
async def watching(world: World, runs: int) -> None:
    await world.execute(f"ALTER DATABASE {world.database} SET log_statement = 'all'")
    await world.execute("ALTER SYSTEM SET log_line_prefix = '%a|'")
    await world.execute("SELECT pg_reload_conf()")
    maker, watcher = world.server(), world.server()
    await asyncio.gather(maker.start(), watcher.start())
    for _ in range(runs):
        for number in (FEW, MANY):
            asked = await _queries_a_second(world, maker, watcher, number)
            world.notes.append(f"{number} streams: {asked:.1f}/s")
            if asked > 1.25:
                world.breaches.append(Breach("broken", "a process watches once a second", f"{number}: {asked:.1f}"))
            if not asked:
                world.breaches.append(Breach("broken", "a process watches at all", f"{number} streams"))


async def _queries_a_second(world: World, maker: Server, watcher: Server, number: int) -> float:
    """Of the process that reads so many streams, whose replies are made by the other one."""
    sends = await world.send(maker.url, number, keyed=True)
    await until_all_show(sends, "accepted")
    sources = [EventSource(send.url.replace(maker.url, watcher.url)) for send in sends]
    await until(lambda: all(source.events for source in sources), what="all are watched")
    postgres = world.ground.postgres
    start = postgres.log.stat().st_size
    await asyncio.sleep(SECONDS)
    with postgres.log.open("rb") as log:
        log.seek(start)
        entries = re.split(r"\n(?!\t)", log.read().decode(errors="replace"))
    asked = sum(entry.startswith(f"{world.name}-1|") and WATCH in entry for entry in entries)
    for source in sources:
        await source.close()
    await world.settle(sends, maker.url)
    return asked / SECONDS
