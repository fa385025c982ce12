"""One PostgreSQL server: its programs, its cluster, and the account of the operating system that it runs under."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from . import os_account
from .errors import EmbeddedPostgresError
from .keeper import Account
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

    def url(self, socket: str, database: str = DATABASE) -> str:
        return f"postgresql://postgres@/{database}?host={quote(socket, safe='')}&port=5432"

    def find(self) -> str | None:
        """The socket directory of the running server. Waits for one that is about to come up."""
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while (entry := self._pid_and_socket()) is not None:
            pid, socket = entry
            if self._answers(socket):
                return socket
            if not _is_postmaster(pid, self.data):
                # Left by a crash. PostgreSQL would believe it if another process has this id by now.
                (self.data / "postmaster.pid").unlink(missing_ok=True)
            elif time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"PostgreSQL (process {pid}) does not answer. Its log is {self.log}")
            else:
                time.sleep(0.02)
        return None

    def launch(self) -> str:
        """Starts the server, on a new cluster if there is none, and returns its socket directory."""
        if self.account is not None:
            os_account.let_others_reach(self.home, self.programs)
        if not self.data.exists():
            self._create_cluster()
        socket = self._socket_directory()
        settings = SETTINGS | {"unix_socket_directories": socket, "unix_socket_permissions": "0700"}
        if os.environ.get("LUMIKA_EMBEDDED_FSYNC") == "off":
            settings |= UNSAFE_BUT_FAST
        options = shlex.join(["-p", "5432", *(f"--{name}={value}" for name, value in settings.items())])
        timeout = str(START_TIMEOUT_SECONDS)
        self._run("pg_ctl", "start", "-D", self.data, "-l", self.log, "-o", options, "-w", "-t", timeout)
        return socket

    def ensure_database(self, socket: str) -> None:
        with psycopg.connect(self.url(socket, "postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _pid_and_socket(self) -> tuple[int, str] | None:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        pid = int(lines[0]) if lines and lines[0].strip().isdecimal() else 0  # a crash can leave an empty file
        return pid, (lines[4] if len(lines) > 4 else "")

    def _answers(self, socket: str) -> bool:
        if not socket:
            return False
        try:
            psycopg.connect(self.url(socket, "postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _create_cluster(self) -> None:
        unfinished = self.home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._run("initdb", "-D", unfinished, "-U", "postgres", "--auth=trust", *locale)
        unfinished.rename(self.data)

    def _socket_directory(self) -> str:
        """Closed to other accounts, since the server trusts everyone who reaches its socket."""
        directory = self.home / "socket"
        path = str(directory)
        if len(os.fsencode(directory / SOCKET_NAME)) > SOCKET_PATH_LIMIT or re.search(r"[\s,\"\\]", path):
            path = tempfile.mkdtemp(prefix="lumika-", dir=_short_temporary_directory())
        else:
            directory.mkdir(exist_ok=True, mode=0o700)
        if self.account is not None:
            os.chown(path, *self.account)
        return path

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


def _is_postmaster(pid: int, data: Path) -> bool:
    import psutil  # type: ignore[import-untyped]  # comes with the wheel

    try:
        process = psutil.Process(pid)
        return process.name().startswith("postgres") and str(data) in process.cmdline()
    except (psutil.NoSuchProcess, ValueError):
        return False
    except psutil.AccessDenied:
        return True


def _short_temporary_directory() -> str:
    return min(tempfile.gettempdir(), "/tmp", key=len)  # noqa: S108  # mkdtemp makes a name of its own in it
