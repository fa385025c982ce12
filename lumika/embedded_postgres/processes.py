"""The processes of a cluster: its postmaster, and what a postmaster leaves behind when it is killed."""

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from .errors import EmbeddedPostgresError

LOOK_AGAIN_SECONDS = 0.02
# An idle backend ends when its postmaster does, a busy one goes on with its statement: it may finish a short one.
WAYS_TO_END = ((None, 1.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))  # signal, seconds to wait afterwards

Process = Any  # psutil.Process, which has no types; psutil comes with the wheel, so it is imported when it is needed


def is_postmaster(pid: int, data: Path) -> bool:
    """Whether this process serves this cluster. A process that we may not look at passes for one."""
    import psutil  # type: ignore[import-untyped]

    try:
        process = psutil.Process(pid)
        return process.name().startswith("postgres") and str(data) in process.cmdline()
    except (psutil.NoSuchProcess, ValueError):
        return False
    except psutil.AccessDenied:
        return True


def aliveness(pid: int) -> Callable[[], bool]:
    """Tells from now on whether this very process lives; costs 0.04 ms. EmbeddedPostgresError if it is gone already."""
    import psutil

    try:
        process = psutil.Process(pid)
    except psutil.NoSuchProcess:
        raise EmbeddedPostgresError(f"PostgreSQL (process {pid}) ended as soon as it was started.") from None
    return lambda: _is_alive(process)


def end_orphans(data: Path) -> None:
    """Returns when nothing works on this cluster any more, as must be before a new server may."""
    for ask, seconds in WAYS_TO_END:
        if not (orphans := _orphans(data)):
            return
        if ask is not None:
            _send(ask, orphans)
        _wait_for_end(orphans, seconds)
    if orphans := _orphans(data):
        pids = ", ".join(str(orphan.pid) for orphan in orphans)
        raise EmbeddedPostgresError(f"Processes of a PostgreSQL that was killed do not end ({pids}). End them by hand.")


def _orphans(data: Path) -> list[Process]:
    """Processes of PostgreSQL that work in this directory without a postmaster of it above them."""
    import psutil

    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied, OSError):
            if not process.name().startswith("postgres") or process.cwd() != str(data):
                continue
            if not is_postmaster(process.pid, data) and not is_postmaster(process.ppid(), data):
                found.append(process)
    return found


def _send(number: int, processes: list[Process]) -> None:
    import psutil

    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _wait_for_end(processes: list[Process], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(map(_is_alive, processes)) and time.monotonic() < deadline:
        time.sleep(LOOK_AGAIN_SECONDS)


def _is_alive(process: Process) -> bool:
    """A zombie does not count: there may be nobody to bury it."""
    import psutil

    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
