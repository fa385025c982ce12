from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from workspaces.tenancy import TenantModel


class ArticleVector(models.Func):
    """The SQL function ``article_vector(language, title, body)``: stems by language, titles weigh most."""

    function = "article_vector"
    output_field = SearchVectorField()


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

    class Meta:
        indexes = [GinIndex(fields=["search"], name="article_search")]

    def __str__(self) -> str:
        return self.title
