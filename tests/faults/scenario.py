"""Scenarios: what breaks, how often it is tried, and what came of it."""

import asyncio
import atexit
import shutil
import tempfile
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from tests.faults.ground import Ground
from tests.faults.invariants import Breach
from tests.faults.world import World

Play = Callable[[World, int], Awaitable[None]]


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    play: Play
    runs: int
    few: int
    """Runs in `make test`."""
    is_measured: bool
    """It measures time or memory, so little else may run meanwhile."""
    has_own_postgres: bool
    is_long: bool
    """It begins before the others."""
    provider: dict[str, Any]
    needs: Callable[[], str | None]
    """Why it cannot run on this machine, or None."""


@dataclass
class Outcome:
    title: str
    runs: int = 0
    sends: int = 0
    seconds: float = 0.0
    breaches: list[Breach] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: str | None = None
    crash: str | None = None

    @property
    def counts(self) -> Counter[str]:
        return Counter(breach.kind for breach in self.breaches)

    @property
    def is_good(self) -> bool:
        return not self.breaches and self.crash is None


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    title: str,
    *,
    name: str | None = None,
    runs: int = 20,
    few: int = 1,
    is_measured: bool = False,
    has_own_postgres: bool = False,
    is_long: bool = False,
    needs: Callable[[], str | None] = lambda: None,
    **provider: Any,
) -> Callable[[Play], Play]:
    """Registers a coroutine that breaks something so many times in a world. The rest goes to the provider."""

    def register(play: Play) -> Play:
        key = name or play.__name__
        SCENARIOS[key] = Scenario(key, title, play, runs, few, is_measured, has_own_postgres, is_long, provider, needs)
        return play

    return register


async def perform(
    chosen: Scenario,
    ground: Ground,
    *,
    runs: int,
    seed: int,
    prepare: Callable[[World], Awaitable[None]] | None = None,
    suffix: str = "",
) -> Outcome:
    """Plays it in a world of its own, prepared if need be. A scenario that cannot go on is a failure too."""
    outcome = Outcome(chosen.title, runs=runs, skipped=chosen.needs())
    if outcome.skipped:
        outcome.runs = 0
        return outcome
    started = monotonic()
    if chosen.has_own_postgres:
        ground = await asyncio.to_thread(_own_ground)
    try:
        async with ground.world(chosen.name + suffix, seed=seed, **chosen.provider) as world:
            outcome.breaches, outcome.notes = world.breaches, world.notes
            try:
                if prepare is not None:
                    await prepare(world)
                await chosen.play(world, runs)
            finally:
                outcome.sends = len(world.sends)
    except Exception:  # noqa: BLE001  # it is shown with the outcome
        outcome.crash = traceback.format_exc()
    outcome.seconds = monotonic() - started
    return outcome


def _own_ground() -> Ground:
    """A PostgreSQL for one scenario, so that it can be killed or made to talk without disturbing others."""
    directory = Path(tempfile.mkdtemp(prefix="lumika-faults-"))
    # Registered before the server registers its own stop, therefore called after it.
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return Ground(directory)
