from hashlib import sha256
from pathlib import Path
from typing import Any

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

import integrations.models.article
from integrations.comments import OPENING, without_comments
from workspaces.sql import add, rename

SQL = Path(__file__).parent.parent / "sql"
FIND_AS_BEFORE = "DROP FUNCTION article_find; DROP FUNCTION article_find_2;" + (SQL / "article_find_1.sql").read_text()


def hide_comments(apps: Any, _schema_editor: Any) -> None:
    """Of the articles that there are already."""
    articles = apps.get_model("integrations", "Article").objects
    for pk in list(articles.filter(body__contains=OPENING).values_list("pk", flat=True)):
        body = articles.values_list("body", flat=True).get(pk=pk)
        digest = sha256(body.encode()).hexdigest()
        articles.filter(pk=pk).update(shown=without_comments(body), shown_of=digest)


class Migration(migrations.Migration):
    dependencies = [("integrations", "0002_unsigned_ids")]

    operations = [
        migrations.AddField(
            model_name="article",
            name="shown",
            field=models.TextField(db_default="", default="", editable=False),
        ),
        migrations.AddField(
            model_name="article",
            name="shown_of",
            field=models.CharField(db_default="", default="", editable=False, max_length=64),
        ),
        migrations.RemoveIndex(model_name="article", name="article_search"),
        migrations.RemoveField(model_name="article", name="search"),
        rename("article_config", to="article_config_1"),
        add(SQL, "article_search", 2, drops=["FUNCTION article_vector_2", "FUNCTION article_is_shown"]),
        migrations.AddField(
            model_name="article",
            name="search",
            field=models.GeneratedField(
                db_persist=True,
                expression=integrations.models.article.ShownVector("language", "title", "body", "shown", "shown_of"),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddIndex(
            model_name="article",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search"], name="article_search"),
        ),
        migrations.RunSQL((SQL / "article_find_2.sql").read_text(), FIND_AS_BEFORE),
        migrations.RunPython(hide_comments, migrations.RunPython.noop),
    ]
