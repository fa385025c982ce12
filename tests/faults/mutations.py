"""The harness must be able to fail: rules are taken out of its own database, and it has to notice.

A change replaces a piece of a function's text, as PostgreSQL has it; a piece that is not there any more is an error.
The source tree is never touched.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults.world import World


@dataclass(frozen=True)
class Mutation:
    title: str
    scenario: str
    """That is to notice it."""
    runs: int
    apply: Callable[[World], Awaitable[None]]
    is_quick: bool = True
    """Enough so for `make test`."""


async def without_fencing(world: World) -> None:
    await _change(world, "reply_finish", "AND r.attempt = p_attempt AND r.status = 'generating'", "")
    await world.execute("DROP TRIGGER reply_status_follows ON conversations_reply")


async def without_attaching(world: World) -> None:
    world.keyed = False
    await _change(world, "conversation_accept", "IF p_known AND p_key IS NULL AND", "IF false AND")


async def without_numbering(world: World) -> None:
    """As one would do it without a thought of others: one more than the highest number, and then it is written down.
    The locks and the constraint that would hide it are taken out too."""
    number = (
        "SELECT coalesce(max(sequence), 0) + 1 INTO NEW.sequence FROM conversations_message\n"
        "    WHERE conversation_id = NEW.conversation_id;\n"
    )
    await _change(
        world,
        "message_publish",
        "UPDATE conversations_conversation\n    SET last_sequence = last_sequence + 1",
        f"{number}    UPDATE conversations_conversation\n    SET last_sequence = NEW.sequence",
    )
    await _change(world, "conversation_accept", "p_external_id FOR NO KEY UPDATE", "p_external_id")
    await world.execute(f"ALTER TABLE conversations_message DROP CONSTRAINT {await _numbering_constraint(world)}")


async def without_durability(world: World) -> None:
    """Commits are not waited for, and the log of the database is written every ten seconds."""
    world.over_seconds = 12
    await world.execute(f"ALTER DATABASE {world.database} SET synchronous_commit = off")
    await world.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
    await world.execute("SELECT pg_reload_conf()")


MUTATIONS = [
    Mutation("finishing without looking at attempt and state", "frozen_before_finish", 2, without_fencing),
    Mutation("sending again without attaching", "after_commit", 4, without_attaching),
    Mutation("numbering without a lock", "crowd", 1, without_numbering),
    Mutation("answering before the commit is on disk", "killed_postgres", 2, without_durability, is_quick=False),
]


async def _change(world: World, function: str, old: str, new: str) -> None:
    ((text,),) = await world.execute("SELECT pg_get_functiondef(%s::regproc)", function)
    assert old in text, f"{function} has no {old!r} any more: mend tests/faults/mutations.py"
    await world.execute(text.replace(old, new))


async def _numbering_constraint(world: World) -> str:
    ((name,),) = await world.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = 'conversations_message'::regclass AND contype = 'u' "
        "AND pg_get_constraintdef(oid) = 'UNIQUE (conversation_id, sequence)'"
    )
    return str(name)
