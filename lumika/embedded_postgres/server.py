"""One PostgreSQL server: its programs, its cluster, and the account of the operating system that it runs under."""

import os
import re
import shlex
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from . import os_account
from .errors import EmbeddedPostgresError
from .keeper import Account
from .processes import aliveness, end_orphans, is_postmaster
from .programs import programs_for

DATABASE = "lumika"
START_TIMEOUT_SECONDS = 60  # the recovery after a crash of the machine takes its time
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 100  # 107 bytes on Linux, 103 on macOS

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "max_parallel_workers_per_gather": "0",  # containers have a small /dev/shm
    "jit": "off",
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",  # the log shall not quote what customers wrote
    "log_error_verbosity": "terse",
}
OFF = {"off", "0", "false", "no"}
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Server:
    home: Path
    programs: Path
    account: Account | None

    @classmethod
    def under(cls, home: Path) -> Self:
        return cls(home, programs_for(home), os_account.for_root(home) if os.geteuid() == 0 else None)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "log"

    def url(self, directory: str, database: str = DATABASE) -> str:
        return f"postgresql://postgres@/{database}?host={quote(directory, safe='')}&port=5432"

    def find(self) -> str | None:
        """The socket directory of the running server. Waits for one that is about to come up."""
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while (entry := self._entry()) is not None and is_postmaster(entry.pid, self.data):
            if entry.is_ready:
                return entry.directory
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"PostgreSQL (process {entry.pid}) does not answer. Its log is {self.log}")
            time.sleep(0.02)
        return None

    def launch(self) -> str:
        """Starts the server, on a new cluster if there is none, and returns its socket directory.

        Call it only when there is none to be found. What a killed server left behind does not hinder it.
        """
        if self.account is not None:
            os_account.let_others_reach(self.home, self.programs)
        if not self.data.exists():
            self._create_cluster()
        directory = self._socket_directory(self._clear_after_a_crash())
        settings = SETTINGS | {"unix_socket_directories": directory, "unix_socket_permissions": "0600"}
        if os.environ.get("LUMIKA_EMBEDDED_FSYNC", "").strip().lower() in OFF:
            settings |= UNSAFE_BUT_FAST
        options = shlex.join(["-p", "5432", *(f"--{name}={value}" for name, value in settings.items())])
        timeout = str(START_TIMEOUT_SECONDS)
        self._run("pg_ctl", "start", "-D", self.data, "-l", self.log, "-o", options, "-w", "-t", timeout)
        return directory

    def aliveness(self) -> Callable[[], bool]:
        """Tells from now on whether the server that runs now still lives."""
        entry = self._entry()
        if entry is None:
            raise EmbeddedPostgresError(f"PostgreSQL ended as soon as it was started. Its log is {self.log}")
        return aliveness(entry.pid)

    def ensure_database(self, directory: str) -> None:
        with psycopg.connect(self.url(directory, "postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _entry(self) -> "_Entry | None":
        try:
            return _Entry.read((self.data / "postmaster.pid").read_text())
        except FileNotFoundError:
            return None

    def _clear_after_a_crash(self) -> str:
        """Clears away what hinders a start, and returns the socket directory of a server that was killed.

        PostgreSQL would believe in that server if another process has its id by now. Its shared memory it removes by
        itself, once nobody uses it.
        """
        end_orphans(self.data)
        entry = self._entry()
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        return entry.directory if entry else ""

    def _create_cluster(self) -> None:
        unfinished = self.home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._run("initdb", "-D", unfinished, "-U", "postgres", "--auth=trust", *locale)
        unfinished.rename(self.data)

    def _socket_directory(self, before: str) -> str:
        """Closed to other accounts, since the server trusts everyone who reaches its socket.

        The one of ``before`` again where possible: who knows its address need not ask for another, and nobody else can
        take its place meanwhile.
        """
        directory = self.home / "socket"
        path = str(directory)
        if len(os.fsencode(directory / SOCKET_NAME)) <= SOCKET_PATH_LIMIT and not re.search(r"[\s,\"\\]", path):
            directory.mkdir(exist_ok=True, mode=0o700)
        elif before and self._is_abandoned(Path(before)):
            path = before
        else:
            path = tempfile.mkdtemp(prefix="lumika-", dir=_short_temporary_directory())
        if self.account is not None:
            os.chown(path, *self.account)
        Path(path, f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
        return path

    def _is_abandoned(self, directory: Path) -> bool:
        """Whether it is closed to others and nobody listens in it (a copy of a cluster names the original's)."""
        try:
            found = directory.lstat()
        except OSError:
            return False
        owner = os.geteuid() if self.account is None else self.account[0]
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            return False
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(directory / SOCKET_NAME)) != 0

    def _run(self, program: str, *arguments: str | Path) -> None:
        as_account: dict[str, Any] = {}
        if self.account is not None:
            as_account = {"user": self.account[0], "group": self.account[1], "extra_groups": []}
        # Not a pipe: the server would inherit it, and we would wait for the server's end.
        with tempfile.TemporaryFile("w+") as output:
            finished = subprocess.run(  # noqa: S603
                [self.programs / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.home,
                env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
                **as_account,
            )
            output.seek(0)
            if finished.returncode != 0:
                raise EmbeddedPostgresError(f"{program} failed: {output.read().strip()[-2000:]}\nLog: {self.log}")


def _short_temporary_directory() -> str:
    return min(tempfile.gettempdir(), "/tmp", key=len)  # noqa: S108  # mkdtemp makes a name of its own in it


@dataclass(frozen=True)
class _Entry:
    """What a server says about itself in ``postmaster.pid``."""

    pid: int
    directory: str
    is_ready: bool

    @classmethod
    def read(cls, content: str) -> Self:
        """A crash can leave the file empty or cut short."""
        lines = [*map(str.strip, content.splitlines()), *[""] * 8]
        return cls(int(lines[0]) if lines[0].isdecimal() else 0, directory=lines[4], is_ready=lines[7] == "ready")
