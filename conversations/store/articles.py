"""Finding the articles that a reply may use."""

from uuid import UUID

from conversations.store import database
from integrations.responders.base import ARTICLES_FOR_A_REPLY, ArticleHit

_FIND = f"""
SELECT f.id::text, f.title, f.body, f.url, f.score, f.is_shown
FROM article_find_2(%s, %s, {ARTICLES_FOR_A_REPLY}) f
"""


async def find_articles(workspace_id: UUID, question: str) -> list[ArticleHit]:
    """The workspace's articles that match a question, best first; as pages find them (``Article.objects.find``).

    Raises psycopg.errors.QueryCanceled when the search takes too long.
    """
    return [ArticleHit(*row) for row in await database.searching.fetch(_FIND, (workspace_id, question))]
