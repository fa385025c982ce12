"""The articles of a workspace are written, changed and deleted. ``article_import.py`` takes many at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integrations.edits import locked, write
from integrations.models import Article
from workspaces.models import Workspace
from workspaces.verbs import Actor, nothing_changed, record, verb


@verb
def create(*, workspace: Workspace, to: Mapping[str, Any], by: Actor) -> Article:
    article = Article.objects.create(workspace=workspace, **to)
    record("article.create", article, by=by, changed=list(to))
    return article


@verb
def change(*, article: Article, to: Mapping[str, Any], by: Actor, seen: datetime | None = None) -> Article:
    """Raises ChangedMeanwhile where the article was saved after ``seen``."""
    current = locked(article, seen=seen)
    write(current, to)
    record("article.change", current, by=by, changed=list(to))
    return current


@verb
def delete(*, article: Article, by: Actor) -> None:
    if not Article.objects.filter(pk=article.pk).delete()[0]:
        nothing_changed()
        return
    record("article.delete", article, by=by)
