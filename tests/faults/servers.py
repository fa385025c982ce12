"""Servers with a crash point that can be armed, for scenarios that share one event loop."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import monotonic

from tests.ground import servers
from tests.ground.servers import ROOT, START_SECONDS

STOP_SECONDS = 40


class Server(servers.Server):
    def __init__(self, environment: Mapping[str, str], log: Path, *, workers: int = 1, directory: Path = ROOT) -> None:
        super().__init__(environment, log, "--workers", str(workers), directory=directory)
        self._trap = log.with_suffix(f".{self.port}.trap")
        self.environment["LUMIKA_CRASH_POINT"] = f"@{self._trap}"

    def forget(self) -> None:
        """Its log is of no interest to anybody."""
        self.log.unlink(missing_ok=True)
        self._trap.unlink(missing_ok=True)

    async def start(self) -> None:
        """Starts it unless it runs, and returns when it answers."""
        if self.has_ended:
            self.launch()
        await self.until_ready()

    async def until_ready(self) -> None:
        """Somebody may start it again meanwhile, should it end."""
        deadline = monotonic() + START_SECONDS
        while not await asyncio.to_thread(self.answers):
            assert monotonic() < deadline, f"the server does not come up:\n{self.last_words}"
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """In good order, as for an update."""
        await asyncio.to_thread(self.terminate, seconds=STOP_SECONDS)
        was_in_time = self.has_ended
        self.kill()
        assert was_in_time, f"the server does not end within {STOP_SECONDS} s"

    @asynccontextmanager
    async def kept_up(self) -> AsyncIterator[None]:
        """As a supervisor does it. Granian ends with all its workers when they die quickly one after another."""
        await self.start()
        watching = asyncio.create_task(self._launch_whenever_it_ends())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _launch_whenever_it_ends(self) -> None:
        while True:
            if self.has_ended:
                self.launch()
            await asyncio.sleep(0.1)

    def kill_worker(self, which: random.Random) -> None:
        """SIGKILL for one worker; the server makes a new one."""
        if workers := self.workers:
            with suppress(ProcessLookupError):
                os.kill(which.choice(workers), signal.SIGKILL)

    def arm(self, point: str, times: int, *, name: str = "KILL") -> None:
        """The first worker that gets to this point so many times, from now on, gets that signal."""
        unfinished = self._trap.with_suffix(".new")
        unfinished.write_text(f"{point}:{times}:{name}")
        unfinished.rename(self._trap)

    @property
    def has_sprung(self) -> bool:
        return not self._trap.exists()
