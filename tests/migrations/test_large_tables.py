"""Migrations do not hold up those who use a large table, and what they began and did not end changes nothing.

The first migrations of each app are done with: the database from before has what they make.
"""

import re

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db.migrations.loader import MigrationLoader

LARGE = r'"?(conversations_(message|reply|conversation)|integrations_(requestrecord|article)|workspaces_auditentry)"?'
FAULTS = {
    "an index is built while nobody can write": rf"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY).* ON {LARGE}\W",
    "a constraint builds its index while nobody can read": (
        rf"ALTER TABLE (ONLY )?{LARGE} .*\b(UNIQUE|PRIMARY KEY|EXCLUDE)\b(?! USING INDEX)"
    ),
    "a statement changes any number of rows": rf'(UPDATE|DELETE FROM) (ONLY )?{LARGE}( |$)(?!.*(\bid\b|"id"|ctid)"? (=|IN)\W)',
}
WITH_A_WINDOW = {"integrations.0003_articles_without_comments"}
"""It builds the table of articles anew, which has to stand still meanwhile; CHANGELOG says so."""

OURS = ("conversations", "integrations", "workspaces")


def faults(statement):
    """What is wrong with it; functions that it defines are left out, since they are not called."""
    plain = " ".join(re.sub(r"\$(\w*)\$.*?\$\1\$", "''", statement, flags=re.DOTALL).split())
    return [why for part in plain.split(";") for why, form in FAULTS.items() if re.search(form, part, re.IGNORECASE)]


def test_no_migration_holds_up_a_large_table(migration):
    assert len(migration.statements) >= 5
    assert {
        (name, why)
        for name, statements in migration.statements.items()
        for statement in statements
        for why in faults(statement)
        if name not in WITH_A_WINDOW
    } == set()


def test_what_holds_up_a_large_table_would_be_found(migration):
    (known,) = WITH_A_WINDOW

    assert [why for statement in migration.statements[known] for why in faults(statement)]


@pytest.mark.parametrize(
    ("statement", "is_fine"),
    [
        ('CREATE INDEX "by_age" ON "conversations_message" ("created_at")', False),
        ('CREATE INDEX CONCURRENTLY "by_age" ON "conversations_message" ("created_at")', True),
        ('CREATE INDEX "by_age" ON "conversations_note" ("created_at")', True),
        ("CREATE UNIQUE INDEX one ON conversations_reply (id) WHERE held", False),
        ('ALTER TABLE "workspaces_auditentry" ADD CONSTRAINT "one" UNIQUE ("key")', False),
        ('ALTER TABLE "workspaces_auditentry" ADD CONSTRAINT "one" UNIQUE USING INDEX "one"', True),
        ('ALTER TABLE "integrations_requestrecord" ADD COLUMN "key" integer NULL UNIQUE', False),
        ('ALTER TABLE "integrations_requestrecord" ADD COLUMN "key" integer NULL', True),
        ('UPDATE "conversations_reply" SET "held" = true', False),
        ('UPDATE "conversations_reply" SET "held" = true WHERE "conversations_reply"."conversation_id" = 1', False),
        ('UPDATE "integrations_article" SET "shown" = \'\' WHERE "integrations_article"."id" = 1', True),
        ("DELETE FROM conversations_message WHERE id IN (SELECT id FROM conversations_message LIMIT 100)", True),
        ("DELETE FROM conversations_message", False),
        ("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ UPDATE conversations_reply SET held = true $$", True),
    ],
)
def test_the_rule(statement, is_fine):
    assert (faults(statement) == []) is is_fine


def test_a_migration_that_stops_in_the_middle_has_changed_nothing():
    """Or it was about indexes alone, which can be built without a transaction only, and which nobody misses."""
    migrations = MigrationLoader(None).disk_migrations
    ours = [migration for (app, _), migration in migrations.items() if app in OURS]

    in_parts = [
        str(migration)
        for migration in ours
        if not migration.atomic
        and not all(isinstance(it, AddIndexConcurrently | RemoveIndexConcurrently) for it in migration.operations)
    ]

    assert len(ours) >= 8
    assert in_parts == []
