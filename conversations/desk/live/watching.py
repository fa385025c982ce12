"""One page's look at one conversation: who else is there, and the reply that grows while it is written."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic
from typing import TypeVar
from uuid import UUID

from channels.db import database_sync_to_async
from django.db import OperationalError

from conversations.desk.live import presence
from conversations.desk.live.growth import Growth
from conversations.making import tasks
from conversations.store import announcing
from workspaces.models import Membership

logger = logging.getLogger("lumika.live")

RENEW_SECONDS = 10.0

Answer = TypeVar("Answer")
Send = Callable[[str], Awaitable[None]]
News = Callable[[UUID], Awaitable[None]]


class Watch:
    """``send`` takes pieces of HTML for the page; ``viewed`` hears that others came or left, ``changed`` that the reply
    is written. Nothing happens for a conversation of another workspace, or before the first ``look``."""

    def __init__(self, member: Membership, conversation_id: UUID, *, send: Send, viewed: News, changed: News) -> None:
        self.conversation_id = conversation_id
        self._member = member
        self._viewed = viewed
        self._growth = Growth(conversation_id, show=send, tell=changed)
        self._growing: asyncio.Task[None] | None = None
        self._lookers: frozenset[UUID] | None = None
        self._looked_at = -RENEW_SECONDS

    async def renew(self) -> None:
        """The page says that it is still there, or has drawn itself anew."""
        self.show_again()
        if monotonic() - self._looked_at >= RENEW_SECONDS:
            await self.look()

    async def look(self) -> None:
        """Says that the member is here, and finds out who else is: also those whose time has run out are news."""
        self._looked_at = monotonic()
        with suppress(OperationalError):
            found = await self._ask(presence.look)
            if found is None:
                return
            if self._growing is None:
                self._growing = asyncio.create_task(self._grow())
            if found.is_news:
                await self._tell_viewed()
            if found.lookers != self._lookers:
                self._lookers = found.lookers
                await self._viewed(self.conversation_id)

    async def hear_of(self, user_id: str) -> None:
        """Somebody came or left. Who left with another page of theirs is still here, and says so."""
        if user_id != str(self._member.user_id):
            self._lookers = None
        await self.look()

    def show_again(self) -> None:
        self._growth.show_again()

    async def end(self) -> None:
        if self._growing is None:
            return
        await tasks.end([self._growing])
        self._growing = None
        with suppress(OperationalError):
            if await self._ask(presence.leave):
                await self._tell_viewed()

    async def _ask(self, question: Callable[..., Answer]) -> Answer:
        answer: Answer = await database_sync_to_async(question)(
            member=self._member, conversation_id=self.conversation_id
        )
        return answer

    async def _tell_viewed(self) -> None:
        member = self._member
        await announcing.tell_viewed(
            workspace_id=member.workspace_id, conversation_id=self.conversation_id, user_id=member.user_id
        )

    async def _grow(self) -> None:
        try:
            await self._growth.follow_for_ever()
        except Exception:
            logger.exception("a page stopped showing how a reply grows")
