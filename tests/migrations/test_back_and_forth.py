"""Each migration can be run back, and the database takes messages before and after."""

from django.db.migrations.loader import MigrationLoader

APPS = ("conversations", "integrations", "workspaces")
SAY = """
INSERT INTO conversations_message (id, conversation_id, actor, body, type)
SELECT gen_random_uuid(), id, 'customer', 'Hello', 'message' FROM conversations_conversation
WHERE external_id = 'customer-0'
RETURNING sequence
"""


def steps():
    """What each app's migrations lead back to, newest first."""
    graph = MigrationLoader(None).graph
    for app in APPS:
        (last,) = graph.leaf_nodes(app)
        names = [name for at, name in graph.forwards_plan(last) if at == app]
        for before in reversed(names[:-1]):
            yield app, before


def test_the_database_takes_messages_at_each_step_back_and_forth(databases, database):
    def said():
        """The number of a message that is published now."""
        with databases.connect(database) as connection:
            return connection.execute(SAY).fetchone()[0]

    whole, told = databases.schema(database), said()

    for app, before in steps():
        databases.migrate(database, app, before)
        told += 1
        assert said() == told
    databases.migrate(database)

    assert said() == told + 1
    assert databases.schema(database) == whole
