"""Locks between processes, on files. The kernel releases them when the last process that has the file open is gone."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path


def open_lock(path: Path) -> FileIO:
    """The file belongs to whom its directory belongs, so that root leaves none that the owner cannot open."""
    file = FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+")
    if os.geteuid() == 0:
        directory = path.parent.stat()
        os.fchown(file.fileno(), directory.st_uid, directory.st_gid)
    return file


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    with open_lock(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def shared(path: Path) -> FileIO:
    file = open_lock(path)
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


def try_lock(file: FileIO, kind: int) -> bool:
    """`kind` is fcntl.LOCK_SH or fcntl.LOCK_EX."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
