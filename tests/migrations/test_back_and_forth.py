"""Each migration can be run back, and the database takes messages before and after."""

import psycopg
import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tests.migrations.databases import empty_database, migrate, restore_before, schema

APPS = ("conversations", "integrations", "workspaces")
SAY = """
INSERT INTO conversations_message (id, conversation_id, actor, body, type)
SELECT gen_random_uuid(), id, 'customer', 'Hello', 'message' FROM conversations_conversation
WHERE external_id = 'customer-0'
RETURNING sequence
"""
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]


def steps():
    """What each app's migrations lead back to, newest first."""
    graph = MigrationLoader(connection).graph
    for app in APPS:
        (last,) = graph.leaf_nodes(app)
        names = [name for at, name in graph.forwards_plan(last) if at == app]
        for before in reversed(names[:-1]):
            yield app, before


def test_the_database_takes_messages_at_each_step_back_and_forth():
    with empty_database() as url:
        restore_before(url)
        migrate(url)
        whole, told = schema(url), said(url)

        for app, before in steps():
            migrate(url, app, before)
            told += 1
            assert said(url) == told
        migrate(url)

        assert said(url) == told + 1
        assert schema(url) == whole


def said(url: str) -> int:
    """The number of a message that is published now."""
    with psycopg.connect(url, autocommit=True) as database:
        return database.execute(SAY).fetchone()[0]
