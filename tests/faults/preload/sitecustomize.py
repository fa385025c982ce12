"""Loaded by a server process of the harness before anything else, by way of PYTHONPATH."""

import os
import socket
import threading
from pathlib import Path


def shift_the_clock(seconds: float) -> None:
    """The host's clock is wrong by so many seconds, as far as Python asks it: time.time, datetime.now and their like,
    and the time in new UUIDs. The monotonic clock and the database's are right, as they would be."""
    import time
    from datetime import UTC, datetime, timedelta

    import time_machine
    import uuid_utils.compat

    time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True).start()
    right = uuid_utils.compat.uuid7
    uuid_utils.compat.uuid7 = lambda: right(nanoseconds=time.time_ns())


def count_tasks_for_whoever_asks(directory: str) -> None:
    """A Unix socket named after each process tells how many asyncio tasks there are that are not done. The workers are
    forks of the server."""
    os.register_at_fork(after_in_child=lambda: _listen(directory))
    _listen(directory)


def _listen(directory: str) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(Path(directory) / f"{os.getpid()}.tasks"))
    listener.listen()
    threading.Thread(target=_answer_for_ever, args=(listener,), daemon=True).start()


def _answer_for_ever(listener: socket.socket) -> None:
    import asyncio
    import gc

    while True:
        connection, _ = listener.accept()
        with connection:
            gc.collect()
            tasks = [each for each in gc.get_objects() if isinstance(each, asyncio.Task) and not each.done()]
            connection.sendall(str(len(tasks)).encode())
            del tasks


if seconds := os.environ.get("LUMIKA_FAULTS_CLOCK"):
    shift_the_clock(float(seconds))
if directory := os.environ.get("LUMIKA_FAULTS_TASKS"):
    count_tasks_for_whoever_asks(directory)
