from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from integrations import page_search
from integrations.comments import OPENING, without_comments
from integrations.page_search import SearchTooSlow
from integrations.responders.base import ARTICLES_FOR_A_REPLY, ArticleHit
from workspaces.models import Workspace
from workspaces.tenancy import TenantModel


class ArticleVector(models.Func):
    """The SQL function ``article_vector(language, title, body)``, of the first migration."""

    function = "article_vector"
    output_field = SearchVectorField()


class ShownVector(models.Func):
    """The SQL function ``article_vector_2(language, title, body, shown, shown_of)``: stems by language, titles weigh
    most, and what readers do not see does not count."""

    function = "article_vector_2"
    output_field = SearchVectorField()


class ArticleQuerySet(models.QuerySet["Article"]):
    def find(self, workspace: Workspace, question: str, *, most: int = ARTICLES_FOR_A_REPLY) -> list[ArticleHit]:
        """The workspace's articles that match a question, best first: just what a responder gets for it.

        None, as for a responder, where the search takes too long; ``page_search.search`` tells that apart.
        """
        try:
            return page_search.search(workspace.pk, question, most=most)
        except SearchTooSlow:
            return []

    def in_reading_order(self) -> Self:
        """By title, without what a list does not show."""
        return self.only("workspace", "title", "url", "language", "updated_at").order_by("title", "pk")

    def without_text(self) -> Self:
        """Without what is kept for the search beside the body."""
        return self.defer("search", "shown", "shown_of")

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        articles = list(objs)
        for article in articles:
            article.hide_comments()
        return super().bulk_create(articles, *args, **kwargs)

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], *args: Any, **kwargs: Any) -> int:
        articles = list(objs)
        for article in articles:
            article.hide_comments()
        return super().bulk_update(articles, _with_what_is_shown(fields), *args, **kwargs)

    def update(self, **values: Any) -> int:
        if isinstance(values.get("body"), str):
            values["shown"], values["shown_of"] = _shown(values["body"])
        return super().update(**values)


class Article(TenantModel):
    """A page of the knowledge base, in Markdown."""

    class Language(models.TextChoices):
        """PostgreSQL's text search configurations; ``article_config_1`` in the database knows the same ones."""

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
    shown = models.TextField(default="", db_default="", editable=False)
    """The body without its comments, where it has any; see ``integrations/sql/article_search_2.sql``."""
    shown_of = models.CharField(default="", db_default="", editable=False, max_length=64)
    search = models.GeneratedField(
        expression=ShownVector("language", "title", "body", "shown", "shown_of"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        indexes = [GinIndex(fields=["search"], name="article_search")]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is None or "body" in update_fields:
            self.hide_comments()
        super().save(*args, update_fields=update_fields and _with_what_is_shown(update_fields), **kwargs)

    def hide_comments(self) -> None:
        """Works out what readers see of the body; what writes an article does so by itself."""
        if "body" not in self.get_deferred_fields():
            self.shown, self.shown_of = _shown(self.body)


def _shown(body: str) -> tuple[str, str]:
    """What readers see where it is not all of it, and a digest of the body that it is of."""
    if OPENING not in body:
        return "", ""
    return without_comments(body), sha256(body.encode()).hexdigest()


def _with_what_is_shown(fields: Iterable[str]) -> list[str]:
    return [*fields, "shown", "shown_of"] if "body" in fields else list(fields)
