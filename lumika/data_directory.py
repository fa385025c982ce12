"""The data directory, and what is written there: closed to every other account of the machine.

Secrets, mails with links that sign people in, the database: modes are set when a file is made, whatever the umask, and
`close` mends what is there already. Under root the embedded server runs as another account, which must be able to pass
through; its own files stay that account's (lumika/embedded_postgres/os_account.py).
"""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

DIRECTORY = 0o700
PASSABLE_DIRECTORY = 0o711
FILE = 0o600
OF_OTHERS = 0o077


def chosen(given: str, base_dir: Path) -> Path:
    """The directory that LUMIKA_DATA_DIR names; it need not exist yet. It must not hold programs, nor be shared, since
    everything in it is closed to others."""
    try:
        directory = (Path(given).expanduser() if given else base_dir / "data").resolve()
        found = directory.stat() if directory.exists() else None
    except (OSError, RuntimeError, ValueError):
        raise ImproperlyConfigured(
            f"LUMIKA_DATA_DIR must be a directory that can be reached; {given!r} is none."
        ) from None
    if found is not None and not stat.S_ISDIR(found.st_mode):
        raise ImproperlyConfigured(f"LUMIKA_DATA_DIR must be a directory; {directory} is something else.")
    is_shared = found is not None and bool(found.st_mode & stat.S_ISVTX)
    programs = (base_dir, Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve())
    if is_shared or any(path.is_relative_to(directory) for path in programs):
        raise ImproperlyConfigured(
            f"LUMIKA_DATA_DIR must be a directory of its own, such as {directory / 'lumika-data'}; {directory} holds "
            "other things too."
        )
    return directory


def make(directory: Path) -> None:
    """Raises ImproperlyConfigured where this user may not write."""
    try:
        directory.mkdir(mode=DIRECTORY, parents=True, exist_ok=True)
        reason = "" if os.access(directory, os.W_OK | os.X_OK) else "Permission denied"
    except OSError as error:
        reason = error.strerror or str(error)
    if reason:
        raise ImproperlyConfigured(
            f"LUMIKA_DATA_DIR must be a directory that this user may write to; {directory} is not ({reason})."
        )


def open_file(path: str | Path, flags: int) -> int:
    """An opener for `open`: what it makes is closed from the first moment, and belongs to whom its directory belongs,
    so that root leaves nothing that the owner cannot read."""
    descriptor = os.open(path, flags | os.O_CLOEXEC, FILE)
    if os.geteuid() == 0 and flags & os.O_CREAT:
        give_to_owner_of_parent(path)
    return descriptor


def give_to_owner_of_parent(path: str | Path) -> None:
    if os.geteuid() == 0:
        parent = Path(path).parent.stat()
        os.chown(path, parent.st_uid, parent.st_gid, follow_symlinks=False)


def close(directory: Path) -> list[Path]:
    """Closes what lies here to others, and returns what could not be: it belongs to another account.

    Links are not followed. Sockets cannot be opened to change them; their directory is closed, and the server makes
    them closed.
    """
    if not directory.is_dir():
        return []
    left = []
    for found, mode in ((directory, _mode_of(directory)), *_below(directory)):
        with suppress(FileNotFoundError):
            before = stat.S_IMODE(found.lstat().st_mode)
            if before != mode and not _set(found, mode) and before & OF_OTHERS:
                left.append(found)
    return left


def _mode_of(directory: Path) -> int:
    """Passable while another account's server lies in it."""
    with suppress(OSError):
        if os.geteuid() == 0 and (directory / "postgres").stat().st_uid != directory.stat().st_uid:
            return PASSABLE_DIRECTORY
    return DIRECTORY


def _below(directory: Path) -> Iterator[tuple[Path, int]]:
    """Each directory before what is in it, so that one that was closed to us too can be entered."""
    try:
        entries = list(os.scandir(directory))
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield Path(entry.path), DIRECTORY
            yield from _below(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            yield Path(entry.path), FILE


def _set(path: Path, mode: int) -> bool:
    """By a descriptor: another account that may write here could put a link in the path's place meanwhile."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        os.fchmod(descriptor, mode)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
