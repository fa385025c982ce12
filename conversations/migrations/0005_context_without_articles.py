from pathlib import Path

from django.db import migrations

from workspaces.sql import sql_file

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    """Servers of the version before go on with ``reply_context`` while they are replaced."""

    dependencies = [("conversations", "0004_inbox"), ("integrations", "0004_articles_without_comments")]

    operations = [sql_file(SQL / "context_2.sql", drops=["FUNCTION reply_context_2(uuid, integer)"])]
