"""The search over articles for people and tests of responders: the same as for replies, and bounded like it.

Replies wait in ``conversations/making/article_search.py``; here threads wait, each with a connection of its own.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings
from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable, QueryCanceled

from integrations.responders.base import ArticleHit

AT_ONCE = 2
WAIT_SECONDS = 2.0

_FIND = "SELECT id::text, title, body, url, score, is_shown FROM article_find_2(%s, %s, %s)"

_changed = threading.Condition()
_searching: set[UUID] = set()


class SearchTooSlow(Exception):
    """It was given up, so that others need not wait for it."""


def search(workspace_id: UUID, question: str, *, most: int) -> list[ArticleHit]:
    """The workspace's articles that match, best first. Raises ``SearchTooSlow``."""
    with _place(workspace_id):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('statement_timeout')")
                (before,) = cursor.fetchone()
                cursor.execute(f"SET LOCAL statement_timeout = {settings.LUMIKA_SEARCH_MILLISECONDS}")
                cursor.execute(_FIND, [workspace_id, question, most])
                found = [ArticleHit(*row) for row in cursor.fetchall()]
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])  # of a longer transaction
                return found
        except OperationalError as error:
            if isinstance(error.__cause__, QueryCanceled | LockNotAvailable):
                raise SearchTooSlow from error
            raise


@contextmanager
def _place(workspace_id: UUID) -> Iterator[None]:
    """One at a time for a workspace, and few in all."""
    with _changed:
        if not _changed.wait_for(lambda: workspace_id not in _searching and len(_searching) < AT_ONCE, WAIT_SECONDS):
            raise SearchTooSlow
        _searching.add(workspace_id)
    try:
        yield
    finally:
        with _changed:
            _searching.remove(workspace_id)
            _changed.notify_all()
