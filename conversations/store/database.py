"""The conversation API's own ways to PostgreSQL: async psycopg pools, one of each for an event loop, without an ORM.

Connections are in autocommit and borrowed for one statement at a time, so an open stream holds none. No statement goes
on for ever: what waits too long for a lock, or runs too long, ends with psycopg.OperationalError, as when the database
cannot be reached, and has changed nothing.
"""

import asyncio
import select
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import connection as django_connection
from django.db import connections
from psycopg import AsyncConnection, pq
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

Pool = AsyncConnectionPool[AsyncConnection[TupleRow]]
Parameters = dict[str, Any] | tuple[Any, ...]

WAIT_SECONDS = 5.0
RECONNECT_SECONDS = 2.0  # then the next caller tries: left alone, the pool waits twice as long after each failure
CONNECT_SECONDS = 5
SEARCH_CONNECTIONS = 3
API_LIMITS = "-c lock_timeout=3s -c statement_timeout=10s"
PAGE_LIMITS = "-c lock_timeout=5s -c statement_timeout=30s"
ONLY_FOR_THE_ORM = {"context", "cursor_factory", "prepare_threshold"}


class Connections:
    """One pool for each event loop, opened when it is first asked for."""

    def __init__(self, name: str, *, least: int, most: Callable[[], int], limits: Callable[[], str]) -> None:
        self.pools: WeakKeyDictionary[asyncio.AbstractEventLoop, Pool] = WeakKeyDictionary()
        self._opening: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
        self._name = name
        self._least = least
        self._most = most
        self._limits = limits

    async def fetch(self, statement: str, parameters: Parameters = ()) -> list[TupleRow]:
        """All rows of one statement, committed. Raises psycopg.OperationalError when the database cannot be had."""
        pool = self.pools.get(asyncio.get_running_loop()) or await self._open()
        connection = await pool.getconn()
        if _was_closed(connection):
            connection = await _another(pool, connection)
        try:
            cursor = await connection.execute(statement, parameters)
            return await cursor.fetchall()
        finally:
            await pool.putconn(connection)

    async def execute(self, statement: str, parameters: Parameters = ()) -> None:
        pool = self.pools.get(asyncio.get_running_loop()) or await self._open()
        connection = await pool.getconn()
        if _was_closed(connection):
            connection = await _another(pool, connection)
        try:
            await connection.execute(statement, parameters)
        finally:
            await pool.putconn(connection)

    async def execute_without_hurry(self, statement: str) -> None:
        """For upkeep that may take its time."""
        pool = self.pools.get(asyncio.get_running_loop()) or await self._open()
        async with pool.connection() as connection, connection.transaction():
            await connection.execute("SET LOCAL statement_timeout = 0")
            await connection.execute(statement)

    async def close(self) -> None:
        """Closes the pool of the running event loop; the next statement opens a new one."""
        pool = self.pools.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            await pool.close()

    async def _open(self) -> Pool:
        loop = asyncio.get_running_loop()
        async with self._opening.setdefault(loop, asyncio.Lock()):
            if loop not in self.pools:
                most = self._most()
                pool: Pool = AsyncConnectionPool(
                    kwargs=self._parameters,
                    min_size=min(self._least, most),
                    max_size=most,
                    timeout=WAIT_SECONDS,
                    max_lifetime=1800,
                    reconnect_timeout=RECONNECT_SECONDS,
                    open=False,
                    name=self._name,
                )
                await pool.open()
                self.pools[loop] = pool
        return self.pools[loop]

    async def _parameters(self) -> dict[str, Any]:
        """Of each new connection: the embedded server is brought back when they are asked for, which may take
        seconds."""
        address = await asyncio.to_thread(_address)
        own = {
            "options": _with_limits(address, self._limits()),
            "connect_timeout": _patience(address.get("connect_timeout")),
            "autocommit": True,
            "prepare_threshold": 0,
        }
        return address | own


def bound_pages() -> None:
    """What the ORM does in a process that serves is bounded as well; migrations and commands take their time."""
    options = connections.settings["default"].setdefault("OPTIONS", {})
    if PAGE_LIMITS not in options.get("options", ""):
        options["options"] = _with_limits(options, PAGE_LIMITS)


async def close() -> None:
    """Closes the pools of the running event loop."""
    await api.close()
    await searching.close()


def _with_limits(parameters: Mapping[str, Any], limits: str) -> str:
    """As libpq sends them when it connects, beside the operator's own: of two that disagree, the later one holds."""
    return f"{_options_of(parameters)} {limits}".strip()


def _options_of(parameters: Mapping[str, Any]) -> str:
    """What libpq itself makes of DATABASE_URL, PGOPTIONS and a file of services. It finds no server in ``/``."""
    named = {name: parameters[name] for name in ("options", "service") if parameters.get(name)}
    nowhere = pq.PGconn.connect_start(make_conninfo(host="/", hostaddr="", port="1", **named).encode())
    options = nowhere.options.decode()
    nowhere.finish()
    return options


def _patience(given: int | str | None) -> int:
    """Seconds until a server that does not answer is given up; the operator may want fewer. To libpq 0 means for
    ever."""
    seconds = int(given or 0)
    return min(seconds, CONNECT_SECONDS) if seconds > 0 else CONNECT_SECONDS


def _was_closed(connection: AsyncConnection[TupleRow]) -> bool:
    """Whether its server has ended it: an idle connection that can be read holds the farewell. Costs 2 µs."""
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    return bool(poll.poll(0))


async def _another(pool: Pool, connection: AsyncConnection[TupleRow]) -> AsyncConnection[TupleRow]:
    """In place of one that its server has ended; after a restart of the server the pool may hold nothing else."""
    for _ in range(pool.max_size):
        await connection.close()
        await pool.putconn(connection)
        connection = await pool.getconn()
        if not _was_closed(connection):
            break
    return connection


def _address() -> dict[str, Any]:
    """Where Django's own connection leads, and how: all that libpq knows, a test database included."""
    parameters = django_connection.get_connection_params()
    return {name: value for name, value in parameters.items() if name not in ONLY_FOR_THE_ORM}


api = Connections("conversation-api", least=2, most=lambda: settings.LUMIKA_POOL_SIZE, limits=lambda: API_LIMITS)
fetch, execute = api.fetch, api.execute

# The search over articles costs what workspaces make it cost, so it has a few connections to itself.
searching = Connections(
    "article-search",
    least=1,
    most=lambda: SEARCH_CONNECTIONS,
    limits=lambda: (
        f"-c lock_timeout={settings.LUMIKA_SEARCH_MILLISECONDS} "
        f"-c statement_timeout={settings.LUMIKA_SEARCH_MILLISECONDS}"
    ),
)
