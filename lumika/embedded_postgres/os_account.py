"""When we are root: PostgreSQL refuses that, so it runs under another account of the operating system."""

import os
import pwd
import shutil
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

from .errors import EmbeddedPostgresUnavailable
from .keeper import Account
from .programs import WHEEL_MODULE

OS_USER_FOR_ROOT = "pgserver"
DIRECTORIES_OF_ROOT = "/usr/sbin:/sbin"


def for_root(home: Path) -> Account:
    """The account that owns the directory already, or else one made for the purpose."""
    owner = home.stat()
    if owner.st_uid != 0:
        return owner.st_uid, owner.st_gid
    entry = _os_user_for_root()
    os.chown(home, entry.pw_uid, entry.pw_gid)
    return entry.pw_uid, entry.pw_gid


def _os_user_for_root() -> pwd.struct_passwd:
    with suppress(KeyError):
        return pwd.getpwnam(OS_USER_FOR_ROOT)
    try:
        subprocess.run(  # noqa: S603
            [_useradd(), "--system", "--no-create-home", OS_USER_FOR_ROOT],
            check=False,  # another process may have been faster
            capture_output=True,
        )
        return pwd.getpwnam(OS_USER_FOR_ROOT)
    except (FileNotFoundError, KeyError) as error:
        reason = f"PostgreSQL does not run as root, and the user {OS_USER_FOR_ROOT} could not be made"
        raise EmbeddedPostgresUnavailable(reason) from error


def _useradd() -> str:
    """Its path, also where root's PATH leaves out the directories of the system, as after Debian's `su`."""
    return shutil.which("useradd") or shutil.which("useradd", path=DIRECTORIES_OF_ROOT) or "useradd"


def let_others_reach(home: Path, programs: Path) -> None:
    """The other account must be able to pass the parent directories and to read the programs."""
    for directory in {*home.parents, *programs.parents}:
        _allow(directory, stat.S_IXOTH)
    _allow(home.parent, stat.S_IXGRP | stat.S_IXOTH)
    package = programs.parents[1]
    for folder in (package, package.with_name(f"{WHEEL_MODULE}.libs")):
        for path in (folder, *folder.rglob("*")):
            _allow(path, stat.S_IROTH | stat.S_IXOTH if path.is_dir() or path.parent == programs else stat.S_IROTH)


def _allow(path: Path, bits: int) -> None:
    mode = path.stat().st_mode
    if mode & bits != bits:
        path.chmod(mode | bits)
