"""The conversation API's own way to PostgreSQL: one async psycopg pool per event loop, autocommit, no ORM.

Connections are borrowed for one statement at a time, so an open stream holds none.
"""

import asyncio
import select
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import connection as django_connection
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

Pool = AsyncConnectionPool[AsyncConnection[TupleRow]]

WAIT_SECONDS = 5.0
RECONNECT_SECONDS = 2.0  # then the next caller tries: left alone, the pool waits twice as long after each failure

_pools: WeakKeyDictionary[asyncio.AbstractEventLoop, Pool] = WeakKeyDictionary()
_opening: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def fetch(statement: str, parameters: dict[str, Any] | tuple[Any, ...] = ()) -> list[TupleRow]:
    """All rows of one statement, committed. Raises psycopg.OperationalError when the database cannot be had."""
    pool = _pools.get(asyncio.get_running_loop()) or await _open()
    connection = await pool.getconn()
    if _was_closed(connection):
        connection = await _another(pool, connection)
    try:
        cursor = await connection.execute(statement, parameters)
        return await cursor.fetchall()
    finally:
        await pool.putconn(connection)


async def execute(statement: str, parameters: dict[str, Any] | tuple[Any, ...] = ()) -> None:
    pool = _pools.get(asyncio.get_running_loop()) or await _open()
    connection = await pool.getconn()
    if _was_closed(connection):
        connection = await _another(pool, connection)
    try:
        await connection.execute(statement, parameters)
    finally:
        await pool.putconn(connection)


async def close() -> None:
    """Closes the pool of the running event loop; the next statement opens a new one."""
    pool = _pools.pop(asyncio.get_running_loop(), None)
    if pool is not None:
        await pool.close()


async def _open() -> Pool:
    loop = asyncio.get_running_loop()
    async with _opening.setdefault(loop, asyncio.Lock()):
        if loop not in _pools:
            pool: Pool = AsyncConnectionPool(
                kwargs=_parameters,
                min_size=2,
                max_size=settings.LUMIKA_POOL_SIZE,
                timeout=WAIT_SECONDS,
                max_lifetime=1800,
                reconnect_timeout=RECONNECT_SECONDS,
                open=False,
                name="conversation-api",
            )
            await pool.open()
            _pools[loop] = pool
    return _pools[loop]


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


async def _parameters() -> dict[str, Any]:
    """Of each new connection: the embedded server is brought back when they are asked for, which may take seconds."""
    return await asyncio.to_thread(_address) | {"autocommit": True, "prepare_threshold": 0}


def _address() -> dict[str, Any]:
    """Where Django's own connection leads, a test database included."""
    parameters = django_connection.get_connection_params()
    known = {"dbname", "user", "password", "host", "port", "sslmode", "sslrootcert", "options", "connect_timeout"}
    return {name: value for name, value in parameters.items() if name in known} | {"connect_timeout": 5}
