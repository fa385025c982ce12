"""Migrations that run SQL from files, each of which holds one version of what it defines.

A released file never changes. A change is a new file with the next number, run by a new migration. Where servers of the
version before could not call the new version, it has another name, such as ``reply_context_2``, and the former one
stays until the next release. A function that an index uses has its version in its name in any case, since an index
keeps what the function said when it was built.

Nobody waits for a migration of a large table (messages, replies, conversations, requests, audit entries, articles): an
index is built by ``AddIndexConcurrently``, alone in a migration with ``atomic = False``; a unique constraint takes an
index that was built so (``UNIQUE USING INDEX``); rows are changed some at a time, chosen by their ids. Where such a
build is broken off, drop the index that it leaves, which is invalid, and migrate again. Every other migration is one
transaction. tests/migrations/test_large_tables.py reads what migrations say to the database.
"""

from collections.abc import Sequence
from pathlib import Path

from django.db.migrations.operations import RunSQL


def add(folder: Path, name: str, version: int = 1, *, drops: Sequence[str]) -> RunSQL:
    """Runs ``<name>_<version>.sql``, which defines what was not there; undone by dropping that, such as
    ``FUNCTION name``."""
    return RunSQL(_text(folder, name, version), _dropped(drops))


def change(folder: Path, name: str, version: int) -> RunSQL:
    """Runs ``<name>_<version>.sql``, which defines anew what is there; undone by the version before."""
    return RunSQL(_text(folder, name, version), _text(folder, name, version - 1))


def remove(folder: Path, name: str, version: int = 1, *, drops: Sequence[str]) -> RunSQL:
    """Drops what ``<name>_<version>.sql`` defined; undone by running it again."""
    return RunSQL(_dropped(drops), _text(folder, name, version))


def rename(function: str, *, to: str) -> RunSQL:
    """What uses the function, such as an index, follows."""
    return RunSQL(f"ALTER FUNCTION {function} RENAME TO {to}", f"ALTER FUNCTION {to} RENAME TO {function}")


def _dropped(drops: Sequence[str]) -> str:
    return ";".join(f"DROP {what}" for what in drops)


def _text(folder: Path, name: str, version: int) -> str:
    return (folder / f"{name}_{version}.sql").read_text()
