"""Ending tasks that do not hear of it the first time."""

import asyncio
from uuid import uuid4

import pytest

from conversations.desk.live.growth import Growth
from conversations.making import tasks
from conversations.store import database

TICKS = 150  # of an event loop, within which a page's task has got its first connection


async def test_a_task_that_loses_a_cancellation_is_ended_too(monkeypatch):
    monkeypatch.setattr(tasks, "AGAIN_SECONDS", 0.01)
    lost = 0

    async def hard_of_hearing():
        nonlocal lost
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                lost += 1
                if lost == 3:
                    raise

    task = asyncio.create_task(hard_of_hearing())
    await asyncio.sleep(0)

    await tasks.end([task])

    assert task.cancelled()
    assert lost == 3


async def test_what_tasks_raise_is_of_no_interest(caplog):
    async def broken():
        raise ValueError

    await tasks.end([asyncio.create_task(broken()), asyncio.create_task(asyncio.sleep(10))])
    await tasks.end([])

    assert caplog.text == ""


async def not_called(_):
    raise AssertionError


@pytest.mark.django_db(transaction=True)
async def test_a_task_that_waits_for_the_database_is_ended_at_any_moment(monkeypatch):
    """With Python 3.11, one of these moments loses the first cancellation."""
    monkeypatch.setattr(tasks, "AGAIN_SECONDS", 0.05)
    for ticks in range(TICKS):
        await database.close()
        growing = asyncio.create_task(Growth(uuid4(), show=not_called, tell=not_called).follow_for_ever())
        for _ in range(ticks):
            await asyncio.sleep(0)

        async with asyncio.timeout(10):
            await tasks.end([growing])
    await database.close()
