"""Databases beside the one of the tests, migrated by the command that operators use."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from django.db import connection
from psycopg import sql

from tests.ground.servers import ROOT

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


@contextmanager
def empty_database() -> Iterator[str]:
    """The URL of a database of its own, dropped at the end."""
    parameters = connection.get_connection_params()
    name = f"test_migrations_{uuid4().hex[:12]}"
    known = {key: parameters[key] for key in ("user", "password", "host", "port") if parameters.get(key)}
    with psycopg.connect(**known, dbname="postgres", autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"postgresql:///{name}?" + "&".join(f"{key}={value}" for key, value in known.items())
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def migrate(url: str, *target: str) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0", *target]
    environment = os.environ | {"DATABASE_URL": url, "DEBUG": "on"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr


def restore_before(url: str) -> None:
    """Fills an empty database with one from before the first migrations of today."""
    with psycopg.connect(url, autocommit=True) as database:
        database.execute(BEFORE.read_text())


def schema(url: str) -> dict[tuple[str, str], str]:
    with psycopg.connect(url) as database:
        return {(kind, name): _plain(definition) for kind, name, definition in database.execute(SCHEMA)}


def _plain(definition: str) -> str:
    """Without casts and brackets, which a dump sets otherwise: ``ANY (ARRAY['a'::text])``."""
    return re.sub(r"::(character varying|text)(\[\])?|[()]", "", definition)
