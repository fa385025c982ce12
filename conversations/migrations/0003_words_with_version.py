from pathlib import Path

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

from workspaces.sql import add, rename

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("conversations", "0002_context_without_articles")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                rename("message_words", to="message_words_1"),
                add(SQL, "words", 2, drops=["FUNCTION message_words"]),
            ],
            state_operations=[
                migrations.RemoveIndex(model_name="message", name="message_by_word"),
                migrations.AddIndex(
                    model_name="message",
                    index=django.contrib.postgres.indexes.GinIndex(
                        models.Func(
                            "workspace",
                            "body",
                            function="message_words_1",
                            output_field=django.contrib.postgres.search.SearchVectorField(),
                        ),
                        name="message_by_word",
                    ),
                ),
            ],
        ),
    ]
