"""Migrations that run SQL from files. A file that a release has shipped never changes: a new one replaces it."""

from pathlib import Path

from django.db.migrations.operations import RunSQL


def sql_file(path: Path, *, drops: list[str]) -> RunSQL:
    """Runs the statements of a file; undone by dropping ``drops``, such as ``FUNCTION name``."""
    return RunSQL(path.read_text(), ";".join(f"DROP {what}" for what in drops))
