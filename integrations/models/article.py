from typing import Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import connection, models

from integrations.responders.base import ARTICLES_FOR_A_REPLY, ArticleHit
from workspaces.models import Workspace
from workspaces.tenancy import TenantModel


class ArticleVector(models.Func):
    """The SQL function ``article_vector(language, title, body)``: stems by language, titles weigh most."""

    function = "article_vector"
    output_field = SearchVectorField()


class ArticleQuerySet(models.QuerySet["Article"]):
    def find(self, workspace: Workspace, question: str, *, most: int = ARTICLES_FOR_A_REPLY) -> list[ArticleHit]:
        """The workspace's articles that match a question, best first: just what a responder gets for it."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id::text, title, body, url, score FROM article_find(%s, %s, %s)",
                [workspace.pk, question, most],
            )
            return [ArticleHit(*row) for row in cursor.fetchall()]

    def in_reading_order(self) -> Self:
        """By title, without what a list does not show."""
        return self.only("workspace", "title", "url", "language", "updated_at").order_by("title", "pk")


class Article(TenantModel):
    """A page of the knowledge base, in Markdown."""

    class Language(models.TextChoices):
        """PostgreSQL's text search configurations; ``article_config`` in the database knows the same ones."""

        SIMPLE = "simple", "Other"
        ENGLISH = "english", "English"
        GERMAN = "german", "German"
        FRENCH = "french", "French"
        SPANISH = "spanish", "Spanish"
        ITALIAN = "italian", "Italian"
        PORTUGUESE = "portuguese", "Portuguese"
        DUTCH = "dutch", "Dutch"

    title = models.CharField(max_length=200)
    body = models.TextField(max_length=200_000)
    url = models.URLField(blank=True, max_length=500)
    language = models.CharField(max_length=12, choices=Language.choices, default=Language.ENGLISH)
    search = models.GeneratedField(
        expression=ArticleVector("language", "title", "body"), output_field=SearchVectorField(), db_persist=True
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        indexes = [GinIndex(fields=["search"], name="article_search")]

    def __str__(self) -> str:
        return self.title
