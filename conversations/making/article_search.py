"""The search for a reply's articles: beside the conversation's lock, within bounds, and fair among workspaces.

A reply does without articles rather than wait long for them, or make others wait.
"""

import asyncio
import logging
from time import monotonic
from uuid import UUID

from psycopg.errors import LockNotAvailable, QueryCanceled

from conversations import store
from conversations.store.database import SEARCH_CONNECTIONS
from integrations.fair_places import FairPlaces
from integrations.responders.base import ArticleHit

logger = logging.getLogger("lumika.search")

OF_ONE_WORKSPACE = SEARCH_CONNECTIONS - 1
WAIT_SECONDS = 3.0
LONGEST_SECONDS = 10.0  # behind a pooler that does not pass the database's own limit on
SILENCE_SECONDS = 60.0
MOST_REMEMBERED = 1_000


class ArticleSearch:
    """Of one event loop."""

    def __init__(self) -> None:
        self._places = FairPlaces(places=SEARCH_CONNECTIONS, of_one=OF_ONE_WORKSPACE)
        self._told: dict[UUID, float] = {}

    async def find(self, workspace_id: UUID, question: str) -> list[ArticleHit]:
        """The articles that match; none when that takes too long. Raises psycopg.OperationalError without database."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS), self._places.place(workspace_id, seconds=WAIT_SECONDS):
                return await store.find_articles(workspace_id, question)
        except (TimeoutError, QueryCanceled, LockNotAvailable) as error:
            self._tell(workspace_id, error)
            return []

    def _tell(self, workspace_id: UUID, error: Exception) -> None:
        """Once a minute for each workspace."""
        now = monotonic()
        if now - self._told.get(workspace_id, -SILENCE_SECONDS) < SILENCE_SECONDS:
            return
        if len(self._told) >= MOST_REMEMBERED:
            self._told = {told: at for told, at in self._told.items() if now - at < SILENCE_SECONDS}
        self._told[workspace_id] = now
        logger.warning(
            "workspace %s: replies do without articles, since the search takes too long (%s)",
            workspace_id,
            "it waited for others" if isinstance(error, TimeoutError) else "its time was over",
        )
