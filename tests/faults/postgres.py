"""The harness's own PostgreSQL: the embedded one, in a directory of its own, so that it can be killed."""

import asyncio
import os
import signal
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from lumika import embedded_postgres
from lumika.embedded_postgres import EmbeddedPostgresError
from lumika.embedded_postgres.server import Server

START_SECONDS = 30


class Postgres:
    def __init__(self, directory: Path) -> None:
        self._home = directory.resolve() / "postgres"
        self._socket = psycopg.conninfo.conninfo_to_dict(embedded_postgres.start(directory))["host"]
        self._hurry()

    def _hurry(self) -> None:
        """The machine goes on when a process is killed, so its disk need not be waited for; commits are, as always."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")

    @property
    def socket(self) -> str:
        """The path of its Unix socket."""
        return f"{self._socket}/.s.PGSQL.5432"

    @property
    def log(self) -> Path:
        return self._home / "log"

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={quote(str(self._socket), safe='')}&port=5432"

    def through(self, port: int, database: str) -> str:
        """The URL by way of a relay on this port."""
        return f"postgresql://postgres@127.0.0.1:{port}/{database}?sslmode=disable"

    def create(self, database: str, *, template: str | None = None) -> None:
        """A fresh database of this name, a copy of the template if one is given."""
        name = sql.Identifier(database)
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            copied = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
            connection.execute(sql.SQL("CREATE DATABASE {}").format(name) + copied)

    def drop(self, database: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(statement.format(sql.Identifier(database)))

    def databases(self, prefix: str) -> list[str]:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            statement = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
            return [name for (name,) in connection.execute(statement, [prefix])]

    def kill(self) -> None:
        """SIGKILL for the postmaster; its children see that and end."""
        pid = int((self._home / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, signal.SIGKILL)

    async def start_again(self) -> None:
        """Returns when it answers, recovered from its log. Whoever was quicker in starting it is as good."""
        server = Server.under(self._home)
        async with asyncio.timeout(START_SECONDS):
            while True:
                try:
                    self._socket = await asyncio.to_thread(lambda: server.find() or server.launch())
                    return
                except EmbeddedPostgresError:
                    await asyncio.sleep(0.1)  # some of its processes have not yet seen that it is dead
