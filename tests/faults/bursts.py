"""The usual traffic: conversations with one message each, and one with three messages at once."""

import asyncio
from collections.abc import Callable, Sequence

from tests.faults.sends import Send
from tests.faults.world import World

CONVERSATIONS = 8


async def burst(world: World, server: str, *, conversations: int = CONVERSATIONS) -> list[Send]:
    """Half of the single messages have a key. Those that share a conversation all have one: without, a repetition
    can be told from news only while it is the customer's newest message (docs/api.md, "Exactly once", rule 4)."""
    sends = await world.send(server, conversations)
    return sends + await world.send(server, 3, conversation=f"{world.name}-busy-{len(world.sends)}", keyed=True)


async def until(condition: Callable[[], object], *, what: str, seconds: float = 20.0) -> None:
    """Returns once the condition holds; fails when it does not within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"not within {seconds:g} s: {what}") from None


async def until_all_show(sends: Sequence[Send], kind: str) -> None:
    """Returns once every client has seen an event of this type."""
    await until(lambda: all(kind in send.types for send in sends), what=f"all streams have shown {kind}")
