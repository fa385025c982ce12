"""A network that breaks at any byte, under clients that we have not written."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Any

from tests.faults import browser_source, npm_source
from tests.faults.scenario import scenario
from tests.faults.sends import Send
from tests.faults.world import PATIENCE, World
from tests.ground.event_source import EventSource
from tests.ground.proxy import Cut, Proxy

AT_ONCE = 50
SECONDS = 60.0
BYTES = 4_000
"""The answers are about that long."""
FIRST_BLOCK = 40
"""Where a cut is likeliest to do harm: before and within the first event."""

Client = Callable[..., Awaitable[list[list[dict[str, Any]]]]]


@scenario("network cut at any byte, EventSource of Chromium", runs=100, few=10, needs=browser_source.missing)
async def cut_browser(world: World, runs: int) -> None:
    await _cut(world, runs, browser_source.shown)


@scenario("network cut at any byte, EventSource by the letter of the standard", runs=100, few=10)
async def cut_standard(world: World, runs: int) -> None:
    await _cut(world, runs, _standard)


@scenario("network cut at any byte, npm package eventsource", runs=100, few=10, needs=npm_source.missing)
async def cut_npm(world: World, runs: int) -> None:
    await _cut(world, runs, npm_source.shown)


async def _standard(urls: list[str], *, seconds: float) -> list[list[dict[str, Any]]]:
    sources = [EventSource(url, patience=PATIENCE) for url in urls]
    waiting = [asyncio.create_task(source.closed.wait()) for source in sources]
    await asyncio.wait(waiting, timeout=seconds)
    for source in sources:
        await source.close()
    return [[json.loads(event.data) | {"id": event.id} for event in source.events] for source in sources]


async def _cut(world: World, runs: int, client: Client) -> None:
    server = world.server()
    await server.start()
    came_true = 0
    for start in range(0, runs, AT_ONCE):
        sends = [_send(world) for _ in range(min(AT_ONCE, runs - start))]
        await world.note(sends)
        with ExitStack() as stack:
            wires = [stack.enter_context(Proxy(server.url, *_cuts(world))) for _ in sends]
            for send, wire in zip(sends, wires, strict=True):
                send.server = wire.url
            shown = await client([send.url for send in sends], seconds=SECONDS)
            for send, events in zip(sends, shown, strict=True):
                send.shown = [{"type": "opened"}, *events]
            came_true += sum(connection.was_cut for wire in wires for connection in wire.connections)
        await world.settle(sends, server.url)
    world.notes.append(f"{came_true} cuts")


def _cuts(world: World) -> list[Cut]:
    """The first is in the answer for certain; up to three more are anywhere, or before the request has arrived."""
    return [_cut_within(world, BYTES // 10), *(_anywhere(world) for _ in range(world.random.randint(0, 3)))]


def _anywhere(world: World) -> Cut:
    return Cut.refused() if world.random.random() < 0.1 else _cut_within(world, BYTES)


def _cut_within(world: World, most: int) -> Cut:
    """By RST at any byte, or by FIN at any byte of the body. Browsers take headers that end by FIN for whole ones, and
    give up for good when those that allow their origin are missing: no server can prevent that."""
    if world.random.random() < 0.25:
        return Cut(after=world.random.randint(0, FIRST_BLOCK), marker=b"retry:")
    after = world.random.randint(0, most)
    return Cut(after=after, reset=True) if world.random.random() < 0.5 else Cut(after=after, marker=b"\r\n\r\n")


def _send(world: World) -> Send:
    """The client has no key and never closes its source."""
    number = len(world.sends) + 1
    send = Send("", world.token, f"Question {number} of {world.name}", f"{world.name}-{number}")
    world.sends.append(send)
    return send
