"""Migrations that run SQL from files.

A file holds the current definition, made by ``CREATE OR REPLACE``. When it changes, a new migration runs it again; a
function's body may name columns that later migrations add, for nobody calls it before the last one.
"""

from pathlib import Path

from django.db.migrations.operations import RunSQL


def sql_file(path: Path, *, drops: list[str]) -> RunSQL:
    """Runs the statements of a file; undone by dropping ``drops``, such as ``FUNCTION name``."""
    return RunSQL(path.read_text(), ";".join(f"DROP {what}" for what in drops))
