from pathlib import Path

from django.db import migrations

from workspaces.sql import add

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    """Servers of the version before go on with ``reply_context`` while they are replaced."""

    dependencies = [("conversations", "0001_conversations"), ("integrations", "0003_articles_without_comments")]

    operations = [add(SQL, "context", 2, drops=["FUNCTION reply_context_2(uuid, integer)"])]
