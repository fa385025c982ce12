"""Server processes that can be killed, frozen and started again on the same port."""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import monotonic

from tests.ground.processes import children_of
from tests.ground.servers import ROOT

START_SECONDS = 40
STOP_SECONDS = 40
PORTS = range(20_000, 32_000)
"""Below those that the system gives to clients, or one of them would take the port of a server that is down."""


def free_port() -> int:
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Server:
    """`manage.py serve` on a port of its own, with a crash point that can be armed. ``directory`` has its code."""

    def __init__(self, environment: Mapping[str, str], log: Path, *, workers: int = 1, directory: Path = ROOT) -> None:
        self.port = free_port()
        self.log = log
        self._trap = log.with_suffix(f".{self.port}.trap")
        self._command = [sys.executable, "manage.py", "serve", "--port", str(self.port), "--workers", str(workers)]
        self._environment = {**os.environ, "LUMIKA_CRASH_POINT": f"@{self._trap}", **environment}
        self._workers = workers
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    def forget(self) -> None:
        """Its log is of no interest to anybody."""
        self.log.unlink(missing_ok=True)
        self._trap.unlink(missing_ok=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def workers(self) -> list[int]:
        """The ids of the processes that answer."""
        return children_of(self._process.pid) if self._process else []

    @property
    def has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def launch(self) -> None:
        """Starts it, and does not wait."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._directory,
                env=self._environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    async def start(self) -> None:
        """Starts it unless it runs, and returns when it answers."""
        if self.has_ended:
            self.launch()
        await self.until_ready()

    async def until_ready(self) -> None:
        deadline = monotonic() + START_SECONDS
        while not await self._answers():
            assert monotonic() < deadline, f"the server does not come up:\n{self.log.read_text()[-3000:]}"
            await asyncio.sleep(0.05)

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

    def kill(self) -> None:
        """SIGKILL for the server and its workers, at once."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def kill_worker(self, which: random.Random) -> None:
        """SIGKILL for one worker; the server makes a new one."""
        if workers := self.workers:
            with suppress(ProcessLookupError):
                os.kill(which.choice(workers), signal.SIGKILL)

    def send(self, signal_number: int) -> None:
        """Signals the server and its workers."""
        assert self._process is not None
        os.killpg(self._process.pid, signal_number)

    async def stop(self) -> None:
        """In good order, as for an update."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                while self._process.poll() is None:
                    await asyncio.sleep(0.02)
        finally:
            self.kill()

    def arm(self, point: str, times: int, *, name: str = "KILL") -> None:
        """The first worker that gets to this point so many times, from now on, gets that signal."""
        unfinished = self._trap.with_suffix(".new")
        unfinished.write_text(f"{point}:{times}:{name}")
        unfinished.rename(self._trap)

    @property
    def has_sprung(self) -> bool:
        return not self._trap.exists()

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(b"GET /conversation/history HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            async with asyncio.timeout(5):
                answered = bool(await reader.readline())
            writer.close()
        except OSError:
            return False
        return answered
