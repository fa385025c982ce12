"""Ending tasks that do not hear of it the first time."""

import asyncio

from conversations import tasks


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
