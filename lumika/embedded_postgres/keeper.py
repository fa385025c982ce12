"""Stops the server after its last user, whatever became of that user.

Also a program: `watch` runs this file as a process of its own, which outlives everybody else. Standard library only.
"""

import fcntl
import os
import subprocess
import sys
from contextlib import suppress
from io import FileIO
from pathlib import Path

Account = tuple[int, int]  # user and group id of the operating system; None: those of this process

STOP_TIMEOUT_SECONDS = 60


def watch(home: Path, programs: Path, account: Account | None) -> None:
    """Makes sure that a keeper watches this server. It gets our hold on `keeper.lock`, so that there is only one."""
    from . import locks

    with locks.open_lock(home / "keeper.lock") as lock:
        if not locks.try_lock(lock, fcntl.LOCK_EX):
            return
        uid, gid = account or (-1, -1)
        arguments = [str(value) for value in (home, programs, uid, gid, lock.fileno())]
        command = [sys.executable, "-I", "-S", __file__, *arguments]
        subprocess.run(  # noqa: S603
            command, check=True, pass_fds=[lock.fileno()], cwd="/", stdin=subprocess.DEVNULL
        )


def leave(use: FileIO, home: Path, programs: Path, account: Account | None) -> None:
    """Gives up our use of the server and returns when it has stopped, unless others still use it.

    `use` may be shared with forked children, therefore the lock is asked for through a fresh file.
    """
    from . import locks

    use.close()
    with suppress(FileNotFoundError), locks.open_lock(home / "users.lock") as users:
        if locks.try_lock(users, fcntl.LOCK_EX):
            stop(home, programs, account)
        elif not locks.try_lock(users, fcntl.LOCK_SH):
            fcntl.flock(users, fcntl.LOCK_SH)  # the keeper was faster and is stopping the server


def stop(home: Path, programs: Path, account: Account | None) -> None:
    """Stops the server, if it runs. Call it only while holding `users.lock` alone."""
    try:
        socket = Path((home / "data" / "postmaster.pid").read_text().splitlines()[4])
    except (OSError, IndexError):
        return
    uid, gid = account or (None, None)
    subprocess.run(  # noqa: S603
        [programs / "pg_ctl", "stop", "-D", home / "data", "-m", "fast", "-w", "-t", str(STOP_TIMEOUT_SECONDS)],
        user=uid,
        group=gid,
        extra_groups=None if account is None else [],
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if home not in socket.parents:
        with suppress(OSError):
            socket.rmdir()


def main() -> None:
    home, programs = Path(sys.argv[1]), Path(sys.argv[2])
    uid, gid, lock = map(int, sys.argv[3:])
    if os.fork():
        os._exit(0)
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # or whoever reads our output would wait for us
        os.dup2(null, stream)

    with (home / "users.lock").open("r+") as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        stop(home, programs, None if uid < 0 else (uid, gid))
        os.close(lock)  # before the users' lock: the next user must find that there is no keeper


if __name__ == "__main__":
    main()
