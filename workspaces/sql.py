"""Migrations that run SQL from files, each of which holds one version of what it defines.

A released file never changes. A change is a new file with the next number, run by a new migration; going back runs the
file before. A function that an index uses has its version in its own name too, since an index keeps what the function
said when it was built.
"""

from collections.abc import Sequence
from pathlib import Path

from django.db.migrations.operations import RunSQL


def define(folder: Path, name: str, version: int = 1, *, drops: Sequence[str] = ()) -> RunSQL:
    """Runs ``<name>_<version>.sql``. Undone by the version before; the first one by dropping ``drops``, such as
    ``FUNCTION name``."""
    if version == 1:
        return RunSQL(_text(folder, name, 1), ";".join(f"DROP {what}" for what in drops))
    return RunSQL(_text(folder, name, version), _text(folder, name, version - 1))


def _text(folder: Path, name: str, version: int) -> str:
    return (folder / f"{name}_{version}.sql").read_text()
