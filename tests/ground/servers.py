"""Real servers on real ports, which can be killed, frozen and started again on the same one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path

from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from tests.ground import processes, raw_http
from tests.ground.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 40
STOP_SECONDS = 15
ANSWER_SECONDS = 5
HISTORY = "/conversation/history"


def database_url() -> str:
    """The test database as a URL that another process can use."""
    known = {"user", "password", "host", "port"}
    parameters = connection.get_connection_params()
    name = parameters["dbname"]
    rest = {key: value for key, value in parameters.items() if key in known and value}
    pairs = "&".join(f"{key}={value}" for key, value in rest.items())
    assert make_conninfo(f"postgresql:///{name}?{pairs}")
    return f"postgresql:///{name}?{pairs}"


@contextmanager
def running(kind: str = "granian", *, log: Path, first: str = HISTORY, **environment: str) -> Iterator[str]:
    """The base URL of a server of this kind on the test database, ready for requests. It was asked for ``first``."""
    ours = {
        "DATABASE_URL": database_url(),
        "PUBLIC_URL": settings.PUBLIC_URL,
        "DEBUG": "on",
        "LUMIKA_HOLD_SECONDS": "5",
        "LUMIKA_GRACE_SECONDS": "1",
    }
    server = Server(ours | environment, log, kind=kind, first=first)
    try:
        server.launch()
        server.wait_until_ready()
        yield server.url
    finally:
        server.terminate()
        server.kill()


@contextmanager
def frozen_but(url: str) -> Iterator[None]:
    """All servers of this process but one stand still: what waits in the database is that one's."""
    others = [server for server in processes.servers() if server != processes.server(url)]
    frozen = [*others, *(worker for server in others for worker in processes.children_of(server))]
    for process in frozen:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in frozen:
            os.kill(process, signal.SIGCONT)


class Server:
    """`manage.py serve`, `runserver` or daphne, on a port of its own. ``directory`` has its code; whether it answers is
    asked at the path ``first``."""

    def __init__(
        self,
        environment: Mapping[str, str],
        log: Path,
        *options: str,
        kind: str = "granian",
        first: str = HISTORY,
        directory: Path = ROOT,
    ) -> None:
        self.port = free_port()
        self.log = log
        self.environment = {**os.environ, **environment}
        self._command = [*_command(kind, self.port), *options]
        self._first = first
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def workers(self) -> list[int]:
        """The ids of the processes that answer."""
        return processes.children_of(self._process.pid) if self._process else []

    @property
    def has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def launch(self) -> None:
        """Starts it, and does not wait."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._directory,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def answers(self) -> bool:
        try:
            raw_http.exchange(self.url, self._first, seconds=ANSWER_SECONDS)
        except (OSError, HTTPException):
            return False
        return True

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            assert not self.has_ended, f"the server did not come up:\n{self.last_words}"
            assert time.monotonic() < deadline, f"the server does not come up:\n{self.last_words}"
            time.sleep(0.05)

    @property
    def last_words(self) -> str:
        return self.log.read_text()[-3000:]

    def send(self, signal_number: int) -> None:
        """Signals the server and its workers."""
        assert self._process is not None
        os.killpg(self._process.pid, signal_number)

    def terminate(self, *, seconds: float = STOP_SECONDS) -> None:
        """In good order, as for an update; returns when it has ended, or so many seconds are over."""
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)

    def kill(self) -> None:
        """SIGKILL for the server and its workers, at once."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _command(kind: str, port: int) -> list[str]:
    if kind == "granian":
        return [sys.executable, "manage.py", "serve", "--port", str(port)]
    if kind == "runserver":
        return [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
    return [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "-v", "0", "lumika.asgi:application"]
