"""The socket of a dashboard page: says what changed, who else looks, and lets a reply grow while it is written.

It asks who may listen when it opens, again every 20 s, and when a membership changes, and joins groups by internal ids
only. It carries no state that a page needs: what it says makes the page ask again.
"""

import asyncio
import json
import logging
from contextlib import suppress
from time import monotonic
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import OperationalError

from conversations.desk.live.admission import NotAdmitted, admit
from conversations.desk.live.socket import COME_AGAIN, Socket
from conversations.desk.live.watching import Watch
from conversations.store import announcing
from workspaces.models import Membership

logger = logging.getLogger("lumika.live")

BEAT_SECONDS = 8.0
CHECK_SECONDS = 20.0
SILENCE_SECONDS = 150.0
CLOSE_SECONDS = 1.0
MAX_MESSAGE = 200

_open: "set[DeskConsumer]" = set()


async def end_all() -> None:
    """Closes the sockets of this process; their pages come again, to a process that goes on. Waits a second at most."""
    for consumer in _open:
        consumer.end(COME_AGAIN)
    if _open:
        await asyncio.wait([consumer.gone for consumer in _open], timeout=CLOSE_SECONDS)


class DeskConsumer(Socket):
    """Takes ``{"watch": conversation id or null}``, and closes a page that has said nothing for 150 s.

    Sends ``{"changed": [conversation ids]}``, where an empty list means that any may have, first of all when it begins
    to listen; ``{"viewed": id}`` when others came to the watched conversation or left it; pieces of HTML as a reply is
    written; and something at least every 10 s.
    """

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.heard_at = self.checked_at = monotonic()
        self.member: Membership | None = None
        self.watch: Watch | None = None
        self.beating: asyncio.Task[None] | None = None
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        _open.add(self)
        try:
            await super().__call__(scope, receive, send)
        finally:
            _open.discard(self)
            self.gone.set_result(None)

    async def opened(self) -> None:
        if await self._is_admitted():
            self.beating = asyncio.create_task(self._beat_for_ever())
            await self._say(changed=[])

    async def closed(self) -> None:
        if self.beating is not None:
            self.beating.cancel()
        await self._leave()

    async def heard(self, text: str) -> None:
        self.heard_at = monotonic()
        wish = _parse(text)
        if self.member is not None and "watch" in wish:
            await self._watch(self.member, wish["watch"])

    async def conversations_changed(self, event: dict[str, Any]) -> None:
        await self._say(changed=event["ids"])
        if self.watch is not None and (not event["ids"] or str(self.watch.conversation_id) in event["ids"]):
            self.watch.show_again()

    async def conversation_viewed(self, event: dict[str, Any]) -> None:
        if self.watch is not None and str(self.watch.conversation_id) == event["id"]:
            await self.watch.hear_of(event["by"])

    async def membership_changed(self, _event: dict[str, Any]) -> None:
        await self._is_admitted()

    async def events_missed(self, _event: dict[str, Any]) -> None:
        await self._say(changed=[])

    async def _say(self, **news: Any) -> None:
        if self.member is not None:
            await self.say(json.dumps(news))

    async def _beat_for_ever(self) -> None:
        try:
            while True:
                await asyncio.sleep(BEAT_SECONDS)
                await self._say()
                if monotonic() - self.heard_at > SILENCE_SECONDS:
                    self.end(COME_AGAIN)
                elif monotonic() - self.checked_at >= CHECK_SECONDS:
                    await self._is_admitted()
        except Exception:
            logger.exception("a page's socket stumbled; the page opens another")
            self.end(COME_AGAIN)

    async def _is_admitted(self) -> bool:
        """Asks who may listen. Whoever may not any more is shut out; while the database is away, nobody is."""
        self.checked_at = monotonic()
        session_key = self.scope["cookies"].get(settings.SESSION_COOKIE_NAME)
        slug = self.scope["url_route"]["kwargs"]["slug"]
        try:
            self.member = await database_sync_to_async(admit)(session_key=session_key, slug=slug)
        except NotAdmitted as refused:
            await self._leave()
            self.end(refused.code)
            return False
        except OperationalError:
            if self.member is None:
                self.end(COME_AGAIN)
            return self.member is not None
        for group in _groups_of(self.member):
            await self.channel_layer.group_add(group, self.channel_name)
        return True

    async def _leave(self) -> None:
        """From now on nothing is heard, and nothing said."""
        member, self.member = self.member, None
        watch, self.watch = self.watch, None
        if member is not None:
            for group in _groups_of(member):
                await self.channel_layer.group_discard(group, self.channel_name)
        if watch is not None:
            await watch.end()

    async def _watch(self, member: Membership, conversation_id: UUID | None) -> None:
        if self.watch is not None and self.watch.conversation_id == conversation_id:
            await self.watch.renew()
            return
        before, self.watch = self.watch, None
        if before is not None:
            await before.end()
        if conversation_id is not None:
            self.watch = Watch(
                member,
                conversation_id,
                send=self.say,
                viewed=lambda it: self._say(viewed=str(it)),
                changed=lambda it: self._say(changed=[str(it)]),
            )
            await self.watch.look()


def _groups_of(member: Membership) -> list[str]:
    return [announcing.workspace_group(member.workspace_id), announcing.member_group(member.pk)]


def _parse(text: str) -> dict[str, UUID | None]:
    """What a page may say; anything else says nothing."""
    if len(text) > MAX_MESSAGE:
        return {}
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        said = json.loads(text)
        return {"watch": None if said["watch"] is None else UUID(said["watch"])}
    return {}
