from pathlib import Path

from django.db import migrations

from workspaces.sql import add, remove

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    """All that servers of the version before do is allowed."""

    dependencies = [("conversations", "0003_words_with_version")]

    operations = [
        remove(
            SQL, "final_states", drops=["TRIGGER reply_is_final ON conversations_reply", "FUNCTION reply_is_final()"]
        ),
        add(
            SQL,
            "states",
            drops=[
                "TRIGGER reply_status_follows ON conversations_reply",
                "FUNCTION reply_refuse_status()",
                "FUNCTION reply_may_become(text, text)",
            ],
        ),
    ]
