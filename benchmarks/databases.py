"""One PostgreSQL server, a database of its own for each contender."""

import atexit
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


def server() -> str:
    """The URL of the server: `DATABASE_URL`, else an embedded one in a directory that is gone afterwards."""
    if url := os.environ.get("DATABASE_URL"):
        return url
    from lumika import embedded_postgres

    directory = Path(mkdtemp(prefix="lumika-bench-"))
    # Registered before the server registers its own stop, therefore called after it.
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return embedded_postgres.start(directory)


@contextmanager
def database(server_url: str, name: str) -> Iterator[str]:
    """A fresh database while the block runs; gives its URL."""
    _execute(server_url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    _execute(server_url, "CREATE DATABASE {}", name)
    try:
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    finally:
        _execute(server_url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def count(url: str, table: str) -> int:
    """The rows of a table."""
    with psycopg.connect(url) as connection:
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    return row[0] if row else 0


def version(url: str) -> str:
    """The server's version, as `18.1`."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return row[0].split()[0] if row else "?"


def _execute(url: str, statement: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
