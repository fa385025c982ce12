"""Databases beside the one of the tests, on both servers, and what they look like once they are migrated."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql
from psycopg.conninfo import make_conninfo

BEFORE = Path(__file__).with_name("before.sql")

# What the tables of our apps consist of. Columns are named, not counted: one that was added later stands last.
SCHEMA = """
SELECT 'column', table_name || '.' || column_name,
    concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default, generation_expression)
FROM information_schema.columns WHERE table_name ~ '^(conversations|integrations|lumika|workspaces)_'
UNION ALL
SELECT 'constraint', conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE conrelid::regclass::text ~ '^(conversations|integrations|lumika|workspaces)_' AND contype <> 'n'
UNION ALL
SELECT 'index', indexname, indexdef
FROM pg_indexes WHERE tablename ~ '^(conversations|integrations|lumika|workspaces)_'
UNION ALL
SELECT 'function', oid::regprocedure::text, pg_get_functiondef(oid)
FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL
SELECT 'trigger', tgrelid::regclass || ' ' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
"""


class Databases:
    """Those of one server."""

    def __init__(self, **address: Any) -> None:
        self._address = address

    def connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(make_conninfo(**self._address, dbname=database), autocommit=True)

    @contextmanager
    def database(self, *, template: str = "template1") -> Iterator[str]:
        """The name of a new one, dropped at the end."""
        name = f"test_migrations_{uuid4().hex[:12]}"
        named = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
        with self.connect("postgres") as server:
            server.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**named))
            try:
                yield name
            finally:
                server.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**named))

    def restore_before(self, database: str) -> None:
        """Fills an empty database with one from before the first migrations of today."""
        with self.connect(database) as connection:
            connection.execute(BEFORE.read_text())

    def migrate(self, database: str, *target: str) -> dict[str, list[str]]:
        """As the command of that name does: to the newest migrations, or one app to that one. Returns the statements
        of each migration that was run."""
        told: dict[str, list[str]] = {}

        def note_migration(action: str, migration: Any = None, *_: Any) -> None:
            if action in {"apply_start", "unapply_start"}:
                told[str(migration)] = []

        def note_statement(execute: Any, statement: Any, *rest: Any) -> Any:
            if told:
                told[[*told][-1]].append(str(statement))
            return execute(statement, *rest)

        with self._as_djangos_own(database) as connection, connection.execute_wrapper(note_statement):
            executor = MigrationExecutor(connection, note_migration)
            executor.migrate([target] if target else executor.loader.graph.leaf_nodes())
        return told

    def schema(self, database: str) -> dict[tuple[str, str], str]:
        with self.connect(database) as connection:
            return {(kind, name): _plain(definition) for kind, name, definition in connection.execute(SCHEMA)}

    @contextmanager
    def _as_djangos_own(self, database: str) -> Iterator[Any]:
        """Migrations that run Python ask the default connection."""
        tests_own = connections["default"]
        address = {name.upper(): value for name, value in self._address.items()}
        connection = DatabaseWrapper(tests_own.settings_dict | address | {"NAME": database}, "default")
        connections["default"] = connection
        ContentType.objects.clear_cache()
        try:
            yield connection
        finally:
            connection.close()
            connections["default"] = tests_own
            ContentType.objects.clear_cache()


def _plain(definition: str) -> str:
    """Without casts and brackets, which a dump sets otherwise: ``ANY (ARRAY['a'::text])``."""
    return re.sub(r"::(character varying|text)(\[\])?|[()]", "", definition)
