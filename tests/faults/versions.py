"""The code of the version before, from the repository's history."""

import atexit
import functools
import io
import os
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from tests.ground.servers import ROOT

REVISION = "LUMIKA_FAULTS_BEFORE"
"""The environment variable that names another one, as git knows it, which can work on the tables of this one."""


@functools.cache
def missing() -> str | None:
    return None if _commit() else "there is no version before in the repository's history"


@functools.cache
def before() -> Path:
    """A directory with the last release; as long as there is none, with the last commit but one."""
    commit = _commit()
    assert commit
    directory = Path(tempfile.mkdtemp(prefix=f"lumika-{commit[:8]}-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    with zipfile.ZipFile(io.BytesIO(_git("archive", "--format=zip", commit))) as archive:
        archive.extractall(directory)
    return directory


@functools.cache
def _commit() -> str | None:
    release = _git("describe", "--tags", "--abbrev=0", "--match=v*", "HEAD~1").decode().strip()
    chosen = os.environ.get(REVISION) or release or "HEAD~1"
    return _git("rev-parse", "--verify", "--quiet", f"{chosen}^{{commit}}").decode().strip() or None


def _git(*arguments: str) -> bytes:
    """What it prints; nothing where it fails or is not installed."""
    try:
        return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True).stdout
    except OSError:
        return b""
