from pathlib import Path

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

from workspaces.sql import sql_file

SQL = Path(__file__).parent.parent / "sql"
MARK_FAILURES = """
UPDATE conversations_conversation c SET reply_failed = true
FROM conversations_reply r JOIN conversations_message m ON m.id = r.customer_message_id
WHERE r.status = 'failed' AND r.conversation_id = c.id AND m.sequence = c.last_sequence
"""


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0003_desk"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="conversation",
            name="conversation_once_per_account",
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.UniqueConstraint(
                fields=("account", "external_id"),
                name="conversation_once_per_account",
                opclasses=["uuid_ops", "varchar_pattern_ops"],
            ),
        ),
        migrations.RemoveIndex(
            model_name="conversation",
            name="conversation_assigned",
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("assignee__isnull", False)),
                fields=["assignee", "workspace", "status", "-last_message_at", "-id"],
                name="conversation_assigned",
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="reply_failed",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="The reply to the newest message failed, and nobody wrote since.",
            ),
        ),
        migrations.RunSQL(MARK_FAILURES, migrations.RunSQL.noop),
        sql_file(SQL / "publish.sql", drops=[]),
        sql_file(
            SQL / "failures.sql",
            drops=[
                "TRIGGER reply_failure ON conversations_reply",
                "TRIGGER reply_failure_over ON conversations_reply",
                "FUNCTION reply_failure",
            ],
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("reply_failed", True), ("status", "open")),
                fields=["workspace", "-last_message_at", "-id"],
                name="conversation_failed",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("status", "closed")),
                fields=["workspace", "-last_message_at", "-id"],
                name="conversation_closed",
            ),
        ),
        sql_file(SQL / "words.sql", drops=["FUNCTION message_words"]),
        migrations.AddIndex(
            model_name="message",
            index=django.contrib.postgres.indexes.GinIndex(
                models.Func(
                    "workspace",
                    "body",
                    function="message_words",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                name="message_by_word",
            ),
        ),
        # How often words occur decides how they are looked for.
        migrations.RunSQL("ANALYZE conversations_message", migrations.RunSQL.noop),
    ]
