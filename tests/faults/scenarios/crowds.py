"""Clients that do not read, and clients that go away: what they cost the server and the others."""

import asyncio
import socket
import statistics
from pathlib import Path
from time import monotonic

from tests.faults.bursts import until_all_show
from tests.faults.invariants import Breach
from tests.faults.scenario import scenario
from tests.faults.sends import Send
from tests.faults.servers import Server
from tests.faults.world import World
from tests.ground.processes import open_sockets, resident_kilobytes
from tests.ground.provider import Answer

PRELOAD = str(Path(__file__).parents[1] / "preload")
PIECES = 33_000
LONG = Answer(deltas=tuple(f"{number % 100:02} " for number in range(PIECES)))
"""As many characters as a reply may have; more than 5 MB if each piece went out on its own."""
KILOBYTES_A_READER = 6_000
LATE_SECONDS = 0.25
WAVE = 50
KILOBYTES_A_STREAM = 4
DISCONNECTS_NEED = 1_000


@scenario("a reader that never reads a reply of 5 MB; others are served meanwhile", is_measured=True)
async def stalled_reader(world: World, runs: int) -> None:
    server = world.server()
    await server.start()
    await world.settle(await world.send(server.url, 10), server.url)
    (worker,) = server.workers
    before = resident_kilobytes(worker)
    stalled: list[socket.socket] = []
    polls: list[float] = []
    for run in range(runs):
        world.model.script_once(LONG)
        (silent,) = await _note_one(world, server, f"{world.name}-stalled-{run}")
        stalled.append(_ask_and_never_read(server, silent))
        others = await world.send(server.url, 5)
        polls += await _polls(world, server, 20)
        await world.settle(others, server.url)
    grown = resident_kilobytes(worker) - before
    for each in stalled:
        each.close()
    world.notes.append(f"{grown / runs / 1024:.1f} MB a reader, {statistics.median(polls) * 1000:.0f} ms a poll")
    if grown > KILOBYTES_A_READER * runs:
        world.breaches.append(Breach("broken", "memory is bounded", f"{grown} KB for {runs} stalled readers"))
    if statistics.median(polls) > LATE_SECONDS:
        world.breaches.append(Breach("broken", "others are served", f"{statistics.median(polls):.2f} s a poll"))


@scenario("1,000 disconnects in the middle: connections, tasks and memory afterwards", is_measured=True)
async def disconnects(world: World, runs: int) -> None:
    """In waves of 50, after two waves to warm up."""
    tasks = world.ground.directory / "tasks"
    tasks.mkdir(exist_ok=True)
    server = world.server(PYTHONPATH=PRELOAD, LUMIKA_FAULTS_TASKS=str(tasks))
    await server.start()
    (worker,) = server.workers
    for _ in range(2):
        await _leave_in_the_middle(world, server)
    sockets, kilobytes, running = open_sockets(worker), resident_kilobytes(worker), await _tasks_of(worker, tasks)
    for _ in range(runs):
        await _leave_in_the_middle(world, server)
    more_sockets = open_sockets(worker) - sockets
    more_tasks = await _tasks_of(worker, tasks) - running
    grown = resident_kilobytes(worker) - kilobytes
    world.notes.append(f"{more_sockets:+} sockets, {more_tasks:+} tasks, {grown / 1024:+.1f} MB")
    if more_sockets > 12 or more_tasks > 5:
        world.breaches.append(Breach("broken", "nothing stays behind", f"{more_sockets} sockets, {more_tasks} tasks"))
    if grown > KILOBYTES_A_STREAM * max(runs * WAVE, DISCONNECTS_NEED):
        world.breaches.append(Breach("broken", "memory does not grow", f"{grown} KB"))


async def _leave_in_the_middle(world: World, server: Server) -> None:
    """Streams that are cut at any moment; their replies are finished all the same."""
    sends = await world.send(server.url, WAVE)
    await until_all_show(sends, "accepted")
    await asyncio.sleep(world.random.uniform(0, 0.8))
    for send in sends:
        await send.leave()
    await world.settle([], server.url)


async def _tasks_of(worker: int, directory: Path) -> int:
    reader, writer = await asyncio.open_unix_connection(str(directory / f"{worker}.tasks"))
    answer = await reader.read()
    writer.close()
    return int(answer)


async def _note_one(world: World, server: Server, conversation: str) -> list[Send]:
    send = Send(server.url, world.token, f"Question {len(world.sends) + 1} of {world.name}", conversation)
    world.sends.append(send)
    await world.note([send])
    return [send]


def _ask_and_never_read(server: Server, send: Send) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", server.port))
    target = send.url.removeprefix(server.url)
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return connection


async def _polls(world: World, server: Server, number: int) -> list[float]:
    """Seconds that each of so many history polls took."""
    taken = []
    for _ in range(number):
        asked = monotonic()
        found = await world.history_breaches(server.url, f"{world.name}-1")
        assert not found, found
        taken.append(monotonic() - asked)
    return taken
