from pathlib import Path

from django.db import migrations

from workspaces.sql import sql_file
from workspaces.tenancy import same_workspace

SQL = Path(__file__).parent.parent / "sql"


def same_conversation(column: str) -> migrations.RunSQL:
    """The message that a reply names belongs to the reply's own conversation."""
    name = f"conversations_reply_{column}_same_conversation"
    return migrations.RunSQL(
        f"ALTER TABLE conversations_reply ADD CONSTRAINT {name} FOREIGN KEY ({column}, conversation_id) "
        "REFERENCES conversations_message (id, conversation_id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE conversations_reply DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("conversations", "0001_initial"), ("integrations", "0002_tenancy_and_search")]

    operations = [
        same_workspace("conversations_conversation", "account_id", "integrations_integrationaccount"),
        same_workspace("conversations_message", "conversation_id", "conversations_conversation"),
        same_workspace("conversations_reply", "conversation_id", "conversations_conversation"),
        same_workspace("conversations_note", "conversation_id", "conversations_conversation"),
        same_conversation("customer_message_id"),
        same_conversation("message_id"),
        sql_file(
            SQL / "publish.sql",
            drops=[
                "TRIGGER message_publish ON conversations_message",
                "FUNCTION message_publish",
                "TRIGGER message_is_final ON conversations_message",
                "FUNCTION message_is_final",
            ],
        ),
        sql_file(SQL / "claim.sql", drops=["FUNCTION conversation_claim"]),
        sql_file(SQL / "context.sql", drops=["FUNCTION reply_context"]),
        sql_file(SQL / "accept.sql", drops=["FUNCTION conversation_accept"]),
        sql_file(SQL / "finish.sql", drops=["FUNCTION reply_finish"]),
    ]
