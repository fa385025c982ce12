"""The pool of the conversation API: what becomes of its idle connections when the database server ends them."""

import asyncio

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from conversations.store import database

CONNECTIONS = 5
END = "SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s::int[]) AS pid"


def end_backends(pids: set[int]) -> None:
    """From outside, and only once they are gone."""
    parameters = connection.get_connection_params()
    address = {
        name: parameters[name] for name in ("dbname", "user", "host", "port", "password") if parameters.get(name)
    }
    with psycopg.connect(make_conninfo(**address)) as other:
        assert other.execute(END, [list(pids)]).fetchall() == [(True,)] * len(pids)


async def backends() -> set[int]:
    """The backends of so many statements at once."""
    statement = "SELECT pg_backend_pid() FROM pg_sleep(0.1)"
    rows = await asyncio.gather(*(database.fetch(statement) for _ in range(CONNECTIONS)))
    return {row[0] for (row,) in rows}


@pytest.mark.django_db(transaction=True)
def test_idle_connections_that_the_server_closed_are_replaced_before_a_statement_fails() -> None:
    async def before_and_after() -> tuple[set[int], set[int]]:
        try:
            before = await backends()
            await asyncio.to_thread(end_backends, before)
            return before, await backends()
        finally:
            await database.close()

    before, after = asyncio.run(before_and_after())

    assert len(before) > 1
    assert not before & after
