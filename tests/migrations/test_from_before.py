"""A database from before the first migrations of today goes on, with what is in it."""


def test_it_gets_the_schema_of_a_fresh_one(databases, migration):
    with databases.database() as fresh:
        databases.migrate(fresh)

        assert databases.schema(migration.database) == databases.schema(fresh)


def test_it_keeps_its_rows_and_takes_new_ones(databases, database):
    with databases.connect(database) as connection:
        statuses = "SELECT status FROM conversations_reply ORDER BY status"
        assert [status for (status,) in connection.execute(statuses)] == [
            "awaiting_approval", "by_hand", "failed", "queued", "sent",
        ]  # fmt: skip

        (sequence,) = connection.execute(
            "INSERT INTO conversations_message (id, conversation_id, actor, body, type) "
            "SELECT gen_random_uuid(), id, 'customer', 'Still here?', 'message' FROM conversations_conversation "
            "WHERE external_id = 'customer-0' RETURNING sequence"
        ).fetchone()

    assert sequence == 3
