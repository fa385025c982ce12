"""A database from before the first migrations of today goes on, with what is in it."""

import psycopg
import pytest

from tests.migrations.databases import empty_database, migrate, restore_before, schema

pytestmark = pytest.mark.django_db


@pytest.fixture
def database():
    with empty_database() as url:
        yield url


@pytest.fixture
def fresh():
    with empty_database() as url:
        migrate(url)
        yield url


@pytest.fixture
def migrated(database):
    """The database from before, after today's migrations."""
    restore_before(database)

    migrate(database)

    return database


def test_it_gets_the_schema_of_a_fresh_one(migrated, fresh):
    assert schema(migrated) == schema(fresh)


def test_it_keeps_its_rows_and_takes_new_ones(migrated):
    with psycopg.connect(migrated, autocommit=True) as database:
        statuses = "SELECT status FROM conversations_reply ORDER BY status"
        assert [status for (status,) in database.execute(statuses)] == [
            "awaiting_approval", "by_hand", "failed", "queued", "sent",
        ]  # fmt: skip

        (sequence,) = database.execute(
            "INSERT INTO conversations_message (id, conversation_id, actor, body, type) "
            "SELECT gen_random_uuid(), id, 'customer', 'Still here?', 'message' FROM conversations_conversation "
            "WHERE external_id = 'customer-0' RETURNING sequence"
        ).fetchone()

    assert sequence == 3
