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


def test_its_articles_are_searched_without_their_comments(databases, before):
    body = (
        "<!-- INTERNAL -->\nWe deliver within three days.\n\nAsk <!-- INTERNAL\n\nmargin --> us. <!-- INTERNAL margin"
    )
    with databases.database(template=before) as database:
        with databases.connect(database) as connection:
            connection.execute("UPDATE integrations_article SET body = %s", [body])
            found = "SELECT count(*) FROM integrations_article WHERE search @@ to_tsquery('english', 'margin')"
            assert connection.execute(found).fetchone() == (1,), "the version before finds it"

        databases.migrate(database)

        with databases.connect(database) as connection:
            for find in ("article_find", "article_find_2"):
                search = f"SELECT a.body FROM workspaces_workspace w, {find}(w.id, %s, 5) a"
                assert connection.execute(search, ["margin"]).fetchall() == []
                [(shown,)] = connection.execute(search, ["deliver"]).fetchall()
                assert "INTERNAL" not in shown and "We deliver within three days." in shown
