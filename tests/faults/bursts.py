"""The usual traffic: conversations with one message each, and one with three messages at once."""

from collections.abc import Sequence

from tests.faults.sends import Send
from tests.faults.world import World
from tests.ground.waiting import until

CONVERSATIONS = 8


async def burst(world: World, server: str, *, conversations: int = CONVERSATIONS) -> list[Send]:
    """Half of the single messages have a key. Those that share a conversation all have one: without, a repetition
    can be told from news only while it is the customer's newest message (docs/api.md, "Exactly once", rule 4)."""
    sends = await world.send(server, conversations)
    return sends + await world.send(server, 3, conversation=f"{world.name}-busy-{len(world.sends)}", keyed=True)


async def until_all_show(sends: Sequence[Send], kind: str) -> None:
    """Returns once every client has seen an event of this type."""
    await until(lambda: all(kind in send.types for send in sends), what=f"all streams have shown {kind}")
