"""Real servers on real ports, against the test database of this worker."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from tests.ground import processes

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def database_url() -> str:
    """The test database as a URL that another process can use."""
    known = {"user", "password", "host", "port"}
    parameters = connection.get_connection_params()
    name = parameters["dbname"]
    rest = {key: value for key, value in parameters.items() if key in known and value}
    pairs = "&".join(f"{key}={value}" for key, value in rest.items())
    assert make_conninfo(f"postgresql:///{name}?{pairs}")
    return f"postgresql:///{name}?{pairs}"


def command(kind: str, port: int) -> list[str]:
    if kind == "granian":
        return [sys.executable, "manage.py", "serve", "--port", str(port)]
    if kind == "runserver":
        return [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
    return [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "-v", "0", "lumika.asgi:application"]


@contextmanager
def running(
    kind: str = "granian", *, log: Path, first: str = "/conversation/history", **environment: str
) -> Iterator[str]:
    """The base URL of a server of this kind, ready: it was asked for ``first``. Ended by its process id."""
    port = free_port()
    ours = {
        "DATABASE_URL": database_url(),
        "PUBLIC_URL": settings.PUBLIC_URL,
        "DEBUG": "on",
        "LUMIKA_HOLD_SECONDS": "5",
        "LUMIKA_GRACE_SECONDS": "1",
    }
    env = os.environ | ours | environment
    with log.open("ab") as output:
        process = subprocess.Popen(command(kind, port), cwd=ROOT, env=env, stdout=output, stderr=output)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(url + first, process, log)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


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


def _wait_until_ready(url: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            httpx2.get(url, timeout=2)
        except httpx2.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"The server did not come up:\n{log.read_text()}")
